use crate::reference::Io;

const STRONG: u32 = 0x8000_0000;
const NONE: u32 = 0x7fff_ffff;

/// Connected components of weak and strong pixels, by union and find in the order of the rows. A word is the index of
/// the first pixel of its component; its highest bit says that the component has a strong pixel. Words of no edge are
/// all ones but that bit.
pub fn words(io: &Io<'_>, words: &mut [u32]) {
    let thin = io.image("thin");
    let width = thin.width;
    words.fill(NONE);
    // Indices of all edges, in order: there are few.
    let mut edges = Vec::new();
    for y in 0..thin.height {
        let row = thin.row(y).r();
        for x in (0..width).filter(|x| row[*x] > 0.5) {
            let me = y * width + x;
            words[me] = me as u32;
            edges.push(me);
            if x > 0 && words[me - 1] != NONE {
                unite(words, me, me - 1);
            }
            if y > 0 {
                let above = me - width;
                let reach = above - usize::from(x > 0)..=above + usize::from(x + 1 < width);
                for near in reach {
                    if words[near] != NONE {
                        unite(words, me, near);
                    }
                }
            }
        }
    }
    for at in &edges {
        if thin.data[*at] > 1.5 {
            let root = root(words, *at);
            words[root] |= STRONG;
        }
    }
    for at in edges {
        let root = root(words, at);
        words[at] = root as u32 | (words[root] & STRONG);
    }
}

fn root(words: &mut [u32], from: usize) -> usize {
    let mut at = from;
    loop {
        let next = (words[at] & NONE) as usize;
        if next == at {
            return at;
        }
        // Halving the path; a root's mark stays with the root.
        let after = words[next] & NONE;
        words[at] = after | (words[at] & STRONG);
        at = next;
    }
}

fn unite(words: &mut [u32], a: usize, b: usize) {
    let (a, b) = (root(words, a), root(words, b));
    words[a.max(b)] = a.min(b) as u32;
}
