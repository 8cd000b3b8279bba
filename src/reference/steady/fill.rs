use multiversion::multiversion;

use super::cubic::Offset;
use crate::reference::between::Field;
use crate::reference::{Io, Out};

/// Pixels over which a frame and what stood there before are mixed at most, at the frame's border.
const SOFT: f32 = 8.0;

/// What lies beyond the borders of a moved frame is taken from the picture before, which moves with the camera.
pub fn row(io: &Io<'_>, out: &mut Out<'_>) {
    let image = io.here("image");
    let [real, imaginary, shift_x, shift_y, pan_x, pan_y] =
        ["real", "imaginary", "shift_x", "shift_y", "pan_x", "pan_y"].map(|name| io.param(name));
    let size = [io.width as f32, io.height as f32];
    let offset = Offset {
        real,
        imaginary,
        shift: [shift_x, shift_y],
        middle: size.map(|size| 0.5 * size),
    };
    let mut channels = out.rgba();
    let own = image.rgb();
    for (line, own) in channels.iter_mut().zip(own) {
        line.copy_from_slice(own);
    }
    match image.alpha() {
        Some(alpha) => channels[3].copy_from_slice(alpha),
        None => channels[3].fill(1.0),
    }
    if io.facts.history_valid && !offset.is_none() {
        let reach = pan_y.abs().ceil() as usize + 2;
        let last = Field::<4>::around(io.image("last"), io.y, reach);
        fill(&last, &offset, io.y, size, [pan_x, pan_y], channels);
    }
}

#[multiversion(targets = "simd")]
fn fill(
    last: &Field<'_, 4>,
    offset: &Offset,
    y: usize,
    size: [f32; 2],
    pan: [f32; 2],
    out: [&mut [f32]; 4],
) {
    let [r, g, b, a] = out;
    for x in 0..r.len() {
        let d = offset.at(x, y);
        let here = [x as f32 + 0.5, y as f32 + 0.5];
        let room = [0, 1].map(|axis| {
            let place = here[axis] + d[axis];
            let inside = place.min(size[axis] - place);
            let lost = (here[axis].min(size[axis] - here[axis]) - inside).max(0.0);
            inside / (2.0 * lost).clamp(0.001, SOFT)
        });
        let share = room[0].min(room[1]).clamp(0.0, 1.0);
        if share < 1.0 {
            let before = last.between([here[0] - pan[0], here[1] - pan[1]]);
            let own = [r[x], g[x], b[x], a[x]];
            let mixed: [f32; 4] = std::array::from_fn(|channel| {
                before[channel] + (own[channel] - before[channel]) * share
            });
            [r[x], g[x], b[x], a[x]] = mixed;
        }
    }
}
