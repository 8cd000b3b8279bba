//! Compares the properties of the video streams: size, format, colour, rotation, HDR metadata, fields.

use super::{NO_PLACE, Verdict, Verification};
use crate::color::Coding;
use crate::frame::{ChromaLocation, Color, FieldOrder, Model, PixelFormat, Range, Rational};
use crate::media::hdr::Hdr;
use crate::media::info::{SourceInfo, VideoInfo};
use crate::media::plan::{Dropped, OutputPlan};

pub(super) fn compare(
    to: &mut Verification,
    before: &SourceInfo,
    after: &SourceInfo,
    plan: &OutputPlan,
) {
    let (a, b) = (before.pictures(), after.pictures());
    let size = |(width, height): (u32, u32)| format!("{width}x{height}");
    let planned = (plan.video.frames.width, plan.video.frames.height);
    let (before, after) = ((a.width, a.height), (b.width, b.height));
    match before != after && after == planned {
        true => to.add(
            "size",
            size(before),
            size(after),
            Verdict::Allowed,
            "as planned",
        ),
        false => to.equal("size", size(before), size(after)),
    }
    let turned = plan.turned.map(|turned| turned.turn);
    format(to, a, b, plan);
    colour(to, a, b, plan);
    let source = turned.map_or(a.sample_aspect, |turn| turn.aspect(a.sample_aspect));
    let (before, after) = (aspect(source), aspect(b.sample_aspect));
    match before != after && is_planned_aspect(source, b.sample_aspect, plan) {
        true => to.add(
            "sample aspect ratio",
            before,
            after,
            Verdict::Allowed,
            "as planned",
        ),
        false => to.equal("sample aspect ratio", before, after),
    }
    let rotation = |video: &VideoInfo| video.rotation_text().unwrap_or_else(|| "0°".to_owned());
    let why = match turned {
        Some(_) if (b.rotation, b.mirrored) == (0, false) => Some("the pictures are turned"),
        None if plan.drop.contains(&Dropped::Rotation) => Some("as asked"),
        _ => None,
    };
    match why.filter(|_| rotation(a) != rotation(b)) {
        Some(why) => to.add("rotation", rotation(a), rotation(b), Verdict::Allowed, why),
        None => to.equal("rotation", rotation(a), rotation(b)),
    }
    let first = to.checks.len();
    if a.views != b.views {
        to.equal("views", a.views.join(", "), b.views.join(", "));
    }
    dynamic_range(to, &a.hdr, &b.hdr);
    if plan.is_pictures() {
        super::allow(&mut to.checks[first..], NO_PLACE);
    }
    fields(to, a, b, plan);
}

fn format(to: &mut Verification, a: &VideoInfo, b: &VideoInfo, plan: &OutputPlan) {
    let (Some(from), Some(into)) = (a.format, b.format) else {
        return;
    };
    let from = plan.turned.map_or(from, |turned| turned.turn.format(&from));
    let lost = losses(from, into);
    let asked = plan.video.pix_fmt == b.pix_fmt;
    let (verdict, why) = match lost.as_str() {
        _ if a.pix_fmt == b.pix_fmt => (Verdict::Same, String::new()),
        "" => (Verdict::Allowed, "without loss".to_owned()),
        ROUNDED if plan.is_pictures() => (Verdict::Allowed, "picture files hold RGB".to_owned()),
        lost if asked => (Verdict::Allowed, format!("as planned: {lost}")),
        lost => (Verdict::Differs, lost.to_owned()),
    };
    to.add(
        "pixel format",
        a.pix_fmt.clone(),
        b.pix_fmt.clone(),
        verdict,
        &why,
    );
}

const ROUNDED: &str = "colours are rounded";

/// What is lost between two pixel formats, as text; empty if nothing.
fn losses(from: PixelFormat, into: PixelFormat) -> String {
    let mut lost = Vec::new();
    if into.depth < from.depth {
        lost.push(format!("{} bits become {}", from.depth, into.depth));
    }
    if from.alpha && !into.alpha {
        lost.push("transparency is lost".to_owned());
    }
    let coloured = |format: PixelFormat| format.model != Model::Gray;
    if coloured(from) && !coloured(into) {
        lost.push("colour is lost".to_owned());
    } else if coloured(from) && (into.chroma.x > from.chroma.x || into.chroma.y > from.chroma.y) {
        lost.push("chroma is coarser".to_owned());
    } else if coloured(from) && from.model != into.model {
        lost.push(ROUNDED.to_owned());
    }
    lost.join(", ")
}

