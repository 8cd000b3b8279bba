/// Weights of six points about a place between the third and the fourth (Keys 1981). On a point they are exactly those of the
/// point.
#[inline(always)]
pub fn weights(t: f32) -> [f32; 6] {
    let [left, right] = [near(t), near(1.0 - t)];
    [left[0], left[1], left[2], right[2], right[1], right[0]]
}

#[inline(always)]
fn near(t: f32) -> [f32; 3] {
    let u = 1.0 - t;
    [
        t * u * u / 12.0,
        -t * u * (8.0 - 7.0 * t) / 12.0,
        u * (12.0 + 12.0 * t - 16.0 * t * t) / 12.0,
    ]
}

/// How pixels are turned and grown about the middle of the picture, and shifted.
#[derive(Clone, Copy)]
pub struct Offset {
    pub real: f32,
    pub imaginary: f32,
    pub shift: [f32; 2],
    /// Half the size of the picture.
    pub middle: [f32; 2],
}

impl Offset {
    /// How far from its own place a pixel is read.
    #[inline(always)]
    pub fn at(&self, x: usize, y: usize) -> [f32; 2] {
        let p = [
            x as f32 + 0.5 - self.middle[0],
            y as f32 + 0.5 - self.middle[1],
        ];
        [
            self.real * p[0] - self.imaginary * p[1] + self.shift[0],
            self.imaginary * p[0] + self.real * p[1] + self.shift[1],
        ]
    }

    /// Whether all pixels are read from where they are.
    pub fn is_none(&self) -> bool {
        self.real == 0.0 && self.imaginary == 0.0 && self.shift == [0.0; 2]
    }
}

#[cfg(test)]
mod tests {
    use super::weights;

    #[test]
    fn weights_are_those_of_one_point_on_it_and_sum_to_one() {
        assert_eq!(weights(0.0), [0.0, 0.0, 1.0, 0.0, 0.0, 0.0]);
        for step in 0..=100 {
            let t = step as f32 / 100.0;
            let sum: f32 = weights(t).iter().sum();
            assert!((sum - 1.0).abs() < 1e-6, "{t}: {sum}");
            // Cubes are kept up to the fourth order.
            let place: f32 = weights(t)
                .iter()
                .enumerate()
                .map(|(at, w)| w * (at as f32 - 2.0))
                .sum();
            assert!((place - t).abs() < 1e-5, "{t}: {place}");
        }
    }
}
