import package::common::resample::alpha::{multiplied, finished};
import package::common::resample::window::axis_of;

// A pixel of the input, its colour multiplied by its alpha, and its luma (twice, which does not matter here).
struct Tap {
    color: vec4f,
    luma: f32,
}

fn tap(p: vec2i) -> Tap {
    let color = multiplied(image_at(p), 1.0);
    return Tap(color, 0.5 * (color.r + color.b) + color.g);
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

// Pixels times their weights, and the sum of the weights.
struct Sum {
    color: vec4f,
    total: f32,
}

fn with_tap(sum: Sum, shape: Shape, tap: Tap, d: vec2f) -> Sum {
    let share = weight(shape, d);
    return Sum(sum.color + share * tap.color, sum.total + share);
}

// Edge-adaptive upsampling: twelve pixels around the place, by a filter that is turned and stretched along the edge there, limited to the four
// nearest pixels (Lottes's EASU of AMD FidelityFX Super Resolution 1, 2021).
fn pixel(at: vec2i) -> vec4f {
    let size = image_extent();
    let extent = package::engine::extent;
    let axis_x = axis_of(at.x, size.x, extent.x);
    let axis_y = axis_of(at.y, size.y, extent.y);
    let offset = vec2f(axis_x.offset, axis_y.offset);
    let back = select(vec2i(0), vec2i(1), offset > vec2f(0.0));
    // The pixel left and above, and where the place lies between it and the next ones.
    let p = vec2i(axis_x.base, axis_y.base) - back;
    let f = vec2f(back) - offset;
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
    let found = edge((1.0 - f.x) * (1.0 - f.y), b.luma, e.luma, i.luma, j.luma, k.luma)
        + edge(f.x * (1.0 - f.y), c.luma, i.luma, j.luma, g.luma, l.luma)
        + edge((1.0 - f.x) * f.y, i.luma, h.luma, k.luma, l.luma, n.luma)
        + edge(f.x * f.y, j.luma, k.luma, l.luma, m.luma, o.luma);
    let steep = dot(found.xy, found.xy);
    let across = select(vec2f(1.0, 0.0), found.xy * inverseSqrt(max(steep, 1e-12)), steep >= 1.0 / 32768.0);
    let certain = 0.25 * found.z * found.z;
    let diagonal = 1.0 / max(abs(across.x), abs(across.y));
    let lobe = 0.5 - 0.29 * certain;
    let shape = Shape(across, vec2f(1.0 + (diagonal - 1.0) * certain, 1.0 - 0.5 * certain), lobe, 1.0 / lobe);
    var sum = Sum(vec4f(0.0), 0.0);
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
    let low = min(min(i.color, j.color), min(k.color, l.color));
    let high = max(max(i.color, j.color), max(k.color, l.color));
    let opaque = all(vec4f(i.color.a, j.color.a, k.color.a, l.color.a) == vec4f(1.0));
    return finished(clamp(sum.color / sum.total, low, high), opaque, 1.0);
}
