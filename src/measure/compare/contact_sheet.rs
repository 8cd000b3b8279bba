//! A contact sheet: pictures in rows and columns, with their names.

use noto_sans_mono_bitmap::{FontWeight, RasterHeight, get_raster, get_raster_width};

use super::Compared;
use crate::frame::Picture;
use crate::measure::page::clock;
use crate::metrics::Rgb;
use crate::render::{RenderError, Result};

/// The largest width of all pictures beside each other, and of one, in pixels.
const WIDEST: usize = 2400;
const WIDEST_PICTURE: usize = 640;
/// Pixels between pictures.
const GAP: usize = 8;
const TEXT: RasterHeight = RasterHeight::Size16;
const LINE: usize = 22;
const PAPER: [u8; 3] = [24, 24, 24];
const INK: f32 = 235.0;

/// The ways beside the source, as a PNG file: a column for each, a row for each of their pictures.
///
/// # Errors
/// Where it cannot be encoded.
pub fn contact_sheet(compared: &Compared) -> Result<Vec<u8>> {
    let columns = compared.ways.len() + 1;
    let width = ((WIDEST - GAP) / columns - GAP).min(WIDEST_PICTURE);
    let own = |pictures: &[Picture]| -> Vec<Tile> {
        pictures
            .iter()
            .map(|picture| Tile::of(picture, width))
            .collect()
    };
    let source: Vec<Picture> = compared
        .source
        .iter()
        .map(|(_, picture)| picture.clone())
        .collect();
    let mut tiles = vec![("source".to_owned(), own(&source))];
    tiles.extend(
        compared
            .ways
            .iter()
            .map(|way| (way.label.clone(), own(&way.pictures))),
    );
    let width = tiles
        .iter()
        .flat_map(|(_, tiles)| tiles)
        .map(|tile| tile.width)
        .max()
        .unwrap_or(1);
    let rows = compared.source.len();
    let height = |row: usize| {
        tiles
            .iter()
            .map(|(_, tiles)| tiles[row].height)
            .max()
            .unwrap_or(1)
    };
    let all: usize = (0..rows).map(|row| height(row) + LINE + GAP).sum();
    let mut sheet = Sheet::new(GAP + columns * (width + GAP), LINE + GAP + all);
    for (column, (label, tiles)) in tiles.iter().enumerate() {
        let left = GAP + column * (width + GAP);
        sheet.text(label, left, 4, width);
        let mut top = LINE + GAP;
        for (row, tile) in tiles.iter().enumerate() {
            sheet.place(tile, left, top);
            top += height(row);
            if column == 0 {
                sheet.text(&clock(compared.source[row].0), left, top + 3, width);
            }
            top += LINE + GAP;
        }
    }
    sheet.png().map_err(|error| RenderError::CannotCreate {
        path: "the contact sheet".into(),
        why: error.to_string(),
    })
}

/// A picture of 8 bits, red, green and blue for each pixel.
struct Tile {
    width: usize,
    height: usize,
    bytes: Vec<u8>,
}

impl Tile {
    /// `picture` with `width` columns, or fewer if it has fewer: means of the pixels under each.
    fn of(picture: &Picture, width: usize) -> Self {
        let rgb = Rgb::of(picture);
        let width = width.min(rgb.width).max(1);
        let height = (rgb.height * width).div_ceil(rgb.width).max(1);
        let mut bytes = Vec::with_capacity(3 * width * height);
        let span = |index: usize, of: usize, from: usize| {
            let (start, end) = (index * from / of, ((index + 1) * from).div_ceil(of));
            start..end.clamp(start + 1, from)
        };
        for y in 0..height {
            let rows = span(y, height, rgb.height);
            for x in 0..width {
                let columns = span(x, width, rgb.width);
                for plane in &rgb.planes {
                    let values = rows
                        .clone()
                        .flat_map(|row| &plane[row * rgb.width..][columns.clone()]);
                    let (sum, count) =
                        values.fold((0.0, 0.0), |(sum, count), value| (sum + value, count + 1.0));
                    bytes.push((sum / count * 255.0 + 0.5) as u8);
                }
            }
        }
        Self {
            width,
            height,
            bytes,
        }
    }
}

struct Sheet {
    width: usize,
    height: usize,
    bytes: Vec<u8>,
}

impl Sheet {
    fn new(width: usize, height: usize) -> Self {
        Self {
            width,
            height,
            bytes: PAPER.repeat(width * height),
        }
    }

    fn place(&mut self, tile: &Tile, left: usize, top: usize) {
        for (row, bytes) in tile.bytes.chunks_exact(3 * tile.width).enumerate() {
            let at = 3 * ((top + row) * self.width + left);
            self.bytes[at..at + bytes.len()].copy_from_slice(bytes);
        }
    }

    /// Writes `text` from `left`, as much of it as fits into `room` pixels.
    fn text(&mut self, text: &str, left: usize, top: usize, room: usize) {
        let wide = get_raster_width(FontWeight::Regular, TEXT);
        let letters: Vec<char> = text.chars().collect();
        let fits = room / wide;
        let shown: Vec<char> = match letters.len() > fits {
            true => letters
                .iter()
                .take(fits.saturating_sub(1))
                .copied()
                .chain(['…'])
                .collect(),
            false => letters,
        };
        for (index, letter) in shown.into_iter().enumerate() {
            let known = |letter| get_raster(letter, FontWeight::Regular, TEXT);
            let Some(raster) = known(letter).or_else(|| known('?')) else {
                continue;
            };
            for (y, row) in raster.rows().enumerate() {
                for (x, strength) in row.iter().enumerate() {
                    let at = 3 * ((top + y) * self.width + left + index * wide + x);
                    let share = f32::from(*strength) / 255.0;
                    for (byte, paper) in self.bytes[at..at + 3].iter_mut().zip(PAPER) {
                        *byte = (f32::from(paper) + share * (INK - f32::from(paper))) as u8;
                    }
                }
            }
        }
    }

    fn png(&self) -> std::result::Result<Vec<u8>, png::EncodingError> {
        let mut out = Vec::new();
        let mut encoder = png::Encoder::new(&mut out, self.width as u32, self.height as u32);
        encoder.set_color(png::ColorType::Rgb);
        let mut writer = encoder.write_header()?;
        writer.write_image_data(&self.bytes)?;
        writer.finish()?;
        Ok(out)
    }
}
