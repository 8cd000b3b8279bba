//! Counts the instructions of a disassembly, each as often as the loops around it run.

/// The blocks of a disassembly: for each its instructions, and the blocks that its jumps lead to.
fn blocks(assembly: &str) -> Vec<(u64, Vec<usize>)> {
    let mut blocks: Vec<(u64, Vec<usize>)> = Vec::new();
    let mut numbers: Vec<usize> = Vec::new();
    let number = |word: &str| word.strip_prefix("BB")?.parse::<usize>().ok();
    for line in assembly.lines() {
        let line = line.trim();
        if let Some(block) = line.strip_suffix(':').and_then(number) {
            numbers.push(block);
            blocks.push((0, Vec::new()));
            continue;
        }
        let mut words = line.split([' ', '\t']);
        // Equal lines one after the other are written once.
        if let (Some(times), Some(block)) = (repeats(line), blocks.last_mut()) {
            block.0 += times;
            continue;
        }
        let Some(name) = words.next().filter(|name| name.contains('_')) else {
            continue;
        };
        if ["s_code_end", "s_nop"].contains(&name) {
            continue;
        }
        let Some(block) = blocks.last_mut() else {
            continue;
        };
        block.0 += 1;
        if name.starts_with("s_branch") || name.starts_with("s_cbranch") {
            block.1.extend(words.next().and_then(number));
        }
    }
    // Numbers of blocks have gaps; places in the list have none.
    for (_, targets) in &mut blocks {
        for target in targets {
            let place = numbers.iter().position(|known| known == target);
            *target = place.unwrap_or(usize::MAX);
        }
    }
    blocks
}

/// How often the line before is repeated, as in `(then repeated 3 times)`.
fn repeats(line: &str) -> Option<u64> {
    let times = line.strip_prefix("(then repeated ")?.split(' ').next()?;
    times.parse().ok()
}

/// Instructions that an invocation runs, both sides of every branch counted, and the number of loops. `trips` says how often
/// each loop runs, in the order in which the loops begin.
pub fn instructions(assembly: &str, trips: &[f64]) -> (f64, usize) {
    let blocks = blocks(assembly);
    // A jump back closes a loop: from its target to it. Several jumps to one target are one loop.
    let mut loops: Vec<(usize, usize)> = Vec::new();
    for (from, (_, targets)) in blocks.iter().enumerate() {
        for to in targets.iter().filter(|to| **to <= from) {
            match loops.iter_mut().find(|one| one.0 == *to) {
                Some(one) => one.1 = from.max(one.1),
                None => loops.push((*to, from)),
            }
        }
    }
    loops.sort_by_key(|one| one.0);
    let times = |block: usize| -> f64 {
        let around = loops.iter().zip(trips);
        let around = around.filter(|((first, last), _)| (*first..=*last).contains(&block));
        around.map(|(_, trips)| *trips).product()
    };
    let counts = blocks.iter().enumerate();
    let sum = counts
        .map(|(at, (count, _))| *count as f64 * times(at))
        .sum();
    (sum, loops.len())
}

#[test]
fn a_loop_counts_as_often_as_it_runs() {
    let assembly = "BB0:\n\ts_mov_b32 s0, 0 ; be800380\nBB1:\n\tv_add_u32_e32 v0, 1, v0\n\
        \ts_cbranch_scc1 BB3\nBB2:\n\tv_mov_b32_e32 v1, v0\n\t(then repeated 2 times)\n\ts_branch BB1\nBB3:\n\ts_endpgm\n";
    assert_eq!(instructions(assembly, &[10.0]), (62.0, 1));
    assert_eq!(instructions(assembly, &[]), (8.0, 1));
}
