//! Pencil against OpenCV: `GaussianBlur` of the negative and `divide`, stored by expected/make_pencil_opencv.py.

use aquatint::color::{Color, Range};
use aquatint::frame::{Model, Picture, PixelFormat, Subsampling};
use aquatint::graph::ResourceData;
use aquatint::graph::plan::PlanOptions;
use aquatint::graph::style::Library;

use crate::support::*;

const STEP: usize = 4;

/// The same picture as `scene` in the script, in integers alone.
fn integer_scene(width: u32, height: u32) -> Picture {
    let format = PixelFormat::planar(Model::Gray, Subsampling::S444, 8, false);
    let color = Color {
        range: Range::Full,
        ..Color::default()
    };
    let (w, h) = (i64::from(width), i64::from(height));
    picture(width, height, format, color, |_, x, y| {
        let (x, y) = (x as i64, y as i64);
        let disc = i64::from((x - w / 2).pow(2) + (y - h / 3).pow(2) < (h / 5).pow(2));
        let bars = i64::from((x / 19 + y / 31) % 3 == 0);
        let grain =
            (((x * 2_654_435_761 + y * 40_503 + (x * y) % 7919 * 131) % 4_294_967_296) >> 13) % 13;
        (40 + x * 150 / w + 50 * disc - 35 * bars + grain).clamp(0, 255) as u32
    })
}

/// PSNR in dB of the drawing of `picture` against the stored one, where OpenCV divided by 8 or more.
fn against_opencv(picture: &Picture, expected: &[u8], on: On) -> f64 {
    let library = Library::built_in();
    let chain = vec![styled(&library, "pencil", &[], 1.0)];
    let plan = plan_for(&library, picture, chain, PlanOptions::default());
    let out = run(&library, plan, Some(picture), &[], on).remove(0);
    let (columns, rows) = (
        (picture.width as usize).div_ceil(STEP),
        (picture.height as usize).div_ceil(STEP),
    );
    let (drawing, divisor) = expected.split_at(columns * rows);
    assert_eq!(divisor.len(), columns * rows);
    let (mut sum, mut count) = (0.0, 0.0);
    for i in (0..columns * rows).filter(|i| divisor[*i] >= 8) {
        let value = f64::from(out.sample(0, i % columns * STEP, i / columns * STEP));
        sum += (value - f64::from(drawing[i])).powi(2);
        count += 1.0;
    }
    assert!(count > 1000.0);
    10.0 * (255.0 * 255.0 * count / sum).log10()
}

#[test]
fn a_generated_scene_is_what_opencv_draws() {
    let picture = integer_scene(320, 240);
    for on in BOTH {
        let psnr = against_opencv(&picture, include_bytes!("expected/pencil_scene.bin"), on);
        println!("scene on {on:?}: {psnr:.2} dB");
        assert!(psnr >= 38.0, "{psnr:.2} dB on {on:?}");
    }
}

#[cfg(feature = "video")]
#[test]
fn a_photo_is_what_opencv_draws() {
    let Some(path) = media("photos/coffee.png") else {
        return;
    };
    let picture = aquatint::media::read_image(&path).unwrap();
    for on in BOTH {
        let psnr = against_opencv(&picture, include_bytes!("expected/pencil_photo.bin"), on);
        println!("photo on {on:?}: {psnr:.2} dB");
        assert!(psnr >= 38.0, "{psnr:.2} dB on {on:?}");
    }
}

#[test]
fn paper_is_drawn_on_and_lies_still() {
    let library = Library::built_in();
    let picture = scene(160, 120, yuv420(8), Color::default(), 1);
    for on in BOTH {
        let draw = |set: &[(&str, &str)]| {
            let plan = plan_for(
                &library,
                &picture,
                vec![styled(&library, "pencil", set, 1.0)],
                PlanOptions::default(),
            );
            run(&library, plan, Some(&picture), &[], on).remove(0)
        };
        let (bare, paper) = (draw(&[]), draw(&[("use_texture", "true")]));
        assert!(psnr(&bare, &paper) < 40.0, "the paper shows");
        assert!(
            paper.same_samples(&draw(&[("use_texture", "true")])),
            "and does not move"
        );
    }
}

#[test]
fn an_image_of_paper_is_tiled() {
    let library = Library::built_in();
    // White everywhere, so that the drawing is white and the paper alone is seen. At 540 lines a pixel is two of paper.
    let color = Color {
        range: Range::Full,
        ..Color::default()
    };
    let white = picture(540, 540, yuv420(8), color, |component, _, _| {
        if component == 0 { 255 } else { 128 }
    });
    let shade = |x: usize, y: usize| (x % 5 * 40 + y % 3 * 20 + 30) as u32;
    let tile = picture(5, 3, rgb(8), Color::default(), |_, x, y| shade(x, y));
    let set = [("use_texture", "true"), ("texture_path", "tile.png")];
    for on in BOTH {
        let plan = plan_for(
            &library,
            &white,
            vec![styled(&library, "pencil", &set, 1.0)],
            PlanOptions::default(),
        );
        assert_eq!(plan.files.len(), 1);
        let out = run(
            &library,
            plan,
            Some(&white),
            &[ResourceData::Picture(tile.clone())],
            on,
        )
        .remove(0);
        for (x, y) in [(0, 0), (1, 0), (2, 1), (7, 11), (539, 538), (100, 301)] {
            assert_eq!(
                out.sample(0, x, y),
                shade(2 * x, 2 * y),
                "{x},{y} on {on:?}"
            );
        }
    }
}
