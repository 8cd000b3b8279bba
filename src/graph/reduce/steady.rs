//! `steady`: how the picture moves from frame to frame, and what moves it to a smooth path.
//!
//! Each frame is laid over a key frame of its scene, so that errors do not add up from frame to frame; what the camera films
//! has changed too much after a while, and then the frame before becomes the key frame. The path of the picture is smoothed, and
//! each frame is moved from where it is to where the smooth path is (compare Matsushita et al.: "Full-frame video stabilization
//! with motion inpainting", 2006). Where borders are cut off, the picture is enlarged as much as the frames around need.

use serde_json::json;

use super::align::{Motion, Pyramid};
use super::cells::Cells;
use super::smooth::{median, smooth, stiffness};
use super::{FrameMeasures, Reduce, Reduced, ReducedTrack};
use crate::graph::style::Interpolation;

pub(super) const PARAMS: [&str; 7] = ["dx", "dy", "turn", "grow", "zoom", "pan_x", "pan_y"];

/// Corners that move by less than so many pixels at 1080 lines are left where they are, and so is a scene of which nearly all do.
const LEAST: f64 = 0.15;
/// A key frame is given up when the picture has moved by this share of its longer side, or turned or grown by this share.
const FAR: f64 = 0.12;
const TURNED: f64 = 0.15;
/// It is given up, too, when this many times more is left than at first.
const WORSE: f64 = 1.5;
/// Seconds over which the zoom follows what frames need.
const ZOOM: f64 = 1.0;

/// How a user wants it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wanted {
    /// Turns and zoom are corrected, too.
    pub turns: bool,
    /// Motion that swings within so many seconds goes.
    pub seconds: f64,
    /// Borders are cut off by enlarging the picture.
    pub crop: bool,
    /// The most that it is enlarged.
    pub limit: f64,
}

/// A picture, and where it lies.
#[derive(Debug)]
struct Placed {
    picture: Pyramid,
    /// From the first frame of the scene.
    pose: Motion,
}

/// Lays frames over those before.
#[derive(Debug)]
pub(super) struct Steady {
    wanted: Wanted,
    key: Option<Placed>,
    /// What was left when the key frame was first compared.
    key_apart: Option<f64>,
    before: Option<Placed>,
    times: Vec<f64>,
    poses: Vec<Motion>,
    scenes: Vec<usize>,
    /// Frames that could not be laid over another.
    lost: usize,
    /// Columns and rows of the picture, and pixels of a cell.
    size: (f64, f64),
    side: f64,
}

impl Steady {
    pub fn new(wanted: Wanted) -> Self {
        Self {
            wanted,
            key: None,
            key_apart: None,
            before: None,
            times: Vec::new(),
            poses: Vec::new(),
            scenes: Vec::new(),
            lost: 0,
            size: (1.0, 1.0),
            side: 1.0,
        }
    }

    /// Where a picture lies. It becomes the one before.
    fn place(&mut self, picture: Pyramid, longer: f64) -> Motion {
        let turns = self.wanted.turns;
        let pose_before = self
            .before
            .as_ref()
            .map_or(Motion::default(), |before| before.pose);
        let by_key = self.key.as_ref().and_then(|key| {
            let guess = pose_before.after(&key.pose.back());
            let fit = key.picture.motion_to(&picture, &guess, turns)?;
            Some((fit.motion.after(&key.pose), fit))
        });
        let near = |motion: &Motion| {
            let moved = motion.x.hypot(motion.y) <= FAR * longer;
            moved && motion.grow.abs().max(motion.turn.abs()) <= TURNED
        };
        let apart = self.key_apart;
        let good = by_key.filter(|(_, fit)| {
            near(&fit.motion) && apart.is_none_or(|first| fit.apart <= WORSE * first.max(0.002))
        });
        let pose = match good {
            Some((pose, fit)) => {
                self.key_apart.get_or_insert(fit.apart);
                pose
            }
            None => {
                let fit = self.before.as_ref().and_then(|before| {
                    before
                        .picture
                        .motion_to(&picture, &Motion::default(), turns)
                });
                self.key_apart = fit.map(|fit| fit.apart);
                let pose = fit.map(|fit| fit.motion.after(&pose_before));
                self.key = match pose {
                    Some(_) => self.before.take(),
                    None => None,
                };
                self.lost += usize::from(pose.is_none());
                pose.unwrap_or(pose_before)
            }
        };
        let placed = Placed { picture, pose };
        if self.key.is_none() {
            self.key = Some(Placed {
                picture: placed.picture.clone(),
                pose,
            });
            self.key_apart = None;
        }
        self.before = Some(placed);
        pose
    }
}

