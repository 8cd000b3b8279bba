//! Metrics that need a reference, against other programs.

use super::{Plane, gmsd, ms_ssim, square_error, ssim};

fn hash(n: u32) -> u32 {
    let mut hash = n.wrapping_mul(0x9E37_79B1);
    hash ^= hash >> 15;
    hash = hash.wrapping_mul(0x85EB_CA77);
    hash ^ (hash >> 13)
}

/// A texture with grain on its right half, and the same with errors in the lower two thirds.
fn pair(width: usize, height: usize, depth: u8) -> [Plane; 2] {
    let (wide, high) = (width as u32, height as u32);
    let peak = (1u32 << depth) - 1;
    let codes = (0..high).flat_map(|y| (0..wide).map(move |x| (x, y)));
    let codes = codes.map(|(x, y)| {
        let noise = hash((high + y) * wide + x);
        let grain = noise % (peak / 16 + 1);
        let across = 3 * (x + 2) * (peak / 64 + 1) / 2;
        let texture = (across + y * (peak / 128 + 1)) % (peak / 2);
        let code = peak / 4 + texture + if 2 * x > wide { grain } else { 0 };
        let error = (noise >> 8) % (peak / 24 + 1);
        let changed = code + if 3 * y > high { error } else { 0 };
        (code as u16, changed as u16)
    });
    let (one, other) = codes.unzip();
    [one, other].map(|codes| Plane {
        width,
        height,
        depth,
        codes,
    })
}

/// Expected: sum of squares; scikit-image 0.26.0, structural_similarity(gaussian_weights=True, sigma=1.5,
/// use_sample_covariance=False, data_range=peak, full=True), mean without 5 samples at each border; MS-SSIM of the paper in
/// NumPy and SciPy in double precision; piq 0.8.0, gmsd(data_range=peak).
#[test]
fn they_are_those_of_other_programs() {
    let expected = [
        ((64, 48, 8), 72_003, 0.982_117_790, None, 0.002_319_906_8),
        (
            (193, 177, 8),
            789_453,
            0.982_682_683,
            Some(0.996_804_640),
            0.002_468_809_3,
        ),
        (
            (353, 181, 10),
            25_195_281,
            0.982_991_220,
            Some(0.996_447_396),
            0.002_075_837_5,
        ),
        (
            (265, 181, 16),
            80_275_321_993,
            0.983_117_638,
            Some(0.996_371_170),
            0.002_300_134_6,
        ),
        ((11, 11, 8), 1941, 0.980_631_996, None, 0.000_672_633_5),
        (
            (1000, 12, 12),
            68_333_031,
            0.970_073_740,
            None,
            0.006_182_833_1,
        ),
    ];
    for ((width, height, depth), squares, structure, scales, gradients) in expected {
        let [one, other] = pair(width, height, depth);
        let size = format!("{width}x{height}, {depth} bits");
        assert_eq!(square_error(&one, &other), squares, "{size}");
        let near = |found: Option<f64>, expected: f64| (found.unwrap() - expected).abs() < 1e-6;
        assert!(near(ssim(&one, &other), structure), "SSIM, {size}");
        let found = ms_ssim(&one, &other);
        match scales {
            Some(scales) => assert!(near(found, scales), "MS-SSIM, {size}"),
            None => assert_eq!(found, None, "{size}"),
        }
        assert!(near(gmsd(&one, &other), gradients), "GMSD, {size}");
    }
}

#[test]
fn no_size_is_too_small_to_ask() {
    for (width, height) in [(1, 1), (3, 90), (90, 3), (10, 11), (175, 300), (176, 177)] {
        let [one, other] = pair(width, height, 8);
        assert_eq!(ssim(&one, &other).is_some(), width.min(height) >= 11);
        assert_eq!(ms_ssim(&one, &other).is_some(), width.min(height) >= 176);
        assert_eq!(gmsd(&one, &other).is_some(), width.min(height) >= 4);
        assert_eq!(gmsd(&one, &one).unwrap_or(0.0), 0.0);
    }
}

#[test]
fn threads_change_nothing() {
    let [one, other] = pair(701, 483, 8);
    let found = [1, 2, 5].map(|threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
        let measures = [ssim, ms_ssim, gmsd];
        pool.unwrap()
            .install(|| measures.map(|measure| measure(&one, &other)))
    });
    assert_eq!(found[0], found[1]);
    assert_eq!(found[0], found[2]);
}
