import package::common::noise::noise;

// A landscape in units of the picture's height: x from the left, y from the top, so that every size shows the same.
// Layers are drawn from front to back, each with the share of the pixel that it covers.

const SHORE: f32 = 0.64;

// Four octaves of noise, 0..1.
fn fractal(position: vec2f, layer: u32) -> f32 {
    let a = noise(position, layer);
    let b = noise(position * 2.03, layer + 1u);
    let c = noise(position * 4.01, layer + 2u);
    let d = noise(position * 8.07, layer + 3u);
    return (8.0 * a + 4.0 * b + 2.0 * c + d) / 15.0;
}

// Share of a pixel of size `soft` that lies at `distance` beyond an edge.
fn beyond(distance: f32, soft: f32) -> f32 {
    return smoothstep(-soft, soft, distance);
}

// Share of a pixel inside a box.
fn inside(p: vec2f, low: vec2f, high: vec2f, soft: f32) -> f32 {
    let a = vec2f(beyond(p.x - low.x, soft), beyond(p.y - low.y, soft));
    let b = vec2f(beyond(high.x - p.x, soft), beyond(high.y - p.y, soft));
    return a.x * a.y * b.x * b.y;
}

fn sky(p: vec2f, sun: vec2f, time: f32) -> vec3f {
    let height = clamp(p.y / SHORE, 0.0, 1.0);
    let distance = length(p - sun);
    let near = distance / 0.17;
    let glow = 1.0 / ((1.0 + near * near) * (1.0 + near * near));
    var color = mix(vec3f(0.24, 0.45, 0.74), vec3f(0.97, 0.80, 0.62), height * height);
    color += vec3f(0.42, 0.28, 0.12) * glow;
    color = mix(color, vec3f(1.0, 0.97, 0.86), 1.0 - smoothstep(0.046, 0.052, distance));
    let q = vec2f((p.x + 0.035 * time) * 2.3, p.y * 6.0 + 0.01 * time);
    let density = fractal(q, 10u);
    let lit = clamp(0.55 + 2.6 * (density - fractal(q + vec2f(0.16, -0.28), 10u)), 0.0, 1.0);
    let cloud = smoothstep(0.48, 0.70, density) * (1.0 - 0.65 * height);
    return mix(color, mix(vec3f(0.63, 0.61, 0.68), vec3f(1.0, 0.97, 0.93), lit), cloud);
}

// Height of the mountains' ridge at x.
fn ridge(x: f32) -> f32 {
    let a = 1.0 - abs(2.0 * noise(vec2f(x * 2.1 + 3.7, 0.5), 20u) - 1.0);
    let b = 1.0 - abs(2.0 * noise(vec2f(x * 5.3 + 1.1, 0.5), 21u) - 1.0);
    let c = noise(vec2f(x * 17.0, 0.5), 22u);
    let d = noise(vec2f(x * 61.0, 0.5), 23u);
    return 0.52 - 0.17 * a - 0.07 * b - 0.022 * c - 0.007 * d;
}

fn mountains(p: vec2f, depth: f32) -> vec3f {
    let rock = fractal(vec2f(p.x * 26.0 + 40.0 * depth, p.y * 34.0), 30u);
    let folds = fractal(vec2f(p.x * 9.0 - 14.0 * depth, p.y * 5.0), 34u);
    let light = clamp(0.25 + 0.9 * folds + 0.5 * (rock - 0.5), 0.0, 1.0);
    let stone = mix(vec3f(0.28, 0.31, 0.42), vec3f(0.64, 0.60, 0.62), light);
    let snow = 1.0 - smoothstep(0.02, 0.06, depth + 0.10 * (rock - 0.5));
    let color = mix(stone, mix(vec3f(0.70, 0.76, 0.88), vec3f(1.0, 0.98, 0.95), light), snow);
    return mix(color, vec3f(0.80, 0.76, 0.74), clamp(depth * 2.2, 0.0, 0.65));
}

// Height of the wooded hills at x, tree tops included.
fn hills(x: f32) -> f32 {
    let swell = 0.57 - 0.055 * noise(vec2f(x * 1.7 + 9.0, 0.5), 40u) - 0.025 * noise(vec2f(x * 4.9, 0.5), 41u);
    return swell - 0.014 * noise(vec2f(x * 95.0, 0.5), 42u) - 0.006 * noise(vec2f(x * 240.0, 0.5), 43u);
}

fn woods(p: vec2f, depth: f32) -> vec3f {
    let crowns = fractal(vec2f(p.x * 70.0, p.y * 95.0), 50u);
    let clearing = smoothstep(0.55, 0.72, noise(vec2f(p.x * 5.0, p.y * 22.0), 54u));
    let light = clamp(1.5 * crowns - 0.35 + 0.5 * (0.06 - depth), 0.0, 1.0);
    let trees = mix(vec3f(0.07, 0.16, 0.13), vec3f(0.34, 0.44, 0.22), light);
    return mix(trees, vec3f(0.58, 0.60, 0.30) * (0.8 + 0.4 * crowns), clearing * 0.8);
}

