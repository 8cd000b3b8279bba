// The mean of the vectors of a block and of those around it that differ by no more than a pixel, weighted by how much there is
// to tell each by.
fn pixel(at: vec2i) -> vec4f {
    let own = vectors_at(at);
    var sum = vec2f(0.0);
    var total = 0.0;
    for (var k = 0; k < 9; k++) {
        let near = vectors_at(at + vec2i(k % 3 - 1, k / 3 - 1));
        let apart = abs(near.rg - own.rg);
        let weight = select(0.0, near.b, max(apart.x, apart.y) <= 1.0);
        sum += weight * near.rg;
        total += weight;
    }
    return vec4f(sum / total, 0.0, 1.0);
}
