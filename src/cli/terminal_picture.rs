//! Pictures in terminals.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::frame::Picture;

/// How a terminal is given pictures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protocol {
    /// The graphics protocol of kitty, also of Ghostty, Konsole and WezTerm.
    Kitty,
    /// The inline images of iTerm2.
    ITerm,
    /// DEC's sixels.
    Sixel,
}

/// Bytes of base64 in one command of kitty.
const CHUNK: usize = 4096;

impl Protocol {
    /// The protocol called `name`.
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "kitty" => Some(Self::Kitty),
            "iterm" => Some(Self::ITerm),
            "sixel" => Some(Self::Sixel),
            _ => None,
        }
    }

    /// What the terminal says of itself in the variables that `variable` gives; none where it shows no pictures, or inside
    /// a multiplexer, which passes none on.
    pub fn of_terminal(variable: impl Fn(&str) -> Option<String>) -> Option<Self> {
        let is_set = |name: &str| variable(name).is_some_and(|value| !value.is_empty());
        if is_set("TMUX") || is_set("STY") {
            return None;
        }
        let term = variable("TERM").unwrap_or_default();
        let program = variable("TERM_PROGRAM").unwrap_or_default();
        let kitty = ["kitty", "ghostty"].iter().any(|name| term.contains(name));
        match program.as_str() {
            "iTerm.app" | "WezTerm" | "vscode" => return Some(Self::ITerm),
            "ghostty" => return Some(Self::Kitty),
            _ => {}
        }
        if kitty || is_set("KITTY_WINDOW_ID") || is_set("KONSOLE_VERSION") {
            return Some(Self::Kitty);
        }
        let sixel = ["foot", "mlterm", "contour", "sixel"];
        let sixel = sixel.iter().any(|name| term.contains(name));
        sixel.then_some(Self::Sixel)
    }

    /// What is written to the terminal to show a picture: RGB of 8 bits, and the same as PNG.
    ///
    /// # Errors
    /// Why it cannot be shown, in words.
    pub fn drawn(self, picture: &Picture, png: &[u8]) -> Result<String, String> {
        Ok(match self {
            Self::Kitty => kitty(png),
            Self::ITerm => {
                let (size, data) = (png.len(), STANDARD.encode(png));
                format!("\x1b]1337;File=inline=1;size={size};preserveAspectRatio=1:{data}\x07\n")
            }
            Self::Sixel => sixel(picture)? + "\n",
        })
    }
}

fn kitty(png: &[u8]) -> String {
    let data = STANDARD.encode(png);
    // What was shown before goes away.
    let mut out = "\x1b_Ga=d\x1b\\".to_owned();
    let chunks = data.as_bytes().chunks(CHUNK).enumerate();
    let last = data.len().div_ceil(CHUNK).saturating_sub(1);
    for (at, chunk) in chunks {
        let more = u8::from(at < last);
        let keys = match at {
            0 => format!("a=T,f=100,q=2,m={more}"),
            _ => format!("q=2,m={more}"),
        };
        out.push_str(&format!("\x1b_G{keys};"));
        out.extend(chunk.iter().map(|byte| char::from(*byte)));
        out.push_str("\x1b\\");
    }
    out.push('\n');
    out
}

fn sixel(picture: &Picture) -> Result<String, String> {
    let (width, height) = (picture.width as usize, picture.height as usize);
    let mut pixels = Vec::with_capacity(4 * width * height);
    for y in 0..height {
        let row = picture.row(0, y).as_chunks::<3>().0.iter();
        pixels.extend(row.flat_map(|[r, g, b]| [*r, *g, *b, 255]));
    }
    let image = icy_sixel::SixelImage::try_from_rgba(pixels, width, height);
    let image = image.map_err(|error| error.to_string())?;
    image.encode().map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::{Color, OwnedPlanes, PixelFormat};

    #[test]
    fn terminals_are_told_by_what_they_say_of_themselves() {
        let of = |given: &[(&str, &str)]| {
            Protocol::of_terminal(|name| {
                let found = given.iter().find(|(known, _)| *known == name)?;
                Some(found.1.to_owned())
            })
        };
        assert_eq!(of(&[("TERM", "xterm-kitty")]), Some(Protocol::Kitty));
        assert_eq!(of(&[("TERM", "xterm-ghostty")]), Some(Protocol::Kitty));
        assert_eq!(of(&[("TERM_PROGRAM", "iTerm.app")]), Some(Protocol::ITerm));
        assert_eq!(of(&[("TERM", "foot")]), Some(Protocol::Sixel));
        assert_eq!(of(&[("TERM", "xterm-256color")]), None);
        assert_eq!(of(&[("TERM", "xterm-kitty"), ("TMUX", "/tmp/1")]), None);
        assert_eq!(of(&[]), None);
    }

    /// The base64 of the picture in what kitty is sent.
    fn sent(text: &str) -> Vec<u8> {
        let parts = text
            .split("\x1b\\")
            .filter(|part| part.starts_with("\x1b_G"));
        let data = parts.filter_map(|part| Some(part.split_once(';')?.1));
        STANDARD.decode(data.collect::<String>()).unwrap()
    }

    #[test]
    fn a_picture_comes_whole() {
        let png: Vec<u8> = (0..20_000_u32).map(|at| ((at * at) >> 3) as u8).collect();
        let format = PixelFormat::packed_rgb(8, 3, &[0, 1, 2]);
        let mut planes = OwnedPlanes::new(12, 7, &format);
        planes.plane_mut(0).fill(200);
        let picture = Picture::new(12, 7, format, Color::default(), planes);
        let kitty = Protocol::Kitty.drawn(&picture, &png).unwrap();
        assert_eq!(sent(&kitty), png);
        assert_eq!(kitty.matches("m=0").count(), 1);
        let iterm = Protocol::ITerm.drawn(&picture, &png).unwrap();
        assert!(
            iterm.contains("size=20000;") && iterm.ends_with("\x07\n"),
            "{iterm:.80}"
        );
        let sixel = Protocol::Sixel.drawn(&picture, &png).unwrap();
        let back = icy_sixel::SixelImage::decode(sixel.trim_end().as_bytes()).unwrap();
        // Sixels are six pixels high; what is below the picture is left out.
        assert_eq!((back.width, back.height), (12, 12));
        let mut rows = back.pixels.chunks(4 * 12).take(7);
        assert!(rows.all(|row| row.chunks(4).all(|pixel| pixel[0].abs_diff(200) < 4)));
    }
}
