use super::*;
use crate::graph::browser::Change;

/// Small, so that planning is what takes the time.
const SMALL: [(u32, u32); 2] = [(192, 108), (108, 192)];

fn made(style: &str, set: &[&str]) -> Result<BrowserStyle> {
    let set: Vec<String> = set.iter().map(|text| (*text).to_owned()).collect();
    let request = PageRequest {
        style,
        set: &set,
        sizes: &SMALL,
        temporal: Temporal::Adaptive {
            alpha: Temporal::ALPHA,
        },
    };
    browser_style(&Library::built_in(), &request)
}

#[test]
fn every_built_in_style_has_a_page_or_is_refused_with_the_reason() {
    let library = Library::built_in();
    for name in library.style_names() {
        let why = match name.as_str() {
            "consistency" | "deflicker" | "grain" | "levels" | "steady" => "measures all frames",
            "neural" => "runs a model",
            "rate" => "another frame rate",
            _ => "",
        };
        let made = made(&name, &[]);
        if !why.is_empty() {
            let error = made.expect_err(&name);
            assert!(error.to_string().contains(why), "{name}: {error}");
            assert!(!error.advice().is_empty(), "{name}: what to do");
            continue;
        }
        let style = made.unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(style.plans.len(), SMALL.len(), "{name}");
        let json = serde_json::to_string(&style).unwrap();
        let read: serde_json::Value = serde_json::from_str(&json).unwrap();
        assert_eq!(read["name"], name.as_str());
        let shaders = read["shaders"].as_array().unwrap().len();
        for plan in read["plans"].as_array().unwrap() {
            let steps = plan["steps"].as_array().unwrap();
            assert!(!steps.is_empty(), "{name}");
            for step in steps {
                assert!(step["shader"].as_u64().unwrap() < shaders as u64, "{name}");
            }
            let last = steps.last().unwrap();
            assert!(
                last["slot"].is_null(),
                "{name}: the last step writes the output"
            );
        }
        // Nearly all of a look can be changed while it runs. What makes another size is all plan.
        let live = style.plans[0].params.iter();
        let live = live.filter(|param| param.change.is_live()).count();
        let all = style.params.len();
        assert!(
            2 * live >= all || ["crop", "resize"].contains(&name.as_str()),
            "{name}: {live} of {all}"
        );
        let fixed = style.plans[0].params.iter();
        let fixed = fixed.filter_map(|param| match &param.change {
            Change::Fixed { why } => Some(why),
            _ => None,
        });
        assert!(fixed.into_iter().all(|why| !why.is_empty()), "{name}");
    }
}

#[test]
fn what_a_page_cannot_show_is_refused() {
    for (style, why) in [
        ("none", "one style"),
        ("pencil,mosaic", "one style"),
        ("pencil+neural", "runs a model"),
        ("demo", "no input"),
    ] {
        let error = made(style, &[]).expect_err(style);
        assert!(error.to_string().contains(why), "{style}: {error}");
    }
}

#[test]
fn what_a_first_pass_would_measure_can_be_given() {
    let refused = made("levels", &[]).unwrap_err();
    assert!(
        refused.advice().contains("--set levels."),
        "{}",
        refused.advice()
    );
}

#[test]
fn a_page_is_written_once() {
    let folder = tempfile::tempdir().unwrap();
    let page = folder.path().join("a/page");
    let style = made("mosaic", &[]).unwrap();
    let files = write_page(&style, &page, Existing::Refuse).unwrap();
    assert_eq!(files.len(), 5);
    let script = std::fs::read_to_string(page.join(STYLE)).unwrap();
    let json = script.strip_prefix("globalThis.AQUATINT_STYLE = ");
    let json = json.and_then(|json| json.strip_suffix(";\n")).unwrap();
    let read: serde_json::Value = serde_json::from_str(json).unwrap();
    assert_eq!(read["format"], 1);
    let index = std::fs::read_to_string(page.join("index.html")).unwrap();
    assert!(index.contains("mosaic") && !index.contains(NAME));
    assert!(!index.contains("https://"), "nothing is fetched");
    let again = write_page(&style, &page, Existing::Refuse).unwrap_err();
    assert!(matches!(again, RenderError::Exists { .. }));
    write_page(&style, &page, Existing::Replace).unwrap();
}
