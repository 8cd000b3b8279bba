//! Look-up tables from the command line: valid ones are used, others are refused with the reason.

use crate::support::*;

const SWAPPED: &str = "TITLE \"red and blue change places\"\nLUT_3D_SIZE 2\n0 0 0\n0 0 1\n0 1 0\n0 1 1\n1 0 0\n1 0 1\n1 1 0\n1 1 1\n";

/// Arguments for a render that applies only the table.
fn graded<'a>(input: &'a str, output: &'a str, table: &'a str) -> Vec<&'a str> {
    let mut arguments = vec![input, "-s", "cinematic", "-o", output, "-y"];
    for off in [
        "cinematic.bloom_strength=0",
        "cinematic.contrast=0",
        "cinematic.vignette_strength=0",
        "cinematic.grain_strength=0",
    ] {
        arguments.extend(["--set", off]);
    }
    arguments.extend(["--set", table]);
    arguments
}

/// A picture of 16 bits, which are computed in floats without dither.
fn deep() -> std::path::PathBuf {
    let clip = clip();
    let arguments = ["-i", text(&clip), "-frames:v", "1", "-pix_fmt", "rgb48be"];
    made("deep.png", &arguments)
}

#[test]
fn a_table_is_applied() {
    let folder = Folder::new();
    folder.write("swapped.cube", SWAPPED.as_bytes());
    let photo = deep();
    folder
        .run(&graded(
            text(&photo),
            "out.png",
            "cinematic.lut_path=swapped.cube",
        ))
        .succeeds();
    let source = frames(&photo, "rgb48be");
    let out = frames(&folder.path("out.png"), "bgr48be");
    assert_eq!(source, out);
}

/// Red and blue change places, in the other formats.
fn swapped_in_other_formats(folder: &Folder) -> Vec<&'static str> {
    let corners = |first_fastest: bool| {
        (0..8).map(move |index| {
            let (low, middle, high) = (index & 1, index >> 1 & 1, index >> 2);
            match first_fastest {
                true => [low, middle, high],
                false => [high, middle, low],
            }
        })
    };
    let row = |[r, g, b]: [i32; 3], of: i32| format!("{} {} {}\n", b * of, g * of, r * of);
    let rows = |first_fastest, of| -> String {
        corners(first_fastest)
            .map(|corner| row(corner, of))
            .collect()
    };
    let four = (0..64).map(|index| {
        let [r, g, b] = [index / 16, index / 4 % 4, index % 4].map(|at| at * 341);
        format!("{b} {g} {r}\n")
    });
    let indexed = corners(false).map(|corner| {
        let [r, g, b] = corner;
        format!("{r} {g} {b} {}", row(corner, 1))
    });
    let files = [
        (
            "a.3dl",
            format!("0 341 682 1023\n{}", four.collect::<String>()),
        ),
        (
            "b.spi3d",
            format!("SPILUT 1.0\n3 3\n2 2 2\n{}", indexed.collect::<String>()),
        ),
        (
            "c.csp",
            format!(
                "CSPLUTV100\n3D\n\n{}2 2 2\n{}",
                "2\n0 1\n0 1\n".repeat(3),
                rows(true, 1)
            ),
        ),
        (
            "d.clf",
            format!(
                "<ProcessList id=\"a\" compCLFversion=\"3\"><LUT3D inBitDepth=\"32f\" outBitDepth=\"8i\"><Array dim=\"2 2 2 3\">{}</Array></LUT3D></ProcessList>",
                rows(false, 255)
            ),
        ),
        ("E.CUBE", SWAPPED.to_lowercase().replace('\n', "\r")),
    ];
    let mut names = Vec::new();
    for (name, text) in files {
        folder.write(name, text.as_bytes());
        names.push(name);
    }
    let hald = "haldclutsrc=4,format=gbrp,shuffleplanes=0:2:1,format=rgb24";
    tool(
        "ffmpeg",
        &[
            "-f",
            "lavfi",
            "-i",
            hald,
            "-frames:v",
            "1",
            text(&folder.path("f.png")),
        ],
    );
    names.push("f.png");
    names
}

#[test]
fn tables_of_all_formats_are_applied() {
    let folder = Folder::new();
    let photo = deep();
    let source = frames(&photo, "rgb48be");
    for name in swapped_in_other_formats(&folder) {
        let table = format!("cinematic.lut_path={name}");
        folder
            .run(&graded(text(&photo), "out.png", &table))
            .succeeds();
        assert_eq!(source, frames(&folder.path("out.png"), "bgr48be"), "{name}");
    }
    for (name, text_of, said) in [
        (
            "few.3dl",
            "0 341 682 1023\n1 2 3\n",
            "few.3dl is not a usable look-up table: line 2: the file ends after 1 of 64",
        ),
        (
            "no.clf",
            "<ProcessList>\n<Matrix/>\n</ProcessList>",
            "no.clf is not a usable look-up table: line 2: Matrix in this place",
        ),
    ] {
        folder.write(name, text_of.as_bytes());
        let table = format!("cinematic.lut_path={name}");
        folder
            .run(&graded(text(&photo), "no.png", &table))
            .says(65, &[said]);
    }
    let table = format!("cinematic.lut_path={}", text(&photo));
    folder
        .run(&graded(text(&photo), "no.png", &table))
        .says(65, &["160x90 pixels, but a Hald CLUT is a square of 8"]);
}

