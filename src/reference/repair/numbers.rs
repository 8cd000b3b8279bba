use crate::reference::{Image, Io, Out};

/// Columns and rows of cells of a block.
const SIDE: usize = 8;
const CELLS: i32 = (SIDE * SIDE) as i32;
/// Mean differences, in sixteenths of a code, up to which a block is flat, and mean luma up to which that is a loss.
const FLAT: i32 = 24;
const BRIGHT: i32 = 2640;

/// What is to be known of a frame, as whole numbers up to 65535: the share of blocks without a picture, contrast, mean luma, how much
/// it differs from the frames 1 to 4 earlier, and whether a scene is taken to begin with it.
pub fn row(io: &Io<'_>, out: &mut Out<'_>) {
    let frame = io.image_of("cells", 0);
    let [empty, contrast, luma] = blocks(frame);
    let cut = io.facts.cut;
    for (column, out) in out.gray().iter_mut().enumerate() {
        let number = match column {
            7 => i32::from(cut),
            0 => empty,
            1 => contrast,
            2 => luma,
            _ => {
                let by = column as i32 - 2;
                match io.valid("cells", -by) {
                    true => 1 + apart(frame, io.image_of("cells", -by)),
                    false => 0,
                }
            }
        };
        *out = number.min(65535) as f32 * (1.0 / 65535.0);
    }
}

fn tone(v: f32) -> i32 {
    (v * 4080.0).round_ties_even() as i32
}

/// Of all blocks: thousandths of them without a picture, the mean difference of their cells from their means, and mean luma, in
/// 1/256 of a code.
fn blocks(frame: &Image) -> [i32; 3] {
    let [across, down] = [frame.width, frame.height].map(|size| (size / SIDE).max(1));
    let mut sums = [0; 3];
    for y in 0..down {
        for x in 0..across {
            let block = block(frame, SIDE * x, SIDE * y);
            for (sum, of_block) in sums.iter_mut().zip(block) {
                *sum += of_block;
            }
        }
    }
    let count = (across * down) as i32;
    let [empty, differs, sum] = sums;
    [
        1000 * empty / count,
        differs / (4 * count),
        sum / (4 * count),
    ]
}

/// Of a block: whether it has no picture, how much its cells differ from its mean, and the sum of its luma.
fn block(frame: &Image, x: usize, y: usize) -> [i32; 3] {
    let last = frame.width - 1;
    let cells: [[i32; SIDE]; SIDE] = std::array::from_fn(|j| {
        let row = frame.clamped_row((y + j) as i64).r();
        std::array::from_fn(|i| tone(row[(x + i).min(last)]))
    });
    let sum: i32 = cells.iter().flatten().sum();
    let mean = sum / CELLS;
    let differs: i32 = cells.iter().flatten().map(|cell| (cell - mean).abs()).sum();
    let beside = |row: &[i32; SIDE]| -> i32 { row.windows(2).map(|w| (w[1] - w[0]).abs()).sum() };
    let rough: i32 = cells.iter().map(beside).sum();
    let flat = differs <= FLAT * CELLS && mean <= BRIGHT;
    let noise = 8 * rough > 9 * differs;
    [i32::from(flat || noise), differs, sum]
}

/// How much two frames differ, in 1/256 of a code.
fn apart(a: &Image, b: &Image) -> i32 {
    let rows = (0..a.height).map(|y| {
        let pairs = a.row(y).r().iter().zip(b.row(y).r());
        pairs.map(|(a, b)| (tone(*a) - tone(*b)).abs()).sum::<i32>()
    });
    16 * rows.sum::<i32>() / (a.width * a.height) as i32
}
