//! The frames of a clock that a plan still needs.

use std::collections::VecDeque;

use super::executor::Instant;

/// The newest frames of a clock and their facts.
#[derive(Clone, Debug, Default)]
pub(super) struct Timeline {
    /// Oldest first.
    frames: VecDeque<Instant>,
    /// Number of frames pushed so far.
    count: u64,
    /// The oldest frame that is worked on, in frames behind the newest.
    depth: u32,
    /// Frames that windows may look back.
    behind: u32,
    /// Steps done after the last frame, at the end of the stream.
    past: u32,
}

impl Timeline {
    pub fn new(depth: u32, behind: u32) -> Self {
        Self {
            depth,
            behind,
            ..Self::default()
        }
    }

    /// The newest frames, oldest first.
    pub fn frames(&self) -> impl Iterator<Item = &Instant> {
        self.frames.iter()
    }

    /// Continues with these frames, which come from [`Self::frames`].
    pub fn restore(&mut self, frames: Vec<Instant>) {
        self.count = frames.last().map_or(0, |last| last.index + 1);
        self.frames = frames.into();
    }

    /// The number of the next frame.
    pub fn next_index(&self) -> u64 {
        self.count
    }

    /// Adds the next frame.
    pub fn push(&mut self, frame: Instant) {
        self.count = frame.index + 1;
        self.frames.push_back(frame);
        // The scene of the oldest frame in work must be known as far back as windows look; and the frame before it, which
        // may say how long it lasts.
        while self.frames.len() > 2 + (self.depth + self.behind) as usize {
            self.frames.pop_front();
        }
    }

    /// For the end of the stream: whether frames are left that are still worked on.
    pub fn step_past_end(&mut self) -> bool {
        let left = self.past < self.depth;
        self.past += u32::from(left);
        left
    }

    /// Whether the last frame has been worked on by what is `delay` frames behind.
    pub fn is_over(&self, delay: u32) -> bool {
        self.past > delay
    }

    /// The frame `delay` frames behind the newest, with the limits of its scene, or `across_cuts` those of the stream.
    pub fn at(&self, delay: u32, across_cuts: bool) -> Option<Instant> {
        let position = self.position(delay)?;
        let mut frame = self.frames[position];
        let cuts = |frame: &&Instant| across_cuts || !frame.facts.cut;
        let after = self.frames.range(position + 1..).take_while(cuts).count();
        let scene = self.frames.range(..=position).rev();
        let before = scene.take_while(cuts).count().min(position);
        frame.facts.frames_before = before.min(self.behind as usize) as u32;
        frame.facts.frames_after = after.min(self.depth as usize) as u32;
        Some(frame)
    }

    /// The frame before that one, and the frame after it, where they are known.
    pub fn around(&self, delay: u32) -> (Option<&Instant>, Option<&Instant>) {
        let Some(position) = self.position(delay) else {
            return (None, None);
        };
        let before = position.checked_sub(1);
        let before = before.and_then(|before| self.frames.get(before));
        (before, self.frames.get(position + 1))
    }

    fn position(&self, delay: u32) -> Option<usize> {
        let back = delay.checked_sub(self.past)? as usize;
        self.frames.len().checked_sub(1 + back)
    }
}
