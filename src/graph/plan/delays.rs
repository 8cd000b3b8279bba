//! Look-ahead: how many frames each node works behind the newest frame, and how many frames of each image are kept for
//! it.

use super::clock::{Clock, Derived};
use super::{NodeId, Operand, Plan, StyleError};

/// Assigns a delay to every node, and what follows from it to every clock. All outputs of a frame of the source are put
/// out together, so that a checkpoint between two of its frames serves all of them.
///
/// A node's delay is the largest delay of its inputs plus the frames it looks ahead. The readers of a history and the
/// node that is kept as it work on the same frame.
///
/// # Errors
/// If a history would depend on later frames than the frame it is read for, or on frames of another clock.
pub(super) fn assign(plan: &mut Plan) -> Result<(), StyleError> {
    check_histories(plan)?;
    let mut least = vec![0; plan.nodes.len()];
    // Each round raises the delay of a node that others depend on. Without a cycle there are fewer rounds than nodes.
    for _ in 0..=plan.nodes.len() {
        delay(plan, &least);
        let Some(late) = (0..plan.histories.len()).find_map(|index| raised(plan, index)) else {
            clocks(plan);
            plan.lanes = plan.find_lanes();
            return check_film(plan);
        };
        for (node, delay) in late {
            least[node] = delay;
        }
    }
    let labels: Vec<&str> = plan
        .histories
        .iter()
        .map(|kept| kept.label.as_str())
        .collect();
    Err(StyleError::Manifest {
        manifest: labels.join(", "),
        message: "a history depends on later frames than the one it is read for; move the window that looks ahead out of the loop: before the passes that read the history, or after the pass that it keeps"
            .to_owned(),
    })
}

/// That a history is read at the rate at which it is kept.
fn check_histories(plan: &Plan) -> Result<(), StyleError> {
    for (index, history) in plan.histories.iter().enumerate() {
        let reads = |node: &&super::Node| {
            let mut inputs = node.inputs.iter();
            inputs.any(|(_, operand)| *operand == Operand::History(index))
        };
        let mut readers = plan.nodes.iter().filter(reads);
        if readers.any(|node| node.image.clock != history.image.clock) {
            return Err(StyleError::Manifest {
                manifest: history.label.clone(),
                message: "a history is read at another rate than it is kept at: keep an image that is made after the pass that changes the rate"
                    .to_owned(),
            });
        }
    }
    Ok(())
}

/// That frames which are not a fixed number for each of the source's, and wait for later ones of their own, are the only ones that
/// are put out: others could not be put out together with them.
fn check_film(plan: &Plan) -> Result<(), StyleError> {
    let clocks = (0..plan.outputs.len()).map(|port| plan.clock_of_port(port));
    let mut clocks: Vec<_> = clocks.collect();
    clocks.dedup();
    let waits = |clock: &usize| plan.has_film(*clock) && plan.clocks[*clock].latency > 0;
    match clocks.len() > 1 && clocks.iter().any(waits) {
        true => Err(StyleError::Manifest {
            manifest: "the outputs".to_owned(),
            message: "film out of pulldown goes through a style that looks at later frames, and another output has the frames of the source: render them one after the other"
                .to_owned(),
        }),
        false => Ok(()),
    }
}

