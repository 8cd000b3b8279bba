//! Vectors of 16-bit fixed-point numbers. All kinds give the same bits.

/// Lanes of 16 bits. Numbers are signed unless said otherwise.
///
/// # Safety
/// The processor must have the vector's instructions, and pointers must point to as many values as there are lanes.
pub trait Vector: Copy {
    const LANES: usize;

    unsafe fn load(from: *const i16) -> Self;
    unsafe fn splat(value: i16) -> Self;
    unsafe fn plus(self, other: Self) -> Self;
    unsafe fn minus(self, other: Self) -> Self;
    /// As an unsigned number.
    unsafe fn abs(self) -> Self;
    /// The sum of unsigned numbers, at most 65535.
    unsafe fn plus_unsigned(self, other: Self) -> Self;
    /// The smaller of unsigned numbers.
    unsafe fn min_unsigned(self, other: Self) -> Self;
    /// The product of numbers of which 32768 stands for 1, rounded to the nearest.
    unsafe fn times(self, other: Self) -> Self;
    /// Adds the numbers to sums.
    unsafe fn add_to(self, sums: *mut i32);
    /// Adds the unsigned numbers to sums.
    unsafe fn add_unsigned_to(self, sums: *mut i32);
}

/// For processors without one of the others.
pub type Portable = [i16; 16];

fn map2(a: Portable, b: Portable, f: impl Fn(i16, i16) -> i16) -> Portable {
    let mut out = [0; 16];
    for ((out, a), b) in out.iter_mut().zip(a).zip(b) {
        *out = f(a, b);
    }
    out
}

impl Vector for Portable {
    const LANES: usize = 16;

    unsafe fn load(from: *const i16) -> Self {
        // SAFETY: as the trait demands.
        unsafe { from.cast::<Self>().read_unaligned() }
    }
    unsafe fn splat(value: i16) -> Self {
        [value; 16]
    }
    unsafe fn plus(self, other: Self) -> Self {
        map2(self, other, i16::wrapping_add)
    }
    unsafe fn minus(self, other: Self) -> Self {
        map2(self, other, i16::wrapping_sub)
    }
    unsafe fn abs(self) -> Self {
        self.map(i16::wrapping_abs)
    }
    unsafe fn plus_unsigned(self, other: Self) -> Self {
        map2(self, other, |a, b| {
            (a as u16).saturating_add(b as u16) as i16
        })
    }
    unsafe fn min_unsigned(self, other: Self) -> Self {
        map2(self, other, |a, b| (a as u16).min(b as u16) as i16)
    }
    unsafe fn times(self, other: Self) -> Self {
        map2(self, other, |a, b| {
            ((((i32::from(a) * i32::from(b)) >> 14) + 1) >> 1) as i16
        })
    }
    unsafe fn add_to(self, sums: *mut i32) {
        // SAFETY: as the trait demands.
        let sums = unsafe { &mut *sums.cast::<[i32; 16]>() };
        for (sum, value) in sums.iter_mut().zip(self) {
            *sum += i32::from(value);
        }
    }
    unsafe fn add_unsigned_to(self, sums: *mut i32) {
        // SAFETY: as the trait demands.
        let sums = unsafe { &mut *sums.cast::<[i32; 16]>() };
        for (sum, value) in sums.iter_mut().zip(self) {
            *sum += i32::from(value as u16);
        }
    }
}

#[cfg(target_arch = "x86_64")]
pub mod x86 {
    use std::arch::x86_64::*;

    use super::Vector;

    /// Needs AVX2.
    #[derive(Clone, Copy)]
    pub struct Avx2(__m256i);

    /// Needs AVX-512 F and BW.
    #[derive(Clone, Copy)]
    pub struct Avx512(__m512i);

    // SAFETY of both: as the trait demands.
    impl Vector for Avx2 {
        const LANES: usize = 16;

