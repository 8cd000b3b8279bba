// Makes the finest detail stronger or weaker, and takes each colour to where it was.
fn pixel(at: vec2i) -> vec4f {
    let c = image_here();
    let across = image_at(at + vec2i(-1, 0)).rgb + image_at(at + vec2i(1, 0)).rgb;
    let down = image_at(at + vec2i(0, -1)).rgb + image_at(at + vec2i(0, 1)).rgb;
    let fine = c.rgb - 0.25 * (across + down);
    let kept = c.rgb + fine * (params.grain - 1.0);
    let gain = vec3f(params.gain_r, params.gain_g, params.gain_b);
    return vec4f(kept * gain + vec3f(params.offset_r, params.offset_g, params.offset_b), c.a);
}
