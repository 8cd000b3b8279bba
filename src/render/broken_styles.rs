//! Which styles of an author cannot be used, and why: what a render would say, without a render.

use crate::color::{Coding, Color};
use crate::frame::{Model, PixelFormat, Rational, Subsampling};
use crate::graph::gpu::shader::generate;
use crate::graph::plan::{
    OutputRequest, PlanOptions, Source, StyleUse, Temporal, plan_with_measures,
};
use crate::graph::style::Library;

/// The styles and building blocks of an author that are not sound, by name, and the error of each. Manifests are checked,
/// look-up tables beside them are read, and shaders are compiled for the commonest pictures and the defaults of all
/// parameters; passes that are off there are not seen, nor are shaders of building blocks that no style uses.
pub fn broken_styles(library: &Library) -> Vec<(String, String)> {
    let broken = |name: &str| Some((name.to_owned(), error_of(library, name)?));
    library.own_folders().filter_map(broken).collect()
}

fn error_of(library: &Library, name: &str) -> Option<String> {
    if let Err(error) = library.check(name) {
        return Some(error.to_string());
    }
    let style = library.load(name).ok()?;
    let mut tables = style.luts.iter().filter_map(|lut| lut.own.as_deref());
    if let Some(error) = tables.find_map(|table| library.lut(table).err()) {
        return Some(error.to_string());
    }
    if name.contains('/') {
        return None;
    }
    let format = PixelFormat::planar(Model::Yuv, Subsampling::S420, 8, false);
    let (width, height) = (1920, 1080);
    let color = Color::default();
    let source = Source {
        width,
        height,
        coded: Some((format, Coding::resolve(&color, &format, width, height))),
        time_base: Rational::new(1, 25),
        rate: Rational::new(25, 1),
        start: 0,
        interlaced: Default::default(),
    };
    let request = OutputRequest {
        chain: vec![StyleUse::new(style)],
        format,
        color,
        temporal: Temporal::Off,
    };
    let planned = plan_with_measures(library, &source, &[request], PlanOptions::default());
    let plan = match planned {
        Ok((plan, _)) => plan,
        Err(error) => return Some(error.to_string()),
    };
    let mut shaders = plan.steps.iter().map(|step| generate(library, &plan, step));
    let failed = shaders.find_map(Result::err);
    failed.map(|error| error.to_string())
}
