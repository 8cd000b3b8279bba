//! Single pictures in and out.

use crate::support::*;

#[test]
fn pictures_are_rendered_beside_themselves() {
    let folder = Folder::new();
    let first = ["-i", text(&clip()), "-frames:v", "1"].map(str::to_owned);
    let first: Vec<&str> = first.iter().map(String::as_str).collect();
    let png = made(
        "photo.png",
        &[first.as_slice(), &["-pix_fmt", "rgb24"]].concat(),
    );
    let alpha = made(
        "alpha.png",
        &[
            first.as_slice(),
            &[
                "-vf",
                "format=rgba64be,geq=r='r(X,Y)':g='g(X,Y)':b='b(X,Y)':a='X*400'",
            ],
        ]
        .concat(),
    );
    let jpg = made(
        "photo.jpg",
        &[first.as_slice(), &["-pix_fmt", "yuvj420p"]].concat(),
    );
    for source in [&png, &alpha, &jpg] {
        std::fs::copy(
            source,
            folder.path(source.file_name().unwrap().to_str().unwrap()),
        )
        .unwrap();
    }
    folder
        .run(&[
            "photo.png",
            "alpha.png",
            "photo.jpg",
            "-s",
            "pencil,identity",
        ])
        .succeeds();
    assert_eq!(
        folder.names(),
        [
            "alpha.identity.png",
            "alpha.pencil.png",
            "alpha.png",
            "photo.identity.jpg",
            "photo.identity.png",
            "photo.jpg",
            "photo.pencil.jpg",
            "photo.pencil.png",
            "photo.png"
        ]
    );
    assert_eq!(
        frames(&folder.path("photo.identity.png"), "rgb24"),
        frames(&png, "rgb24")
    );
    // 16 bits and alpha are kept.
    assert_eq!(
        frames(&folder.path("alpha.identity.png"), "rgba64be"),
        frames(&alpha, "rgba64be")
    );
    let alphas = |path: &std::path::Path| {
        tool(
            "ffmpeg",
            &[
                "-i",
                text(path),
                "-vf",
                "alphaextract",
                "-pix_fmt",
                "gray16be",
                "-f",
                "framemd5",
                "-",
            ],
        )
    };
    assert_eq!(alphas(&folder.path("alpha.pencil.png")), alphas(&alpha));
    assert!(psnr(&folder.path("photo.identity.jpg"), &jpg) > 40.0);
    let size = |path: &std::path::Path| {
        tool(
            "ffprobe",
            &[
                "-show_entries",
                "stream=width,height",
                "-of",
                "csv=p=0",
                text(path),
            ],
        )
    };
    assert_eq!(size(&folder.path("photo.pencil.jpg")), size(&jpg));
    folder.run(&["photo.png", "-o", "other.jpg"]).succeeds();
    assert_eq!(size(&folder.path("other.jpg")), size(&png));
    folder
        .run(&["photo.png", "-s", "none", "-o", "copy.png"])
        .succeeds();
    assert_eq!(
        frames(&folder.path("copy.png"), "rgb24"),
        frames(&png, "rgb24")
    );
}

#[test]
fn a_video_is_no_picture() {
    let folder = Folder::new();
    folder
        .run(&[text(&clip()), "-o", "out.png"])
        .says(2, &["can hold only one picture"]);
    assert!(folder.names().is_empty());
}

/// A JPEG of one row of squares of 8 pixels, each of one colour; `components` holds a value for each square. `adobe` writes
/// Adobe's mark with that transform.
fn jpeg(components: &[&[u8]], adobe: Option<u8>) -> Vec<u8> {
    let (count, squares) = (components.len() as u8, components[0].len());
    let mut out = vec![0xff, 0xd8];
    if let Some(transform) = adobe {
        out.extend(b"\xff\xee\x00\x0eAdobe\x00\x64\x00\x00\x00\x00");
        out.push(transform);
    }
    // All divisors are 1.
    out.extend([0xff, 0xdb, 0, 67, 0]);
    out.extend([1; 64]);
    out.extend([
        0xff,
        0xc0,
        0,
        8 + 3 * count,
        8,
        0,
        8,
        0,
        8 * squares as u8,
        count,
    ]);
    out.extend((1..=count).flat_map(|index| [index, 0x11, 0]));
    // Sizes of differences are 12 codes of 4 bits; all other coefficients are zero, which is one code of 1 bit.
    out.extend([
        0xff, 0xc4, 0, 31, 0, 0, 0, 0, 12, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    ]);
    out.extend(0..12);
    out.extend([
        0xff, 0xc4, 0, 20, 0x10, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    ]);
    out.extend([0xff, 0xda, 0, 6 + 2 * count, count]);
    out.extend((1..=count).flat_map(|index| [index, 0]));
    out.extend([0, 63, 0]);
    let mut bits = String::new();
    for square in 0..squares {
        for values in components {
            let level = |at: usize| 8 * (i32::from(values[at]) - 128);
            let before = square.checked_sub(1).map_or(0, level);
            let step = level(square) - before;
            let size = (32 - step.unsigned_abs().leading_zeros()) as usize;
            bits += &format!("{size:04b}");
            if size > 0 {
                let code = if step > 0 {
                    step
                } else {
                    step + (1 << size) - 1
                };
                bits += &format!("{code:0size$b}");
            }
            bits += "0";
        }
    }
    bits += &"1".repeat(bits.len().next_multiple_of(8) - bits.len());
    for byte in bits.as_bytes().chunks(8) {
        let byte = u8::from_str_radix(std::str::from_utf8(byte).unwrap(), 2).unwrap();
        out.push(byte);
        if byte == 0xff {
            out.push(0);
        }
    }
    out.extend([0xff, 0xd9]);
    out
}

