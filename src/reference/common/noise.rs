use super::hash::pcg3d;
use super::mix::mix;

/// Uniform noise in 0..1 at lattice point (`x`, `y`) of layer `layer`.
#[inline(always)]
fn lattice(x: i32, y: i32, layer: u32) -> f32 {
    (pcg3d([x as u32, y as u32, layer])[0] >> 8) as f32 / 16_777_215.0
}

/// Value noise in 0..1, interpolated smoothly between lattice points one unit apart.
#[inline(always)]
pub fn noise(x: f32, y: f32, layer: u32) -> f32 {
    let (base_x, base_y) = (x.floor(), y.floor());
    let smooth = |f: f32| f * f * (3.0 - 2.0 * f);
    let (wx, wy) = (smooth(x - base_x), smooth(y - base_y));
    let (px, py) = (base_x as i32, base_y as i32);
    let top = mix(lattice(px, py, layer), lattice(px + 1, py, layer), wx);
    let bottom = mix(
        lattice(px, py + 1, layer),
        lattice(px + 1, py + 1, layer),
        wx,
    );
    mix(top, bottom, wy)
}
