use crate::reference::{Io, Out};

pub fn row(io: &Io<'_>, out: &mut Out<'_>) {
    let (first, second, amount) = (io.here("first"), io.here("second"), io.param("amount"));
    let (from, to) = (first.rgb(), second.rgb());
    let blend = |a: f32, b: f32| a * (1.0 - amount) + b * amount;
    for (channel, line) in out.rgba().into_iter().enumerate() {
        for (x, value) in line.iter_mut().enumerate() {
            *value = if channel < 3 {
                blend(from[channel][x], to[channel][x])
            } else {
                blend(
                    first.alpha().map_or(1.0, |a| a[x]),
                    second.alpha().map_or(1.0, |a| a[x]),
                )
            };
        }
    }
}