/// Sets the latency, depth and look-behind of every clock, and the latency of the plan.
fn clocks(plan: &mut Plan) {
    let count = plan.clocks.len();
    let each: Vec<u32> = (0..count).map(|clock| plan.frames_each(clock)).collect();
    // A frame of the source makes `each` frames: what waits for some of them waits for all, so that all that is put out
    // for a frame of the source is put out at once.
    let whole = |frames: u32, each: u32| frames.next_multiple_of(each);
    let mut wait = vec![0; count];
    let mut latency = vec![0; count];
    for id in 0..plan.nodes.len() {
        let lane = plan.lane_of_node(id);
        if lane.clock != lane.reads {
            let needed = plan.nodes[id]
                .inputs
                .iter()
                .map(|(_, operand)| match *operand {
                    Operand::Image(input) => plan.nodes[input].delay,
                    Operand::Window(input, window) => plan.nodes[input].delay + window.after(),
                    Operand::Planes(_) | Operand::File(_) | Operand::History(_) => 0,
                });
            let needed = needed.max().unwrap_or(0).max(1);
            wait[lane.clock] = wait[lane.clock].max(whole(needed, each[lane.reads]));
        }
    }
    for port in &plan.outputs {
        let node = &plan.nodes[port.node()];
        let clock = node.image.clock;
        latency[clock] = latency[clock].max(whole(node.delay, each[clock]));
    }
    // In frames of the source, from the newest one to the newest of the clock.
    let mut before = vec![0; count];
    for (clock, described) in plan.clocks.iter().enumerate() {
        if let Some(Derived { of, .. }) = &described.derived {
            let of = *of;
            wait[clock] = wait[clock].max(each[of]);
            before[clock] = before[of] + plan.in_source(of, wait[clock]);
        }
    }
    let mut has_ports = vec![false; count];
    for port in 0..plan.outputs.len() {
        has_ports[plan.clock_of_port(port)] = true;
    }
    let ports = (0..count).filter(|clock| has_ports[*clock]);
    plan.latency = ports
        .map(|clock| before[clock] + plan.in_source(clock, latency[clock]))
        .max()
        .unwrap_or(0);
    for clock in (0..count).filter(|clock| has_ports[*clock]) {
        let late = plan.latency - before[clock] - plan.in_source(clock, latency[clock]);
        match &plan.clocks[clock].derived {
            // Its frames are not a fixed number for each of the source's: they are made later.
            Some(Derived { of, retiming, .. }) if retiming.pace.times().is_none() => {
                wait[clock] += late * each[*of];
            }
            _ => latency[clock] += late * each[clock],
        }
    }
    let behind = look_behind(plan);
    let mut depth = latency.clone();
    // The source goes on past its end until the last output is put out.
    depth[0] = plan.latency;
    for node in &plan.nodes {
        let clock = node.image.clock;
        depth[clock] = depth[clock].max(node.delay);
    }
    for (described, wait) in plan.clocks.iter().zip(&wait) {
        if let Some(Derived { of, .. }) = &described.derived {
            depth[*of] = depth[*of].max(*wait);
        }
    }
    for (clock, described) in plan.clocks.iter_mut().enumerate() {
        *described = Clock {
            latency: latency[clock],
            depth: depth[clock],
            behind: behind[clock],
            ..described.clone()
        };
        if let Some(derived) = &mut described.derived {
            derived.wait = wait[clock];
        }
    }
}

/// For each clock, how many earlier frames a frame depends on through windows alone.
fn look_behind(plan: &Plan) -> Vec<u32> {
    let count = plan.clocks.len();
    let mut behind = vec![vec![0u32; count]; plan.nodes.len()];
    for id in 0..plan.nodes.len() {
        for (_, operand) in &plan.nodes[id].inputs {
            let (input, before) = match *operand {
                Operand::Image(input) => (input, 0),
                Operand::Window(input, window) => (input, window.before()),
                Operand::Planes(_) | Operand::File(_) | Operand::History(_) => continue,
            };
            let reached = behind[input].clone();
            let on = plan.nodes[input].image.clock;
            for (clock, reached) in reached.into_iter().enumerate() {
                let before = if clock == on { before } else { 0 };
                behind[id][clock] = behind[id][clock].max(reached + before);
            }
        }
    }
    let ports = plan.outputs.iter().map(|port| &behind[port.node()]);
    ports.fold(vec![0; count], |most, port| {
        most.iter().zip(port).map(|(a, b)| *a.max(b)).collect()
    })
}

