import super::tiles::{Tiles, pixel_of, place_of};

// A picture as a tensor of 32-bit floats, in tiles. Runs over the columns of a tile and the rows of all tiles.
fn pack(at: vec2i) {
    let size = vec2i(vec2f(params.tile_w, params.tile_h));
    let tiles = Tiles(size, vec2i(vec2f(params.pitch_x, params.pitch_y)), i32(params.columns));
    let planar = params.planar > 0.0;
    let value = image_at(pixel_of(tiles, at, image_extent()));
    if (params.channels < 2.0) {
        let luma = params.kr * value.r + (1.0 - params.kr - params.kb) * value.g + params.kb * value.b;
        words_store(place_of(size, at, 0, 1, planar), bitcast<u32>(luma * params.scale_r + params.bias_r));
        return;
    }
    let scaled = value.rgb * vec3f(params.scale_r, params.scale_g, params.scale_b)
        + vec3f(params.bias_r, params.bias_g, params.bias_b);
    let ordered = select(scaled, scaled.bgr, params.bgr > 0.0);
    words_store(place_of(size, at, 0, 3, planar), bitcast<u32>(ordered.x));
    words_store(place_of(size, at, 1, 3, planar), bitcast<u32>(ordered.y));
    words_store(place_of(size, at, 2, 3, planar), bitcast<u32>(ordered.z));
}
