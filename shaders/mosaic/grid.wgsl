import package::common::hash::pcg3d;

// The pixel that the tile of a cell of `side` pixels grows from; `jitter` is how far it may be from the middle, in 256ths
// of a cell.
fn seed_of(cell: vec2i, side: i32, jitter: i32) -> vec2i {
    let random = pcg3d(vec3u(vec2u(cell), 7u));
    let part = vec2i(random.xy >> vec2u(24u)) - 128;
    return cell * side + side / 2 + part * jitter * side / 65536;
}
