use crate::reference::Io;

/// Coded samples of a gray picture.
pub fn row(io: &Io<'_>, component: usize, out: &mut [f32]) {
    if component == 0 || io.param("model") == 2.0 {
        let (gain, offset) = (io.param("luma_gain"), io.param("luma_offset"));
        for (code, value) in out.iter_mut().zip(io.here("image").r()) {
            *code = value * gain + offset;
        }
    } else {
        out.fill(io.param("chroma_offset"));
    }
}
