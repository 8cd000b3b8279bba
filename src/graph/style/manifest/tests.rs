use super::super::{Choice, ParamKind, Rgb};
use super::*;

const PIXEL: &str = "fn pixel(at: vec2i) -> vec4f { return source_here() * params.gain; }";

fn parse(text: &str) -> Result<Style, StyleError> {
    Style::parse("x", "x/style.toml", text, |stem| match stem {
        "k" => Ok(Kernel::parse("x/k", PIXEL)),
        _ => Err(format!("there is no {stem}.wgsl")),
    })
}

#[test]
fn a_whole_manifest() {
    let style = parse(
        "summary = 'S'\n[param.gain]\ndefault = 1\nrange = [0, 2]\nhelp = 'h'\n[param.file]\ndefault = ''\nhelp = 'f'\n\
         [image.paper]\nfile = 'file'\n[[pass]]\nkernel = 'k'\nin = { source = 'source' }\nwhen = 'gain > 0'\nout = 'result'",
    )
    .unwrap();
    assert_eq!(
        style.params[0].kind,
        ParamKind::Number {
            default: 1.0,
            min: 0.0,
            max: 2.0
        }
    );
    assert_eq!(style.files, [("paper".to_owned(), "file".to_owned())]);
    assert_eq!(style.passes.len(), 1);
}

#[test]
fn colours_and_notes() {
    let style = parse(
        "summary = 'S'\n[param.gain]\ndefault = 1\nrange = [0, 2]\nhelp = 'h'\n[param.paper]\ndefault = '#fdf8ee'\nhelp = 'p'\n\
         [[note]]\nwhen = 'gain < paper_r'\ntext = '{gain}'\n\
         [[pass]]\nkernel = 'k'\nin = { source = 'source' }\nout = 'result'",
    )
    .unwrap();
    let default = Rgb([0xfd, 0xf8, 0xee]);
    assert_eq!(style.params[1].kind, ParamKind::Color { default });
    assert_eq!(style.notes[0].text, "{gain}");
}

#[test]
fn a_first_pass_names_measures_and_a_reducer() {
    let with = |analyse: &str, params: &str| {
        parse(&format!(
            "summary = 's'\n[param.gain]\ndefault = 1\nrange = [0, 2]\nhelp = 'h'\n{params}\n[measure.seen]\nof = 'result'\n\
             [analyse]\n{analyse}\n[[pass]]\nkernel = 'k'\nin = {{ source = 'source' }}\nout = 'result'"
        ))
    };
    let ends = "[param.black]\ndefault = 0.0\nrange = [0, 1]\nhelp = 'h'\n[param.white]\ndefault = 1.0\nrange = [0, 1]\nhelp = 'h'";
    let sound = "measures = ['seen']\nreducer = 'levels'";
    let style = with(sound, ends).unwrap();
    let analyse = style.analyse.unwrap();
    assert_eq!(
        (analyse.measures.len(), analyse.reducer.name),
        (1, "levels")
    );
    for (analyse, params, said) in [
        (
            "measures = ['seen']\nreducer = 'none'",
            ends,
            "the reducers: levels",
        ),
        (
            "measures = ['other']\nreducer = 'levels'",
            ends,
            "there is no [measure.other]",
        ),
        (
            "measures = []\nreducer = 'levels'",
            ends,
            "reads 1 measures, not 0",
        ),
        (sound, "", "declare [param.black], a number"),
        (
            "measures = ['seen']\nreducer = 'levels'\nevery = 2",
            ends,
            "every",
        ),
    ] {
        let error = with(analyse, params).unwrap_err().to_string();
        assert!(error.contains(said), "{error}");
    }
}

#[test]
fn choices_and_roles() {
    let style = parse(
        "summary = 'S'\nrole = 'scaler'\n[param.gain]\ndefault = 'Two'\nchoices = ['one', 'two']\nhelp = 'h'\n\
         [let]\nsecond = 'gain == 1'\n[[pass]]\nkernel = 'k'\nin = { source = 'source' }\nout = 'result'",
    )
    .unwrap();
    assert_eq!(style.role, Some(Role::Scaler));
    let choices = vec!["one".to_owned(), "two".to_owned()];
    let default = Choice::find(&choices, "two").unwrap();
    assert_eq!(style.params[0].kind, ParamKind::Choice { default, choices });
}

