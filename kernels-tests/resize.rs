//! `common/resample` and the style `resize`: against zimg (FFmpeg's `zscale`) in single floats, against the round filter's
//! formula in double precision, and what must hold for any filter.

use std::f64::consts::PI;
use std::io::Write;
use std::process::{Command, Stdio};

use aquatint::color::Color;
use aquatint::frame::{Model, Picture, PixelFormat, Subsampling};
use aquatint::graph::plan::PlanOptions;
use aquatint::graph::style::Library;

use crate::support::*;

/// Filters by their number in `common/resample`, and what `zscale` calls them.
const FILTERS: [(&str, &str); 4] = [
    ("0", "f=bilinear"),
    (
        "1",
        "f=bicubic:param_a=0.3333333333333333:param_b=0.3333333333333333",
    ),
    ("2", "f=bicubic:param_a=0:param_b=0.5"),
    ("3", "f=lanczos:param_a=3"),
];

/// A style that makes `common/resample` do as its parameters say.
fn library() -> (tempfile::TempDir, Library) {
    let manifest = "summary = 'resampled'\nalpha = 'own'\n\
        [param.wide]\ndefault = 1\nrange = [1, 9999]\ninteger = true\nhelp = 'h'\n\
        [param.high]\ndefault = 1\nrange = [1, 9999]\ninteger = true\nhelp = 'h'\n\
        [param.filter]\ndefault = 0\nrange = [-1, 4]\ninteger = true\nhelp = 'h'\n\
        [[pass]]\nuse = 'common/resample'\nin = { image = 'source' }\n\
        set = { width = 'wide', height = 'high', filter = 'filter' }\nout = 'result'\n";
    with_own("resampled", &[("style.toml", manifest)])
}

fn resampled(
    library: &Library,
    picture: &Picture,
    (wide, high): (u32, u32),
    filter: &str,
    on: On,
) -> Picture {
    let (wide, high) = (wide.to_string(), high.to_string());
    let set = [("wide", &*wide), ("high", &*high), ("filter", filter)];
    styled_as(library, picture, "resampled", &set, on)
}

fn styled_as(
    library: &Library,
    picture: &Picture,
    style: &str,
    set: &[(&str, &str)],
    on: On,
) -> Picture {
    let chain = vec![styled(library, style, set, 1.0)];
    let plan = plan_for(library, picture, chain, PlanOptions::default());
    run(library, plan, Some(picture), &[], on).remove(0)
}

