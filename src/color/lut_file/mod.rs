//! Files with look-up tables: `.cube`, `.3dl`, `.spi1d`, `.spi3d`, `.csp` and `.clf`. Each reader allocates memory for the
//! numbers in the file, never for the size that it declares.

mod clf;
mod csp;
pub mod cube;
mod spi;
mod text;
mod three_dl;

use super::lut::{Cube, Curves, Lut};

/// Maximum entries on each side of a cube, and of a curve. (Adobe allows cubes of 256, which are not used in practice.)
pub const LARGEST_CUBE: usize = 129;
pub const LARGEST_CURVES: usize = 65_536;

/// Bytes read from a file at most: enough for the largest cube with more digits than floats need.
pub const LARGEST_FILE: u64 = 256 << 20;

/// What is wrong with a file, and in which line.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {what}")]
pub struct LutError {
    /// Line number, counted from 1.
    pub line: usize,
    pub what: String,
}

/// Reads the table in `bytes`, of a file with this name. The file extension decides the format; one that is not known is
/// read as `.cube`.
///
/// # Errors
/// The first error in the file, with its line.
pub fn read(name: &str, bytes: &[u8]) -> Result<Lut, LutError> {
    let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
    match extension.to_ascii_lowercase().as_str() {
        "3dl" => three_dl::parse(bytes),
        "spi1d" => spi::parse_1d(bytes),
        "spi3d" => spi::parse_3d(bytes),
        "csp" => csp::parse(bytes),
        "clf" => clf::parse(bytes),
        _ => cube::parse(bytes),
    }
}

/// A cube whose rows come with blue varying fastest, as most formats have them; in a [`Cube`], red does.
fn blue_fastest(size: usize, rows: &[[f32; 3]]) -> Cube {
    let entry = |index: usize| {
        let (r, g, b) = (index % size, index / size % size, index / size / size);
        let [red, green, blue] = rows[(r * size + g) * size + b];
        [red, green, blue, 0.0]
    };
    Cube {
        domain: Default::default(),
        size,
        entries: (0..size.pow(3)).map(entry).collect(),
    }
}

/// Curves that change nothing by more than `tolerance` are left out.
fn unless_identity(curves: Curves, tolerance: f32) -> Option<Curves> {
    let last = (curves.entries.len() - 1) as f32;
    let is_near = |(index, entry): (usize, &[f32; 3])| {
        let own = index as f32 / last;
        entry.iter().all(|value| (value - own).abs() <= tolerance)
    };
    let same =
        curves.domain == Default::default() && curves.entries.iter().enumerate().all(is_near);
    (!same).then_some(curves)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// File extensions that are read, without the pictures of Hald CLUTs.
    const EXTENSIONS: [&str; 6] = ["cube", "3dl", "spi1d", "spi3d", "csp", "clf"];

    #[test]
    fn the_pages_name_every_format() {
        for page in [
            include_str!("../../../docs/color.md"),
            include_str!("../../../docs/cli.md"),
            include_str!("../../../shaders/cinematic/style.toml"),
        ] {
            for extension in EXTENSIONS {
                assert!(page.contains(&format!(".{extension}")), "{extension}");
            }
        }
    }

    const WORDS: [&str; 32] = [
        "\n",
        "\n",
        "\n",
        "\r\n",
        "0",
        "1",
        "2",
        "0.5",
        "-1e38",
        "1e38",
        "129",
        "65536",
        "4294967297",
        "nan",
        "#",
        "é",
        "CSPLUTV100\n3D\n",
        "CSPLUTV100\n1D\n",
        "2\n0 1\n0 1\n",
        "BEGIN METADATA",
        "END METADATA",
        "SPILUT 1.0\n3 3\n",
        "Version 1\n",
        "From",
        "Length",
        "Components",
        "{\n",
        "Mesh",
        "0 341 682 1023\n",
        "<ProcessList>",
        "<LUT1D inBitDepth=\"8i\" outBitDepth=\"8i\"><Array dim=\"2 1\">",
        "</Array></LUT1D></ProcessList>",
    ];

    proptest! {
        #[test]
        fn no_bytes_panic(extension in prop::sample::select(&EXTENSIONS[..]), bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = read(&format!("x.{extension}"), &bytes);
        }

        #[test]
        fn no_words_panic_or_take_memory(
            extension in prop::sample::select(&EXTENSIONS[..]),
            words in prop::collection::vec(prop::sample::select(&WORDS[..]), 0..60),
        ) {
            let text = words.join(" ");
            if let Ok(lut) = read(&format!("x.{extension}"), text.as_bytes()) {
                let curves = lut.curves.map_or(0, |c| c.entries.len());
                let entries = lut.cube.map_or(0, |c| c.entries.len());
                // Points of .csp files become a number of steps that does not depend on the size of the file.
                let most = if extension == "csp" { LARGEST_CURVES } else { text.len() };
                prop_assert!(entries <= text.len() && curves <= most);
            }
        }
    }
}
