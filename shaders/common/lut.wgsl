// Look-up tables. A table lies in a texture of 1024 entries a row, one after the other: sizes of the curves and of the
// cube (0 where there is none), then of each its domain's least and its entries a unit; the curves; the cube, red fastest.

const HEADER: i32 = 5;

// Entry `i` of the texture of a table; the first five are its header.
fn entry(table: texture_2d<f32>, i: i32) -> vec3f {
    return textureLoad(table, vec2i(i & 1023, i >> 10u), 0).rgb;
}

// A position in a table: `index` is the entry at or below it along each axis, `part` how far it is to the next one, 0 to 1.
struct Place {
    index: vec3i,
    part: vec3f,
}

// Where `rgb` lies in a table of `n` entries a side, whose domain begins at `least` and has `scale` entries a unit. A `Place`
// has `index`, the entry at or below it along each axis, and `part`, how far it is to the next one, 0 to 1. What lies
// outside is put on the edge.
fn place(rgb: vec3f, least: vec3f, scale: vec3f, n: i32) -> Place {
    let x = min(max((rgb - least) * scale, vec3f(0.0)), vec3f(f32(n - 1)));
    let index = min(vec3i(x), vec3i(n - 2));
    return Place(index, x - vec3f(index));
}

// `rgb` through the curves of a table, one for each channel, linear between entries; unchanged where it has none.
fn curves(table: texture_2d<f32>, rgb: vec3f) -> vec3f {
    let n = i32(entry(table, 0).r);
    if (n == 0) {
        return rgb;
    }
    let p = place(rgb, entry(table, 1), entry(table, 2), n);
    let i = p.index + HEADER;
    let low = vec3f(entry(table, i.r).r, entry(table, i.g).g, entry(table, i.b).b);
    let high = vec3f(entry(table, i.r + 1).r, entry(table, i.g + 1).g, entry(table, i.b + 1).b);
    return low + (high - low) * p.part;
}

// `color` through the curves of a table and then its cube, linear along each axis in turn.
fn trilinear(table: texture_2d<f32>, color: vec3f) -> vec3f {
    let rgb = curves(table, color);
    let sizes = vec2i(entry(table, 0).rg);
    let n = sizes.g;
    if (n == 0) {
        return rgb;
    }
    let p = place(rgb, entry(table, 3), entry(table, 4), n);
    let first = HEADER + sizes.r + (p.index.b * n + p.index.g) * n + p.index.r;
    var sides: array<vec3f, 4>;
    for (var i = 0; i < 4; i++) {
        let start = first + (i & 1) * n + (i >> 1u) * n * n;
        let low = entry(table, start);
        sides[i] = low + (entry(table, start + 1) - low) * p.part.r;
    }
    let near = sides[0] + (sides[1] - sides[0]) * p.part.g;
    let far = sides[2] + (sides[3] - sides[2]) * p.part.g;
    return near + (far - near) * p.part.b;
}

// `color` through the curves of a table and then its cube, linear inside one of the six tetrahedra about the gray diagonal
// (Sakamoto, US patent 4 275 413, 1981, expired).
fn tetrahedral(table: texture_2d<f32>, color: vec3f) -> vec3f {
    let rgb = curves(table, color);
    let sizes = vec2i(entry(table, 0).rg);
    let n = sizes.g;
    if (n == 0) {
        return rgb;
    }
    let p = place(rgb, entry(table, 3), entry(table, 4), n);
    let t = p.part;
    let first = HEADER + sizes.r + (p.index.b * n + p.index.g) * n + p.index.r;
    let most = max(max(t.r, t.g), t.b);
    let least = min(min(t.r, t.g), t.b);
    let middle = max(min(t.r, t.g), min(max(t.r, t.g), t.b));
    let opposite = n * n + n + 1;
    // Along the axis of the largest fraction, then of the middle one, to the opposite corner. Of equals the first axis
    // leads and the last trails.
    let leading = select(select(n * n, n, t.g == most), 1, t.r == most);
    let trailing = select(select(1, n, t.g == least), n * n, t.b == least);
    return entry(table, first) * (1.0 - most)
        + entry(table, first + leading) * (most - middle)
        + entry(table, first + opposite - trailing) * (middle - least)
        + entry(table, first + opposite) * least;
}
