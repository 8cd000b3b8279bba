//! Matrices and ranges against values computed by the colour-science project (BSD-3-Clause), end to end: raw samples in,
//! samples of the other kind out.

use serde_json::Value;

use crate::support::*;

/// Some of the project's cases, as its tests have them.
const CASES: &str = r#"[
{"fn": "YCbCr_to_RGB", "args": [[471, 650, 390]], "kwargs": {"in_bits": 10, "in_legal": true, "in_int": true}, "expected": [0.25018598, 0.49950072, 0.75040741], "at": "colour/models/rgb/tests/test_ycbcr.py:337"},
{"fn": "RGB_to_YCbCr", "args": [[0.0, 0.75, 0.75]], "kwargs": {"K": {"expr": "WEIGHTS_YCBCR['ITU-R BT.2020']"}, "out_int": false, "out_legal": false}, "expected": [0.552975, 0.10472255, -0.375], "at": "colour/models/rgb/tests/test_ycbcr.py:244"},
{"fn": "RGB_to_YCbCr", "args": [[0.25, 0.5, 0.75]], "kwargs": {"K": {"expr": "WEIGHTS_YCBCR['ITU-R BT.601']"}, "out_int": true, "out_legal": true, "out_bits": 10}, "expected": [461, 662, 382], "at": "colour/models/rgb/tests/test_ycbcr.py:232"},
{"fn": "matrix_YCbCr", "args": [], "kwargs": {}, "expected": [[1.0, 0.0, 1.5748], [1.0, -0.18732427, -0.46812427], [1.0, 1.8556, 0.0]], "at": "colour/models/rgb/tests/test_ycbcr.py:122"},
{"fn": "matrix_YCbCr", "args": [], "kwargs": {"K": {"expr": "WEIGHTS_YCBCR['ITU-R BT.601']"}}, "expected": [[1.0, 0.0, 1.402], [1.0, -0.34413629, -0.71413629], [1.0, 1.772, -0.0]], "at": "colour/models/rgb/tests/test_ycbcr.py:134"},
{"fn": "matrix_YCbCr", "args": [], "kwargs": {"is_legal": true}, "expected": [[1.16438356, 0.0, 1.79274107], [1.16438356, -0.21324861, -0.53290933], [1.16438356, 2.11240179, -0.0]], "at": "colour/models/rgb/tests/test_ycbcr.py:146"}
]"#;

/// A colour both ways.
#[derive(Debug)]
struct Case {
    /// FFmpeg's name of the matrix.
    matrix: &'static str,
    /// That of the format which holds the samples, and their range.
    format: &'static str,
    full: bool,
    /// Coded Y', Cb, Cr.
    coded: [u16; 3],
    /// R', G', B', 0 to 1.
    rgb: [f64; 3],
    /// How exact the numbers are: in codes, and of 1.
    exact: (f64, f64),
}

fn three(value: &Value) -> Option<[f64; 3]> {
    let numbers: Vec<f64> = value
        .as_array()?
        .iter()
        .map(|n| n.as_f64())
        .collect::<Option<_>>()?;
    numbers.try_into().ok()
}

/// A case of the project's, if it is one of conversion that samples can say.
fn case(value: &Value) -> Option<Case> {
    let given = &value["kwargs"];
    let has = |key: &str| given[key].as_bool();
    let matrix = match given["K"]["expr"].as_str() {
        None => "bt709",
        Some(name) if name.contains("BT.709") => "bt709",
        Some(name) if name.contains("BT.601") => "smpte170m",
        Some(name) if name.contains("BT.2020") => "bt2020nc",
        Some(_) => return None,
    };
    let sixteen = |ycc: [f64; 3]| {
        [
            ycc[0] * 65535.0,
            32768.0 + ycc[1] * 65535.0,
            32768.0 + ycc[2] * 65535.0,
        ]
        .map(|code| code.round() as u16)
    };
    let codes = |codes: [f64; 3]| codes.map(|code| code as u16);
    let known = |keys: &[&str]| {
        given
            .as_object()
            .is_some_and(|given| given.keys().all(|key| keys.contains(&key.as_str())))
    };
    match value["fn"].as_str()? {
        "YCbCr_to_RGB"
            if known(&["in_bits", "in_legal", "in_int", "K"])
                && has("in_int")?
                && has("in_legal")? =>
        {
            let ten = given["in_bits"] == 10;
            Some(Case {
                matrix,
                format: if ten { "yuv444p10le" } else { "yuv444p" },
                full: false,
                coded: codes(three(&value["args"][0])?),
                rgb: three(&value["expected"])?,
                exact: (1.0, 1e-4),
            })
        }
        "RGB_to_YCbCr" if known(&["K", "out_int", "out_legal", "out_bits"]) => {
            let (rgb, expected) = (three(&value["args"][0])?, three(&value["expected"])?);
            match (has("out_int"), has("out_legal"), given["out_bits"].as_u64()) {
                (Some(false), Some(false), None) => Some(Case {
                    matrix,
                    format: "yuv444p16le",
                    full: true,
                    coded: sixteen(expected),
                    rgb,
                    exact: (1.0, 1e-4),
                }),
                // A whole number of codes: as exact as that.
                (Some(true), Some(true), Some(10)) => Some(Case {
                    matrix,
                    format: "yuv444p10le",
                    full: false,
                    coded: codes(expected),
                    rgb,
                    exact: (1.0, 2e-3),
                }),
                _ => None,
            }
        }
        "matrix_YCbCr" if known(&["K", "is_legal"]) => {
            let rows = value["expected"].as_array()?;
            let rows: Vec<[f64; 3]> = rows.iter().map(three).collect::<Option<_>>()?;
            let times = |ycc: [f64; 3]| -> Option<[f64; 3]> {
                let rgb: Vec<f64> = rows
                    .iter()
                    .map(|row| (0..3).map(|i| row[i] * ycc[i]).sum())
                    .collect();
                rgb.try_into().ok()
            };
            let legal = has("is_legal").unwrap_or(false);
            let ycc = [0.5, 0.125, -0.0625];
            Some(match legal {
                false => Case {
                    matrix,
                    format: "yuv444p16le",
                    full: true,
                    coded: sixteen(ycc),
                    rgb: times(ycc)?,
                    exact: (1.0, 1e-4),
                },
                true => Case {
                    matrix,
                    format: "yuv444p",
                    full: false,
                    coded: [120, 110, 140],
                    rgb: times([104.0 / 255.0, -18.0 / 255.0, 12.0 / 255.0])?,
                    // Eight bits are computed in half floats.
                    exact: (1.0, 5e-4),
                },
            })
        }
        _ => None,
    }
}