fn colour(to: &mut Verification, a: &VideoInfo, b: &VideoInfo, plan: &OutputPlan) {
    const DEFAULT_VALUE: &str = "this is the default if there is no tag";
    let (from, into) = (a.color, b.color);
    let models = (a.format.map(|f| f.model), b.format.map(|f| f.model));
    // Another colour model needs another matrix and range.
    let reencoded = models.0 != models.1;
    let float = |video: &VideoInfo| video.format.is_some_and(|format| format.is_float());
    let linear = |video: &VideoInfo| {
        let format = video.format.as_ref();
        format.is_some_and(|format| Coding::is_linear(&video.color, format))
    };
    let curve = match linear(a) && linear(b) {
        true => Some("floats are linear light, also without a tag"),
        false => {
            (float(a) != float(b)).then_some("floats are linear light, whole numbers have a curve")
        }
    };
    let mut row = |what: &str, x: String, y: String, allowed: Option<&str>| {
        let (verdict, why) = match allowed {
            _ if x == y => (Verdict::Same, ""),
            _ if reencoded => (Verdict::Allowed, "the output has another colour model"),
            Some(why) => (Verdict::Allowed, why),
            None => (Verdict::Differs, ""),
        };
        to.add(what, x, y, verdict, why);
    };
    let code = |code: u8| match code {
        Color::UNSPECIFIED => "unspecified".to_owned(),
        code => format!("H.273 code {code}"),
    };
    // RGB has only matrix 0.
    let matrix = |color: Color, model| match (color.matrix, model) {
        (Color::UNSPECIFIED, Some(Model::Rgb)) => 0,
        (matrix, _) => matrix,
    };
    let same = matrix(from, models.0) == matrix(into, models.1);
    let why = same.then_some(DEFAULT_VALUE);
    row("matrix", code(from.matrix), code(into.matrix), why);
    row(
        "primaries",
        code(from.primaries),
        code(into.primaries),
        None,
    );
    row("transfer", code(from.transfer), code(into.transfer), curve);
    let range = |range: Range| format!("{range:?}").to_lowercase();
    // The default is full for RGB and JPEG, else limited.
    let meant = |color: Color, model| match (color.range, model) {
        (Range::Unspecified, Some(Model::Rgb)) => Range::Full,
        (Range::Unspecified, _) => Range::Limited,
        (range, _) => range,
    };
    let why = match meant(from, models.0) == meant(into, models.1) {
        true => Some(DEFAULT_VALUE),
        false if plan.is_pictures() && into.range == Range::Full => {
            Some("picture files have full range")
        }
        false => None,
    };
    row("range", range(from.range), range(into.range), why);
    let subsampled = a.format.is_some_and(|f| f.chroma.x + f.chroma.y > 0);
    if subsampled {
        let place = |place: ChromaLocation| format!("{place:?}").to_lowercase();
        let usual = |place| match place {
            ChromaLocation::Unspecified => ChromaLocation::Left,
            place => place,
        };
        let same = usual(from.chroma_location) == usual(into.chroma_location);
        row(
            "chroma location",
            place(from.chroma_location),
            place(into.chroma_location),
            match plan.turned {
                Some(_) if into.chroma_location == plan.video.color.chroma_location => {
                    Some("the pictures are turned")
                }
                _ => same.then_some(DEFAULT_VALUE),
            },
        );
    }
}

fn aspect(ratio: Rational) -> String {
    match ratio.num {
        0 => "1:1".to_owned(),
        _ => {
            let divisor = gcd(ratio.num, ratio.den).max(1);
            format!("{}:{}", ratio.num / divisor, ratio.den / divisor)
        }
    }
}

/// Whether a sample aspect ratio is that of the plan, another than the source's. Some containers hold the size that is
/// shown, in whole pixels: it is up to half a pixel off.
fn is_planned_aspect(source: Rational, ratio: Rational, plan: &OutputPlan) -> bool {
    let value = |ratio: Rational| match ratio.num {
        0 => 1.0,
        _ => ratio.to_f64(),
    };
    let frames = &plan.video.frames;
    if aspect(frames.sample_aspect) == aspect(source) {
        return false;
    }
    let off = value(ratio) / value(frames.sample_aspect) - 1.0;
    off.abs() * f64::from(frames.width.min(frames.height)) <= 0.5
}

fn gcd(a: i64, b: i64) -> i64 {
    if b == 0 { a } else { gcd(b, a % b) }
}

fn fields(to: &mut Verification, a: &VideoInfo, b: &VideoInfo, plan: &OutputPlan) {
    let words = |order: FieldOrder| match order {
        FieldOrder::Unknown | FieldOrder::Progressive => "progressive",
        FieldOrder::TopFirst => "top field first",
        FieldOrder::BottomFirst => "bottom field first",
    };
    let (x, y) = (words(a.field_order), words(b.field_order));
    let planned = words(plan.video.field_order);
    match x != y && y == planned {
        true => {
            let why = match plan.turned {
                Some(_) => "the pictures are turned",
                None if plan.video.frames.field_order == FieldOrder::Progressive => {
                    "a style makes frames of the fields"
                }
                None => "the encoder does not support interlaced coding",
            };
            to.add("fields", x.into(), y.into(), Verdict::Allowed, why);
        }
        false => to.equal("fields", x, y),
    }
}

fn dynamic_range(to: &mut Verification, a: &Hdr, b: &Hdr) {
    let display = |hdr: &Hdr| match &hdr.mastering_display {
        Some(display) => match display.luminance {
            Some([min, max]) => format!("{min} to {max} cd/m²"),
            None => "primaries only".to_owned(),
        },
        None => "none".to_owned(),
    };
    let light = |hdr: &Hdr| match hdr.content_light {
        Some(light) => format!("{}, {} cd/m²", light.max_cll, light.max_fall),
        None => "none".to_owned(),
    };
    let verdict = |same| match same {
        true => Verdict::Same,
        false => Verdict::Differs,
    };
    if a.is_static() || b.is_static() {
        let same = verdict(a.mastering_display == b.mastering_display);
        to.add("mastering display", display(a), display(b), same, "");
        let same = verdict(a.content_light == b.content_light);
        to.add("content light", light(a), light(b), same, "");
    }
    let dynamic = |there: bool| if there { "there" } else { "none" }.to_owned();
    for (what, x, y) in [
        ("Dolby Vision", a.dolby_vision, b.dolby_vision),
        ("HDR10+", a.hdr10_plus, b.hdr10_plus),
    ] {
        if x || y {
            let (verdict, why) = match (x, y) {
                (true, false) => (Verdict::Allowed, "it describes the source's pictures"),
                _ => (Verdict::Differs, "it describes other pictures"),
            };
            to.add(what, dynamic(x), dynamic(y), verdict, why);
        }
    }
}
