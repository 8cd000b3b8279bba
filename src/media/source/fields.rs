//! Detects interlaced pictures that are tagged as progressive.

use multiversion::multiversion;

use super::{Source, SourceEvent};
use crate::frame::{FieldOrder, Picture};
use crate::media::error::Result;

/// Number of frames that are tested.
const FRAMES_TESTED: usize = 12;
/// Usual heights of interlaced video: NTSC, PAL and HD, with and without blanking lines.
const INTERLACED_HEIGHTS: [u32; 7] = [480, 486, 512, 576, 608, 1080, 1088];
/// Highest frame rate of interlaced video, in frames per second.
const MAX_RATE: f64 = 30.5;
/// Minimum difference between a row and both its neighbours, as a share of the sample range.
const MIN_COMB: f64 = 0.06;
/// Minimum share of combed samples in a combed picture.
const MIN_SHARE: f64 = 0.004;

impl Source {
    /// Tests the first frames of a source that is not tagged as interlaced, if its size and rate are usual for
    /// interlaced video. Sets [`VideoInfo::combed`](crate::media::VideoInfo). The frames stay in the queue.
    ///
    /// # Errors
    /// As [`Self::next_event`].
    pub fn test_fields(&mut self) -> Result<()> {
        let pictures = self.info.pictures();
        let flagged = matches!(
            pictures.field_order,
            FieldOrder::TopFirst | FieldOrder::BottomFirst
        );
        let rate = pictures.frame_rate.to_f64();
        let likely = INTERLACED_HEIGHTS.contains(&pictures.height) && rate > 0.0 && rate < MAX_RATE;
        if flagged || !likely || self.info.is_image {
            return Ok(());
        }
        // Frames that are read ahead stay in the queue.
        let mut seen = 0;
        let mut combed = 0;
        let mut at = 0;
        while seen < FRAMES_TESTED {
            if at == self.queue.len() {
                match self.advance()? {
                    Some(event) => self.queue.push_back(event),
                    None => break,
                }
            }
            if let SourceEvent::Frame(frame, _) = &self.queue[at] {
                seen += 1;
                combed += usize::from(is_combed(&frame.picture));
            }
            at += 1;
        }
        let index = self.info.video_stream;
        if let Some(video) = self.info.streams[index].video.as_mut() {
            // Film in fields (telecine) also has frames that are not combed.
            video.combed = combed * 4 >= seen && combed > 0;
        }
        Ok(())
    }
}

/// Whether enough samples of the first component differ from the rows above and below, while these two rows are alike
/// and so are the rows two apart. (The measure of field matchers, by Donald Graft, in its simplest form.)
fn is_combed(picture: &Picture) -> bool {
    let (width, height) = (picture.width as usize, picture.height as usize);
    if height < 8 || width < 8 {
        return false;
    }
    let threshold = (f64::from(picture.format.max_value()) * MIN_COMB) as i32;
    // The five rows around the one that is tested: row y is in place y modulo 5.
    let mut rows = [0; 5].map(|_| vec![0; width]);
    let mut combed_samples = 0;
    for y in 0..height {
        picture.component_row(0, y).read(&mut rows[y % 5]);
        if y >= 4 {
            combed_samples += combed([0, 1, 2, 3, 4].map(|k| &*rows[(y + 1 + k) % 5]), threshold);
        }
    }
    combed_samples as f64 > MIN_SHARE * (width * height) as f64
}

/// The number of combed samples in the middle one of five rows.
#[multiversion(targets = "simd")]
fn combed([above2, above, here, below, below2]: [&[i32]; 5], threshold: i32) -> u32 {
    let around = above2.iter().zip(above).zip(below).zip(below2);
    let mut count = 0;
    for (here, (((above2, above), below), below2)) in here.iter().zip(around) {
        let (up, down) = (here - above, here - below);
        let alike = ((above - below).abs() < threshold / 2)
            & ((above2 - here).abs() < threshold / 2)
            & ((below2 - here).abs() < threshold / 2);
        let out = (up.abs() > threshold) & (down.abs() > threshold) & ((up > 0) == (down > 0));
        count += u32::from(alike & out);
    }
    count
}
