// A value between `second` and `third`, of four samples in a row, without the ringing that filters with negative lobes leave beside
// edges: it may go beyond those two only as far as the lines through each and its outer neighbour both do (the bound of
// monotonicity of Suresh and Huynh 1997). A peak is kept, and what is flat on one side stays flat.
fn limited(value: vec4f, first: vec4f, second: vec4f, third: vec4f, fourth: vec4f) -> vec4f {
    let left = 2.0 * second - first;
    let right = 2.0 * third - fourth;
    let high = max(max(second, third), min(left, right));
    let low = min(min(second, third), max(left, right));
    return clamp(value, low, high);
}
