use super::pairs::{Vectors, code, pair, rounded};
use crate::reference::{Image, Io, Out};

/// What is found must differ by so much more for each whole number that the frames before and after differ about the block.
const GAIN: i32 = 3;

/// Pixels that are brighter, or darker, than all around their places in the frames before and after: 2 or -2 by the whole
/// threshold, 1 or -1 by half of it, else 0.
pub fn row(io: &Io<'_>, out: &mut Out<'_>) {
    let down = io.param("down") as i32;
    let frames = Frames {
        images: [-1, 1].map(|offset| io.image_of("luma", offset)),
        down,
        y: io.y as i32,
    };
    let noise = (io.facts.noise_level * 2040.0).round_ties_even() as i32;
    let known = io.param("least").round_ties_even() as i32 + noise;
    let to = ["to_before", "to_after"].map(|name| io.image(name));
    let apart = io.image("apart");
    let chosen = io.image("chosen");
    let luma = io.here_of("luma", 0).r();
    let side = 4 * down as usize;
    let row = (io.y / side) as i64;
    let vectors = chosen.clamped_row(row);
    let marks = out.gray();
    for (block, marks) in marks.chunks_mut(side).enumerate() {
        let first = block * side;
        let own_pair: Vectors = [0, 1, 2, 3].map(|channel| {
            let values = vectors.channel(channel);
            values[block.min(values.len() - 1)]
        });
        // What is known of the blocks around, found out once it is asked for.
        let mut around = None;
        for (i, mark) in marks.iter_mut().enumerate() {
            let x = first + i;
            let own = code(luma[x]);
            let [mut low, mut high] = frames.around(x as i32, rounded(own_pair));
            *mark = 0.0;
            if own < high + known / 2 && own > low - known / 2 {
                continue;
            }
            let (pairs, least) = around.get_or_insert_with(|| {
                let near = |k: i64| [block as i64 + k % 3 - 1, row + k / 3 - 1];
                let pairs: [[i32; 4]; 9] =
                    std::array::from_fn(|k| rounded(pair(to, near(k as i64))));
                let most = (0..9).map(|k| value(apart, near(k))).max().unwrap_or(0);
                (pairs, known + GAIN * most / 2)
            });
            for pair in pairs {
                let by = frames.around(x as i32, *pair);
                (low, high) = (low.min(by[0]), high.max(by[1]));
            }
            let over = (own - high).max(low - own);
            let size = i32::from(over >= *least / 2) + i32::from(over >= *least);
            *mark = (if own > high { size } else { -size }) as f32;
        }
    }
}

/// The first channel at `at`, the nearest pixel inside, as a whole number.
fn value(image: &Image, [x, y]: [i64; 2]) -> i32 {
    let row = image.clamped_row(y).r();
    row[x.clamp(0, row.len() as i64 - 1) as usize] as i32
}

/// The frames before and after: luma, least and greatest around each pixel.
struct Frames<'a> {
    images: [&'a Image; 2],
    down: i32,
    y: i32,
}

impl Frames<'_> {
    /// The least and the greatest luma about the places that a pair of vectors leads to from column `x`.
    #[inline(always)]
    fn around(&self, x: i32, [a, b, c, d]: [i32; 4]) -> [i32; 2] {
        let [before, after] = [(0, a, b), (1, c, d)].map(|(k, dx, dy)| {
            let row = self.images[k].clamped_row((self.y + self.down * dy).into());
            let x = (x + self.down * dx).clamp(0, row.width() as i32 - 1) as usize;
            [code(row.channel(1)[x]), code(row.channel(2)[x])]
        });
        [before[0].min(after[0]), before[1].max(after[1])]
    }
}
