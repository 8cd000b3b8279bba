// Sobel's differences of whole numbers, borders replicated: four times the L1 magnitude, plus the sector of the
// direction: 0 across, 1 down, 2 falling, 3 rising. tan 22.5° is 13573 / 32768.
fn pixel(at: vec2i) -> vec4f {
    var v: array<i32, 9>;
    for (var k = 0; k < 9; k++) {
        v[k] = i32(gray_at(at + vec2i(k % 3 - 1, k / 3 - 1)).r);
    }
    let gx = v[2] + 2 * v[5] + v[8] - v[0] - 2 * v[3] - v[6];
    let gy = v[6] + 2 * v[7] + v[8] - v[0] - 2 * v[1] - v[2];
    let ax = abs(gx);
    let ay = abs(gy) << 15u;
    let flat = ax * 13573;
    var sector = select(2, 3, (gx ^ gy) < 0);
    if (ay < flat) {
        sector = 0;
    } else if (ay > flat + (ax << 16u)) {
        sector = 1;
    }
    return vec4f(f32(4 * (ax + abs(gy)) + sector));
}
