// Where slopes are this small, there is no direction.
const FLOOR: f32 = 0.01;

// The unit vector along lines: the eigenvector of the smaller eigenvalue of the tensor. Blue is how much more the picture
// changes across them than along them, 0 to 1.
fn pixel(at: vec2i) -> vec4f {
    let t = tensor_here();
    let half = 0.5 * (t.x - t.y);
    let root = sqrt(half * half + t.z * t.z);
    // Across the lines, of the two ways to write it the one that does not cancel.
    let across = select(vec2f(t.z, root - half), vec2f(root + half, t.z), half > 0.0);
    let l = sqrt(dot(across, across));
    let unit = select(vec2f(1.0, 0.0), across / l, l > 1e-6);
    return vec4f(-unit.y, unit.x, 2.0 * root / (t.x + t.y + FLOOR), 1.0);
}