impl Reduce for Steady {
    fn frame(&mut self, frame: &FrameMeasures<'_>) {
        let words = frame.measures.first().map_or(&[][..], Vec::as_slice);
        let cells = Cells::of(words);
        let picture = cells.as_ref().map(Pyramid::new);
        let like = match (&self.before, &picture) {
            (Some(before), Some(picture)) => before.picture.like(picture),
            _ => false,
        };
        if frame.cut || !like {
            self.scenes.push(self.times.len());
            self.key = None;
            self.key_apart = None;
            self.before = None;
        }
        self.times.push(frame.seconds);
        let (Some(cells), Some(picture)) = (cells, picture) else {
            self.poses.push(Motion::default());
            return;
        };
        self.size = (cells.width, cells.height);
        self.side = cells.side;
        let pose = match self.before {
            Some(_) => self.place(picture, cells.columns.max(cells.rows) as f64),
            None => {
                let pose = Motion::default();
                self.key = Some(Placed {
                    picture: picture.clone(),
                    pose,
                });
                self.before = Some(Placed { picture, pose });
                pose
            }
        };
        self.poses.push(pose);
    }

    fn finish(self: Box<Self>) -> Reduced {
        let mut made = Vec::with_capacity(self.poses.len());
        let mut corrected = 0;
        let ends = self
            .scenes
            .iter()
            .skip(1)
            .copied()
            .chain([self.poses.len()]);
        for (from, end) in self.scenes.iter().copied().zip(ends) {
            let scene = self.corrections(from..end);
            corrected += usize::from(scene.iter().any(|made| *made != Made::NONE));
            made.extend(scene);
        }
        type Read = fn(&Made) -> f64;
        let reads: [Read; 7] = [
            |of| of.dx,
            |of| of.dy,
            |of| of.turn,
            |of| of.grow,
            |of| of.zoom,
            |of| of.pan[0],
            |of| of.pan[1],
        ];
        let tracks = PARAMS.iter().zip(reads).map(|(param, read)| ReducedTrack {
            param,
            // Each frame has its own.
            interpolation: Interpolation::Hold,
            keys: self
                .times
                .iter()
                .zip(&made)
                .map(|(time, made)| (*time, read(made)))
                .collect(),
        });
        let zoom = made.iter().fold(1.0f64, |most, made| most.max(made.zoom));
        Reduced {
            tracks: tracks.collect(),
            report: json!({
                "scenes": self.scenes.len(),
                "scenes_corrected": corrected,
                "frames_lost": self.lost,
                "largest_zoom": (zoom * 1e4).round() / 1e4,
            }),
        }
    }
}

/// What is done to a frame.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Made {
    /// Shares of the picture's height.
    dx: f64,
    dy: f64,
    /// Degrees.
    turn: f64,
    /// A factor.
    grow: f64,
    zoom: f64,
    /// How far the smooth path goes since the frame before, across and down: shares of the height.
    pan: [f64; 2],
}

impl Made {
    const NONE: Self = Self {
        dx: 0.0,
        dy: 0.0,
        turn: 0.0,
        grow: 1.0,
        zoom: 1.0,
        pan: [0.0; 2],
    };
}

