//! Clocks: the time axes that images have frames on.

use serde::Serialize;

use super::{NodeId, Operand, Plan, Target};
use crate::frame::{Pace, Rational, Retiming};

/// Index of a clock in [`Plan::clocks`]. 0 is the source's.
pub type ClockId = usize;

/// A time axis with frames on it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Clock {
    /// Seconds per tick of the times of its frames.
    pub time_base: Rational,
    /// Its nominal rate in frames per second; 0/1 if it has none.
    #[serde(skip)]
    pub rate: Rational,
    /// What its frames are made of; `None` for the source's.
    pub derived: Option<Derived>,
    /// Frames that its outputs are behind its newest one.
    pub latency: u32,
    /// Frames behind the newest one that are still worked on.
    pub depth: u32,
    /// Earlier frames of a scene that windows look back to.
    pub behind: u32,
}

/// How a clock follows from another one.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Derived {
    pub of: ClockId,
    pub retiming: Retiming,
    /// How many frames behind the newest of `of` the frame is that frames are made of. At least one, because a frame ends
    /// where the next one begins.
    pub wait: u32,
}

/// Nodes that work on the same frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Lane {
    pub clock: ClockId,
    /// Frames that they work behind the newest one of their clock.
    pub delay: u32,
    /// The clock of the images that they read. It is another one only for a node that makes the frames of its clock.
    pub reads: ClockId,
    /// Whether their windows go on where a scene ends.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub across_cuts: bool,
}

impl Clock {
    /// The source's clock.
    pub(super) fn source(time_base: Rational, rate: Rational) -> Self {
        Self {
            time_base,
            rate,
            derived: None,
            latency: 0,
            depth: 0,
            behind: 0,
        }
    }
}

impl Plan {
    /// Where `node` works.
    pub(super) fn lane_of_node(&self, node: NodeId) -> Lane {
        let made = &self.nodes[node];
        let mut read = made.inputs.iter().filter_map(|(_, operand)| match operand {
            Operand::Image(id) | Operand::Window(id, _) => Some(self.nodes[*id].image.clock),
            Operand::Planes(_) | Operand::File(_) | Operand::History(_) => None,
        });
        let clock = made.image.clock;
        Lane {
            clock,
            delay: made.delay,
            reads: read.next().unwrap_or(clock),
            across_cuts: made.across_cuts,
        }
    }

    /// Where the outputs of `clock` are put out.
    fn lane_of_ports(&self, clock: ClockId) -> Lane {
        Lane {
            clock,
            delay: self.clocks[clock].latency,
            reads: clock,
            across_cuts: false,
        }
    }

    /// The index in [`Plan::lanes`] of the lane that makes `target`.
    pub fn lane_of(&self, target: Target) -> usize {
        match target {
            Target::Image { node, .. } => self.index_of(self.lane_of_node(node)),
            Target::Output(port) => self.lane_of_port(port),
        }
    }

    /// The index in [`Plan::lanes`] of the lane of an output.
    pub fn lane_of_port(&self, port: usize) -> usize {
        self.index_of(self.lane_of_ports(self.clock_of_port(port)))
    }

    /// The clock of an output.
    pub fn clock_of_port(&self, port: usize) -> ClockId {
        self.nodes[self.outputs[port].node()].image.clock
    }

    fn index_of(&self, lane: Lane) -> usize {
        let index = self.lanes.iter().position(|known| *known == lane);
        index.unwrap_or(0)
    }

    /// All lanes that nodes and outputs need. The first one is that of the source's newest frame.
    pub(super) fn find_lanes(&self) -> Vec<Lane> {
        let first = Lane {
            clock: 0,
            delay: 0,
            reads: 0,
            across_cuts: false,
        };
        let nodes = (0..self.nodes.len()).map(|node| self.lane_of_node(node));
        let ports =
            (0..self.outputs.len()).map(|port| self.lane_of_ports(self.clock_of_port(port)));
        let mut lanes = vec![first];
        for lane in nodes.chain(ports) {
            if !lanes.contains(&lane) {
                lanes.push(lane);
            }
        }
        lanes
    }

    /// How the times of `clock` follow from the source's, step by step; none for the source's own.
    pub fn retimings(&self, clock: ClockId) -> Vec<Retiming> {
        retimings(&self.clocks, clock)
    }

    /// Frames of `clock` for each frame of the source; 1 where there is no fixed number.
    pub(super) fn frames_each(&self, clock: ClockId) -> u32 {
        let stages = self.retimings(clock).into_iter();
        let each = stages.map(|stage| stage.pace.times().unwrap_or(1));
        each.product()
    }

    /// The most frames of the source of which so many of `clock` are made.
    pub(super) fn in_source(&self, clock: ClockId, frames: u32) -> u32 {
        let stages = self.retimings(clock).into_iter().rev();
        stages.fold(frames, |frames, stage| stage.pace.frames_read(frames))
    }

    /// Whether film out of pulldown is on `clock`, so that it has no fixed number of frames for each of the source.
    pub(super) fn has_film(&self, clock: ClockId) -> bool {
        let stages = self.retimings(clock);
        let film = |stage: &Retiming| matches!(stage.pace, Pace::Film { .. });
        stages.iter().any(film)
    }
}

/// As [`Plan::retimings`].
pub(super) fn retimings(clocks: &[Clock], clock: ClockId) -> Vec<Retiming> {
    let mut stages = Vec::new();
    let mut at = clock;
    while let Some(derived) = &clocks[at].derived {
        stages.push(derived.retiming.clone());
        at = derived.of;
    }
    stages.reverse();
    stages
}
