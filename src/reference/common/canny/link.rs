use multiversion::multiversion;
use rayon::prelude::*;

use crate::reference::Io;

const STRONG: u32 = 0x8000_0000;
const NONE: u32 = 0x7fff_ffff;

/// Connected components of weak and strong pixels, by union-find in row order. A word holds the index of the first
/// pixel of its component; the highest bit is set if the component has a strong pixel. The word of a pixel that is not
/// an edge has all bits set except the highest. Where short components are left out, as many words follow: at the first
/// pixel's place, the number of pixels of its component.
pub fn words(io: &Io<'_>, words: &mut [u32]) {
    let thin = io.image("thin");
    let width = thin.width;
    let least = io.param("least") as u32;
    let (words, counts) = words.split_at_mut(width * thin.height);
    counts.fill(0);
    // The columns of the edge pixels of each row, in order: there are few.
    let edges: Vec<Vec<u32>> = words
        .par_chunks_mut(width)
        .enumerate()
        .map(|(y, words)| {
            words.fill(NONE);
            columns(thin.row(y).r())
        })
        .collect();
    let indices = |y: usize| {
        edges[y]
            .iter()
            .map(move |x| (*x as usize, y * width + *x as usize))
    };
    for y in 0..thin.height {
        for (x, me) in indices(y) {
            words[me] = me as u32;
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
    for (_, at) in (0..thin.height).flat_map(indices) {
        if thin.data[at] > 1.5 {
            let root = root(words, at);
            words[root] |= STRONG;
        }
    }
    if least > 1 {
        for (_, at) in (0..thin.height).flat_map(indices) {
            counts[root(words, at)] += 1;
        }
        // The first pixel of a component that is left out is not strong any more.
        for (_, at) in (0..thin.height).flat_map(indices) {
            if counts[at] > 0 && counts[at] < least {
                words[at] &= NONE;
            }
        }
    }
    for (_, at) in (0..thin.height).flat_map(indices) {
        let root = root(words, at);
        words[at] = root as u32 | (words[root] & STRONG);
    }
}

/// The columns of a row that are edges. Most blocks of most rows have none.
#[multiversion(targets = "simd")]
fn columns(row: &[f32]) -> Vec<u32> {
    const STRETCH: usize = 64;
    let mut columns = Vec::new();
    for (start, stretch) in (0..).step_by(STRETCH).zip(row.chunks(STRETCH)) {
        if stretch.iter().fold(0, |bits, v| bits | v.to_bits()) != 0 {
            let edges = (start..).zip(stretch).filter(|(_, thin)| **thin > 0.5);
            columns.extend(edges.map(|(x, _)| x));
        }
    }
    columns
}

fn root(words: &mut [u32], from: usize) -> usize {
    let mut at = from;
    loop {
        let next = (words[at] & NONE) as usize;
        if next == at {
            return at;
        }
        // Path halving. A root keeps its highest bit.
        let after = words[next] & NONE;
        words[at] = after | (words[at] & STRONG);
        at = next;
    }
}

fn unite(words: &mut [u32], a: usize, b: usize) {
    let (a, b) = (root(words, a), root(words, b));
    words[a.max(b)] = a.min(b) as u32;
}
