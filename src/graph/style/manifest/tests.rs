use super::super::{Choice, ParamKind, Rgb, STRENGTH};
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
    let paper = ImageFile {
        name: "paper".to_owned(),
        param: Some("file".to_owned()),
        own: None,
    };
    assert_eq!(style.files, [paper]);
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
            "the reducers: consistency, deflicker, grain, levels, steady",
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
    let trial = Vec::new();
    let kind = ParamKind::Choice {
        default,
        choices,
        trial,
    };
    assert_eq!(style.params[0].kind, kind);
}

#[test]
fn trials_name_choices_of_a_scaler() {
    let with = |role: &str, trial: &str| {
        parse(&format!(
            "summary = 'S'\n{role}\n[param.gain]\ndefault = 'auto'\nchoices = ['auto', 'one', 'two']\n{trial}\nhelp = 'h'\n\
             [let]\nsecond = 'gain == 1'\n[[pass]]\nkernel = 'k'\nin = {{ source = 'source' }}\nout = 'result'"
        ))
    };
    let scaler = "role = 'scaler'";
    let style = with(scaler, "trial = ['two', 'One']").unwrap();
    let ParamKind::Choice { trial, .. } = &style.params[0].kind else {
        panic!("a choice");
    };
    let names: Vec<&str> = trial.iter().map(|choice| choice.name.as_str()).collect();
    assert_eq!(names, ["two", "one"]);
    for (role, trial, said) in [
        (scaler, "trial = ['auto', 'one']", "\"auto\" is none"),
        (scaler, "trial = ['one', 'one']", "each once"),
        (scaler, "trial = ['one', 'three']", "\"three\" is none"),
        (scaler, "trial = ['one']", "two choices or more"),
        ("", "trial = ['one', 'two']", "role = \"scaler\""),
    ] {
        let error = with(role, trial).unwrap_err().to_string();
        assert!(error.contains(said), "{error}");
    }
}

#[test]
fn what_has_no_effect_is_warned_of() {
    let with = |top: &str, pass: &str| {
        let text = format!(
            "summary = 's'\n[param.gain]\ndefault = 1\nrange = [0, 2]\nhelp = 'h'\n{top}\n[[pass]]\nkernel = 'k'\n{pass}\nout = 'result'"
        );
        parse(&text).unwrap().warnings
    };
    let source = "in = { source = 'source' }";
    let tint = "[param.tint]\ndefault = '#ffffff'\nhelp = 'h'";
    let unused = "nothing uses the parameter \"tint\": no kernel, expression, note or file";
    let nothing: [&str; 0] = [];
    assert_eq!(with("", source), nothing);
    assert_eq!(with(tint, source), [unused]);
    // Each of these uses it.
    for top in [
        "[let]\nred = 'tint_r'",
        "[[note]]\nwhen = '1'\ntext = '{tint_g}'",
        "[[note]]\nwhen = 'tint_b > 0'\ntext = ''",
    ] {
        assert_eq!(with(&format!("{tint}\n{top}"), source), nothing, "{top}");
    }
    for (pass, said) in [
        (
            "in = { source = 'source', again = 'source' }",
            "x/k.wgsl is given an input \"again\" that it never reads",
        ),
        (
            "in = { source = 'source' }\nset = { gian = '2' }",
            "the pass of x/k.wgsl sets \"gian\", but the kernel does not use params.gian (did you mean \"gain\"?)",
        ),
        (
            "in = { source = 'source' }\nset = { gain = '2' }",
            "nothing uses the parameter \"gain\": no kernel, expression, note or file",
        ),
    ] {
        assert_eq!(with("", pass), [said], "{pass}");
    }
}

