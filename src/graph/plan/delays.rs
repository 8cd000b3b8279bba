//! Look-ahead: how many frames each node works behind the newest frame, and how many frames of each image are kept for
//! it.

use super::{NodeId, Operand, Plan, StyleError};

/// Assigns a delay to every node. All outputs have the same delay, so that all outputs of a frame are ready together.
///
/// A node's delay is the largest delay of its inputs plus the frames it looks ahead. The readers of a history and the
/// node that is kept as it work on the same frame.
///
/// # Errors
/// If a history would depend on later frames than the frame it is read for.
pub(super) fn assign(plan: &mut Plan) -> Result<(), StyleError> {
    let mut least = vec![0; plan.nodes.len()];
    // Each round raises the delay of a node that others depend on. Without a cycle there are fewer rounds than nodes.
    for _ in 0..=plan.nodes.len() {
        delay(plan, &least);
        let Some(late) = (0..plan.histories.len()).find_map(|index| raised(plan, index)) else {
            let ports = plan.outputs.iter().map(|port| port.node());
            plan.latency = ports.map(|node| plan.nodes[node].delay).max().unwrap_or(0);
            return Ok(());
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

/// Delays of all nodes, each at least the one in `least`. A node comes after those it reads.
fn delay(plan: &mut Plan, least: &[u32]) {
    for (id, least) in least.iter().enumerate() {
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
    /// The delay of the image that `step` makes, in frames behind the newest.
    pub fn delay_of(&self, target: super::Target) -> u32 {
        match target {
            super::Target::Image { node, .. } => self.nodes[node].delay,
            super::Target::Output(_) => self.latency,
        }
    }

    /// For each node, how many frames of its image are kept: 1 if it is read only for the frame it was made for.
    pub(super) fn frames_kept(&self) -> Vec<u32> {
        let mut kept = vec![1; self.nodes.len()];
        let mut keep = |node: NodeId, reader: u32, before: u32| {
            kept[node] = kept[node].max(reader - self.nodes[node].delay + before + 1);
        };
        for node in &self.nodes {
            for (_, operand) in &node.inputs {
                match *operand {
                    Operand::Image(input) => keep(input, node.delay, 0),
                    Operand::Window(input, window) => keep(input, node.delay, window.before()),
                    Operand::Planes(_) | Operand::File(_) | Operand::History(_) => {}
                }
            }
        }
        for port in &self.outputs {
            keep(port.node(), self.latency, 0);
        }
        kept
    }

    /// How many frames of the decoder's planes are kept.
    pub fn planes_kept(&self) -> u32 {
        let reads = |inputs: &[(String, Operand)]| {
            let mut inputs = inputs.iter();
            inputs.any(|(_, operand)| matches!(operand, Operand::Planes(_)))
        };
        let nodes = self.nodes.iter().filter(|node| reads(&node.inputs));
        let nodes = nodes.map(|node| node.delay);
        let alpha = self
            .packs()
            .any(|pack| pack.alpha == super::AlphaSource::Source);
        let alpha = alpha.then_some(self.latency);
        nodes.chain(alpha).max().unwrap_or(0) + 1
    }

    /// How many earlier frames a frame depends on through windows alone.
    pub fn look_behind(&self) -> u32 {
        let mut behind = vec![0; self.nodes.len()];
        for id in 0..self.nodes.len() {
            let inputs = self.nodes[id].inputs.iter();
            let reach = inputs.map(|(_, operand)| match *operand {
                Operand::Image(input) => behind[input],
                Operand::Window(input, window) => behind[input] + window.before(),
                Operand::Planes(_) | Operand::File(_) | Operand::History(_) => 0,
            });
            behind[id] = reach.max().unwrap_or(0);
        }
        let ports = self.outputs.iter().map(|port| behind[port.node()]);
        ports.max().unwrap_or(0)
    }
}
