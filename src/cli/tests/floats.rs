//! Pictures of floats: exact where nothing changes them, and of the right brightness in files of whole numbers.

use std::path::Path;

use crate::support::*;

type Window = [i32; 4];

/// An OpenEXR file without compression. Windows are left, top, right and bottom, all inside; `half` stores half floats.
/// `sample` gives channel 0 (R), 1 (G) or 2 (B) of a pixel, counted from the corner of the display window.
fn exr(
    data: Window,
    display: Window,
    half: bool,
    sample: impl Fn(usize, i32, i32) -> f32,
) -> Vec<u8> {
    let mut out = vec![0x76, 0x2f, 0x31, 0x01, 2, 0, 0, 0];
    let mut attribute = |name: &str, kind: &str, value: &[u8]| {
        for text in [name, kind] {
            out.extend(text.as_bytes());
            out.push(0);
        }
        out.extend((value.len() as u32).to_le_bytes());
        out.extend(value);
    };
    let mut channels = Vec::new();
    for name in ["B", "G", "R"] {
        channels.extend(name.as_bytes());
        channels.push(0);
        channels.extend((if half { 1i32 } else { 2 }).to_le_bytes());
        channels.extend([0; 4]);
        channels.extend([1, 0, 0, 0, 1, 0, 0, 0]);
    }
    channels.push(0);
    let window = |window: Window| window.map(i32::to_le_bytes).concat();
    attribute("channels", "chlist", &channels);
    attribute("compression", "compression", &[0]);
    attribute("dataWindow", "box2i", &window(data));
    attribute("displayWindow", "box2i", &window(display));
    attribute("lineOrder", "lineOrder", &[0]);
    attribute("pixelAspectRatio", "float", &1f32.to_le_bytes());
    attribute("screenWindowCenter", "v2f", &[0; 8]);
    attribute("screenWindowWidth", "float", &1f32.to_le_bytes());
    out.push(0);
    let [left, top, right, bottom] = data;
    let (columns, rows) = ((right - left + 1) as usize, (bottom - top + 1) as usize);
    let length = columns * 3 * if half { 2 } else { 4 };
    let first = out.len() + 8 * rows;
    for row in 0..rows {
        out.extend(((first + row * (8 + length)) as u64).to_le_bytes());
    }
    for y in top..=bottom {
        out.extend(y.to_le_bytes());
        out.extend((length as u32).to_le_bytes());
        for channel in [2, 1, 0] {
            for x in left..=right {
                let value = sample(channel, x - display[0], y - display[1]);
                match half {
                    true => out.extend(half_of(value).to_le_bytes()),
                    false => out.extend(value.to_le_bytes()),
                }
            }
        }
    }
    out
}

/// The bits of a half float; `value` is one of 0 and 1/1024 to 1023/1024.
fn half_of(value: f32) -> u16 {
    if value == 0.0 {
        return 0;
    }
    let bits = value.to_bits();
    (((bits >> 23) as i32 - 112) << 10) as u16 | (bits >> 13 & 0x3ff) as u16
}

/// The samples of a picture as FFmpeg decodes them: red, green and blue of each pixel.
fn decoded(path: &Path) -> Vec<[f32; 3]> {
    let output = std::process::Command::new("ffmpeg")
        .args(["-v", "error", "-i", text(path), "-pix_fmt", "gbrpf32le"])
        .args(["-f", "rawvideo", "-"])
        .output()
        .unwrap();
    let floats: Vec<f32> = output
        .stdout
        .chunks_exact(4)
        .map(|bytes| f32::from_le_bytes(bytes.try_into().unwrap()))
        .collect();
    let count = floats.len() / 3;
    (0..count)
        .map(|at| [floats[2 * count + at], floats[at], floats[count + at]])
        .collect()
}

/// Red, green and blue of 8 bits of each pixel.
fn bytes(path: &Path) -> Vec<[u8; 3]> {
    let output = std::process::Command::new("ffmpeg")
        .args(["-v", "error", "-i", text(path), "-pix_fmt", "rgb24"])
        .args(["-f", "rawvideo", "-"])
        .output()
        .unwrap();
    let pixel = |bytes: &[u8]| bytes.try_into().unwrap();
    output.stdout.chunks_exact(3).map(pixel).collect()
}

const SIZE: Window = [0, 0, 15, 9];

/// Values below black, above white, and very small ones.
fn wide(channel: usize, x: i32, y: i32) -> f32 {
    let steps = [-3.25, 1e-30, 0.1, 7.0 / 9.0, 1.0, 65000.0, 1e20];
    steps[(x + 3 * y + channel as i32) as usize % steps.len()] * (1.0 + y as f32 / 7.0)
}

