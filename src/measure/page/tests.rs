//! What holds of all pages.

use std::collections::BTreeSet;

use roxmltree::{Document, ParsingOptions};

use super::sample::{HOSTILE, analysed, compared, measured};
use super::*;

fn pages(text: &str) -> [String; 3] {
    [
        measured(text).html(),
        analysed(text).html(),
        compared(text).html(),
    ]
}

fn parsed(html: &str) -> Document<'_> {
    let options = ParsingOptions {
        allow_dtd: true,
        ..ParsingOptions::default()
    };
    Document::parse_with_options(html, options).unwrap()
}

#[test]
fn pages_are_well_formed() {
    let empty = [
        MeasurePage::default().html(),
        AnalysisPage::default().html(),
        ComparePage::default().html(),
    ];
    for html in pages("plain").iter().chain(&pages(HOSTILE)).chain(&empty) {
        let page = parsed(html);
        let named = |name: &str| {
            page.descendants()
                .filter(|node| node.has_tag_name(name))
                .count()
        };
        assert_eq!(
            (named("h1"), named("main"), named("title") > 0),
            (1, 1, true)
        );
    }
}

#[test]
fn text_is_never_markup() {
    for (plain, hostile) in pages("plain").iter().zip(&pages(HOSTILE)) {
        let (plain, hostile) = (parsed(plain), parsed(hostile));
        let elements = |page: &Document| {
            let elements = page.descendants().filter(|node| node.is_element());
            let elements = elements.map(|node| node.tag_name().name().to_owned());
            elements.collect::<Vec<_>>()
        };
        assert_eq!(elements(&plain), elements(&hostile));
        // It is there, letter by letter, but for what XML has no place for.
        let shown = HOSTILE.replace(['\u{0}', '\u{1b}'], "\u{fffd}");
        let heading = hostile.descendants().find(|node| node.has_tag_name("h1"));
        assert_eq!(heading.and_then(|node| node.text()), Some(shown.as_str()));
        let handlers = hostile.descendants().flat_map(|node| node.attributes());
        assert_eq!(handlers.filter(|of| of.name().starts_with("on")).count(), 0);
    }
}

#[test]
fn pages_load_nothing() {
    for html in &pages("plain") {
        for scheme in ["http:", "https:", "//fonts", "url(", "@import", "file:"] {
            assert!(!html.contains(scheme), "{scheme}");
        }
        let page = parsed(html);
        for node in page.descendants() {
            let address = node.attribute("src").or(node.attribute("href"));
            assert!(
                address.is_none_or(|at| at.starts_with("data:") || at.starts_with('#')),
                "{address:?}"
            );
        }
        let policy = page.descendants().find_map(|node| {
            node.attribute("content")
                .filter(|text| text.contains("-src"))
        });
        assert!(policy.is_some_and(|text| text.starts_with("default-src 'none'; img-src data:;")));
    }
}

#[test]
fn ids_are_unique_and_links_lead_to_them() {
    for html in &pages("plain") {
        let page = parsed(html);
        let mut ids = BTreeSet::new();
        for id in page.descendants().filter_map(|node| node.attribute("id")) {
            assert!(ids.insert(id), "{id} is there twice");
        }
        for node in page.descendants() {
            let link = node.attribute("href").and_then(|at| at.strip_prefix('#'));
            let labels = node.attribute("aria-labelledby").unwrap_or_default();
            for id in link.into_iter().chain(labels.split_whitespace()) {
                assert!(ids.contains(id), "{id} is nowhere");
            }
        }
    }
}

#[test]
fn what_is_seen_has_words_too() {
    for html in &pages("plain") {
        let page = parsed(html);
        let has =
            |node: &roxmltree::Node, name: &str| node.children().any(|of| of.has_tag_name(name));
        for node in page.descendants().filter(|node| node.is_element()) {
            let is_fine = match node.tag_name().name() {
                "img" => node.attribute("alt").is_some_and(|text| !text.is_empty()),
                "svg" if node.attribute("class") == Some("lines") => true,
                "svg" => has(&node, "title") && has(&node, "desc"),
                "table" => has(&node, "caption"),
                "input" | "button" | "video" => node.has_attribute("aria-label"),
                "th" => node.has_attribute("scope"),
                _ => true,
            };
            assert!(is_fine, "{:?}", node);
        }
    }
}

#[test]
fn numbers_that_are_none_are_not_drawn() {
    let html = measured("plain").html();
    let page = parsed(&html);
    for node in page.descendants() {
        for of in node
            .attributes()
            .filter(|of| of.name() != "src" && of.name() != "content")
        {
            let value = of.value();
            assert!(!value.contains("NaN") && !value.contains("inf"), "{value}");
        }
    }
    // A metric without values has a row, but no drawing; frames without a value are told.
    assert_eq!(html.matches("<svg class=\"plot\"").count(), 1);
    assert!(html.contains("5 of 500 frames have no value"));
}
