import package::common::border::reflect;

// Tiles that cover a picture, row by row, and the values of a tensor that holds them, entry after entry of its batch.
struct Tiles {
    // Columns and rows of a tile.
    size: vec2i,
    // From the first pixel of a tile to that of the next one.
    pitch: vec2i,
    // How many tiles stand side by side.
    columns: i32,
}

// The pixel of the picture at row `at.y` of all tiles below each other, column `at.x`. The picture is continued by
// reflection.
fn pixel_of(tiles: Tiles, at: vec2i, extent: vec2i) -> vec2i {
    let tile = at.y / tiles.size.y;
    let first = vec2i(tile % tiles.columns, tile / tiles.columns) * tiles.pitch;
    let p = first + vec2i(at.x, at.y % tiles.size.y);
    return vec2i(reflect(p.x, extent.x), reflect(p.y, extent.y));
}

// The place of channel `c` of `channels` at row `at.y` of all tiles below each other, column `at.x`: row after row of a
// channel (`planar`), or the channels of a pixel side by side.
fn place_of(size: vec2i, at: vec2i, c: i32, channels: i32, planar: bool) -> i32 {
    let tile = at.y / size.y;
    let y = at.y % size.y;
    if (planar) {
        return ((tile * channels + c) * size.y + y) * size.x + at.x;
    }
    return (at.y * size.x + at.x) * channels + c;
}
