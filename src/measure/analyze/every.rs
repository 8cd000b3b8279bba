//! Tests of all detectors of pictures together: no picture stops them.

use super::bytes::tests::hash;
use super::*;
use crate::frame::{Color, Model, OwnedPlanes, Picture, PixelFormat, Subsampling};

/// Kinds found in `frames` hashed pictures of this size and format.
fn kinds(width: u32, height: u32, format: PixelFormat, frames: u64) -> Vec<&'static str> {
    let mut detectors = detectors();
    for number in 0..frames {
        let mut planes = OwnedPlanes::new(width, height, &format);
        for plane in planes.planes_mut() {
            for (n, byte) in plane.iter_mut().enumerate() {
                // High bytes of words stay below the unused bits.
                let odd = format.sample_bytes() == 2 && n % 2 == 1;
                let code = hash(n + 7919 * number as usize) as u8;
                *byte = if odd {
                    code >> (16 - format.depth)
                } else {
                    code
                };
            }
        }
        let picture = Picture::new(width, height, format, Color::BT709, planes);
        let view = View::new(
            number,
            0.04 * number as f64,
            0.04,
            number % 5 != 4,
            picture,
            number % 2 == 0,
        );
        detectors
            .iter_mut()
            .for_each(|detector| detector.frame(&view));
    }
    let findings = detectors
        .into_iter()
        .flat_map(|detector| detector.findings());
    findings.map(|finding| finding.kind).collect()
}

#[test]
fn all_sizes_and_formats_have_all_kinds() {
    let formats = [
        PixelFormat::planar(Model::Gray, Subsampling::S444, 8, false),
        PixelFormat::planar(Model::Yuv, Subsampling::S420, 8, false),
        PixelFormat::planar(Model::Yuv, Subsampling::S422, 10, false),
        PixelFormat::planar(Model::Yuv, Subsampling::S444, 16, true),
        PixelFormat::planar(Model::Rgb, Subsampling::S444, 12, false),
        PixelFormat::packed_rgb(8, 4, &[2, 1, 0, 3]),
    ];
    for format in formats {
        for (width, height) in [
            (1, 1),
            (1, 300),
            (300, 1),
            (17, 9),
            (65, 33),
            (131, 67),
            (301, 75),
        ] {
            let mut found = kinds(width, height, format, 8);
            found.sort_unstable();
            found.dedup();
            assert_eq!(found.len(), 33, "{width} by {height}: {found:?}");
        }
    }
}

#[test]
fn no_frame_at_all_finds_nothing() {
    let findings = detectors()
        .into_iter()
        .flat_map(|detector| detector.findings());
    let found: Vec<_> = findings
        .filter(|finding| finding.found)
        .map(|finding| finding.kind)
        .collect();
    assert_eq!(found, ["content"]);
}