/// Renders a picture of 4 × 4 samples, all alike, to another pixel format; gives its samples in that.
fn converted(
    folder: &Folder,
    format: &str,
    samples: [u16; 3],
    more: &[&str],
    to: &str,
) -> [f64; 3] {
    let wide = !["yuv444p", "gbrp"].contains(&format);
    let plane = |&sample: &u16| match wide {
        true => sample.to_le_bytes().repeat(16),
        false => vec![sample as u8; 16],
    };
    let raw = folder.write(
        "in.raw",
        &samples.iter().flat_map(plane).collect::<Vec<u8>>(),
    );
    let (input, output, back) = (
        folder.path("in.mkv"),
        folder.path("out.mkv"),
        folder.path("out.raw"),
    );
    let read = [
        "-y",
        "-f",
        "rawvideo",
        "-s",
        "4x4",
        "-pix_fmt",
        format,
        "-i",
        text(&raw),
        "-c:v",
        "ffv1",
    ];
    tool("ffmpeg", &[&read[..], more, &[text(&input)]].concat());
    let arguments = [
        "-y",
        "in.mkv",
        "-s",
        "identity",
        "--device",
        "cpu",
        "--codec",
        "ffv1",
        "--pix-fmt",
        to,
        "-o",
        "out.mkv",
    ];
    folder.run(&arguments).succeeds();
    tool(
        "ffmpeg",
        &[
            "-y",
            "-i",
            text(&output),
            "-f",
            "rawvideo",
            "-pix_fmt",
            to,
            text(&back),
        ],
    );
    let bytes = std::fs::read(&back).unwrap();
    assert_eq!(bytes.len(), 96);
    let words: Vec<f64> = bytes
        .chunks(2)
        .map(|word| f64::from(u16::from_le_bytes([word[0], word[1]])))
        .collect();
    [0, 1, 2].map(|plane| words[16 * plane..][..16].iter().sum::<f64>() / 16.0)
}

fn check(folder: &Folder, case: &Case) {
    let range = if case.full { "pc" } else { "tv" };
    // From FFmpeg 7 on, the tags of frames count; before, those of the output.
    let frames = format!("setparams=colorspace={}:range={range}", case.matrix);
    let tags = [
        "-vf",
        &frames,
        "-colorspace",
        case.matrix,
        "-color_range",
        range,
    ];
    let [g, b, r] = converted(folder, case.format, case.coded, &tags, "gbrp16le");
    for (found, expected) in [r, g, b].into_iter().zip(case.rgb) {
        let off = found / 65535.0 - expected;
        assert!(off.abs() <= case.exact.1, "{case:?}: {r} {g} {b}");
    }
    // Back, where the output is limited and the matrix is chosen by primaries and size.
    if case.full || case.matrix == "bt709" || case.format != "yuv444p10le" {
        return;
    }
    let [r, g, b] = case.rgb.map(|value| (value * 65535.0).round() as u16);
    let found = converted(folder, "gbrp16le", [g, b, r], &[], case.format);
    for (found, expected) in found.into_iter().zip(case.coded) {
        // The mean of sixteen samples with dither.
        assert!(
            (found - f64::from(expected)).abs() <= case.exact.0,
            "{case:?}: {found}"
        );
    }
}

#[test]
fn matrices_are_those_of_colour_science() {
    let folder = Folder::new();
    let committed: Vec<Value> = serde_json::from_str(CASES).unwrap();
    for value in &committed {
        check(&folder, &case(value).unwrap_or_else(|| panic!("{value}")));
    }
    let Some(path) = media("vectors/colour_science_expected.json") else {
        return;
    };
    let all: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    let all = all["cases"].as_array().unwrap();
    for value in &committed {
        assert!(all.contains(value), "{value}");
    }
    let others = all.iter().filter(|value| !committed.contains(value));
    others
        .filter_map(case)
        .for_each(|case| check(&folder, &case));
}
