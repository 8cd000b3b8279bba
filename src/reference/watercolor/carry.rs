use crate::reference::common::mix::mix;
use crate::reference::{Io, Out};

/// Frames after which pigment is laid anew.
pub const LIFE: u32 = 48;

/// How far the pigment at this place has been carried since it was laid, in cells of the motion: red and green for one layer,
/// blue and alpha for the other (advected coordinates: Bousseau, Neyret, Thollot and Salesin, 2007).
pub fn row(io: &Io<'_>, out: &mut Out<'_>) {
    let age = io.facts.age % LIFE;
    let kept = [age != 0, age != 0, age != LIFE / 2, age != LIFE / 2];
    let (motion, last) = (io.here("motion"), io.image("last"));
    let column = |x: f32| (x as i64).clamp(0, last.width as i64 - 1) as usize;
    for (channel, kept) in kept.into_iter().enumerate() {
        let out = out.channel(channel);
        if !io.facts.history_valid || !kept {
            out.fill(0.0);
            continue;
        }
        for (x, value) in out.iter_mut().enumerate() {
            let v = [motion.r()[x], motion.channel(1)[x]];
            // What stands still has no motion, whatever noise makes of it.
            let length = (v[0] * v[0] + v[1] * v[1]).sqrt();
            let v = v.map(|v| v * (0.25 * (6.0 * length - 0.6).clamp(0.0, 1.0)));
            let source = [x as f32 + v[0], io.y as f32 + v[1]];
            let base = source.map(f32::floor);
            let part = [source[0] - base[0], source[1] - base[1]];
            let columns = [column(base[0]), column(base[0] + 1.0)];
            let [top, bottom] = [0, 1].map(|down| {
                let row = last.clamped_row(base[1] as i64 + down).channel(channel);
                mix(row[columns[0]], row[columns[1]], part[0])
            });
            *value = mix(top, bottom, part[1]) + v[channel % 2];
        }
    }
}