#[test]
fn mistakes_are_taught() {
    let gain = "summary='s'\n[param.gain]\ndefault = 1.0\nrange = [0.0, 2.0]\nhelp = 'h'\n";
    for (text, part) in [
        ("summary = 's'\ncolour = 1", "unknown field `colour`"),
        ("summary = 's'", "out = \"result\""),
        (
            "summary = 's'\n[param.p]\ndefault = 3.0\nrange = [0.0, 2.0]\nhelp = ''",
            "outside 0 to 2",
        ),
        (
            "summary = 's'\n[param.p]\ndefault = '#fff'\nhelp = ''",
            "#rrggbb",
        ),
        (
            "summary = 's'\nrole = 'scalar'",
            "write \"scaler\" (it makes",
        ),
        (
            "summary = 's'\n[param.p]\ndefault = 'c'\nchoices = ['a', 'b']\nhelp = ''",
            "default must be one of the choices: a, b",
        ),
        (
            "summary = 's'\n[param.p]\ndefault = 'a'\nchoices = ['a', 'A']\nhelp = ''",
            "\"A\" is among the choices twice",
        ),
        (
            "summary = 's'\n[param.p]\ndefault = 'a'\nchoices = ['a']\nhelp = ''",
            "two names or more",
        ),
        (
            "summary = 's'\n[param.p]\ndefault = 'a'\nchoices = ['a', 'b']\nrange = [0, 1]\nhelp = ''",
            "a choice has neither range",
        ),
        (
            &format!(
                "{gain}[measure.m]\nof = 'words'\n[[pass]]\nkernel = 'k'\nin = {{ source = 'source' }}\nout = 'result'"
            ),
            "[measure.m]: no pass has out = \"words\"",
        ),
        (
            "summary = 's'\n[measure.m]\nin = 'words'",
            "unknown field `in`",
        ),
        (
            "summary = 's'\n[[note]]\nwhen = '1 +'\ntext = ''",
            "[[note]]",
        ),
        (
            "summary = 's'\n[[pass]]\nkernel = 'nope'\nout = 'result'",
            "there is no nope.wgsl",
        ),
        (
            &format!("{gain}[[pass]]\nkernel = 'k'\nin = {{ source = 'sourse' }}\nout = 'result'"),
            "did you mean \"source\"",
        ),
        (
            &format!("{gain}[[pass]]\nkernel = 'k'\nin = {{ scorce = 'source' }}\nout = 'result'"),
            "did you mean \"scorce\"",
        ),
        (
            &format!(
                "{gain}[[pass]]\nkernel = 'k'\nin = {{ source = 'source' }}\nwhen = '1 +'\nout = 'result'"
            ),
            "when:",
        ),
    ] {
        let error = parse(text).unwrap_err().to_string();
        assert!(error.contains(part), "{error} should contain {part}");
    }
}

/// The keys of a table, as the error for an unknown one lists them.
fn keys<T: serde::de::DeserializeOwned>() -> Vec<String> {
    let Err(error) = toml::from_str::<T>("no_such_key = 1") else {
        panic!("an unknown key is refused");
    };
    let error = error.message().to_owned();
    let (_, list) = error.split_once("expected ").unwrap();
    let keys = list.split('`').skip(1).step_by(2);
    keys.map(str::to_owned).collect()
}

#[test]
fn the_page_for_authors_has_every_key() {
    let page = include_str!("../../../../docs/writing-a-style.md");
    let tables = [
        keys::<RawManifest>(),
        keys::<RawPass>(),
        keys::<RawParam>(),
        keys::<RawHistory>(),
        keys::<RawLut>(),
        keys::<RawNote>(),
        keys::<RawMeasure>(),
        keys::<RawAnalyse>(),
        keys::<RawImage>(),
    ];
    for key in tables.iter().flatten() {
        let written = [
            format!("`{key}`"),
            format!("`{key} ="),
            format!(" {key} ="),
            format!("[{key}"),
            format!("`{key}\n"),
        ];
        assert!(
            written.iter().any(|text| page.contains(text)),
            "docs/writing-a-style.md lacks {key}"
        );
    }
    assert!(tables.iter().all(|keys| !keys.is_empty()), "{tables:?}");
}
