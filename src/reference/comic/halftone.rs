use super::screen::{Screen, cover_row};
use crate::reference::{Io, Out};

/// Cosine and sine of 15, 75, 0 and 45 degrees (the screens of C, M, Y, K).
const TURNS: [[f32; 2]; 4] = [
    [0.965_925_8, 0.258_819_04],
    [0.258_819_04, 0.965_925_8],
    [1.0, 0.0],
    [
        std::f32::consts::FRAC_1_SQRT_2,
        std::f32::consts::FRAC_1_SQRT_2,
    ],
];

/// Amplitude-modulated halftone: one screen per ink, at the angles of offset printing.
pub fn row(io: &Io<'_>, out: &mut Out<'_>) {
    let (inks, pitch, resolved) = (io.here("inks"), io.param("pitch"), io.param("resolved"));
    for (ink, turn) in TURNS.into_iter().enumerate() {
        let screen = Screen {
            turn,
            pitch,
            resolved,
        };
        cover_row(inks.channel(ink), io.y, screen, out.channel(ink));
    }
}
