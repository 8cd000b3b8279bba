// Luma further from its base: local contrast, as the detail layer of He, Sun and Tang ("Guided image filtering", 2013) is made
// stronger. The change comes near to what is left to black or white, and never takes more of it.
fn pixel(at: vec2i) -> vec4f {
    let luma = luma_here().r;
    let change = params.amount * (luma - base_here().r);
    let left = max(select(luma, 1.0 - luma, change > 0.0), 0.0);
    return vec4f(luma + change * left / sqrt(max(left * left + change * change, 1e-12)));
}