#[test]
fn floats_come_out_as_they_went_in() {
    let folder = Folder::new();
    folder.write("in.exr", &exr(SIZE, SIZE, false, wide));
    let input = decoded(&folder.path("in.exr"));
    assert_eq!(input.len(), 160);
    for (style, output) in [
        ("identity", "a.exr"),
        ("none", "b.exr"),
        ("identity", "c.pfm"),
    ] {
        let all = ["in.exr", "-s", style, "--device", "cpu", "-o", output];
        let ran = folder.run(&all);
        assert!(!ran.succeeds().stderr.contains("warning"), "{}", ran.stderr);
        assert_eq!(decoded(&folder.path(output)), input, "{style} {output}");
    }
    // Gray, too.
    let gray = made(
        "gray.pfm",
        &[
            "-f",
            "lavfi",
            "-i",
            "testsrc2=size=64x48",
            "-frames:v",
            "1",
            "-pix_fmt",
            "grayf32le",
        ],
    );
    let all = [
        text(&gray),
        "-s",
        "identity",
        "--device",
        "cpu",
        "-o",
        "gray.exr",
    ];
    folder.run(&all).succeeds();
    assert_eq!(
        frames(&folder.path("gray.exr"), "grayf32le"),
        frames(&gray, "grayf32le")
    );
    // And from there on.
    folder
        .run(&["c.pfm", "-s", "identity", "-o", "d.exr"])
        .succeeds();
    assert_eq!(decoded(&folder.path("d.exr")), input);
    if software_vulkan(&folder) {
        let all = [
            "in.exr", "-s", "identity", "--device", "llvmpipe", "-o", "g.exr",
        ];
        folder.run(&all).succeeds();
        assert_eq!(decoded(&folder.path("g.exr")), input);
    }
}

#[test]
fn what_is_no_number_does_not_spread() {
    let folder = Folder::new();
    let holes = |_: usize, x: i32, y: i32| match (x, y) {
        (5, 5) => f32::NAN,
        (10, 5) => f32::INFINITY,
        (12, 2) => f32::NEG_INFINITY,
        _ => 0.25,
    };
    folder.write("in.exr", &exr(SIZE, SIZE, false, holes));
    let at = |x: usize, y: usize| y * 16 + x;
    let mut devices = vec!["cpu"];
    if software_vulkan(&folder) {
        devices.push("llvmpipe");
    }
    for device in devices {
        let all = [
            "in.exr", "-s", "identity", "--device", device, "-y", "-o", "out.exr",
        ];
        folder.run(&all).succeeds();
        let made = decoded(&folder.path("out.exr"));
        assert_eq!(made[at(5, 5)], [0.0; 3], "{device}");
        assert_eq!(made[at(10, 5)], [65504.0; 3], "{device}");
        assert_eq!(made[at(12, 2)], [-65504.0; 3], "{device}");
        assert_eq!(made[at(6, 5)], [0.25; 3], "{device}");
        assert_eq!(
            made.iter().filter(|pixel| **pixel == [0.25; 3]).count(),
            157
        );
    }
    // A style that looks around a pixel has numbers everywhere, and so has a picture of whole numbers.
    let all = [
        "in.exr",
        "-s",
        "cinematic",
        "--device",
        "cpu",
        "-o",
        "look.exr",
    ];
    folder.run(&all).succeeds();
    let made = decoded(&folder.path("look.exr"));
    assert!(made.iter().flatten().all(|value| value.is_finite()));
    folder
        .run(&["in.exr", "-s", "identity", "-o", "out.png"])
        .succeeds();
    let made = bytes(&folder.path("out.png"));
    assert_eq!((made[at(5, 5)], made[at(10, 5)]), ([0; 3], [255; 3]));
}

#[test]
fn light_gets_a_curve_in_whole_numbers_and_loses_it_in_floats() {
    let folder = Folder::new();
    let ramp = |_: usize, x: i32, _: i32| x as f32 / 15.0;
    folder.write("in.exr", &exr(SIZE, SIZE, false, ramp));
    folder
        .run(&["in.exr", "-s", "identity", "-o", "out.png"])
        .says(
            0,
            &[
                "gets the curve of sRGB",
                "values below 0 and above 1 are cut",
            ],
        );
    // IEC 61966-2-1; noise of one code is added before rounding.
    let curve = |light: f32| match light <= 0.003_130_8 {
        true => light * 12.92,
        false => 1.055 * light.powf(1.0 / 2.4) - 0.055,
    };
    for (x, pixel) in bytes(&folder.path("out.png"))[..16].iter().enumerate() {
        let wanted = 255.0 * curve(x as f32 / 15.0);
        let near = |value: &u8| (f32::from(*value) - wanted).abs() < 1.6;
        assert!(pixel.iter().all(near), "{x}: {pixel:?} is not {wanted}");
    }
    // The other way: a signal of 8 bits, shown by a power of 2.4, is stored as light.
    let gray = made(
        "gray.png",
        &[
            "-f",
            "lavfi",
            "-i",
            "color=0x808080:size=16x10",
            "-frames:v",
            "1",
        ],
    );
    folder
        .run(&[text(&gray), "-s", "identity", "-o", "light.exr"])
        .says(0, &["floats in linear light"]);
    let value = f32::from(bytes(&gray)[0][0]) / 255.0;
    let light = decoded(&folder.path("light.exr"))[0][1];
    assert!((light - value.powf(2.4)).abs() < 1e-3, "{light}");
    // Raw floats would be written under the tag of another format.
    let raw = [
        "in.exr",
        "-s",
        "identity",
        "--codec",
        "rawvideo",
        "--pix-fmt",
        "gbrpf32le",
    ];
    folder.run(&[&raw[..], &["-o", "raw.nut"]].concat()).says(
        2,
        &["does not take the pixel format gbrpf32le", ".exr and .pfm"],
    );
    folder
        .run(&["measure", "in.exr"])
        .says(2, &["is of floats, which are not measured"]);
}

