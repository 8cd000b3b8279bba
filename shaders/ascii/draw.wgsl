// The characters in their colours, on the background.
fn pixel(at: vec2i) -> vec4f {
    let size = vec2i(i32(params.columns), i32(params.rows));
    let cell = at / size;
    let k = i32(round(chosen_at(cell).r * 4095.0));
    let columns = i32(params.atlas_columns);
    let ink = sheet_at(vec2i(k % columns, k / columns) * size + at % size).r;
    var mean = vec3f(0.0);
    for (var i = 0; i < 9; i++) {
        mean += measured_at(3 * cell + vec2i(i % 3, i / 3)).rgb;
    }
    mean /= 9.0;
    // A cell is never all ink, so the picture's own colours are brightened. One colour for all is paler where there is
    // little to be drawn.
    let vivid = mean * (0.5 + 0.5 / max(max(mean.r, max(mean.g, mean.b)), 0.02));
    let luma = clamp(params.kr * mean.r + (1.0 - params.kr - params.kb) * mean.g + params.kb * mean.b, 0.0, 1.0);
    let tone = mix(luma, 1.0 - luma, params.negative);
    let back = vec3f(params.background_r, params.background_g, params.background_b);
    let front = mix(vec3f(params.front_r, params.front_g, params.front_b), vivid, params.own);
    let share = ink * mix(min(0.4 + 0.9 * tone, 1.0), 1.0, params.own);
    return vec4f(mix(back, front, share), 1.0);
}
