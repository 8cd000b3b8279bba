import package::common::halves::halves_of;
import super::tiles::{Tiles, pixel_of, place_of};

// The values of one pixel, in the order of the tensor's channels.
fn values_at(tiles: Tiles, at: vec2i) -> vec3f {
    let value = image_at(pixel_of(tiles, at, image_extent()));
    if (params.channels < 2.0) {
        let luma = params.kr * value.r + (1.0 - params.kr - params.kb) * value.g + params.kb * value.b;
        return vec3f(luma * params.scale_r + params.bias_r);
    }
    let scaled = value.rgb * vec3f(params.scale_r, params.scale_g, params.scale_b)
        + vec3f(params.bias_r, params.bias_g, params.bias_b);
    return select(scaled, scaled.bgr, params.bgr > 0.0);
}

// A picture as a tensor of 16-bit floats, two in a word, in tiles of an even width. Runs over pairs of columns of a tile
// and the rows of all tiles.
fn pack(at: vec2i) {
    let size = vec2i(vec2f(params.tile_w, params.tile_h));
    let tiles = Tiles(size, vec2i(vec2f(params.pitch_x, params.pitch_y)), i32(params.columns));
    let planar = params.planar > 0.0;
    let left = vec2i(2 * at.x, at.y);
    let a = values_at(tiles, left);
    let b = values_at(tiles, left + vec2i(1, 0));
    if (params.channels < 2.0) {
        words_store(place_of(size, left, 0, 1, planar) / 2, halves_of(a.x, b.x));
        return;
    }
    if (planar) {
        words_store(place_of(size, left, 0, 3, planar) / 2, halves_of(a.x, b.x));
        words_store(place_of(size, left, 1, 3, planar) / 2, halves_of(a.y, b.y));
        words_store(place_of(size, left, 2, 3, planar) / 2, halves_of(a.z, b.z));
        return;
    }
    let first = place_of(size, left, 0, 3, planar) / 2;
    words_store(first, halves_of(a.x, a.y));
    words_store(first + 1, halves_of(a.z, b.x));
    words_store(first + 2, halves_of(b.y, b.z));
}
