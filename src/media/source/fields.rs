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
    let at = picture.format.components[0];
    let plain = picture.format.depth == 8 && (at.step, at.shift) == (1, 0);
    let combed_samples: u32 = match (plain, u8::try_from(threshold)) {
        (true, Ok(threshold)) => {
            let row = |y| &picture.row(usize::from(at.plane), y)[usize::from(at.offset)..][..width];
            (4..height)
                .map(|y| combed_bytes([4, 3, 2, 1, 0].map(|k| row(y - k)), threshold))
                .sum()
        }
        _ => {
            // The five rows around the one that is tested: row y is in place y modulo 5.
            let mut rows = [0; 5].map(|_| vec![0; width]);
            let mut samples = 0;
            for y in 0..height {
                picture.component_row(0, y).read(&mut rows[y % 5]);
                if y >= 4 {
                    samples += combed([0, 1, 2, 3, 4].map(|k| &*rows[(y + 1 + k) % 5]), threshold);
                }
            }
            samples
        }
    };
    f64::from(combed_samples) > MIN_SHARE * (width * height) as f64
}

/// As [`combed`], of rows of bytes: a register holds four times as many.
#[multiversion(targets = "simd")]
fn combed_bytes([above2, above, here, below, below2]: [&[u8]; 5], threshold: u8) -> u32 {
    const LANES: usize = 64;
    /// The most blocks whose combed samples a byte can count for each lane.
    const MOST: usize = 255;
    let [above2, above, here, below, below2] =
        [above2, above, here, below, below2].map(|row| row.as_chunks::<LANES>());
    let blocks = here.0.len();
    let mut count = 0;
    for begin in (0..blocks).step_by(MOST) {
        let mut lanes = [0u8; LANES];
        for block in begin..blocks.min(begin + MOST) {
            let (above2, above, here) = (&above2.0[block], &above.0[block], &here.0[block]);
            let (below, below2) = (&below.0[block], &below2.0[block]);
            for i in 0..LANES {
                let rows = [above2[i], above[i], here[i], below[i], below2[i]];
                lanes[i] += is_combed_byte(rows, threshold);
            }
        }
        count += lanes.iter().copied().map(u32::from).sum::<u32>();
    }
    let rest = here.1.iter().enumerate().map(|(i, here)| {
        let rows = [above2.1[i], above.1[i], *here, below.1[i], below2.1[i]];
        u32::from(is_combed_byte(rows, threshold))
    });
    count + rest.sum::<u32>()
}

/// 1 for a combed sample, else 0.
#[inline(always)]
fn is_combed_byte([above2, above, here, below, below2]: [u8; 5], threshold: u8) -> u8 {
    let alike = (above.abs_diff(below) < threshold / 2)
        & (above2.abs_diff(here) < threshold / 2)
        & (below2.abs_diff(here) < threshold / 2);
    let out = (here.abs_diff(above) > threshold)
        & (here.abs_diff(below) > threshold)
        & ((here > above) == (here > below));
    u8::from(alike & out)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_tested_as_numbers_are() {
        let mut state = 7u32;
        let mut random = |range: u32| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 16) % range
        };
        for width in [1, 63, 64, 200, 64 * 255 + 70] {
            // Even and odd rows of levels that differ, with noise: some samples are combed, some are not.
            let rows: [Vec<i32>; 5] = std::array::from_fn(|y| {
                let level = [90, 112][y % 2];
                (0..width).map(|_| level + random(9) as i32).collect()
            });
            let bytes = rows.each_ref().map(|row| {
                let row = row.iter().map(|&value| value as u8);
                row.collect::<Vec<u8>>()
            });
            for threshold in [4, 15, 18, 20] {
                let expected = combed(rows.each_ref().map(|row| &**row), threshold);
                let found = combed_bytes(bytes.each_ref().map(|row| &**row), threshold as u8);
                assert_eq!(found, expected, "{width} samples, threshold {threshold}");
            }
            let some = combed(rows.each_ref().map(|row| &**row), 18);
            assert!(
                width < 63 || some > 0 && (some as usize) < width,
                "{some} of {width}"
            );
        }
    }
}
