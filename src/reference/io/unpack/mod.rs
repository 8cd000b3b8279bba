pub mod gray;
pub mod rgb;
pub mod yuv;

use super::samples::read_row;
use crate::reference::Io;

/// Straight alpha of row `io.y`; 1 if the source has none.
fn alpha(io: &Io<'_>, out: &mut [f32]) {
    let component = io.param("alpha");
    if component > 0.0 {
        read_row(io.planes(), component as usize, io.y, out);
        let scale = io.param("alpha_scale");
        out.iter_mut().for_each(|value| *value *= scale);
    } else {
        out.fill(1.0);
    }
}
