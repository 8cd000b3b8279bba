//! Runs the steps of a group together: each thread takes a part of the picture and goes down it band by band. For each
//! band every step makes the rows that the later ones need.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Instant as Stopwatch;

use rayon::prelude::*;

use super::groups::{BAND, Group, Member};
use super::pack::{Packing, parts, plane_shapes};
use super::run::{Frame, Room, Step};
use crate::frame::{Picture, PlanePool};
use crate::graph::plan::{NodeId, Plan, Target};
use crate::reference::Image;

/// What a thread needs to run a group: rows of the images that are not stored, and what each step needs.
struct Workspace {
    strips: Vec<(NodeId, Image)>,
    rooms: Vec<Room>,
    /// Room for a row of alpha or of code values.
    line: Vec<f32>,
    /// Room for a row of an image that is stored as fixed-point numbers.
    made: Vec<f32>,
    /// For each inner step, the row that it makes next.
    next: Vec<usize>,
}

/// A group that is prepared to run.
pub(super) struct Bands {
    pub group: Group,
    width: usize,
    height: usize,
    /// Nanoseconds that all threads together spent in each step.
    spent: Vec<AtomicU64>,
    /// Workspaces that no thread uses at present.
    free: Mutex<Vec<Workspace>>,
    /// Planes of outputs that are encoded. Each is written whole, apart from bytes that no component has: they stay zero.
    outputs: PlanePool,
}

impl Bands {
    pub fn new(plan: &Plan, group: Group) -> Self {
        let (width, height) = match plan.steps[group.last()].target {
            Target::Image { node, .. } => plan.nodes[node].image.extent,
            Target::Output(port) => plan.pack(port).extent,
        };
        Self {
            width: width as usize,
            height: height as usize,
            spent: group.members.iter().map(|_| AtomicU64::new(0)).collect(),
            group,
            free: Mutex::default(),
            outputs: PlanePool::default(),
        }
    }

