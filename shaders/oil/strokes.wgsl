// Of the polynomials of sectors: how far a sector reaches beyond its corner, and how much it widens.
const ZETA: f32 = 0.33;
const ETA: f32 = 3.77;

fn squared(x: f32) -> f32 {
    let positive = max(x, 0.0);
    return positive * positive;
}

// Along a line through the middle, the weights of the two sectors on it.
fn opposite(along: f32, across: f32) -> vec2f {
    let wide = ZETA - ETA * across * across;
    return vec2f(squared(wide + along), squared(wide - along));
}

// The anisotropic Kuwahara filter (Kyprianidis, Kang and Doellner 2009) with polynomial weights (Kyprianidis, Semmo, Kang
// and Doellner 2010): the means of eight sectors of an ellipse along the lines of the picture, of which the evenest
// count most. Every other pixel is looked at, as on a chessboard: means of so many change little by it. Beyond the border, the
// nearest pixel.
fn pixel(at: vec2i) -> vec4f {
    let lines = lines_here();
    // Half floats leave it a little off the length of 1.
    let along = lines.rg / sqrt(max(dot(lines.rg, lines.rg), 1e-6));
    let across = vec2f(along.y, -along.x);
    let stretch = 1.0 + params.stretch * lines.b;
    let long = params.stroke * stretch;
    let short = params.stroke / stretch;
    let reach = vec2i(floor(sqrt(long * long * along * along + short * short * across * across)));
    // Colour times weight, and weight, of each sector; and squares of colour.
    var means: array<vec4f, 8>;
    var squares: array<f32, 8>;
    for (var y = -reach.y; y <= reach.y; y++) {
        for (var x = ((reach.x + y) & 1) - reach.x; x <= reach.x; x += 2) {
            let p = vec2f(f32(x), f32(y));
            let q = vec2f(dot(p, along) / long, dot(p, across) / short);
            let fade = max(1.0 - dot(q, q), 0.0);
            if (fade > 0.0) {
                let c = image_at(at + vec2i(x, y)).rgb;
                let square = dot(c, c);
                let near = fade * fade;
                let d = 0.70710678 * vec2f(q.x - q.y, q.x + q.y);
                let pairs = array<vec2f, 4>(opposite(q.x, q.y), opposite(d.x, d.y), opposite(q.y, q.x), opposite(d.y, d.x));
                for (var k = 0; k < 4; k++) {
                    let w = near * pairs[k];
                    means[2 * k] += vec4f(c * w.x, w.x);
                    squares[2 * k] += square * w.x;
                    means[2 * k + 1] += vec4f(c * w.y, w.y);
                    squares[2 * k + 1] += square * w.y;
                }
            }
        }
    }
    var sum = vec3f(0.0);
    var weight = 0.0;
    for (var k = 0; k < 8; k++) {
        let mean = means[k].rgb / means[k].w;
        let variance = max(squares[k] / means[k].w - dot(mean, mean), 0.0);
        // The eighth power of the deviation in codes of 8 bits.
        let v = min(65025.0 * variance, 16777216.0);
        let w = 1.0 / (1.0 + (v * v) * (v * v));
        sum += w * mean;
        weight += w;
    }
    return vec4f(sum / weight, image_at(at).a);
}
