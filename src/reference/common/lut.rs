use crate::color::lut::{Domain, Lut};
use crate::reference::Image;

/// Entries in a row of the texture.
const ROW: usize = 1024;

/// The texture read by lut.wgsl: the sizes of the curves and of the cube (0 if missing); for each, the minimum of its
/// domain and its entries per unit; then the curves; then the cube, red fastest.
pub fn texels(lut: &Lut) -> Image {
    let (curves, cube) = (lut.curves.as_ref(), lut.cube.as_ref());
    let sizes = [
        curves.map_or(0, |curves| curves.entries.len()),
        cube.map_or(0, |cube| cube.size),
    ];
    let described = |domain: Option<&Domain>, size: usize| match domain {
        Some(domain) => [domain.min, domain.scale(size)],
        None => [[0.0; 3]; 2],
    };
    let mut entries: Vec<[f32; 3]> = vec![[sizes[0] as f32, sizes[1] as f32, 0.0]];
    entries.extend(described(curves.map(|curves| &curves.domain), sizes[0]));
    entries.extend(described(cube.map(|cube| &cube.domain), sizes[1]));
    entries.extend(curves.iter().flat_map(|curves| &curves.entries));
    let cube = cube.iter().flat_map(|cube| &cube.entries);
    entries.extend(cube.map(|[r, g, b, _]| [*r, *g, *b]));
    let mut image = Image::new(ROW, entries.len().div_ceil(ROW), 4);
    for (index, entry) in entries.iter().enumerate() {
        let row = index / ROW * ROW * 4;
        for (channel, value) in entry.iter().enumerate() {
            image.data[row + channel * ROW + index % ROW] = *value;
        }
    }
    image
}
