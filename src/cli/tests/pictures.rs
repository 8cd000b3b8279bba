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