#[test]
fn a_building_block_may_call_its_parameters_as_the_engine_does() {
    let text = "summary = 's'\n[param.gain]\ndefault = 1\nrange = [0, 2]\nhelp = 'h'\n[param.width]\ndefault = 1\n\
                range = [0, 2]\nhelp = 'h'\n[[pass]]\nkernel = 'k'\nin = { source = 'source' }\nout = 'result'";
    let kernel = |_: &str| Ok(Kernel::parse("x/y/k", PIXEL));
    assert!(Style::parse("x/y", "x/y/style.toml", text, kernel).is_ok());
    assert!(parse(text).is_err());
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
            "summary = 's'\n[param.p]\ndefault = '0.25'\nrange = [0, 1]\nhelp = ''",
            "a text has neither range",
        ),
        (
            "summary = 's'\n[param.p]\ndefault = '0.25'\nhelp = ''",
            "write default = 0.25, without quotes",
        ),
        (
            "summary = 's'\n[param.p]\ndefault = 'true'\nhelp = ''",
            "write default = true, without quotes",
        ),
        (
            "summary = 's'\n[param.p]\ndefault = 'navy'\nhelp = ''",
            "a colour is written \"#rrggbb\"",
        ),
        (
            "summary = 's'\n[param.p]\ndefault = 'paper.png'\nhelp = ''",
            "the default of [image.NAME]",
        ),
        (
            "summary = 's'\n[param.p]\ndefault = 3.0\nrange = [0, 9]\nunit = 'pixels'\nhelp = ''",
            "write unit = \"px\"",
        ),
        (
            "summary = 's'\n[param.p]\ndefault = 3\nrange = [0, 9]\nunit = 'px'\ninteger = true\nhelp = ''",
            "leave out integer",
        ),
        (
            "summary = 's'\n[param.p]\ndefault = 3.0\nrange = [0, 9]\ninteger = true\nhelp = ''",
            "needs a whole number as its default, such as 3",
        ),
        (
            "summary = 's'\n[param.p]\ndefault = 3\nrange = [0.5, 9]\ninteger = true\nhelp = ''",
            "whole numbers as its range",
        ),
        (
            "summary = 's'\n[param.p]\ndefault = true\nunit = 'px'\nhelp = ''",
            "a switch has neither",
        ),
        (
            "summary = 's'\n[param.strength]\ndefault = 1.0\nrange = [0, 1]\nhelp = ''",
            "its mix with the source, which this one would hide",
        ),
        (
            "summary = 's'\n[param.width]\ndefault = 1.0\nrange = [0, 1]\nhelp = ''",
            "such as my_width",
        ),
        (
            "summary = 's'\n[param.source_kr]\ndefault = 1.0\nrange = [0, 1]\nhelp = ''",
            "the image on the input \"source\"",
        ),
        (
            "summary = 's'\n[param.min]\ndefault = 1.0\nrange = [0, 1]\nhelp = ''",
            "a word of expressions",
        ),
        (
            "summary = 's'\n[param.dot-size]\ndefault = 1.0\nrange = [0, 1]\nhelp = ''",
            "letters, digits and _",
        ),
        (
            "summary = 's'\n[let]\nheight = '1'",
            "[let] height: expressions know height",
        ),
        (
            &format!("{gain}[let]\ngain = '1'"),
            "[let] gain: there is a parameter of this name",
        ),
        (
            "summary = 's'\n[lut.source]\ndefault = 'a.cube'",
            "[lut.source]: \"source\" is an input",
        ),
        (
            "summary = 's'\n[lut.a]\ndefault = 'a.cube'\n[image.a]\ndefault = 'a.png'",
            "\"a\" is declared twice",
        ),
        (
            &format!(
                "{gain}[image.result]\ndefault = 'a.png'\n[[pass]]\nkernel = 'k'\nin = {{ source = 'source' }}\nout = 'result'"
            ),
            "[image.result]: \"result\" is an image that a pass makes",
        ),
        (
            "summary = 's'\n[history.h]\nof = 'result'\nwords = 4\nchannels = 1",
            "a history of words has no channels",
        ),
        (
            "summary = 's'\n[[pass]]\nuse = 'common/luma'\nsize = [1, 1]\nout = 'result'",
            "that the folder makes: it has no size",
        ),
        (
            "summary = 's'\n[[pass]]\nkernel = 'k'\nwords = 4\nout = 'result'",
            "makes an image: it has no words",
        ),
        (
            "summary = 's'\n[[pass]]\ncompute = 'k'\nwords = 4\nchannels = 1\nout = 'result'",
            "makes words: it has no channels",
        ),
        (
            "summary = 's'\n[image.paper]",
            "give file = \"PARAM\", default = \"FILE.png\", or both",
        ),
        (
            &format!("{gain}[image.paper]\nfile = 'paper.png'"),
            "a picture beside the manifest is default = \"FILE.png\"",
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
    let (_, page) = page.split_once("## What a manifest may say").unwrap();
    let tables = [
        keys::<RawManifest>(),
        keys::<RawPass>(),
        keys::<super::pass::RawPhase>(),
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
    // What another page says of a manifest is a key, too, or the parameter of every style.
    let colour = include_str!("../../../../docs/color.md");
    let code = colour.split('`').skip(1).step_by(2);
    let named: Vec<&str> = code
        .filter_map(|code| Some(code.split_once(" = ")?.0))
        .collect();
    assert!(named.contains(&"space"), "{named:?}");
    for key in named.into_iter().filter(|key| *key != STRENGTH) {
        let known = tables.iter().flatten().any(|known| known == key);
        assert!(known, "docs/color.md names a key {key}");
    }
}

#[test]
fn tiles_groups_and_what_is_prepared_are_checked_where_they_are_read() {
    let kernel = "fn prepare(at: vec2i) {}\nfn add(at: vec2i) {}\n\
        fn pixel(at: vec2i) -> vec4f { return source_near(vec2i(1)) + other_at(at); }";
    let parsed = |pass: &str| {
        let text = format!(
            "summary = 's'\n[[pass]]\n{pass}\nin = {{ source = 'source', other = 'source' }}\nout = 'result'"
        );
        Style::parse("x", "x/style.toml", &text, |_| {
            Ok(Kernel::parse("x/k", kernel))
        })
    };
    let compute =
        "compute = 'k'\nwords = 4\nphases = [{ run = 'add', over = [4, 1], group = GROUP }]";
    for (pass, said) in [
        (
            "kernel = 'k'\ntile = { suorce = 1 }",
            "no input \"suorce\" (did you mean \"source\"?)",
        ),
        (
            "kernel = 'k'\ntile = { other = 1 }",
            "reads by other_near(d) or other_mirrored(d)",
        ),
        (
            "kernel = 'k'\ntile = { source = [1, 2, 3] }",
            "source = [columns, rows]: give both",
        ),
        ("kernel = 'k'\ntile = { source = '1 +' }", "tile: source: "),
        ("kernel = 'k'\nprepare = 'nothing'", "no fn nothing"),
        (
            "use = 'common/luma'\ntile = { source = 1 }",
            "it has no tile",
        ),
        (
            "use = 'common/luma'\nprepare = 'prepare'",
            "it has no prepare",
        ),
        (&compute.replace("GROUP", "0"), "1 to 256"),
        (&compute.replace("GROUP", "257"), "1 to 256"),
        (
            "compute = 'k'\nwords = 4\ntile = { source = 1 }\nphases = [{ run = 'add', over = [4, 1] }]",
            "it has no tile",
        ),
    ] {
        let error = parsed(pass).unwrap_err().to_string();
        assert!(error.contains(said), "{error} should contain {said}");
    }
    let style =
        parsed("kernel = 'k'\ntile = { source = [1, '2 * 3'] }\nprepare = 'prepare'").unwrap();
    assert_eq!(style.passes[0].tiles[0].reach[1].text(), "2 * 3");
    assert_eq!(style.passes[0].prepare.as_deref(), Some("prepare"));
    let window = "summary = 's'\n[[pass]]\nkernel = 'k'\nin = { source = 'source[-1..+1]', other = 'source' }\nout = 'result'";
    let window = Style::parse("x", "x/style.toml", window, |_| {
        Ok(Kernel::parse("x/k", kernel))
    });
    let window = window.unwrap_err().to_string();
    assert!(window.contains("use source_at(k, p)"), "{window}");
    let grouped = parsed(&compute.replace("GROUP", "4")).unwrap();
    let Body::Compute { phases, .. } = &grouped.passes[0].body else {
        panic!("a compute pass");
    };
    assert_eq!(phases[0].group, Some(4));
}
