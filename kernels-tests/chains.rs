//! Every built-in style after every other one: each reads what each can give, pictures of one channel too.

use aquatint::color::Color;
use aquatint::frame::Picture;
use aquatint::graph::plan::{OutputRequest, Plan, PlanOptions, Temporal, plan};
use aquatint::graph::style::Library;

use crate::support::*;
use crate::temporal::{session, span};

/// The built-in styles that are looks of kernels alone.
fn looks(library: &Library) -> Vec<String> {
    let names = library.style_names();
    let is_look = |name: &String| {
        let style = library.load(name).unwrap();
        style.role.is_none() && style.models.is_empty()
    };
    names.into_iter().filter(is_look).collect()
}

fn planned(library: &Library, picture: &Picture, names: [&str; 2]) -> Plan {
    let request = OutputRequest {
        chain: names.map(|name| styled(library, name, &[], 1.0)).into(),
        format: picture.format,
        color: picture.color,
        temporal: Temporal::Adaptive {
            alpha: Temporal::ALPHA,
        },
    };
    plan(
        library,
        &source_of(picture),
        &[request],
        PlanOptions::default(),
    )
    .unwrap()
}

/// Three frames through the plan.
fn played(library: &Library, plan: Plan, on: On) -> Vec<Picture> {
    let mut session = session(library, plan, on);
    let mut made = Vec::new();
    for index in 0..3 {
        let frame = scene(40, 26, yuv420(8), Color::default(), 5 + index as u64);
        made.extend(pictures(session.push(Some(frame), span(index)).unwrap()));
    }
    made.extend(pictures(session.finish().unwrap()));
    made
}

#[test]
fn every_style_reads_what_every_other_one_makes() {
    let library = Library::built_in();
    let looks = looks(&library);
    assert!(looks.len() >= 6, "{looks:?}");
    let frame = scene(40, 26, yuv420(8), Color::default(), 5);
    for first in &looks {
        for second in &looks {
            let plan = planned(&library, &frame, [first, second]);
            let made = played(&library, plan.clone(), On::Cpu);
            assert_eq!(made.len(), 3, "{first}+{second}");
            // What pencil makes has one channel.
            if first == "pencil" {
                let other = played(&library, plan, On::Gpu);
                for (a, b) in made.iter().zip(&other) {
                    assert!(psnr(a, b) > 40.0, "{first}+{second}: {}", psnr(a, b));
                }
            }
        }
    }
}
