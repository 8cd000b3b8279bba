//! What the file itself says, before a frame is looked at.

use serde_json::json;

use super::Finding;
use crate::media::{Damage, SourceInfo};

/// TransferCharacteristics of PQ and HLG (H.273, table 3).
const PQ: u8 = 16;
const HLG: u8 = 18;

/// Kind `hdr`: whether the pictures are of high dynamic range.
pub fn hdr(info: &SourceInfo) -> Finding {
    let transfer = info.pictures().color.transfer;
    let name = match transfer {
        PQ => Some("PQ (SMPTE ST 2084)"),
        HLG => Some("HLG (BT.2100)"),
        _ => None,
    };
    let mut finding = Finding::absent("hdr", "streams", 0.95, "The dynamic range is standard.");
    if let Some(name) = name {
        finding.found = true;
        finding.severity = 1.0;
        finding.words = format!("The dynamic range is high, by {name}.");
        finding.details.insert("transfer".to_owned(), json!(name));
    }
    finding
}

/// Kind `damaged_file`: what the decoder could not read.
pub fn damaged(damage: &Damage, frames: u64) -> Finding {
    let words = damage.words();
    let mut finding = Finding::absent(
        "damaged_file",
        "% of frames",
        0.9,
        "Everything could be decoded.",
    );
    if !words.is_empty() {
        finding.found = true;
        finding.severity = 100.0 * damage.damaged_frames as f64 / frames.max(1) as f64;
        finding.words = format!("{}.", words.join("; "));
    }
    finding
}
