use super::*;

fn hash(n: u32) -> u32 {
    let mut hash = n.wrapping_mul(0x9E37_79B1);
    hash ^= hash >> 15;
    hash = hash.wrapping_mul(0x85EB_CA77);
    hash ^ (hash >> 13)
}

/// Frame `t` of a texture that moves, with grain on the right half; and the same with errors in the lower two thirds.
fn pair(width: usize, height: usize, depth: u8, t: u32) -> [Plane; 2] {
    let (wide, high) = (width as u32, height as u32);
    let peak = (1u32 << depth) - 1;
    let codes = (0..high).flat_map(|y| (0..wide).map(move |x| (x, y)));
    let codes = codes.map(|(x, y)| {
        let noise = hash((t * high + y) * wide + x);
        let grain = noise % (peak / 16 + 1);
        let across = 3 * (x + 2 * t) * (peak / 64 + 1) / 2;
        let texture = (across + y * (peak / 128 + 1)) % (peak / 2);
        let code = peak / 4 + texture + if 2 * x > wide { grain } else { 0 };
        let error = (noise >> 8) % (peak / 24 + 1);
        let changed = code + if 3 * y > high { error } else { 0 };
        (code as u16, changed as u16)
    });
    let (reference, output) = codes.unzip();
    [reference, output].map(|codes| Plane {
        width,
        height,
        depth,
        codes,
    })
}

/// Decibels of the luma of frames.
fn luma((width, height, depth): (usize, usize, u8), rate: f64, frames: u32) -> Vec<f64> {
    let mut xpsnr = Xpsnr::new(width, height, depth, rate);
    let found = (0..frames).map(|t| {
        let [reference, output] = pair(width, height, depth, t);
        let frame = xpsnr.frame([Some(&reference), None, None], [Some(&output), None, None]);
        assert_eq!(frame.components[1], None);
        frame.components[0].unwrap().decibels
    });
    found.collect()
}

fn assert_near(found: &[f64], expected: &[f64]) {
    assert_eq!(found.len(), expected.len());
    let far = found
        .iter()
        .zip(expected)
        .find(|(a, b)| (*a - *b).abs() > 1e-4);
    assert_eq!(far, None, "{found:?}");
}

// Expected numbers: FFmpeg 9.0.2 (imageio-ffmpeg 0.8.1), the same frames as raw video:
// ffmpeg -f rawvideo -s 64x48 -r 25 -pix_fmt yuv420p -i REFERENCE (the same) -i OUTPUT -lavfi xpsnr=stats_file=F -f null -

#[test]
fn small_pictures_are_as_in_ffmpeg() {
    let mut xpsnr = Xpsnr::new(64, 48, 8, 25.0);
    let mut found = [const { Vec::new() }; 3];
    for t in 0..3 {
        let planes = [(64, 48), (32, 24), (32, 24)].map(|(w, h)| pair(w, h, 8, t));
        let [reference, output] = [0, 1].map(|which| planes.each_ref().map(|p| Some(&p[which])));
        let frame = xpsnr.frame(reference, output);
        for (found, component) in found.iter_mut().zip(frame.components) {
            found.push(component.unwrap().decibels);
        }
    }
    assert_near(&found[0], &[34.5012, 26.3585, 26.9069]);
    assert_near(&found[1], &[34.3443, 26.7554, 26.7568]);
    assert_eq!(found[1], found[2]);
    assert_near(
        &found.map(|found| xpsnr_of_video(&found)),
        &[28.5522, 28.6314, 28.6314],
    );
}

#[test]
fn fast_video_is_as_in_ffmpeg() {
    let found = luma((97, 61, 10), 60.0, 4);
    assert_near(&found, &[20.3966, 20.1321, 17.2361, 17.7930]);
}

#[test]
fn larger_pictures_are_as_in_ffmpeg() {
    assert_near(&luma((704, 480, 8), 25.0, 2), &[39.6614, 35.0938]);
    // Of sums of 2 × 2; the last blocks are narrow.
    assert_near(&luma((2530, 940, 8), 25.0, 2), &[41.7915, 37.1639]);
    assert_near(&luma((2530, 940, 8), 50.0, 3), &[41.7915, 41.7939, 37.1092]);
}

#[test]
fn tiny_pictures_are_not_weighted() {
    let [reference, output] = pair(40, 40, 8, 0);
    let found = luma((40, 40, 8), 25.0, 1);
    let square = super::super::square_error(&reference, &output) as f64 / 1600.0;
    assert_near(&found, &[10.0 * (255.0 * 255.0 / square).log10()]);
}

#[test]
fn every_size_and_depth_is_measured() {
    let sizes = [
        (1, 1),
        (1, 5000),
        (5000, 1),
        (3, 3000),
        (3000, 3),
        (46, 45),
        (2585, 921),
    ];
    for (width, height) in sizes {
        for (depth, rate) in [(8, 25.0), (16, 60.0)] {
            let mut xpsnr = Xpsnr::new(width, height, depth, rate);
            for t in 0..2 {
                let [reference, output] = pair(width, height, depth, t);
                let (reference, output) = ([Some(&reference); 3], [Some(&output); 3]);
                let found = xpsnr.frame(reference, output).components;
                assert!(
                    found
                        .iter()
                        .all(|found| found.is_some_and(|found| !found.decibels.is_nan()))
                );
                let same = xpsnr.frame(reference, reference).components[0].unwrap();
                assert_eq!((same.squares, same.decibels), (0.0, f64::INFINITY));
            }
        }
    }
    assert_eq!(xpsnr_of_video(&[]), f64::INFINITY);
}

#[test]
fn what_does_not_fit_is_not_measured() {
    let [reference, output] = pair(64, 48, 8, 0);
    let [deep, _] = pair(64, 48, 10, 0);
    let [other, _] = pair(62, 48, 8, 0);
    let mut xpsnr = Xpsnr::new(64, 48, 8, 25.0);
    let (of_reference, none) = ([Some(&reference); 3], XpsnrFrame::default());
    for luma in [None, Some(&deep), Some(&other)] {
        assert_eq!(xpsnr.frame(of_reference, [luma, Some(&output), None]), none);
    }
    let found = xpsnr.frame(of_reference, [Some(&output), Some(&deep), Some(&output)]);
    assert_eq!(
        found.components.map(|found| found.is_some()),
        [true, false, true]
    );
}

#[test]
fn threads_change_nothing() {
    let found = [1, 2, 5].map(|threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
        pool.unwrap().install(|| luma((701, 483, 12), 25.0, 2))
    });
    assert_eq!(found[0], found[1]);
    assert_eq!(found[0], found[2]);
}