impl Steady {
    /// What is done to the frames of a scene.
    fn corrections(&self, scene: std::ops::Range<usize>) -> Vec<Made> {
        let (poses, times) = (&self.poses[scene.clone()], &self.times[scene]);
        let none = vec![Made::NONE; poses.len()];
        let steps = times.windows(2).map(|of| of[1] - of[0]).collect();
        let Some(step) = median(steps).filter(|step| *step > 0.0) else {
            return none;
        };
        let stiffness = stiffness(self.wanted.seconds / step);
        let path = |read: &dyn Fn(&Motion) -> f64| -> Vec<f64> {
            smooth(&poses.iter().map(read).collect::<Vec<_>>(), &[], stiffness)
        };
        // The size and the angle are smoothed as such.
        let size = path(&|pose| (1.0 + pose.grow).hypot(pose.turn).max(1e-6).ln());
        let angle = path(&|pose| pose.turn.atan2(1.0 + pose.grow));
        let (across, down) = (path(&|pose| pose.x), path(&|pose| pose.y));
        let mut moves: Vec<Motion> = poses
            .iter()
            .enumerate()
            .map(|(frame, pose)| {
                let size = size[frame].exp();
                let smooth = Motion {
                    grow: size * angle[frame].cos() - 1.0,
                    turn: size * angle[frame].sin(),
                    x: across[frame],
                    y: down[frame],
                };
                // From where a place is to be, to where it is.
                pose.after(&smooth.back())
            })
            .collect();
        for made in &mut moves {
            made.x *= self.side;
            made.y *= self.side;
        }
        let (half_x, half_y) = (self.size.0 / 2.0, self.size.1 / 2.0);
        let reach = half_x.hypot(half_y);
        let far = |made: &Motion| made.x.hypot(made.y) + made.grow.hypot(made.turn) * reach;
        let mut sorted: Vec<f64> = moves.iter().map(far).collect();
        sorted.sort_by(f64::total_cmp);
        let nearly_all = sorted[sorted.len() * 19 / 20];
        if nearly_all < LEAST * self.size.0.min(self.size.1) / 1080.0 {
            return none;
        }
        let near = (ZOOM / step).round().clamp(1.0, 1000.0) as usize;
        let mut zooms = vec![1.0; moves.len()];
        if self.wanted.crop {
            // Where a frame would need more than the limit, it and those around are corrected less.
            let limit = self.wanted.limit.max(1.0);
            let shares: Vec<f64> = moves.iter().map(|made| self.share(made, limit)).collect();
            let shares = eased(&shares, near, f64::min);
            for (made, share) in moves.iter_mut().zip(shares) {
                *made = lessened(made, share);
            }
            let needed: Vec<f64> = moves.iter().map(|made| self.needed(made)).collect();
            zooms = eased(&needed, near, f64::max);
            zooms.iter_mut().for_each(|zoom| *zoom = zoom.min(limit));
        }
        let pan = |path: &[f64], frame: usize| match frame {
            0 => 0.0,
            _ => (path[frame] - path[frame - 1]) * self.side / self.size.1,
        };
        let frames = moves
            .iter()
            .zip(zooms)
            .enumerate()
            .map(|(frame, (made, zoom))| Made {
                dx: made.x / self.size.1,
                dy: made.y / self.size.1,
                turn: made.turn.atan2(1.0 + made.grow).to_degrees(),
                grow: (1.0 + made.grow).hypot(made.turn),
                zoom,
                pan: [pan(&across, frame), pan(&down, frame)],
            });
        frames.collect()
    }

    /// How much the picture must be enlarged so that a moved frame covers all of it.
    fn needed(&self, made: &Motion) -> f64 {
        let (half_x, half_y) = (self.size.0 / 2.0, self.size.1 / 2.0);
        let (real, imaginary) = ((1.0 + made.grow).abs(), made.turn.abs());
        let across = (real * half_x + imaginary * half_y) / (half_x - made.x.abs()).max(1e-3);
        let down = (imaginary * half_x + real * half_y) / (half_y - made.y.abs()).max(1e-3);
        across.max(down).max(1.0)
    }

    /// The share of a movement that needs no more than `limit`.
    fn share(&self, made: &Motion, limit: f64) -> f64 {
        if self.needed(made) <= limit {
            return 1.0;
        }
        let (mut low, mut high) = (0.0, 1.0);
        for _ in 0..20 {
            let middle = (low + high) / 2.0;
            if self.needed(&lessened(made, middle)) <= limit {
                low = middle;
            } else {
                high = middle;
            }
        }
        low
    }
}

/// A share of a movement.
fn lessened(made: &Motion, share: f64) -> Motion {
    Motion {
        grow: made.grow * share,
        turn: made.turn * share,
        x: made.x * share,
        y: made.y * share,
    }
}

