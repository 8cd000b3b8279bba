//! Videos as all browsers play them: H.264 of 8 bits in 4:2:0, in MP4.

use super::Existing;
use super::preset::{AUTO, Preset};
use super::request::RenderRequest;
use crate::graph::style::{Library, NO_STYLE};

/// The style that changes nothing, and converts what a codec needs.
const UNCHANGED: &str = "identity";

impl RenderRequest {
    /// What the pictures of this request look like, encoded as browsers play them: its styles, values, size and part, and nothing
    /// else. Without a style, or with `none`, the source itself.
    ///
    /// # Errors
    /// Those of reading its preset.
    pub fn for_browsers(&self, library: &Library) -> super::Result<Self> {
        let whole = match self.preset.as_deref().filter(|name| *name != AUTO) {
            Some(name) => Self::merge(&Preset::load_with_paths(name, library)?.request, self),
            None => self.clone(),
        };
        let style = whole.style.filter(|style| style != NO_STYLE);
        Ok(Self {
            style: style.or_else(|| Some(UNCHANGED.to_owned())),
            set: whole.set,
            style_path: whole.style_path,
            lut: whole.lut,
            seed: whole.seed,
            temporal: whole.temporal,
            temporal_alpha: whole.temporal_alpha,
            device: whole.device,
            engine: whole.engine,
            scale: whole.scale,
            size: whole.size,
            fit: whole.fit,
            square_pixels: whole.square_pixels,
            start: whole.start,
            duration: whole.duration,
            to: whole.to,
            codec: Some("libx264".to_owned()),
            pix_fmt: Some("yuv420p".to_owned()),
            recipe: Some(false),
            existing: Some(Existing::Replace),
            ..Self::default()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_look_stays_and_the_encoder_is_that_of_browsers() {
        let request = RenderRequest {
            preset: Some("film".to_owned()),
            codec: Some("libx265".to_owned()),
            crf: None,
            report: Some("r.json".into()),
            ..RenderRequest::default()
        };
        let library = Library::built_in();
        let made = request.for_browsers(&library).unwrap();
        let preset = Preset::load("film").unwrap().request;
        assert_eq!((&made.style, &made.set), (&preset.style, &preset.set));
        assert_eq!(made.codec.as_deref(), Some("libx264"));
        assert_eq!((made.preset, made.report), (None, None));
        let none = RenderRequest {
            style: Some(NO_STYLE.to_owned()),
            ..RenderRequest::default()
        };
        let made = none.for_browsers(&library).unwrap();
        assert_eq!(made.style.as_deref(), Some(UNCHANGED));
    }
}
