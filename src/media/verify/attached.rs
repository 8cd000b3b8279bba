//! Compares the data that streams carry with their pictures: captions and user data.

use super::file_scan::FileScan;
use super::{Verdict, Verification};
use crate::media::attached::{Attached, Carrying};
use crate::media::fnv::{FNV_EMPTY, fnv1a};
use crate::media::plan::OutputPlan;

/// One kind of data in all pictures of a file.
#[derive(Clone, Default)]
struct Data {
    /// Number of pictures that have it.
    pictures: u64,
    bytes: u64,
    /// FNV-1a hash of its bytes, over all pictures; and with the numbers of the pictures.
    digest: u64,
    placed: u64,
}

/// The data of all pictures of a file.
#[derive(Clone, Default)]
pub(super) struct AttachedScan {
    /// Pictures so far.
    count: u64,
    captions: Data,
    /// Captions without padding, which pictures of another rate do not get.
    valid_captions: Data,
    user_data: Data,
}

impl AttachedScan {
    pub fn push(&mut self, attached: Option<&Attached>) {
        let count = self.count;
        self.count += 1;
        let Some(attached) = attached else { return };
        self.captions.push(count, &attached.captions);
        self.valid_captions.push(count, &attached.valid_captions());
        self.user_data.push(count, &attached.user_data.concat());
    }
}

impl Data {
    fn push(&mut self, picture: u64, bytes: &[u8]) {
        if bytes.is_empty() {
            return;
        }
        if self.pictures == 0 {
            (self.digest, self.placed) = (FNV_EMPTY, FNV_EMPTY);
        }
        self.pictures += 1;
        self.bytes += bytes.len() as u64;
        self.digest = fnv1a(self.digest, bytes);
        self.placed = fnv1a(fnv1a(self.placed, &picture.to_le_bytes()), bytes);
    }

    fn words(&self) -> String {
        match self.pictures {
            0 => "none".to_owned(),
            pictures => format!("{} bytes on {pictures} pictures", self.bytes),
        }
    }
}

/// Where frames have other times (`retimed`), the same bytes must come in the same order, padding left out; else each picture must have its
/// own.
pub(super) fn compare(
    to: &mut Verification,
    before: &FileScan,
    after: &FileScan,
    plan: &OutputPlan,
    retimed: bool,
) {
    let (a, b) = (&before.attached, &after.attached);
    for (what, source, output, carrying) in [
        match retimed {
            false => ("captions", &a.captions, &b.captions, plan.video.captions()),
            true => (
                "captions",
                &a.valid_captions,
                &b.valid_captions,
                plan.video.captions(),
            ),
        },
        (
            "user data of pictures",
            &a.user_data,
            &b.user_data,
            plan.video.user_data(),
        ),
    ] {
        if source.pictures == 0 && output.pictures == 0 {
            continue;
        }
        let same = match retimed {
            true => source.digest == output.digest && source.bytes == output.bytes,
            false => source.placed == output.placed && source.pictures == output.pictures,
        };
        let (verdict, why) = match carrying {
            _ if same => (Verdict::Same, String::new()),
            Carrying::No if output.pictures == 0 => (Verdict::Allowed, plan.not_carried()),
            _ if source.bytes == output.bytes => (
                Verdict::Differs,
                "other bytes, or on other pictures".to_owned(),
            ),
            _ => (Verdict::Differs, String::new()),
        };
        to.add(what, source.words(), output.words(), verdict, &why);
    }
}