/// The least or the greatest value of the frames around, without steps: the mean, over as many frames, of those that every one of them finds.
fn eased(values: &[f64], near: usize, pick: fn(f64, f64) -> f64) -> Vec<f64> {
    let around = |at: usize| at.saturating_sub(near)..(at + near + 1).min(values.len());
    let picked: Vec<f64> = (0..values.len())
        .map(|at| {
            values[around(at)]
                .iter()
                .copied()
                .reduce(pick)
                .unwrap_or(1.0)
        })
        .collect();
    // Weights fall to the sides like a cosine.
    let weight =
        |apart: usize| 1.0 + (std::f64::consts::PI * apart as f64 / (near + 1) as f64).cos();
    (0..values.len())
        .map(|at| {
            let (mut sum, mut all) = (0.0, 0.0);
            for other in around(at) {
                let weight = weight(other.abs_diff(at));
                sum += weight * picked[other];
                all += weight;
            }
            sum / all
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::cells::tests::words;
    use super::*;

    /// A picture of soft blots, seen from a place.
    fn picture(x: f64, y: f64, turn: f64) -> Vec<u32> {
        words(96, 64, |column, row| {
            let (u, v) = (column as f64 - 47.5, row as f64 - 31.5);
            let (u, v) = (
                u * turn.cos() - v * turn.sin() + x,
                u * turn.sin() + v * turn.cos() + y,
            );
            let wave = |a: f64, b: f64| (a * u + b * v).sin();
            0.5 + 0.12
                * (wave(0.21, 0.13) + wave(-0.17, 0.31) + wave(0.39, -0.11) + 0.5 * wave(0.05, 0.6))
        })
    }

    fn wanted(turns: bool) -> Wanted {
        Wanted {
            turns,
            seconds: 2.0,
            crop: true,
            limit: 1.3,
        }
    }

    fn reduced(wanted: Wanted, frames: &[(bool, Vec<u32>)]) -> Vec<ReducedTrack> {
        let mut steady = Box::new(Steady::new(wanted));
        for (at, (cut, words)) in frames.iter().enumerate() {
            steady.frame(&FrameMeasures {
                seconds: at as f64 / 25.0,
                cut: *cut,
                measures: std::slice::from_ref(words),
                alone: None,
            });
        }
        steady.finish().tracks
    }

    /// Jitter without a period.
    fn jitter(at: usize) -> f64 {
        ((at * at * 7 + at * 3) % 11) as f64 / 5.0 - 1.0
    }

    #[test]
    fn jitter_goes_and_a_pan_stays() {
        // The picture seen from x moves to the left by x.
        let frames: Vec<_> = (0..50)
            .map(|at| {
                (
                    false,
                    picture(0.2 * at as f64 + jitter(at), 0.5 * jitter(at + 4), 0.0),
                )
            })
            .collect();
        for turns in [false, true] {
            let tracks = reduced(wanted(turns), &frames);
            for (track, size) in [(0, 1.0), (1, 0.5)] {
                let left =
                    |at: usize| tracks[track].keys[at].1 * 64.0 + size * jitter(at + 4 * track);
                for at in 6..44 {
                    // What is left has no jumps.
                    assert!(
                        (left(at + 1) - left(at)).abs() < 0.12,
                        "{turns} {track} {at}"
                    );
                }
            }
        }
    }

    #[test]
    fn turns_are_taken_back() {
        let frames: Vec<_> = (0..50)
            .map(|at| (false, picture(0.0, 0.0, 0.01 * jitter(at))))
            .collect();
        let tracks = reduced(wanted(true), &frames);
        let left = |at: usize| tracks[2].keys[at].1.to_radians() + 0.01 * jitter(at);
        for at in 6..44 {
            assert!((left(at + 1) - left(at)).abs() < 0.0015, "{at}");
        }
    }

    #[test]
    fn a_still_scene_and_a_pan_are_left_alone() {
        for speed in [0.0, 0.3] {
            let frames: Vec<_> = (0..30)
                .map(|at| (at == 15, picture(speed * at as f64, 0.0, 0.0)))
                .collect();
            let tracks = reduced(wanted(true), &frames);
            for (track, value) in [(0, 0.0), (1, 0.0), (2, 0.0), (3, 1.0), (4, 1.0)] {
                let keys = &tracks[track].keys;
                if speed == 0.0 {
                    assert!(keys.iter().all(|key| key.1 == value));
                } else {
                    assert!(
                        keys.iter().all(|key| (key.1 - value).abs() < 0.004),
                        "{keys:?}"
                    );
                }
            }
        }
    }

    #[test]
    fn the_zoom_covers_every_border_and_keeps_its_limit() {
        let frames: Vec<_> = (0..50)
            .map(|at| (false, picture(4.0 * jitter(at), 3.0 * jitter(at + 5), 0.0)))
            .collect();
        for limit in [1.05, 1.5] {
            let tracks = reduced(
                Wanted {
                    limit,
                    ..wanted(false)
                },
                &frames,
            );
            for at in 0..50 {
                let [dx, dy, _, _, zoom] =
                    [0, 1, 2, 3, 4].map(|track: usize| tracks[track].keys[at].1);
                assert!(zoom <= limit + 1e-9);
                assert!(48.0 / zoom + (dx * 64.0).abs() <= 48.0 + 1e-6);
                assert!(32.0 / zoom + (dy * 64.0).abs() <= 32.0 + 1e-6);
            }
        }
    }

    #[test]
    fn no_frames_flat_ones_and_no_picture() {
        assert!(
            reduced(wanted(true), &[])
                .iter()
                .all(|track| track.keys.is_empty())
        );
        let flat = |tone: f64| (false, words(40, 30, |_, _| tone));
        let nothing = vec![
            flat(0.5),
            flat(0.9),
            (false, Vec::new()),
            flat(0.2),
            (false, words(1, 1, |_, _| 0.4)),
        ];
        let tracks = reduced(wanted(true), &nothing);
        assert!(tracks[0].keys.iter().all(|key| key.1 == 0.0) && tracks[0].keys.len() == 5);
    }
}
