use crate::color::bounds::{greater, smaller};

/// A value 0..1 as a code value of 8 bits, halves to the even one; what is no number is 0.
#[inline(always)]
pub fn code_of(v: f32) -> i32 {
    code_to(v, 255.0)
}

/// As [`code_of`], as a code of 0 to `most`, which is below 2^22.
#[inline(always)]
pub fn code_to(v: f32, most: f32) -> i32 {
    // Numbers from 2^23 on have no fraction, so the sum is rounded. The instruction that rounds is not in every processor.
    const WHOLE: f32 = 8_388_608.0;
    (smaller(greater(v, 0.0), 1.0) * most + WHOLE).to_bits() as i32 - WHOLE.to_bits() as i32
}

#[test]
fn halves_are_rounded_to_the_even_code() {
    for half in 0..=510u16 {
        // Steps of half a code; some are hit exactly.
        let v = f32::from(half) / 510.0;
        assert_eq!(code_of(v), (v * 255.0).round_ties_even() as i32, "{v}");
    }
    let odd = [-1.0, 2.0, 0.5, f32::NAN, f32::INFINITY];
    assert_eq!(odd.map(code_of), [0, 255, 128, 0, 255]);
}