#[test]
fn a_picture_has_the_size_of_its_display_window() {
    let folder = Folder::new();
    let colour = |channel: usize, x: i32, y: i32| match channel {
        0 => 0.5,
        1 => (y + 512) as f32 / 1024.0,
        _ => (x + 512) as f32 / 1024.0,
    };
    let size = [0, 0, 31, 23];
    for (name, data, display) in [
        ("smaller", [6, 4, 20, 15], size),
        ("larger", [-4, -3, 40, 30], size),
        ("outside", [20, 10, 45, 40], size),
        ("moved", [-16, -12, 15, 11], [-16, -12, 15, 11]),
        ("both", [12, 13, 25, 30], [10, 10, 41, 33]),
    ] {
        for half in [false, true] {
            folder.write("in.exr", &exr(data, display, half, colour));
            let all = ["in.exr", "-s", "identity", "-y", "-o", "out.exr"];
            folder.run(&all).succeeds();
            let made = decoded(&folder.path("out.exr"));
            assert_eq!(made.len(), 32 * 24, "{name}");
            for (at, pixel) in made.into_iter().enumerate() {
                let (x, y) = ((at % 32) as i32, (at / 32) as i32);
                let inside = (data[0]..=data[2]).contains(&(x + display[0]))
                    && (data[1]..=data[3]).contains(&(y + display[1]));
                let wanted = match inside {
                    true => [0, 1, 2].map(|channel| colour(channel, x, y)),
                    false => [0.0; 3],
                };
                assert_eq!(pixel, wanted, "{name}, half {half}, at {x}, {y}");
            }
        }
    }
    // In a sequence, the data window may move.
    for (number, left) in [(1, 2), (2, 7), (3, 12)] {
        let bytes = exr([left, 4, left + 9, 15], size, true, colour);
        folder.write(&format!("m_{number:04}.exr"), &bytes);
    }
    let all = ["m_%04d.exr", "-s", "identity", "-o", "o_%04d.exr"];
    folder.run(&all).succeeds();
    for (number, left) in [(1, 2), (2, 7), (3, 12)] {
        let made = decoded(&folder.path(&format!("o_{number:04}.exr")));
        let row = &made[10 * 32..][..32];
        let first = row.iter().position(|pixel| pixel[0] > 0.0);
        assert_eq!((made.len(), first), (32 * 24, Some(left)), "{number}");
    }
}

#[test]
fn a_picture_that_cannot_be_put_in_its_place_is_told() {
    let folder = Folder::new();
    let (window, size) = ([10, 10, 41, 33], [0, 0, 31, 23]);
    let grey = |_: usize, _: i32, _: i32| 0.5;
    for (name, window, is_told) in [("a", size, false), ("b", window, true)] {
        let whole = exr(window, window, false, grey);
        folder.write(&format!("{name}_0001.exr"), &whole);
        // Without its table of offsets, as an interrupted writer leaves it: FFmpeg finds the lines by itself.
        let mut bytes = whole;
        let lines = bytes.len() - 24 * (8 + 32 * 3 * 4);
        bytes[lines - 24 * 8..lines].fill(0);
        folder.write(&format!("{name}_0002.exr"), &bytes);
        let (input, output) = (format!("{name}_%04d.exr"), format!("{name}_out_%04d.exr"));
        let ran = folder.run(&[&input, "-s", "identity", "-o", &output]);
        let told = ran
            .stderr
            .contains("1 OpenEXR picture is in the wrong place");
        assert_eq!(told, is_told, "{name}: {}", ran.stderr);
    }
}

#[test]
fn a_file_of_floats_that_is_damaged_is_refused() {
    let folder = Folder::new();
    let whole = exr([-4, -4, 11, 5], [-4, -4, 11, 5], false, wide);
    for share in [3, 40, 200, 330] {
        folder.write("in.exr", &whole[..share]);
        let ran = folder.run(&["in.exr", "-s", "identity", "-y", "-o", "out.exr"]);
        assert!(
            [65, 69].contains(&ran.code.unwrap()),
            "{share}: {}",
            ran.stderr
        );
        assert!(!folder.path("out.exr").exists());
    }
}
