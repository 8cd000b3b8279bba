import package::common::halves::float_of;
import super::blend::{Pair, pair_of};
import super::tiles::place_of;

// A value of the tensor: a 32-bit float, or one of two 16-bit floats in a word.
fn value_at(i: i32) -> f32 {
    if (params.half > 0.0) {
        return float_of((tensor_word(i / 2) >> (16u * u32(i % 2))) & 0xffffu);
    }
    return bitcast<f32>(tensor_word(i));
}

// The colour of pixel `p` in tile `tile`.
fn color_in(tile: vec2i, p: vec2i) -> vec3f {
    let size = vec2i(vec2f(params.tile_w, params.tile_h));
    let inside = p - tile * vec2i(vec2f(params.pitch_x, params.pitch_y));
    let at = vec2i(inside.x, (tile.y * i32(params.columns) + tile.x) * size.y + inside.y);
    let planar = params.planar > 0.0;
    if (params.channels < 2.0) {
        return vec3f(value_at(place_of(size, at, 0, 1, planar)) * params.scale_r + params.bias_r);
    }
    let stored = vec3f(
        value_at(place_of(size, at, 0, 3, planar)),
        value_at(place_of(size, at, 1, 3, planar)),
        value_at(place_of(size, at, 2, 3, planar)),
    );
    let rgb = select(stored, stored.bgr, params.bgr > 0.0);
    return rgb * vec3f(params.scale_r, params.scale_g, params.scale_b)
        + vec3f(params.bias_r, params.bias_g, params.bias_b);
}

fn mixed(a: vec3f, b: vec3f, share: f32) -> vec3f {
    return a + (b - a) * share;
}

// A row of tiles at pixel `p`.
fn across(x: Pair, row: i32, p: vec2i) -> vec3f {
    let left = color_in(vec2i(x.first, row), p);
    if (x.share <= 0.0) {
        return left;
    }
    return mixed(left, color_in(vec2i(x.other, row), p), x.share);
}

// A tensor that holds a picture in tiles, as that picture; tiles are blended where they overlap.
fn pixel(at: vec2i) -> vec4f {
    let x = pair_of(at.x, i32(params.tile_w), i32(params.pitch_x), i32(params.columns), params.feather_x);
    let y = pair_of(at.y, i32(params.tile_h), i32(params.pitch_y), i32(params.rows), params.feather_y);
    let upper = across(x, y.first, at);
    if (y.share <= 0.0) {
        return vec4f(upper, 1.0);
    }
    return vec4f(mixed(upper, across(x, y.other, at), y.share), 1.0);
}
