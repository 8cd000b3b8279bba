import super::coding::{luma, difference};
import super::taps::{Taps, taps};

// The coded luma sample of a YUV picture whose chroma is subsampled.
fn code(component: i32, at: vec2i) -> f32 {
    return luma(image_at(at).rgb, params.kr, params.kb) * params.luma_gain + params.luma_offset;
}

// Its coded chroma samples: both are made of the same pixels.
fn chroma(at: vec2i) -> vec2f {
    let across = taps(at.x, image_extent().x, params.siting_x);
    let down = taps(at.y, image_extent().y, params.siting_y);
    var sum = vec2f(0.0);
    for (var j = 0; j < 5; j++) {
        if (down.weights[j] != 0.0) {
            var row = vec2f(0.0);
            for (var i = 0; i < 5; i++) {
                if (across.weights[i] != 0.0) {
                    let rgb = image_at(vec2i(across.first + i, down.first + j)).rgb;
                    let blue = difference(rgb, 1, params.kr, params.kb);
                    let red = difference(rgb, 2, params.kr, params.kb);
                    row += across.weights[i] * vec2f(blue, red);
                }
            }
            sum += down.weights[j] * row;
        }
    }
    return sum * params.chroma_gain + params.chroma_offset;
}
