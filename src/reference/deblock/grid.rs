//! The grid of blocks, in 256ths of a pixel.

#[derive(Clone, Copy)]
pub struct Grid {
    pub side: i32,
    /// Where its first border lies.
    pub first: i32,
}

impl Grid {
    /// The first pixel behind border `index`.
    #[inline(always)]
    pub fn border(self, index: i32) -> i32 {
        (index * self.side + self.first + 128) >> 8
    }

    /// The border nearest to pixel `x`.
    #[inline(always)]
    pub fn nearest(self, x: i32) -> i32 {
        (256 * x + 128 - self.first + self.side / 2 + self.side) / self.side - 1
    }
}

#[test]
fn pixels_belong_to_the_border_nearest_to_them() {
    let eight = Grid {
        side: 8 * 256,
        first: 0,
    };
    let at = [0, 3, 4, 8, 11, 12].map(|x| eight.border(eight.nearest(x)));
    assert_eq!(at, [0, 0, 8, 8, 8, 16]);
    let cropped = Grid {
        side: 2731,
        first: 3 * 256,
    };
    assert_eq!([0, 1, 2].map(|index| cropped.border(index)), [3, 14, 24]);
    assert_eq!(cropped.border(cropped.nearest(19)), 24);
}
