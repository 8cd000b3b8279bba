//! Luma at twice the size, against what NumPy makes of the same tables (models/upscale/infer.py).

use aquatint::color::{Color, Range};
use aquatint::graph::Payload;
use aquatint::graph::plan::{PlanOptions, Source, Temporal, measuring_plan};
use serde::Deserialize;

use crate::support::*;
use crate::temporal::{own_files, span, stream};

/// What `doubling.json` holds.
#[derive(Deserialize)]
struct Expected {
    width: u32,
    height: u32,
    /// Codes of 8 bits.
    luma: Vec<u32>,
    /// By the name of the table, row by row.
    doubled: Vec<(String, Vec<f32>)>,
}

/// The values that `common/double` makes by `method`.
fn doubled(expected: &Expected, method: usize, on: On) -> Vec<f32> {
    let manifest = format!(
        "summary = 'Luma at twice the size'\n[measure.luma]\nof = 'doubled'\n\
         [[pass]]\nuse = 'common/luma'\nin = {{ image = 'source' }}\nout = 'luma'\n\
         [[pass]]\nuse = 'common/double'\nin = {{ luma = 'luma' }}\nset = {{ method = {method} }}\nout = 'doubled'\n\
         [[pass]]\nuse = 'identity'\nin = {{ source = 'source' }}\nout = 'result'\n"
    );
    let (_folder, library) = with_own("twice", &[("style.toml", &manifest)]);
    let full = Color {
        range: Range::Full,
        ..Color::default()
    };
    let (width, height) = (expected.width, expected.height);
    let given = picture(width, height, gray(8), full, |_, x, y| {
        expected.luma[y * width as usize + x]
    });
    let chain = [styled(&library, "twice", &[], 1.0)];
    let (source, options) = (Source::of(&given), PlanOptions::default());
    let plan = measuring_plan(&library, &source, &chain, Temporal::Off, options).unwrap();
    let files = own_files(&library, &plan.plan);
    let mut session = stream(executor(&library, plan.plan, &files, on));
    let mut outputs = session.push(Some(given), span(0)).unwrap();
    outputs.extend(session.finish().unwrap());
    let Payload::Image(image, words) = outputs.remove(0).payload else {
        panic!("a measuring plan makes no pictures");
    };
    assert_eq!(image.extent, (2 * width, 2 * height));
    words.into_iter().map(f32::from_bits).collect()
}

#[test]
fn tables_make_what_numpy_makes_of_them() {
    let expected: Expected = serde_json::from_str(include_str!("expected/doubling.json")).unwrap();
    assert_eq!(expected.doubled.len(), 4);
    for (method, (name, values)) in expected.doubled.iter().enumerate() {
        for on in BOTH {
            let made = doubled(&expected, method, on);
            assert_eq!(made.len(), values.len());
            for (at, (made, value)) in made.iter().zip(values).enumerate() {
                // Features are rounded to 16 bits, now and then to the other neighbour.
                assert!(
                    (made - value).abs() < 1e-3,
                    "{name}: {made} for {value} at {at}"
                );
            }
        }
    }
}