// Sky, mountains and hills: what the lake mirrors.
fn distant(p: vec2f, sun: vec2f, time: f32, soft: f32) -> vec3f {
    let to_hills = p.y - hills(p.x);
    let hill = beyond(to_hills, soft);
    var color = vec3f(0.0);
    if (hill > 0.0) {
        color = woods(p, to_hills);
    }
    if (hill < 1.0) {
        let to_ridge = p.y - ridge(p.x);
        let mountain = beyond(to_ridge, soft);
        var behind = vec3f(0.0);
        if (mountain > 0.0) {
            behind = mountains(p, to_ridge);
        }
        if (mountain < 1.0) {
            behind = mix(sky(p, sun, time), behind, mountain);
        }
        color = mix(behind, color, hill);
    }
    return color;
}

fn lake(p: vec2f, sun: vec2f, time: f32, soft: f32) -> vec3f {
    let depth = p.y - SHORE;
    let far = 1.0 / (0.12 + depth);
    let wave = noise(vec2f(p.x * 3.0 * far + 0.5 * time, depth * 26.0 * far - 1.3 * time), 60u) - 0.5;
    let ripple = noise(vec2f(p.x * 9.0 * far - 0.8 * time, depth * 80.0 * far - 2.1 * time), 61u) - 0.5;
    let mirror = vec2f(p.x + 0.05 * depth * (wave + ripple), SHORE - depth * (0.95 + 0.12 * wave) - 0.012 * ripple * depth);
    var color = distant(mirror, sun, time, soft + 0.05 * depth);
    color = mix(color * vec3f(0.70, 0.80, 0.84), vec3f(0.10, 0.24, 0.32), clamp(0.18 + depth, 0.0, 0.5));
    color += vec3f(0.10, 0.10, 0.09) * ripple;
    let path = abs(p.x - sun.x) / (0.05 + 0.35 * depth);
    let glitter = smoothstep(0.20, 0.38, ripple + 0.35 * wave) / (1.0 + path * path);
    color += vec3f(0.85, 0.68, 0.42) * glitter;
    let mist = 1.0 - smoothstep(0.0, 0.03, depth);
    return mix(color, vec3f(0.86, 0.83, 0.80), 0.35 * mist);
}

// A house whose door stands at `p` = 0, half as wide as high; colour and coverage.
fn house(p: vec2f, soft: f32) -> vec4f {
    let wall = inside(p, vec2f(-0.085, -0.095), vec2f(0.085, 0.0), soft);
    let planks = smoothstep(0.08, 0.16, abs(fract((p.x + 1.0) * 75.0) - 0.5));
    var color = vec3f(0.78, 0.70, 0.58) * (0.80 + 0.20 * planks) * (0.92 + 0.16 * noise(p * vec2f(160.0, 30.0) + 70.0, 70u));
    color = mix(color, vec3f(0.36, 0.22, 0.16), inside(p, vec2f(-0.018, -0.062), vec2f(0.018, 0.0), soft));
    for (var side = -1.0; side < 2.0; side += 2.0) {
        let w = vec2f(p.x - side * 0.052, p.y + 0.050);
        color = mix(color, vec3f(0.95, 0.93, 0.88), inside(w, vec2f(-0.019, -0.020), vec2f(0.019, 0.020), soft));
        let pane = inside(vec2f(abs(w.x), abs(w.y)), vec2f(0.002, 0.002), vec2f(0.015, 0.016), soft);
        color = mix(color, vec3f(0.30, 0.36, 0.44), pane);
    }
    let slope = (p.y + 0.175) * 1.35 - abs(p.x);
    let roof = beyond(slope, soft) * beyond(-0.088 - p.y, soft);
    let tiles = fract((p.y + 1.0) * 85.0);
    let shade = (0.70 + 0.30 * tiles) * (0.85 + 0.3 * noise(vec2f(p.x * 150.0, floor((p.y + 1.0) * 85.0)) + 90.0, 71u));
    let chimney = inside(p, vec2f(0.045, -0.185), vec2f(0.070, -0.11), soft);
    var covered = max(wall, chimney);
    color = mix(color, vec3f(0.50, 0.34, 0.29), chimney * (1.0 - wall));
    color = mix(color, vec3f(0.62, 0.29, 0.20) * shade, roof);
    covered = max(covered, roof);
    return vec4f(color, covered);
}

