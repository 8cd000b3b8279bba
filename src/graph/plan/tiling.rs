//! The tiles that a picture is cut into for a model.

use crate::graph::style::ModelDesc;

/// Tiles of one size that cover a picture, `columns` by `rows`. Each side of the last ones may lie outside it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Tiling {
    /// Width and height of the picture, in pixels.
    pub extent: (u32, u32),
    /// Width and height of a tile.
    pub size: (u32, u32),
    /// From the first pixel of a tile to that of the next one.
    pub pitch: (u32, u32),
    pub columns: u32,
    pub rows: u32,
    /// Pixels over which neighbours are blended.
    pub feather: (u32, u32),
}

impl Tiling {
    /// The tiles for `model` and a picture of `extent`: of `asked` pixels each way, or the whole picture where that is 0,
    /// with at least `overlap` pixels in common. Also a message for the user, where the model's need of memory decides.
    ///
    /// # Errors
    /// Where not even a small tile fits.
    pub fn of(
        model: &ModelDesc,
        extent: (u32, u32),
        asked: u32,
        overlap: u32,
    ) -> Result<(Self, Option<String>), String> {
        let half = model.inputs.iter().any(|input| input.half);
        // Two halves make a word.
        let step_x = if half {
            lcm(model.multiple, 2)
        } else {
            model.multiple
        };
        let whole = |side: u32, step: u32| side.max(model.smallest).next_multiple_of(step.max(1));
        let all = (whole(extent.0, step_x), whole(extent.1, model.multiple));
        let pixels = |(width, height): (u32, u32)| u64::from(width) * u64::from(height);
        let mut note = None;
        let size = if let Some((width, height)) = model.size {
            if half && width % 2 != 0 {
                return Err(format!(
                    "tensors of 16-bit floats need an even width, not {width}"
                ));
            }
            (width, height)
        } else {
            let tile = |side: u32| {
                (
                    whole(side, step_x).min(all.0),
                    whole(side, model.multiple).min(all.1),
                )
            };
            let wanted = if asked == 0 { all } else { tile(asked) };
            if pixels(wanted) <= model.most_pixels {
                wanted
            } else {
                // Powers of two, so that a long render that goes on with a little less memory free is cut alike.
                let most = (model.most_pixels as f64).sqrt() as u32;
                let mut side = if most == 0 { 0 } else { 1 << most.ilog2() };
                side -= side % step_x.max(model.multiple).max(1);
                if side < 2 * step_x.max(model.multiple).max(model.smallest).max(8) {
                    return Err(format!(
                        "it needs more memory than there is, even for {side}x{side} pixels at once\n  end other programs, or use a smaller model"
                    ));
                }
                note = Some(format!(
                    "the model {} is run in tiles of {side}x{side}: its contract says that {}x{} at once need more memory than may be used",
                    model.name, wanted.0, wanted.1
                ));
                tile(side)
            }
        };
        let (columns, pitch_x, feather_x) = along(extent.0, size.0, overlap);
        let (rows, pitch_y, feather_y) = along(extent.1, size.1, overlap);
        let tiling = Self {
            extent,
            size,
            pitch: (pitch_x, pitch_y),
            columns,
            rows,
            feather: (feather_x, feather_y),
        };
        Ok((tiling, note))
    }

    /// How many tiles there are.
    pub fn tiles(&self) -> u32 {
        self.columns * self.rows
    }

    /// The same tiles of a picture that is `scale` times as wide and as high.
    pub fn scaled(&self, scale: u32) -> Self {
        let both = |(x, y): (u32, u32)| (x * scale, y * scale);
        Self {
            extent: both(self.extent),
            size: both(self.size),
            pitch: both(self.pitch),
            feather: both(self.feather),
            ..*self
        }
    }
}

/// Tiles along an axis: how many, how far apart they begin, and over how many pixels neighbours are blended.
fn along(side: u32, tile: u32, overlap: u32) -> (u32, u32, u32) {
    if side <= tile {
        return (1, tile, 0);
    }
    let overlap = overlap.min(tile / 2);
    let count = (side - overlap).div_ceil(tile - overlap);
    let pitch = (side - tile).div_ceil(count - 1);
    // Three tiles never make one pixel.
    let feather = if count > 2 {
        overlap.min(pitch)
    } else {
        overlap
    };
    (count, pitch, feather)
}

fn lcm(a: u32, b: u32) -> u32 {
    let (mut x, mut y) = (a.max(1), b.max(1));
    while y != 0 {
        (x, y) = (y, x % y);
    }
    a.max(1) / x * b.max(1)
}
