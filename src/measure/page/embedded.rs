//! Pictures and clips inside a page.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// A file that a page carries.
#[derive(Clone, Debug, PartialEq)]
pub struct Embedded {
    /// Its media type: `image/png`, `image/jpeg`, `video/mp4`.
    pub mime: String,
    pub bytes: Vec<u8>,
}

impl Embedded {
    /// A file of the type `mime`.
    pub fn new(mime: &str, bytes: Vec<u8>) -> Self {
        Self {
            mime: mime.to_owned(),
            bytes,
        }
    }

    /// Its address: a `data:` URL (RFC 2397). It needs no escaping.
    pub fn address(&self) -> String {
        let is_plain = |letter: char| letter.is_ascii_alphanumeric() || "/.+-".contains(letter);
        let mime = match self.mime.chars().all(is_plain) {
            true => &self.mime,
            false => "application/octet-stream",
        };
        format!("data:{mime};base64,{}", STANDARD.encode(&self.bytes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_the_bytes_and_no_markup() {
        let picture = Embedded::new("image/png", b"\x89PNG".to_vec());
        assert_eq!(picture.address(), "data:image/png;base64,iVBORw==");
        let odd = Embedded::new("image/png\" onload=\"x", vec![0]);
        assert_eq!(odd.address(), "data:application/octet-stream;base64,AA==");
    }
}
