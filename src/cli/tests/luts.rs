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

#[test]
fn a_table_is_applied() {
    let folder = Folder::new();
    folder.write("swapped.cube", SWAPPED.as_bytes());
    let photo = made(
        "deep.png",
        &["-i", text(&clip()), "-frames:v", "1", "-pix_fmt", "rgb48be"],
    );
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
                "\n  name a .cube file",
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
