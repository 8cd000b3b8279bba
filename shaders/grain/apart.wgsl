// How far a frame is from the mean of those before and after, in whole steps of 1/1024: twice the luma, red less luma, blue
// less luma; and in alpha the luma itself. What moves evenly hardly counts; where nothing moves, a sixth of the square is the
// power of the grain. Frames without both neighbours have nothing. In whole numbers, so that every device counts the same.
const MOST = 511;

fn whole(rgb: vec3f) -> vec3i {
    return vec3i(round(clamp(rgb, vec3f(0.0), vec3f(1.0)) * 1023.0));
}

// Luma, red less luma, blue less luma.
fn parts(rgb: vec3i) -> vec3i {
    let kr = i32(params.kr);
    let kb = i32(params.kb);
    let luma = (kr * rgb.r + (1024 - kr - kb) * rgb.g + kb * rgb.b + 512) / 1024;
    return vec3i(luma, rgb.r - luma, rgb.b - luma);
}

fn pixel(at: vec2i) -> vec4f {
    let own = parts(whole(image_here(0).rgb));
    var apart = 2 * own - parts(whole(image_here(-1).rgb)) - parts(whole(image_here(1).rgb));
    if (!(image_valid(-1) && image_valid(1))) {
        apart = vec3i(0);
    }
    return vec4f(vec4i(clamp(apart, vec3i(-MOST), vec3i(MOST)), own.x)) / 1024.0;
}
