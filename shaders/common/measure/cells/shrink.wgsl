// The mean tone of each cell of `side` by `side` pixels, 0 to 65472, in whole numbers, so that every device finds the same.
// The words are:
//   0, 1      columns and rows of cells
//   2         side of a cell in pixels
//   3, 4      columns and rows of the picture
//   5 and on  row after row, two cells a word; the left one is the lower half
const FIRST = 5;

// Red and blue and twice green, of codes of ten bits.
fn tone(p: vec2i) -> u32 {
    let rgb = vec3u(round(clamp(image_at(p).rgb, vec3f(0.0), vec3f(1.0)) * 1023.0));
    return rgb.r + 2u * rgb.g + rgb.b;
}

fn mean(cell: vec2i) -> u32 {
    let side = i32(params.side);
    let first = cell * side;
    let end = min(first + side, image_extent());
    var sum = 0u;
    for (var y = first.y; y < end.y; y++) {
        for (var x = first.x; x < end.x; x++) {
            sum += tone(vec2i(x, y));
        }
    }
    let pixels = u32(max((end.x - first.x) * (end.y - first.y), 1));
    return (16u * sum + pixels / 2u) / pixels;
}

fn shrink(at: vec2i) {
    let cells = vec2i(i32(params.columns), i32(params.rows));
    let stride = (cells.x + 1) / 2;
    if (at.x >= stride || at.y >= cells.y) {
        return;
    }
    if (at.x == 0 && at.y == 0) {
        words_store(0, u32(cells.x));
        words_store(1, u32(cells.y));
        words_store(2, u32(params.side));
        words_store(3, u32(image_extent().x));
        words_store(4, u32(image_extent().y));
    }
    let left = vec2i(2 * at.x, at.y);
    var pair = mean(left);
    if (left.x + 1 < cells.x) {
        pair |= mean(left + vec2i(1, 0)) << 16u;
    }
    words_store(FIRST + at.y * stride + at.x, pair);
}
