use super::coding::{difference, luma};
use crate::reference::Io;

/// Coded samples of a format in which every component has one sample per pixel.
pub fn row(io: &Io<'_>, component: usize, out: &mut [f32]) {
    let [r, g, b] = io.here("image").rgb();
    let (kr, kb) = (io.param("kr"), io.param("kb"));
    let (luma_gain, luma_offset) = (io.param("luma_gain"), io.param("luma_offset"));
    if io.param("model") == 2.0 {
        for (code, value) in out.iter_mut().zip([r, g, b][component]) {
            *code = value * luma_gain + luma_offset;
        }
    } else if io.param("model") == 3.0 {
        // Gray floats: exact where the three are equal.
        for (x, code) in out.iter_mut().enumerate() {
            *code = g[x] + kr * (r[x] - g[x]) + kb * (b[x] - g[x]);
        }
    } else if component == 0 {
        for (x, code) in out.iter_mut().enumerate() {
            *code = luma([r[x], g[x], b[x]], kr, kb) * luma_gain + luma_offset;
        }
    } else {
        let (gain, offset) = (io.param("chroma_gain"), io.param("chroma_offset"));
        let [of_r, of_g, of_b] = difference(component, kr, kb);
        for (x, code) in out.iter_mut().enumerate() {
            *code = (of_r * r[x] + of_g * g[x] + of_b * b[x]) * gain + offset;
        }
    }
}