/// What `zscale` makes of raw video; there must be an `ffmpeg`: a test that skips its oracle proves nothing.
fn zscale(
    raw: Vec<u8>,
    pixel_format: &str,
    (from, to): ((u32, u32), (u32, u32)),
    filter: &str,
) -> Vec<u8> {
    let size = format!("{}x{}", from.0, from.1);
    let scale = format!("zscale=w={}:h={}:{filter}", to.0, to.1);
    let mut ffmpeg = Command::new("ffmpeg")
        .args(["-v", "error", "-f", "rawvideo", "-pix_fmt", pixel_format])
        .args(["-s", &size, "-i", "-", "-vf", &scale])
        .args(["-f", "rawvideo", "-pix_fmt", pixel_format, "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("no ffmpeg program: install the package ffmpeg");
    let mut given = ffmpeg.stdin.take().unwrap();
    let writer = std::thread::spawn(move || given.write_all(&raw).unwrap());
    let out = ffmpeg.wait_with_output().unwrap();
    writer.join().unwrap();
    assert!(out.status.success(), "{scale} failed");
    out.stdout
}

/// Three planes of floats as `zscale` resamples them.
fn zscale_floats(
    planes: &[Vec<f32>; 3],
    sizes: ((u32, u32), (u32, u32)),
    filter: &str,
) -> [Vec<f32>; 3] {
    let raw = bytes_of(planes);
    let out = zscale(raw, "gbrpf32le", sizes, filter);
    let floats: Vec<f32> = out
        .as_chunks::<4>()
        .0
        .iter()
        .map(|bytes| f32::from_le_bytes(*bytes))
        .collect();
    let count = (sizes.1.0 * sizes.1.1) as usize;
    assert_eq!(floats.len(), 3 * count);
    [0, 1, 2].map(|plane| floats[plane * count..][..count].to_vec())
}

fn bytes_of(planes: &[Vec<f32>; 3]) -> Vec<u8> {
    planes
        .iter()
        .flatten()
        .flat_map(|value| value.to_le_bytes())
        .collect()
}

/// Component `component` of `picture`, 0 to 1.
fn floats(picture: &Picture, component: usize) -> Vec<f32> {
    let max = picture.format.max_value() as f32;
    (0..picture.height as usize)
        .flat_map(|y| (0..picture.width as usize).map(move |x| (x, y)))
        .map(|(x, y)| picture.sample(component, x, y) as f32 / max)
        .collect()
}

/// The largest distance of component `component` from `expected`, which is cut to 0..1 as codes are, in codes.
fn furthest(picture: &Picture, component: usize, expected: &[f32]) -> f64 {
    let max = f64::from(picture.format.max_value());
    let width = picture.width as usize;
    let distance = |(i, expected): (usize, &f32)| {
        let code = f64::from(picture.sample(component, i % width, i / width));
        (code - f64::from(*expected).clamp(0.0, 1.0) * max).abs()
    };
    assert_eq!(expected.len(), width * picture.height as usize);
    expected
        .iter()
        .enumerate()
        .map(distance)
        .fold(0.0, f64::max)
}

/// Noise and shapes in 16 bits.
fn busy(size: (u32, u32), seed: u64) -> Picture {
    let mut random = Noise(seed);
    let shapes = scene(size.0, size.1, rgb(16), FULL, seed);
    picture(size.0, size.1, rgb(16), FULL, |component, x, y| {
        if (x / 8 + y / 8) % 2 == 0 {
            random.next() & 0xffff
        } else {
            shapes.sample(component, x, y)
        }
    })
}

const SIZES: [((u32, u32), (u32, u32)); 11] = [
    ((96, 54), (192, 108)),
    ((64, 48), (96, 72)),
    ((96, 54), (48, 27)),
    ((99, 63), (33, 21)),
    ((161, 101), (241, 151)),
    ((1, 40), (5, 200)),
    ((2, 1), (11, 7)),
    ((37, 23), (61, 11)),
    ((53, 41), (1, 3)),
    ((300, 17), (11, 17)),
    ((31, 16), (31, 64)),
];

#[test]
fn within_a_code_of_zimg() {
    let (_folder, library) = library();
    for (index, sizes) in SIZES.into_iter().enumerate() {
        let picture = busy(sizes.0, index as u64);
        let planes = [0, 1, 2].map(|component| floats(&picture, component));
        for (filter, zimgs) in FILTERS {
            let expected = zscale_floats(&planes, sizes, zimgs);
            for on in BOTH {
                let out = resampled(&library, &picture, sizes.1, filter, on);
                assert_eq!((out.width, out.height), sizes.1);
                for (component, expected) in expected.iter().enumerate() {
                    let worst = furthest(&out, component, expected);
                    assert!(worst <= 1.0, "{sizes:?} {zimgs} on {on:?}: {worst} codes");
                }
            }
            // The test of the test: another filter must not pass.
            let other = if filter == "3" { "2" } else { "3" };
            let out = resampled(&library, &picture, sizes.1, other, On::Cpu);
            let worst = furthest(&out, 0, &expected[0]);
            assert!(worst > 10.0 || sizes.0.0 == 1, "{sizes:?} {zimgs}: {worst}");
        }
    }
}

#[test]
fn luma_of_420_is_within_a_code_of_zimg() {
    let library = Library::built_in();
    let names = ["bilinear", "mitchell", "catmull-rom", "lanczos3"];
    for ((from, to), scale) in [
        (((96, 54), (192, 108)), "2"),
        (((96, 56), (48, 28)), "0.5"),
        (((160, 96), (240, 144)), "1.5"),
    ] {
        let picture = scene(from.0, from.1, yuv420(8), Color::default(), 3);
        let mut raw = Vec::new();
        for component in 0..3 {
            let (columns, rows) = picture.format.component_extent(component, from.0, from.1);
            for y in 0..rows as usize {
                raw.extend((0..columns as usize).map(|x| picture.sample(component, x, y) as u8));
            }
        }
        for (name, (_, filter)) in names.iter().zip(FILTERS) {
            let expected = zscale(raw.clone(), "yuv420p", (from, to), filter);
            for on in BOTH {
                let set = [("kernel", *name), ("scale", scale)];
                let out = styled_as(&library, &picture, "resize", &set, on);
                assert_eq!((out.width, out.height), to);
                for (i, expected) in expected[..(to.0 * to.1) as usize].iter().enumerate() {
                    let (x, y) = (i % to.0 as usize, i / to.0 as usize);
                    let seen = out.sample(0, x, y);
                    assert!(
                        seen.abs_diff(u32::from(*expected)) <= 1,
                        "{name} {scale} on {on:?} at {x},{y}: {seen}, not {expected}"
                    );
                }
            }
        }
    }
}

/// 2 J1(πr) / (πr) by its power series.
fn jinc(r: f64) -> f64 {
    let q = (PI * r / 2.0).powi(2);
    let (mut term, mut sum) = (1.0, 1.0);
    for k in 1..60 {
        term *= -q / f64::from(k * (k + 1));
        sum += term;
    }
    sum
}

/// libplacebo's `ewa_lanczos` in double precision, stretched where the picture shrinks.
fn round_truth(image: &[f32], (from, to): ((u32, u32), (u32, u32))) -> Vec<f32> {
    const SUPPORT: f64 = 3.238_315_484_166_236;
    let weight = |r: f64| {
        if r < SUPPORT {
            jinc(r) * jinc(r * 1.2196698912665045 / SUPPORT)
        } else {
            0.0
        }
    };
    let mirrored = |i: i64, n: u32| {
        let n = i64::from(n);
        let inside = if i < 0 {
            -1 - i
        } else if i >= n {
            2 * n - 1 - i
        } else {
            i
        };
        inside.clamp(0, n - 1)
    };
    let mut out = Vec::new();
    for (y, x) in (0..to.1).flat_map(|y| (0..to.0).map(move |x| (y, x))) {
        let position =
            |at: u32, from: u32, to: u32| (f64::from(at) + 0.5) * f64::from(from) / f64::from(to);
        let step = |from: u32, to: u32| (f64::from(to) / f64::from(from)).min(1.0);
        let (px, py) = (position(x, from.0, to.0), position(y, from.1, to.1));
        let (sx, sy) = (step(from.0, to.0), step(from.1, to.1));
        let (mut sum, mut total) = (0.0, 0.0);
        let around = |p: f64, s: f64| {
            (p - SUPPORT / s).floor() as i64 - 1..=(p + SUPPORT / s).ceil() as i64 + 1
        };
        for (j, i) in around(py, sy).flat_map(|j| around(px, sx).map(move |i| (j, i))) {
            let (dx, dy) = ((i as f64 + 0.5 - px) * sx, (j as f64 + 0.5 - py) * sy);
            let share = weight(dx.hypot(dy));
            let at = mirrored(j, from.1) * i64::from(from.0) + mirrored(i, from.0);
            sum += share * f64::from(image[at as usize]);
            total += share;
        }
        out.push((sum / total) as f32);
    }
    out
}

#[test]
fn the_round_filter_is_its_formula() {
    let (_folder, library) = library();
    for (index, sizes) in [
        ((24, 14), (48, 28)),
        ((16, 12), (24, 18)),
        ((45, 27), (15, 9)),
        ((23, 15), (37, 11)),
        ((2, 3), (7, 5)),
    ]
    .into_iter()
    .enumerate()
    {
        let picture = busy(sizes.0, index as u64);
        let expected = round_truth(&floats(&picture, 0), sizes);
        for on in BOTH {
            let out = resampled(&library, &picture, sizes.1, "4", on);
            let worst = furthest(&out, 0, &expected);
            assert!(worst <= 1.0, "{sizes:?} on {on:?}: {worst} codes");
        }
    }
}

#[test]
fn a_cosine_stays_where_it_is() {
    let (_folder, library) = library();
    for vertical in [false, true] {
        for (from, to) in [(64, 128), (64, 96), (64, 32), (63, 21), (161, 241)] {
            let wave = |at: usize, of: u32| {
                2.0 * PI * (at as f64 + 0.5 + 0.2 * f64::from(of)) / f64::from(of)
            };
            let picture = picture(from, from, rgb(16), FULL, |_, x, y| {
                let at = if vertical { y } else { x };
                (32768.0 + 20000.0 * wave(at, from).cos()).round() as u32
            });
            for (filter, on) in ["-1", "0", "1", "2", "3", "4"]
                .iter()
                .flat_map(|f| BOTH.map(|on| (*f, on)))
            {
                let out = resampled(&library, &picture, (to, to), filter, on);
                // Phase of the fundamental of the middle row or column, away from the mirrored ends.
                let margin = to as usize / 8;
                let (mut sums, mut norm) = ([0.0; 2], [[0.0; 2]; 2]);
                for at in margin..to as usize - margin {
                    let middle = to as usize / 2;
                    let (x, y) = if vertical { (middle, at) } else { (at, middle) };
                    let value = f64::from(out.sample(0, x, y)) - 32768.0;
                    let (sin, cos) = wave(at, to).sin_cos();
                    sums[0] += value * cos;
                    sums[1] += value * sin;
                    norm[0][0] += cos * cos;
                    norm[0][1] += cos * sin;
                    norm[1][1] += sin * sin;
                }
                // Least squares of a·cos + b·sin.
                let determinant = norm[0][0] * norm[1][1] - norm[0][1] * norm[0][1];
                let a = (sums[0] * norm[1][1] - sums[1] * norm[0][1]) / determinant;
                let b = (sums[1] * norm[0][0] - sums[0] * norm[0][1]) / determinant;
                let shift = b.atan2(a) * f64::from(to) / (2.0 * PI);
                assert!(
                    shift.abs() < 0.03,
                    "{from} to {to}, filter {filter} on {on:?}: {shift} px"
                );
            }
        }
    }
}

#[test]
fn a_constant_stays_constant() {
    let (_folder, library) = library();
    let format = PixelFormat::planar(Model::Rgb, Subsampling::S444, 16, true);
    // Opaque, and half transparent.
    for alpha in [65535, 30001] {
        let values = [1, 40007, 65535, alpha];
        for (from, to) in [
            ((40, 30), (80, 60)),
            ((40, 30), (13, 7)),
            ((17, 5), (33, 4)),
            ((40, 30), (40, 9)),
        ] {
            let flat = picture(from.0, from.1, format, FULL, |component, _, _| {
                values[component]
            });
            for (filter, on) in ["0", "1", "2", "3", "4"]
                .iter()
                .flat_map(|f| BOTH.map(|on| (*f, on)))
            {
                let out = resampled(&library, &flat, to, filter, on);
                let expected = picture(to.0, to.1, format, FULL, |component, _, _| {
                    values[component]
                });
                assert!(
                    out.same_samples(&expected),
                    "{from:?} to {to:?}, filter {filter} on {on:?}, alpha {alpha}: {:?}",
                    difference(&out, &expected)
                );
            }
        }
    }
}

#[test]
fn the_same_size_is_the_same_picture() {
    let library = Library::built_in();
    for light in ["coded", "linear"] {
        for kernel in ["auto", "mitchell", "ewa-lanczos"] {
            for format in [yuv420(8), yuv420(10), gray(8), rgb(16)] {
                let picture = bright_noise(37, 23, format, Color::default(), 4);
                for on in BOTH {
                    let set = [("kernel", kernel), ("light", light), ("scale", "1")];
                    let out = styled_as(&library, &picture, "resize", &set, on);
                    assert!(
                        out.same_samples(&picture),
                        "{light} {kernel} {format} on {on:?}"
                    );
                }
            }
        }
    }
    // One axis alone: an enlargement of columns leaves the rows of a picture of equal columns as they are.
    let (_folder, library) = self::library();
    let rows = picture(20, 31, rgb(16), FULL, |c, _, y| {
        ((7919 * y + 131 * c) % 65536) as u32
    });
    for (filter, on) in ["-1", "1", "3", "4"]
        .iter()
        .flat_map(|f| BOTH.map(|on| (*f, on)))
    {
        let out = resampled(&library, &rows, (50, 31), filter, on);
        let expected = picture(50, 31, rgb(16), FULL, |c, _, y| {
            ((7919 * y + 131 * c) % 65536) as u32
        });
        assert!(out.same_samples(&expected), "filter {filter} on {on:?}");
    }
}

/// Where all components lie in one plane, the last pass is fused into the packing.
#[test]
fn outputs_of_one_plane_are_as_those_of_three() {
    let (_folder, library) = library();
    let source = busy((37, 23), 6);
    let packed = |format: PixelFormat| {
        picture(37, 23, format, FULL, |component, x, y| {
            source.sample(component, x, y)
        })
    };
    let [flat, plain] = [
        packed(PixelFormat::packed_rgb(16, 3, &[0, 1, 2])),
        packed(gray(16)),
    ];
    for (filter, on) in ["-1", "0", "3", "4"]
        .iter()
        .flat_map(|f| BOTH.map(|on| (*f, on)))
    {
        for to in [(37, 23), (37, 50), (60, 23), (61, 41), (15, 9)] {
            let expected = resampled(&library, &source, to, filter, on);
            let seen = [&flat, &plain].map(|picture| resampled(&library, picture, to, filter, on));
            for (x, y) in (0..to.1 as usize).flat_map(|y| (0..to.0 as usize).map(move |x| (x, y))) {
                let sample = |component| expected.sample(component, x, y);
                let rgb = [0, 1, 2].map(|component| seen[0].sample(component, x, y));
                assert_eq!(
                    rgb,
                    [0, 1, 2].map(sample),
                    "{filter} on {on:?} to {to:?} at {x},{y}"
                );
                let gray = seen[1].sample(0, x, y);
                let gap = gray.abs_diff(sample(0));
                assert!(
                    gap <= 1,
                    "gray, {filter} on {on:?} to {to:?} at {x},{y}: {gap}"
                );
            }
        }
    }
}

#[test]
fn auto_is_by_the_axis() {
    let library = Library::built_in();
    let source = busy((40, 30), 5);
    let drawn = |kernel: &str, scale: &str, on| {
        styled_as(
            &library,
            &source,
            "resize",
            &[("kernel", kernel), ("scale", scale)],
            on,
        )
    };
    for on in BOTH {
        assert!(drawn("auto", "1.5", on).same_samples(&drawn("lanczos3", "1.5", on)));
        assert!(drawn("auto", "0.5", on).same_samples(&drawn("catmull-rom", "0.5", on)));
        assert!(!drawn("auto", "0.5", on).same_samples(&drawn("lanczos3", "0.5", on)));
    }
}

#[test]
fn light_is_averaged_as_light() {
    let library = Library::built_in();
    // Stripes of black and white: half the light, which a power of 2.4 shows at 0.749.
    let stripes = picture(
        64,
        64,
        rgb(16),
        FULL,
        |_, x, _| if x % 2 == 0 { 65535 } else { 0 },
    );
    for on in BOTH {
        for (light, expected) in [("coded", 0.5), ("linear", 0.5f64.powf(1.0 / 2.4))] {
            let set = [("kernel", "bilinear"), ("light", light), ("scale", "0.5")];
            let out = styled_as(&library, &stripes, "resize", &set, on);
            let seen = f64::from(out.sample(1, 16, 16)) / 65535.0;
            assert!(
                (seen - expected).abs() < 1e-4,
                "{light} on {on:?}: {seen}, not {expected}"
            );
        }
    }
}

#[test]
fn alpha_that_a_style_only_carries_does_not_count() {
    let manifest =
        "summary = 's'\n[[pass]]\nkernel = 'clear'\nin = { image = 'source' }\nout = 'result'\n";
    let kernel = "fn pixel(at: vec2i) -> vec4f { return vec4f(image_here().rgb, 0.0); }";
    let (_folder, library) = with_own("clear", &[("style.toml", manifest), ("clear.wgsl", kernel)]);
    let rgba = PixelFormat::planar(Model::Rgb, Subsampling::S444, 8, true);
    for format in [rgb(8), yuv420(8), rgba] {
        let source = scene(40, 30, format, FULL, 3);
        let made = |names: &[&str]| {
            let chain = names.iter().map(|name| styled(&library, name, &[], 1.0));
            let chain = chain.collect();
            let plan = plan_for(&library, &source, chain, PlanOptions::default());
            run(&library, plan, Some(&source), &[], On::Gpu).remove(0)
        };
        let plain = made(&["resize"]);
        assert_eq!((plain.width, plain.height), (80, 60));
        assert!(made(&["clear", "resize"]).same_samples(&plain), "{format}");
        assert!(made(&["resize", "clear"]).same_samples(&plain), "{format}");
    }
}

#[test]
fn transparent_colours_do_not_show() {
    let (_folder, library) = library();
    let format = PixelFormat::planar(Model::Rgb, Subsampling::S444, 16, true);
    let mut random = Noise(8);
    let sizes = ((53, 41), (80, 61));
    let shrunk = ((53, 41), (20, 31));
    let translucent = picture(53, 41, format, FULL, |component, _, _| match component {
        3 => 20000 + random.next() % 45536,
        _ => random.next() % 65536,
    });
    let alpha = floats(&translucent, 3);
    // Colours times alpha, as zimg resamples them, divided by alpha, as it resamples that.
    for sizes in [sizes, shrunk] {
        for (filter, zimgs) in FILTERS {
            let times = |component: usize| -> Vec<f32> {
                let colour = floats(&translucent, component);
                colour
                    .iter()
                    .zip(&alpha)
                    .map(|(colour, alpha)| colour * alpha)
                    .collect()
            };
            let [red, green, alpha] =
                zscale_floats(&[times(0), times(1), alpha.clone()], sizes, zimgs);
            let over = |colour: &[f32]| -> Vec<f32> {
                colour
                    .iter()
                    .zip(&alpha)
                    .map(|(colour, alpha)| colour / alpha)
                    .collect()
            };
            for on in BOTH {
                let out = resampled(&library, &translucent, sizes.1, filter, on);
                for (component, expected) in
                    [(0, over(&red)), (1, over(&green)), (3, alpha.clone())]
                {
                    let worst = furthest(&out, component, &expected);
                    assert!(
                        worst <= 1.0,
                        "{component} of {sizes:?} {zimgs} on {on:?}: {worst} codes"
                    );
                }
            }
        }
    }
    // Beside transparent green, red stays red; and rows that are opaque are as in a picture without alpha.
    let half = picture(40, 40, format, FULL, |component, x, _| {
        match (component, x < 20) {
            (0, true) | (1, false) | (3, true) => 65535,
            _ => 0,
        }
    });
    let plain = busy((53, 41), 9);
    let opaque = picture(53, 41, format, FULL, |component, x, y| match component {
        3 => 65535,
        colour => plain.sample(colour, x, y),
    });
    for (filter, on) in ["0", "2", "3", "4"]
        .iter()
        .flat_map(|f| BOTH.map(|on| (*f, on)))
    {
        for to in [(80, 80), (17, 23)] {
            let out = resampled(&library, &half, to, filter, on);
            for (x, y) in (0..to.1 as usize).flat_map(|y| (0..to.0 as usize).map(move |x| (x, y))) {
                if out.sample(3, x, y) > 0 {
                    let seen = [0, 1].map(|component| out.sample(component, x, y));
                    assert!(
                        seen[0] >= 65534 && seen[1] == 0,
                        "{filter} on {on:?} at {x},{y}: {seen:?}"
                    );
                }
            }
        }
        let (out, expected) = (
            resampled(&library, &opaque, (70, 30), filter, on),
            resampled(&library, &plain, (70, 30), filter, on),
        );
        for (x, y) in (0..30).flat_map(|y| (0..70).map(move |x| (x, y))) {
            let seen = [0, 1, 2, 3].map(|component| out.sample(component, x, y));
            let [r, g, b] = [0, 1, 2].map(|component| expected.sample(component, x, y));
            assert_eq!(seen, [r, g, b, 65535], "{filter} on {on:?} at {x},{y}");
        }
    }
}
