// How steep luma is: the length of its gradient, by Sobel's filters of 3 by 3.
fn pixel(at: vec2i) -> vec4f {
    let nw = luma_near(vec2i(-1, -1)).r;
    let n = luma_near(vec2i(0, -1)).r;
    let ne = luma_near(vec2i(1, -1)).r;
    let w = luma_near(vec2i(-1, 0)).r;
    let e = luma_near(vec2i(1, 0)).r;
    let sw = luma_near(vec2i(-1, 1)).r;
    let s = luma_near(vec2i(0, 1)).r;
    let se = luma_near(vec2i(1, 1)).r;
    let x = (ne - nw + 2.0 * (e - w) + se - sw) / 8.0;
    let y = (sw - nw + 2.0 * (s - n) + se - ne) / 8.0;
    return vec4f(sqrt(x * x + y * y));
}