        #[inline(always)]
        unsafe fn load(from: *const i16) -> Self {
            unsafe { Self(_mm256_loadu_si256(from.cast())) }
        }
        #[inline(always)]
        unsafe fn splat(value: i16) -> Self {
            unsafe { Self(_mm256_set1_epi16(value)) }
        }
        #[inline(always)]
        unsafe fn plus(self, other: Self) -> Self {
            unsafe { Self(_mm256_add_epi16(self.0, other.0)) }
        }
        #[inline(always)]
        unsafe fn minus(self, other: Self) -> Self {
            unsafe { Self(_mm256_sub_epi16(self.0, other.0)) }
        }
        #[inline(always)]
        unsafe fn abs(self) -> Self {
            unsafe { Self(_mm256_abs_epi16(self.0)) }
        }
        #[inline(always)]
        unsafe fn plus_unsigned(self, other: Self) -> Self {
            unsafe { Self(_mm256_adds_epu16(self.0, other.0)) }
        }
        #[inline(always)]
        unsafe fn min_unsigned(self, other: Self) -> Self {
            unsafe { Self(_mm256_min_epu16(self.0, other.0)) }
        }
        #[inline(always)]
        unsafe fn times(self, other: Self) -> Self {
            unsafe { Self(_mm256_mulhrs_epi16(self.0, other.0)) }
        }
        #[inline(always)]
        unsafe fn add_to(self, sums: *mut i32) {
            unsafe {
                let halves = [
                    _mm256_cvtepi16_epi32(_mm256_castsi256_si128(self.0)),
                    _mm256_cvtepi16_epi32(_mm256_extracti128_si256::<1>(self.0)),
                ];
                for (half, values) in halves.into_iter().enumerate() {
                    let at = sums.add(8 * half).cast();
                    _mm256_storeu_si256(at, _mm256_add_epi32(_mm256_loadu_si256(at), values));
                }
            }
        }
        #[inline(always)]
        unsafe fn add_unsigned_to(self, sums: *mut i32) {
            unsafe {
                let halves = [
                    _mm256_cvtepu16_epi32(_mm256_castsi256_si128(self.0)),
                    _mm256_cvtepu16_epi32(_mm256_extracti128_si256::<1>(self.0)),
                ];
                for (half, values) in halves.into_iter().enumerate() {
                    let at = sums.add(8 * half).cast();
                    _mm256_storeu_si256(at, _mm256_add_epi32(_mm256_loadu_si256(at), values));
                }
            }
        }
    }

    impl Vector for Avx512 {
        const LANES: usize = 32;

        #[inline(always)]
        unsafe fn load(from: *const i16) -> Self {
            unsafe { Self(_mm512_loadu_epi16(from)) }
        }
        #[inline(always)]
        unsafe fn splat(value: i16) -> Self {
            unsafe { Self(_mm512_set1_epi16(value)) }
        }
        #[inline(always)]
        unsafe fn plus(self, other: Self) -> Self {
            unsafe { Self(_mm512_add_epi16(self.0, other.0)) }
        }
        #[inline(always)]
        unsafe fn minus(self, other: Self) -> Self {
            unsafe { Self(_mm512_sub_epi16(self.0, other.0)) }
        }
        #[inline(always)]
        unsafe fn abs(self) -> Self {
            unsafe { Self(_mm512_abs_epi16(self.0)) }
        }
        #[inline(always)]
        unsafe fn plus_unsigned(self, other: Self) -> Self {
            unsafe { Self(_mm512_adds_epu16(self.0, other.0)) }
        }
        #[inline(always)]
        unsafe fn min_unsigned(self, other: Self) -> Self {
            unsafe { Self(_mm512_min_epu16(self.0, other.0)) }
        }
        #[inline(always)]
        unsafe fn times(self, other: Self) -> Self {
            unsafe { Self(_mm512_mulhrs_epi16(self.0, other.0)) }
        }
        #[inline(always)]
        unsafe fn add_to(self, sums: *mut i32) {
            unsafe {
                let halves = [
                    _mm512_cvtepi16_epi32(_mm512_castsi512_si256(self.0)),
                    _mm512_cvtepi16_epi32(_mm512_extracti64x4_epi64::<1>(self.0)),
                ];
                for (half, values) in halves.into_iter().enumerate() {
                    let at = sums.add(16 * half);
                    _mm512_storeu_epi32(at, _mm512_add_epi32(_mm512_loadu_epi32(at), values));
                }
            }
        }
        #[inline(always)]
        unsafe fn add_unsigned_to(self, sums: *mut i32) {
            unsafe {
                let halves = [
                    _mm512_cvtepu16_epi32(_mm512_castsi512_si256(self.0)),
                    _mm512_cvtepu16_epi32(_mm512_extracti64x4_epi64::<1>(self.0)),
                ];
                for (half, values) in halves.into_iter().enumerate() {
                    let at = sums.add(16 * half);
                    _mm512_storeu_epi32(at, _mm512_add_epi32(_mm512_loadu_epi32(at), values));
                }
            }
        }
    }
}
