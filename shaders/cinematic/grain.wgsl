import package::common::bspline::cubic;
import package::common::hash::pcg3d;

// Independent of each other: uniform, of mean 0 and deviation 1, for each colour at lattice point `p` of this frame.
fn lattice(p: vec2i) -> vec3f {
    let h = pcg3d(vec3u(vec2u(p), package::engine::facts.noise)) >> vec3u(8u);
    return ((vec3f(h) + 0.5) / 16777216.0 - 0.5) * 3.4641016;
}

// The lattice points that the pixels of a workgroup lie between, in a square of so many columns and rows.
const SIDE = 28;
var<workgroup> points: array<vec3f, 784>;

// The first of the four lattice points that a pixel lies between, along each axis.
fn first_at(at: vec2i) -> vec2i {
    return vec2i(floor((vec2f(at) + 0.5) / params.pitch)) - 1;
}

// Columns and rows of lattice points that the 16 by 16 pixels of a workgroup lie between, at most.
fn needed() -> i32 {
    return i32(ceil(15.0 / params.pitch)) + 5;
}

// Each point once for all pixels of the workgroup. A lattice that is too fine for that is computed pixel by pixel.
fn share_points(at: vec2i) {
    let begin = first_at(at - package::engine::local);
    let side = needed();
    if (side > SIDE) {
        return;
    }
    for (var i = 16 * package::engine::local.y + package::engine::local.x; i < side * side; i += 256) {
        points[i] = lattice(begin + vec2i(i % side, i / side));
    }
}

// The weights of the four points from `first` on, of a pixel at `position`, along one axis.
fn weights(first: i32, position: f32) -> vec4f {
    return vec4f(
        cubic(f32(first) - position),
        cubic(f32(first + 1) - position),
        cubic(f32(first + 2) - position),
        cubic(f32(first + 3) - position),
    );
}

// The point `p`, which is number `i` of those that are shared.
fn point(p: vec2i, i: i32) -> vec3f {
    if (package::engine::prepared && needed() <= SIDE) {
        return points[i];
    }
    return lattice(p);
}

fn row(p: vec2i, i: i32, across: vec4f) -> vec3f {
    return across.x * point(p, i) + across.y * point(p + vec2i(1, 0), i + 1)
        + across.z * point(p + vec2i(2, 0), i + 2) + across.w * point(p + vec2i(3, 0), i + 3);
}

// A cubic B-spline through random points, each pixel of the same deviation wherever it lies between them; mostly common to
// the three colours. Strongest in the lower midtones, gone in black and white.
fn pixel(at: vec2i) -> vec4f {
    let position = (vec2f(at) + 0.5) / params.pitch;
    let first = first_at(at);
    let across = weights(first.x, position.x);
    let down = weights(first.y, position.y);
    let inside = first - first_at(at - package::engine::local);
    let side = needed();
    let i = inside.y * side + inside.x;
    let sum = down.x * row(first, i, across) + down.y * row(first + vec2i(0, 1), i + side, across)
        + down.z * row(first + vec2i(0, 2), i + 2 * side, across) + down.w * row(first + vec2i(0, 3), i + 3 * side, across);
    let noise = sum / sqrt(dot(across, across) * dot(down, down));
    // Deviation 1 again: 0.85² + 0.229² + 2·0.85·0.229/√3 = 1.
    let grain = 0.85 * 0.57735027 * (noise.r + noise.g + noise.b) + 0.229 * noise;
    let c = image_here();
    let luma = clamp(params.kr * c.r + (1.0 - params.kr - params.kb) * c.g + params.kb * c.b, 0.0, 1.0);
    let amount = params.strength * 6.75 * luma * (1.0 - luma) * (1.0 - luma);
    return vec4f(c.rgb + amount * grain, c.a);
}
