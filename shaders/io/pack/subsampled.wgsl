import super::coding::{luma, difference};
import super::taps::{Taps, taps};

// Coded samples of a YUV picture whose chroma is subsampled.
fn code(component: i32, at: vec2i) -> f32 {
    if (component == 0) {
        return luma(image_at(at).rgb, params.kr, params.kb) * params.luma_gain + params.luma_offset;
    }
    let across = taps(at.x, image_extent().x, params.siting_x);
    let down = taps(at.y, image_extent().y, params.siting_y);
    var sum = 0.0;
    for (var j = 0; j < 5; j++) {
        if (down.weights[j] != 0.0) {
            var row = 0.0;
            for (var i = 0; i < 5; i++) {
                if (across.weights[i] != 0.0) {
                    let rgb = image_at(vec2i(across.first + i, down.first + j)).rgb;
                    row += across.weights[i] * difference(rgb, component, params.kr, params.kb);
                }
            }
            sum += down.weights[j] * row;
        }
    }
    return sum * params.chroma_gain + params.chroma_offset;
}