// A spruce whose foot stands at `p` = 0, of height 1.
fn spruce(p: vec2f, soft: f32, layer: u32) -> vec4f {
    let up = -p.y;
    let tier = fract(up * 8.0 + 0.15 * noise(vec2f(p.x * 9.0 + 20.0, up * 3.0), layer));
    let ragged = 0.05 * (noise(vec2f(p.x * 40.0 + 50.0, up * 55.0), layer + 1u) - 0.5);
    let reach = 0.25 * (1.0 - up) * (1.0 - 0.5 * tier) + ragged * (1.1 - up);
    let crown = beyond(reach - abs(p.x), soft) * beyond(up - 0.08, soft) * beyond(0.99 - up, soft);
    let trunk = inside(p, vec2f(-0.018, -0.2), vec2f(0.018, 0.01), soft);
    let needles = noise(vec2f(p.x * 70.0 + 50.0, up * 90.0), layer + 2u);
    let light = clamp(0.25 + 0.9 * p.x + 0.5 * needles - 0.35 * tier, 0.0, 1.0);
    let green = mix(vec3f(0.04, 0.11, 0.09), vec3f(0.32, 0.42, 0.20), light);
    return vec4f(mix(vec3f(0.25, 0.18, 0.13), green, crown), max(crown, trunk));
}

// Height of the near bank at x.
fn bank(x: f32, width: f32) -> f32 {
    let across = x / width;
    let shape = 0.80 + 0.22 * smoothstep(0.15, 0.62, across) - 0.17 * smoothstep(0.66, 1.0, across);
    return shape + 0.03 * (noise(vec2f(x * 6.0, 0.5), 80u) - 0.5) - 0.013 * noise(vec2f(x * 190.0, 0.5), 81u);
}

fn meadow(p: vec2f, depth: f32, time: f32) -> vec3f {
    let lean = 0.02 * (noise(vec2f(p.x * 2.0 - 0.9 * time, 0.5), 82u) - 0.5);
    let blades = noise(vec2f((p.x + lean * p.y) * 230.0, p.y * 38.0), 83u);
    let patches = fractal(vec2f(p.x * 7.0, p.y * 16.0), 84u);
    let light = clamp(0.75 * blades + 0.6 * patches - 0.25 - 0.6 * depth, 0.0, 1.0);
    let grass = mix(vec3f(0.10, 0.17, 0.08), vec3f(0.60, 0.66, 0.26), light);
    let flower = smoothstep(0.86, 0.92, noise(p * vec2f(95.0, 120.0), 88u)) * smoothstep(0.5, 0.6, patches);
    return mix(grass, vec3f(0.97, 0.90, 0.70), flower);
}

fn over(color: vec3f, layer: vec4f) -> vec3f {
    return mix(color, layer.rgb, layer.a);
}

fn pixel(at: vec2i) -> vec4f {
    let time = package::engine::facts.time;
    let soft = 0.75 / params.rows;
    let p = (vec2f(at) + 0.5) / params.rows;
    let width = params.columns / params.rows;
    let sun = vec2f(0.66 * width, 0.245);
    let to_bank = p.y - bank(p.x, width);
    let near = beyond(to_bank, soft);
    var color = vec3f(0.0);
    if (near < 1.0) {
        if (p.y < SHORE) {
            color = distant(p, sun, time, soft);
        } else {
            color = lake(p, sun, time, soft);
        }
    }
    if (near > 0.0) {
        color = mix(color, meadow(p, to_bank, time), near);
    }
    // Smoke from the chimney.
    let door = vec2f(0.21 * width, 0.835);
    let rise = door.y - 0.185 - p.y;
    let bend = 0.3 * rise * rise + 0.03 * (noise(vec2f(rise * 9.0 - 1.4 * time, 0.5), 90u) - 0.5);
    let reach = 0.008 + 0.11 * max(rise, 0.0);
    let column = 1.0 - smoothstep(0.2, 1.0, abs(p.x - door.x - 0.058 - bend) / reach);
    if (column > 0.0 && rise > 0.0) {
        let wisps = fractal(vec2f((p.x - bend) * 26.0, p.y * 26.0 + 3.2 * time), 91u);
        let smoke = column * smoothstep(0.0, 0.02, rise) * (1.0 - smoothstep(0.12, 0.42, rise)) * smoothstep(0.3, 0.65, wisps);
        color = mix(color, vec3f(0.86, 0.85, 0.86), 0.75 * smoke);
    }
    color = over(color, house((p - door) / 1.25, soft / 1.25));
    // Spruces, swaying a little.
    let sway = 0.02 * (noise(vec2f(0.6 * time, 0.5), 95u) - 0.5);
    var spruces = array<vec3f, 4>(vec3f(0.045, 0.82, 0.26), vec3f(0.80, 0.92, 0.36), vec3f(0.955, 0.93, 0.44), vec3f(0.88, 1.0, 0.60));
    for (var i = 0; i < 4; i++) {
        let place = spruces[i];
        let q = (p - vec2f(place.x * width, place.y)) / place.z;
        if (abs(q.x) < 0.4 && q.y < 0.1 && q.y > -1.1) {
            color = over(color, spruce(vec2f(q.x + sway * q.y * q.y, q.y), soft / place.z, 100u + 4u * u32(i)));
        }
    }
    return vec4f(clamp(color, vec3f(0.0), vec3f(1.0)), 1.0);
}
