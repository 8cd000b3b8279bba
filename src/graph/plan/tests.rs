use super::*;
use crate::color::Coding;
use crate::frame::{Model, Subsampling};

fn source(width: u32, height: u32, depth: u8) -> (Source, PixelFormat) {
    let format = PixelFormat::planar(Model::Yuv, Subsampling::S420, depth, false);
    let coding = Coding::resolve(&Color::default(), &format, width, height);
    (
        Source {
            width,
            height,
            coded: Some((format, coding)),
        },
        format,
    )
}

fn chain(library: &Library, styles: &[&str], strength: f64) -> Vec<StyleUse> {
    styles
        .iter()
        .map(|name| {
            let style = library.load(name).unwrap();
            let values = Values::defaults(&style.params);
            StyleUse {
                style,
                values,
                strength,
            }
        })
        .collect()
}

fn plan_of(outputs: &[&[&str]], strength: f64) -> Plan {
    let library = Library::built_in();
    let (source, format) = source(1920, 1080, 8);
    let requests: Vec<_> = outputs
        .iter()
        .map(|styles| OutputRequest {
            chain: chain(&library, styles, strength),
            format,
            color: Color::default(),
        })
        .collect();
    plan(&library, &source, &requests, PlanOptions::default()).unwrap()
}

#[test]
fn pencil() {
    insta::assert_snapshot!(text(&plan_of(&[&["pencil"]], 1.0)));
}

#[test]
fn pencil_at_half_strength() {
    insta::assert_snapshot!(text(&plan_of(&[&["pencil"]], 0.5)));
}

#[test]
fn shaders_link() {
    let library = Library::built_in();
    let plan = plan_of(&[&["pencil"], &["identity"]], 0.5);
    for step in &plan.steps {
        let shader = crate::graph::gpu::shader::generate(&library, &plan, step).unwrap();
        println!("=== {}\n{}", shader.label, shader.wgsl);
    }
}
