//! The Gaussian against the true one, computed tap by tap in double precision.

use aquatint::color::{Color, Range};
use aquatint::frame::{Model, Picture, PixelFormat, Subsampling};
use aquatint::graph::plan::PlanOptions;
use aquatint::graph::style::Library;

use crate::support::*;

const WIDTH: usize = 301;
const HEIGHT: usize = 203;

/// A library with a style that only blurs, by `sigma` pixels of the picture as it is.
fn blur_library() -> Library {
    let dir = tempfile::tempdir().unwrap();
    let manifest = "summary = 'blur'\n[param.sigma]\ndefault = 5.0\nrange = [0.0, 200.0]\nhelp = 'h'\n\
                    [[pass]]\nuse = 'common/gaussian'\nin = { image = 'source' }\nset = { sigma = 'sigma' }\nout = 'result'\n";
    std::fs::create_dir(dir.path().join("blur")).unwrap();
    std::fs::write(dir.path().join("blur/style.toml"), manifest).unwrap();
    let mut library = Library::built_in();
    library.add_path(dir.path()).unwrap();
    library
}

fn reflect(i: i64, n: usize) -> usize {
    let period = 2 * (n as i64 - 1);
    let m = i.rem_euclid(period);
    m.min(period - m) as usize
}

/// The true Gaussian, cut where its tail is nothing in double precision.
fn truth(image: &[f64], sigma: f64) -> Vec<f64> {
    let reach = (9.0 * sigma).ceil() as i64;
    let mut weights: Vec<f64> = (-reach..=reach)
        .map(|d| (-0.5 * (d as f64 / sigma).powi(2)).exp())
        .collect();
    let total: f64 = weights.iter().sum();
    weights.iter_mut().for_each(|weight| *weight /= total);
    let pass = |image: &[f64], index: &dyn Fn(usize, usize, i64) -> usize| -> Vec<f64> {
        let mut out = vec![0.0; image.len()];
        for y in 0..HEIGHT {
            for x in 0..WIDTH {
                out[y * WIDTH + x] = weights
                    .iter()
                    .enumerate()
                    .map(|(k, weight)| weight * image[index(x, y, k as i64 - reach)])
                    .sum();
            }
        }
        out
    };
    let across = pass(image, &|x, y, d| y * WIDTH + reflect(x as i64 + d, WIDTH));
    pass(&across, &|x, y, d| {
        reflect(y as i64 + d, HEIGHT) * WIDTH + x
    })
}

/// Pictures that are hard on a blur made on a coarser grid.
fn pictures() -> Vec<(&'static str, Picture)> {
    let format = PixelFormat::planar(Model::Gray, Subsampling::S444, 16, false);
    let color = Color {
        range: Range::Full,
        ..Color::default()
    };
    let of = |value: &mut dyn FnMut(usize, usize) -> f64| {
        picture(WIDTH as u32, HEIGHT as u32, format, color, |_, x, y| {
            (value(x, y) * 65535.0).round() as u32
        })
    };
    let mut random = Noise(4);
    let truth = |condition: bool| f64::from(u8::from(condition));
    vec![
        ("edge", of(&mut |x, _| truth(x > 120))),
        ("corner", of(&mut |x, y| truth(x > 140 && y < 90))),
        ("noise", of(&mut |_, _| f64::from(random.unit()))),
        ("stripes of 4 px", of(&mut |x, y| truth((x + y) % 4 < 2))),
        ("stripes of 8 px", of(&mut |_, y| truth(y % 8 < 4))),
        (
            "bright square in the dark",
            of(&mut |x, y| truth((60..90).contains(&x) && (100..125).contains(&y))),
        ),
        (
            "bright border",
            of(&mut |x, y| truth(x == 0 || y + 2 > HEIGHT)),
        ),
    ]
}

#[test]
fn within_the_promised_distance_of_the_true_one() {
    let library = blur_library();
    for (name, picture) in pictures() {
        let image: Vec<f64> = (0..WIDTH * HEIGHT)
            .map(|i| f64::from(picture.sample(0, i % WIDTH, i / WIDTH)) / 65535.0)
            .collect();
        // From 5 px at 108 lines to 50 px at 1080, and the steps of the coarse grid.
        for sigma in [
            0.5, 1.0, 2.3, 4.9, 5.0, 6.0, 7.4, 7.6, 11.0, 15.0, 21.0, 33.0, 50.0,
        ] {
            let chain = vec![styled(
                &library,
                "blur",
                &[("sigma", &sigma.to_string())],
                1.0,
            )];
            let plan = plan_for(&library, &picture, chain, PlanOptions::default());
            let out = run(&library, plan, Some(&picture), &[], On::Cpu).remove(0);
            let expected = truth(&image, sigma);
            let (mut absolute, mut relative) = (0.0f64, 0.0f64);
            for (i, expected) in expected.iter().enumerate() {
                let value = f64::from(out.sample(0, i % WIDTH, i / WIDTH)) / 65535.0;
                absolute = absolute.max((value - expected).abs());
                if *expected > 2.0 / 255.0 {
                    relative = relative.max((value - expected).abs() / expected);
                }
            }
            println!(
                "{name}, sigma {sigma}: {absolute:.6} absolute, {:.3} % relative",
                relative * 100.0
            );
            assert!(
                absolute <= 1.0 / 1020.0,
                "{name}, sigma {sigma}: off by {absolute}"
            );
            assert!(
                relative <= 0.01,
                "{name}, sigma {sigma}: off by {:.2} %",
                relative * 100.0
            );
        }
    }
}