/// The middle of each square of a picture, as RGB, and whether it has alpha.
fn squares(path: &std::path::Path, count: usize) -> (Vec<[u8; 3]>, bool) {
    let output = std::process::Command::new("ffmpeg")
        .args(["-v", "error", "-i", text(path), "-pix_fmt", "rgb24"])
        .args(["-f", "rawvideo", "-"])
        .output()
        .unwrap();
    let at = |square: usize| (4 * 8 * count + square * 8 + 4) * 3;
    let pixel = |square| {
        output.stdout[at(square)..at(square) + 3]
            .try_into()
            .unwrap()
    };
    let format = tool(
        "ffprobe",
        &[
            "-show_entries",
            "stream=pix_fmt",
            "-of",
            "csv=p=0",
            text(path),
        ],
    );
    ((0..count).map(pixel).collect(), format.contains('a'))
}

#[test]
fn black_ink_is_no_transparency() {
    let folder = Folder::new();
    // White, cyan, magenta, black, a half-tone under a little black. Without Adobe's mark, 0 is no ink; with it, 255.
    let inks: [&[u8]; 4] = [
        &[0, 255, 0, 0, 51],
        &[0, 0, 255, 0, 102],
        &[0, 0, 0, 0, 153],
        &[0, 0, 0, 255, 51],
    ];
    let printed = [
        [255, 255, 255],
        [0, 255, 255],
        [255, 0, 255],
        [0, 0, 0],
        [163, 122, 82],
    ];
    let inverted = inks.map(|ink| ink.iter().map(|value| 255 - value).collect::<Vec<u8>>());
    let inverted = inverted.each_ref().map(Vec::as_slice);
    folder.write("plain.jpg", &jpeg(&inks, None));
    folder.write("adobe.jpg", &jpeg(&inverted, Some(0)));
    // FFmpeg multiplies the inks of Adobe's kind with an error of up to 2.
    for (name, tolerance) in [("plain", 0), ("adobe", 2)] {
        let (input, output) = (format!("{name}.jpg"), format!("{name}.png"));
        folder
            .run(&[&input, "-s", "identity", "-o", &output])
            .says(0, &["CMYK is converted to RGB"]);
        let (found, alpha) = squares(&folder.path(&output), 5);
        assert!(!alpha, "{name}");
        for (found, printed) in found.iter().zip(&printed) {
            let near = found
                .iter()
                .zip(printed)
                .all(|(a, b)| a.abs_diff(*b) <= tolerance);
            assert!(near, "{name}: {found:?} is not {printed:?}");
        }
        let probed = folder.run(&["probe", &input]);
        assert!(probed.succeeds().stdout.contains("CMYK"));
    }
}

#[test]
fn gray_pictures_are_of_full_range() {
    let folder = Folder::new();
    let ramp = "color=gray:size=64x16,format=gray,geq=lum='4*X'";
    for name in ["g.jpg", "g.pgm", "g.tif", "g.png", "g.mkv"] {
        let coding: &[&str] = match name {
            "g.mkv" => &["-c:v", "ffv1"],
            _ => &["-q:v", "1"],
        };
        let make = [
            "-y",
            "-f",
            "lavfi",
            "-i",
            ramp,
            "-frames:v",
            "1",
            "-pix_fmt",
            "gray",
        ];
        tool(
            "ffmpeg",
            &[&make[..], coding, &[text(&folder.path(name))]].concat(),
        );
        let render = [name, "-s", "identity", "--device", "cpu", "-y", "-o"];
        let out = if name == "g.mkv" {
            "out.mkv"
        } else {
            "out.png"
        };
        folder
            .run(
                &[
                    &render[..],
                    &[out, "--codec", if name == "g.mkv" { "ffv1" } else { "png" }],
                ]
                .concat(),
            )
            .succeeds();
        assert_eq!(
            frames(&folder.path(out), "gray"),
            frames(&folder.path(name), "gray"),
            "{name}"
        );
    }
}
