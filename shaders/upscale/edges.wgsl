// Where a pixel of the output lies along an axis: the pixel before, and how far after its centre.
struct Place {
    before: i32,
    after: f32,
}

// Of output pixel `at`. In whole numbers, as a place may be that of a pixel; their product may be 2^31.
fn place(at: i32, count_in: i32, count_out: i32) -> Place {
    let n = (2u * u32(at) + 1u) * u32(count_in) + u32(count_out);
    let d = 2u * u32(count_out);
    return Place(i32(n / d) - 1, f32(n % d) / f32(d));
}

// What a pixel of the four around the place says of the edge: the gradient there, and how much of it is an edge rather than a
// thin line, each times `share`. Lumas of the pixel itself and of its neighbours.
fn edge(share: f32, above: f32, left: f32, here: f32, right: f32, below: f32) -> vec3f {
    let gradient = vec2f(right - left, below - above);
    let steepest = max(vec2f(max(abs(right - here), abs(here - left)), max(abs(below - here), abs(here - above))), vec2f(1e-6));
    let straight = min(abs(gradient) / steepest, vec2f(1.0));
    return share * vec3f(gradient, dot(straight, straight));
}

// How the filter lies: along the edge, longer the more certain it is.
struct Shape {
    // Along the gradient.
    across: vec2f,
    // By how much distances across and along the edge are larger.
    stretch: vec2f,
    lobe: f32,
    end: f32,
}

// Weight of a pixel at `d` from the place: Lanczos's kernel of two lobes as two squares, without a window where `lobe` is 0.25 lower.
fn weight(shape: Shape, d: vec2f) -> f32 {
    let turned = vec2f(dot(d, shape.across), dot(d, vec2f(-shape.across.y, shape.across.x))) * shape.stretch;
    let u = min(dot(turned, turned), shape.end);
    let base = 0.4 * u - 1.0;
    let window = shape.lobe * u - 1.0;
    return (1.5625 * base * base - 0.5625) * (window * window);
}

// A sum of pixels times their weights, and of the weights, with one more pixel.
fn with_tap(sum: vec2f, shape: Shape, tap: f32, d: vec2f) -> vec2f {
    let share = weight(shape, d);
    return sum + share * vec2f(tap, 1.0);
}

fn tap(p: vec2i) -> f32 {
    return luma_at(p).r;
}

// Edge-adaptive upsampling of luma: twelve pixels around the place, by a filter that is turned and stretched along the edge there,
// limited to the four nearest pixels (Lottes's EASU of AMD FidelityFX Super Resolution 1, 2021).
fn pixel(at: vec2i) -> vec4f {
    let size = luma_extent();
    let extent = package::engine::extent;
    let x = place(at.x, size.x, extent.x);
    let y = place(at.y, size.y, extent.y);
    let p = vec2i(x.before, y.before);
    let f = vec2f(x.after, y.after);
    let b = tap(p + vec2i(0, -1));
    let c = tap(p + vec2i(1, -1));
    let e = tap(p + vec2i(-1, 0));
    let i = tap(p);
    let j = tap(p + vec2i(1, 0));
    let g = tap(p + vec2i(2, 0));
    let h = tap(p + vec2i(-1, 1));
    let k = tap(p + vec2i(0, 1));
    let l = tap(p + vec2i(1, 1));
    let m = tap(p + vec2i(2, 1));
    let n = tap(p + vec2i(0, 2));
    let o = tap(p + vec2i(1, 2));
    let found = edge((1.0 - f.x) * (1.0 - f.y), b, e, i, j, k)
        + edge(f.x * (1.0 - f.y), c, i, j, g, l)
        + edge((1.0 - f.x) * f.y, i, h, k, l, n)
        + edge(f.x * f.y, j, k, l, m, o);
    let steep = dot(found.xy, found.xy);
    let across = select(vec2f(1.0, 0.0), found.xy * inverseSqrt(max(steep, 1e-12)), steep >= 1.0 / 131072.0);
    let certain = 0.25 * found.z * found.z;
    let diagonal = 1.0 / max(abs(across.x), abs(across.y));
    let lobe = 0.5 - 0.29 * certain;
    let shape = Shape(across, vec2f(1.0 + (diagonal - 1.0) * certain, 1.0 - 0.5 * certain), lobe, 1.0 / lobe);
    var sum = vec2f(0.0);
    sum = with_tap(sum, shape, b, vec2f(0.0, -1.0) - f);
    sum = with_tap(sum, shape, c, vec2f(1.0, -1.0) - f);
    sum = with_tap(sum, shape, e, vec2f(-1.0, 0.0) - f);
    sum = with_tap(sum, shape, i, vec2f(0.0, 0.0) - f);
    sum = with_tap(sum, shape, j, vec2f(1.0, 0.0) - f);
    sum = with_tap(sum, shape, g, vec2f(2.0, 0.0) - f);
    sum = with_tap(sum, shape, h, vec2f(-1.0, 1.0) - f);
    sum = with_tap(sum, shape, k, vec2f(0.0, 1.0) - f);
    sum = with_tap(sum, shape, l, vec2f(1.0, 1.0) - f);
    sum = with_tap(sum, shape, m, vec2f(2.0, 1.0) - f);
    sum = with_tap(sum, shape, n, vec2f(0.0, 2.0) - f);
    sum = with_tap(sum, shape, o, vec2f(1.0, 2.0) - f);
    let low = min(min(i, j), min(k, l));
    let high = max(max(i, j), max(k, l));
    return vec4f(clamp(sum.x / sum.y, low, high));
}