    /// Computes the image of the last step. `frames` are the data of each step.
    pub fn image(&self, steps: &[Step], frames: &[Frame<'_>], image: &mut Image) {
        let length = image.width * image.channels;
        if !image.is_fixed() {
            let rows = (image.data.as_mut_slice(), image.opaque.as_mut_slice());
            return self.rows(steps, frames, length, rows, |step, frame, y, work, row| {
                let Workspace { rooms, line, .. } = work;
                step.row(
                    frame,
                    y,
                    &mut rooms[self.group.members.len() - 1],
                    line,
                    row,
                )
            });
        }
        let rows = image.fixed_mut();
        self.rows(steps, frames, length, rows, |step, frame, y, work, row| {
            let Workspace {
                rooms, line, made, ..
            } = work;
            let room = &mut rooms[self.group.members.len() - 1];
            made.resize(length, 0.0);
            step.fixed_row(frame, y, room, (made, line), row)
        });
    }

    /// Computes the rows of the last step, each of `length` values, and whether each is opaque. `store` computes one row.
    fn rows<T: Send>(
        &self,
        steps: &[Step],
        frames: &[Frame<'_>],
        length: usize,
        (values, opaque): (&mut [T], &mut [bool]),
        store: impl Fn(&Step, &Frame<'_>, usize, &mut Workspace, &mut [T]) -> bool + Sync,
    ) {
        let part = self.group.part(self.height, rayon::current_num_threads());
        let rows = values.par_chunks_mut(length * part);
        let rows = rows.zip(opaque.par_chunks_mut(part)).enumerate();
        rows.for_each(|(index, (rows, opaque))| {
            let rows = rows.chunks_exact_mut(length).zip(opaque);
            let mut rows = rows.collect::<Vec<_>>();
            self.go_down(
                steps,
                frames,
                index * part,
                part,
                |work, frame, first, end| {
                    let step = &steps[self.group.last()];
                    for y in first..end {
                        let (row, opaque) = &mut rows[y - index * part];
                        **opaque = store(step, frame, y, work, row);
                    }
                },
            );
        });
    }

    /// Makes the planes of output `port`, which the last step packs. `frames` are the data of each step.
    pub fn picture(&self, steps: &[Step], frames: &[Frame<'_>], port: usize) -> Picture {
        let pack = frames[0].plan.pack(port);
        let (width, height) = pack.extent;
        let mut planes = self.outputs.take(width, height, &pack.format);
        let shapes = plane_shapes(&pack.format, pack.extent);
        let part = self.group.part(self.height, rayon::current_num_threads());
        let parts = parts(&mut planes, &shapes, part)
            .into_par_iter()
            .enumerate();
        parts.for_each(|(index, mut planes)| {
            let start = index * part;
            self.go_down(steps, frames, start, part, |work, frame, first, end| {
                let Workspace { rooms, line, .. } = work;
                let mut packing = Packing {
                    step: &steps[self.group.last()],
                    frame,
                    pack,
                    room: &mut rooms[self.group.members.len() - 1],
                    codes: line,
                    evaluated: None,
                };
                for y in first..end {
                    packing.rows(y, start, &shapes, &mut planes);
                }
            });
        });
        self.outputs
            .picture(width, height, pack.format, pack.color, planes)
    }

    /// The share of the group's time that each step took since the last call, in the order of the members.
    pub fn shares(&self) -> Vec<f64> {
        let spent = self.spent.iter();
        let spent: Vec<f64> = spent
            .map(|step| step.swap(0, Ordering::Relaxed) as f64)
            .collect();
        let all = spent.iter().sum::<f64>().max(1.0);
        spent.iter().map(|step| step / all).collect()
    }

    /// Makes `part` rows from row `start` on, or those up to the end of the picture. `last` is given the data of the last
    /// step and the rows that it makes.
    fn go_down(
        &self,
        steps: &[Step],
        frames: &[Frame<'_>],
        start: usize,
        part: usize,
        mut last: impl FnMut(&mut Workspace, &Frame<'_>, usize, usize),
    ) {
        let mut work = self.workspace(steps, frames[0].plan);
        let inner = self.group.inner();
        for (index, member) in inner.iter().enumerate() {
            work.next[index] = start.saturating_sub(member.margin);
            work.strips[index].1.clear();
        }
        work.rooms.iter_mut().for_each(Room::clear);
        let own = inner.len();
        let end_of_part = (start + part).min(self.height);
        for first in (start..end_of_part).step_by(BAND) {
            let end = (first + BAND).min(end_of_part);
            for index in 0..own {
                self.timed(index, || self.advance(&mut work, steps, frames, index, end));
            }
            self.timed(own, || {
                let strips = std::mem::take(&mut work.strips);
                let frame = Frame {
                    strips: &strips,
                    ..frames[own]
                };
                last(&mut work, &frame, first, end);
                work.strips = strips;
            });
        }
        self.free
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(work);
    }

    /// Makes the rows of an inner step that the band up to row `end` needs.
    fn advance(
        &self,
        work: &mut Workspace,
        steps: &[Step],
        frames: &[Frame<'_>],
        index: usize,
        end: usize,
    ) {
        let member = &self.group.members[index];
        let end = (end + member.margin).min(self.height);
        let (before, rest) = work.strips.split_at_mut(index);
        let frame = Frame {
            strips: before,
            ..frames[index]
        };
        for y in work.next[index]..end {
            let (row, opaque) = rest[0].1.next_row(y);
            let room = &mut work.rooms[index];
            *opaque = steps[member.step].row(&frame, y, room, &mut work.line, row);
        }
        work.next[index] = work.next[index].max(end);
    }

    fn timed(&self, index: usize, work: impl FnOnce()) {
        let start = Stopwatch::now();
        work();
        let spent = start.elapsed().as_nanos() as u64;
        self.spent[index].fetch_add(spent, Ordering::Relaxed);
    }

    /// A workspace that fits the group.
    fn workspace(&self, steps: &[Step], plan: &Plan) -> Workspace {
        let known = self
            .free
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .pop();
        known.unwrap_or_else(|| {
            let strip = |member: &Member| {
                let Target::Image { node, .. } = plan.steps[member.step].target else {
                    return (usize::MAX, Image::default());
                };
                let channels = plan.nodes[node].image.storage.channels();
                let strip = Image::strip(self.width, self.height, channels, member.rows());
                (node, strip)
            };
            Workspace {
                strips: self.group.inner().iter().map(strip).collect(),
                rooms: self
                    .group
                    .members
                    .iter()
                    .map(|member| steps[member.step].room(plan))
                    .collect(),
                line: vec![0.0; self.width],
                made: Vec::new(),
                next: vec![0; self.group.inner().len()],
            }
        })
    }
}