/// Delays of all nodes, each at least the one in `least`. A node comes after those it reads.
fn delay(plan: &mut Plan, least: &[u32]) {
    for (id, least) in least.iter().enumerate() {
        let lane = plan.lane_of_node(id);
        if lane.clock != lane.reads {
            // It makes the newest frame of its clock.
            plan.nodes[id].delay = 0;
            continue;
        }
        let inputs = plan.nodes[id].inputs.iter();
        let waits = inputs.map(|(_, operand)| match *operand {
            Operand::Image(input) => plan.nodes[input].delay,
            Operand::Window(input, window) => plan.nodes[input].delay + window.after(),
            Operand::Planes(_) | Operand::File(_) | Operand::History(_) => 0,
        });
        plan.nodes[id].delay = waits.fold(*least, u32::max);
    }
}

/// The nodes of a history's loop that do not yet work on the same frame, and the delay they need.
fn raised(plan: &Plan, history: usize) -> Option<Vec<(NodeId, u32)>> {
    let reads = |node: &&NodeId| {
        let mut inputs = plan.nodes[**node].inputs.iter();
        inputs.any(|(_, operand)| *operand == Operand::History(history))
    };
    let ids: Vec<NodeId> = (0..plan.nodes.len()).collect();
    let readers = ids.iter().filter(reads).copied();
    // A history that no node is kept as is set from outside.
    let commit = Some(plan.histories[history].commit).filter(|node| *node < plan.nodes.len());
    let together: Vec<NodeId> = readers.chain(commit).collect();
    let delays = together.iter().map(|node| plan.nodes[*node].delay);
    let latest = delays.max()?;
    let early = together
        .into_iter()
        .filter(|node| plan.nodes[*node].delay < latest);
    let early: Vec<_> = early.map(|node| (node, latest)).collect();
    (!early.is_empty()).then_some(early)
}

impl Plan {
    /// For each node, how many frames of its image are kept: 1 if it is read only for the frame it was made for.
    pub(super) fn frames_kept(&self) -> Vec<u32> {
        let mut kept = vec![1; self.nodes.len()];
        let mut keep = |node: NodeId, reader: u32, before: u32| {
            kept[node] = kept[node].max(reader - self.nodes[node].delay + before + 1);
        };
        let mut across = Vec::new();
        for (id, node) in self.nodes.iter().enumerate() {
            let lane = self.lane_of_node(id);
            let derived = &self.clocks[lane.clock].derived;
            let reader = match derived {
                Some(derived) if lane.clock != lane.reads => derived.wait,
                _ => node.delay,
            };
            for (_, operand) in &node.inputs {
                let (input, before) = match *operand {
                    Operand::Image(input) => (input, 0),
                    Operand::Window(input, window) => (input, window.before()),
                    Operand::Planes(_) | Operand::File(_) | Operand::History(_) => continue,
                };
                keep(input, reader, before);
                if lane.clock != lane.reads {
                    across.push(input);
                }
            }
        }
        for port in &self.outputs {
            let clock = self.nodes[port.node()].image.clock;
            keep(port.node(), self.clocks[clock].latency, 0);
        }
        // It is read once, never or several times before the next frame is made: no other image may use its memory.
        for input in across {
            kept[input] = kept[input].max(2);
        }
        kept
    }

    /// How many frames of the decoder's planes of a source are kept.
    pub fn planes_kept(&self, source: usize) -> u32 {
        let reads = |inputs: &[(String, Operand)]| {
            let mut inputs = inputs.iter();
            inputs.any(|(_, operand)| *operand == Operand::Planes(source))
        };
        let nodes = self.nodes.iter().filter(|node| reads(&node.inputs));
        let nodes = nodes.map(|node| node.delay);
        let alpha = self
            .packs()
            .any(|pack| pack.alpha == super::AlphaSource::Source && source == 0);
        let alpha = alpha.then_some(self.clocks[0].latency);
        nodes.chain(alpha).max().unwrap_or(0) + 1
    }

    /// How many earlier frames of the source a frame depends on through windows alone.
    pub fn look_behind(&self) -> u32 {
        let clocks = self.clocks.iter().enumerate();
        // Part of what a frame of the source makes needs all of it.
        let frames = clocks.map(|(clock, described)| self.in_source(clock, described.behind));
        frames.sum()
    }
}