#[test]
fn a_table_beside_a_manifest_is_read_as_one_that_is_given() {
    let folder = Folder::new();
    let photo = deep();
    swapped_in_other_formats(&folder);
    let own = folder.path("cinematic");
    std::fs::create_dir(&own).unwrap();
    let built_in = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("shaders/cinematic");
    for name in names(&built_in) {
        std::fs::copy(built_in.join(&name), own.join(&name)).unwrap();
    }
    let manifest = std::fs::read_to_string(own.join("style.toml")).unwrap();
    let latin = [
        b"TITLE \"caf\xe9\"\n",
        SWAPPED.replace("TITLE", "#").as_bytes(),
    ]
    .concat();
    folder.write("latin.cube", &latin);
    for name in ["f.png", "a.3dl", "latin.cube"] {
        std::fs::copy(folder.path(name), own.join(name)).unwrap();
        let other = manifest.replace("default = \"look.cube\"", &format!("default = {name:?}"));
        assert_ne!(other, manifest);
        std::fs::write(own.join("style.toml"), other).unwrap();
        let mut arguments = graded(text(&photo), "out.png", "cinematic.strength=1");
        arguments.extend(["--style-path", ".", "--device", "cpu"]);
        folder.run(&arguments).succeeds();
        let out = frames(&folder.path("out.png"), "bgr48be");
        assert_eq!(frames(&photo, "rgb48be"), out, "{name}");
    }
}

#[test]
fn keywords_that_are_not_known_are_named() {
    let folder = Folder::new();
    folder.write(
        "vendor.cube",
        SWAPPED
            .replace("LUT_3D", "VENDOR_GAMMA 2\nLUT_3D")
            .as_bytes(),
    );
    let photo = deep();
    folder
        .run(&graded(
            text(&photo),
            "out.png",
            "cinematic.lut_path=vendor.cube",
        ))
        .says(
            0,
            &[
                "warning: ",
                "vendor.cube: \"VENDOR_GAMMA\" in line 2 is not known and not applied",
            ],
        );
    assert_eq!(
        frames(&photo, "rgb48be"),
        frames(&folder.path("out.png"), "bgr48be")
    );
}

#[test]
fn a_broken_table_is_refused_with_its_line() {
    let folder = Folder::new();
    let clip = clip();
    let huge = "LUT_3D_SIZE 812\n0 0 0\n";
    let nan = SWAPPED.replace("0 1 1", "0 nan 1");
    let few = SWAPPED.trim_end().trim_end_matches("1 1 1");
    for (name, table, said) in [
        (
            "nan",
            nan.as_str(),
            "nan.cube is not a usable look-up table: line 6: \"nan\" is not a finite number",
        ),
        (
            "few",
            few,
            "few.cube is not a usable look-up table: line 9: the file ends after 7 of 8 rows",
        ),
        (
            "one",
            "LUT_3D_SIZE 1\n0 0 0\n",
            "line 1: LUT_3D_SIZE is \"1\", but must be a whole number from 2 to 129",
        ),
        // Two gigabytes of numbers, if the size were true.
        ("huge", huge, "line 1: LUT_3D_SIZE is \"812\""),
        (
            "text",
            "This is a letter.\n",
            "line 1: \"This\" is not a keyword",
        ),
        ("empty", "", "there is neither LUT_1D_SIZE nor LUT_3D_SIZE"),
    ] {
        let file = format!("{name}.cube");
        folder.write(&file, table.as_bytes());
        let table = format!("cinematic.lut_path={file}");
        folder
            .run(&graded(text(&clip), "out.mp4", &table))
            .says(65, &["error: ", said, "\n  export it again"]);
        assert!(!folder.path("out.mp4").exists());
    }
    folder
        .run(&graded(
            text(&clip),
            "out.mp4",
            "cinematic.lut_path=no.cube",
        ))
        .says(
            66,
            &[
                "cannot read the look-up table ",
                "/no.cube: ",
                "\n  name a file that exists",
            ],
        );
    folder
        .run(&graded(text(&clip), "out.mp4", "cinematic.lut_path=."))
        .says(66, &["it is not a regular file"]);
    let binary = std::fs::read(&clip).unwrap();
    folder.write("video.cube", &binary);
    folder
        .run(&graded(
            text(&clip),
            "out.mp4",
            "cinematic.lut_path=video.cube",
        ))
        .says(65, &["video.cube is not a usable look-up table"]);
}

#[test]
fn other_files_and_values_are_refused_too() {
    let folder = Folder::new();
    folder.write("paper.png", b"This is a letter, not a picture.\n");
    let clip = clip();
    folder
        .run(&[
            text(&clip),
            "-o",
            "out.mp4",
            "--set",
            "pencil.use_texture=true",
            "--set",
            "pencil.texture_path=paper.png",
        ])
        .says(65, &["paper.png", "text"]);
    for (set, said) in [
        ("cinematic.grain_strength=3", "a number from 0 to 0.2"),
        ("cinematic.bloom_radius=nan", "a number from 2 to 100 px"),
        ("cinematic.tetrahedral=perhaps", "true or false"),
    ] {
        folder
            .run(&graded(text(&clip), "out.mp4", set))
            .says(2, &[said]);
    }
    assert_eq!(folder.names(), ["paper.png"]);
}
