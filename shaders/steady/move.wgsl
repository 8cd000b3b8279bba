import super::cubic::near;
import super::cubic::offset;

// Reads each pixel from where it lies in the frame. No value goes beyond those of the sixteen pixels around, so edges have no
// halo. Beyond its borders the frame is mirrored.
fn pixel(at: vec2i) -> vec4f {
    let d = offset(at, package::engine::extent, params.real, params.imaginary, vec2f(params.shift_x, params.shift_y));
    if (all(d == vec2f(0.0))) {
        return image_here();
    }
    let whole = vec2i(floor(d));
    let part = d - floor(d);
    let left = near(part.x);
    let right = near(1.0 - part.x);
    let above = near(part.y);
    let below = near(1.0 - part.y);
    let across = array<f32, 6>(left.x, left.y, left.z, right.z, right.y, right.x);
    let down = array<f32, 6>(above.x, above.y, above.z, below.z, below.y, below.x);
    var sum = vec4f(0.0);
    var least = vec4f(3e38);
    var most = vec4f(-3e38);
    for (var j = 0; j < 6; j++) {
        var line = vec4f(0.0);
        for (var i = 0; i < 6; i++) {
            let c = image_mirrored(whole + vec2i(i - 2, j - 2));
            line += across[i] * c;
            if (i > 0 && i < 5 && j > 0 && j < 5) {
                least = min(least, c);
                most = max(most, c);
            }
        }
        sum += down[j] * line;
    }
    return clamp(sum, least, most);
}
