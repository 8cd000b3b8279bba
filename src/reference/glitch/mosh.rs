use super::burst::{Burst, milliseconds, patch_noise};
use crate::reference::{Image, Io, Out, Row};

/// Blocks of a burst are not coded anew: what they showed is dragged along the motion. After a scene cut this happens to most
/// of the picture, so that the new scene's motion drags the old scene's picture.
pub fn row(io: &Io<'_>, out: &mut Out<'_>) {
    let (image, last) = (io.here("image").rgb(), io.image("last"));
    let side = io.param("side") as usize;
    let [r, g, b, alpha] = out.rgba();
    alpha.fill(1.0);
    let mut rgb = [r, g, b];
    for (out, row) in rgb.iter_mut().zip(image) {
        out.copy_from_slice(row);
    }
    let drags = Drags::new(io);
    for x in 0..io.width.div_ceil(side) {
        let block = [x as i32, (io.y / side) as i32];
        if let Some([dx, dy]) = drags.of(io, block) {
            let pixels = x * side..((x + 1) * side).min(io.width);
            let row = last.clamped_row((io.y as i32).saturating_add(dy).into());
            for x in pixels {
                drag(&row, last, (x as i32).saturating_add(dx), x, &mut rgb);
            }
        }
    }
}

/// Pixel `x` takes what the row of the frame before shows at `from`. What was before the first frame is empty.
#[inline(always)]
fn drag(row: &Row<'_>, last: &Image, from: i32, x: usize, out: &mut [&mut [f32]; 3]) {
    let from = from.clamp(0, last.width as i32 - 1) as usize;
    if row.is_opaque() || row.channel(3)[from] > 0.0 {
        for (out, row) in out.iter_mut().zip(row.rgb()) {
            out[x] = row[from];
        }
    }
}

/// What says which blocks are dragged.
struct Drags {
    burst: Burst,
    /// Of 256 blocks, how many the burst takes, and how many still show the old scene.
    taken: i32,
    left: i32,
}

impl Drags {
    fn new(io: &Io<'_>) -> Self {
        let [lasts, bursts, stays] = ["lasts", "bursts", "stays"].map(|name| io.param(name) as i32);
        let burst = Burst::of(io);
        // The old scene lets go block by block, within twice the length of a burst.
        let since = milliseconds(io.facts.time_in_scene);
        let left = (512 - since.min(2 * lasts) * 256 / lasts).clamp(0, 256) * stays / 256;
        Self {
            taken: burst.strength * bursts / 256,
            left: if io.param("cuts") != 0.0 { left } else { 0 },
            burst,
        }
    }

    /// From where block `block` is dragged, in pixels; `None` where it is not.
    fn of(&self, io: &Io<'_>, block: [i32; 2]) -> Option<[i32; 2]> {
        let taken = patch_noise(block, self.burst.number, io.facts) < self.taken;
        let old = patch_noise(block, 255, io.facts) < self.left;
        let is_new = !io.facts.history_valid;
        if !((taken && !is_new) || old) {
            return None;
        }
        if is_new {
            return Some([0, 0]);
        }
        let motion = io.image("motion");
        let row = motion.clamped_row(block[1].into());
        let x = (block[0] as usize).min(motion.width - 1);
        let gain = io.param("by") * if old { 1.0 } else { io.param("drag") };
        Some([0, 1].map(|c| (row.channel(c)[x] * gain).round_ties_even() as i32))
    }
}
