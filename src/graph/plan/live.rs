//! Removes what no output needs: nodes, histories, files. Roots are outputs and the commits of live histories.

use super::{NodeId, Operand, OutputPort, Plan};

/// Removes nodes that no output needs, and histories and files that no needed node reads. The order stays.
pub(super) fn drop_dead(plan: &mut Plan) {
    let mut live = Live {
        nodes: vec![false; plan.nodes.len()],
        histories: vec![false; plan.histories.len()],
        files: vec![false; plan.files.len()],
    };
    for output in &plan.outputs {
        live.mark(plan, output.node());
    }
    let nodes = renumber(&live.nodes);
    let histories = renumber(&live.histories);
    let files = renumber(&live.files);
    retain(&mut plan.nodes, &live.nodes);
    retain(&mut plan.histories, &live.histories);
    retain(&mut plan.files, &live.files);
    for node in &mut plan.nodes {
        for (_, operand) in &mut node.inputs {
            match operand {
                Operand::Image(id) | Operand::Window(id, _) => *id = nodes[*id],
                Operand::History(index) => *index = histories[*index],
                Operand::File(index) => *index = files[*index],
                Operand::Planes(_) => {}
            }
        }
    }
    plan.tracks
        .followers
        .retain(|follower| live.nodes[follower.node]);
    for follower in &mut plan.tracks.followers {
        follower.node = nodes[follower.node];
    }
    for history in &mut plan.histories {
        history.commit = nodes[history.commit];
    }
    for output in &mut plan.outputs {
        match output {
            OutputPort::Frame(pack) => pack.image = nodes[pack.image],
            OutputPort::Image(node) => *node = nodes[*node],
        }
    }
}

struct Live {
    nodes: Vec<bool>,
    histories: Vec<bool>,
    files: Vec<bool>,
}

impl Live {
    fn mark(&mut self, plan: &Plan, id: NodeId) {
        let mut waiting = vec![id];
        while let Some(id) = waiting.pop() {
            if std::mem::replace(&mut self.nodes[id], true) {
                continue;
            }
            for (_, operand) in &plan.nodes[id].inputs {
                match operand {
                    Operand::Image(input) | Operand::Window(input, _) => waiting.push(*input),
                    Operand::History(index) => {
                        if !std::mem::replace(&mut self.histories[*index], true) {
                            waiting.push(plan.histories[*index].commit);
                        }
                    }
                    Operand::File(index) => self.files[*index] = true,
                    Operand::Planes(_) => {}
                }
            }
        }
    }
}

/// The new index of each kept element.
fn renumber(kept: &[bool]) -> Vec<usize> {
    let mut next = 0;
    kept.iter()
        .map(|kept| {
            let index = next;
            next += usize::from(*kept);
            index
        })
        .collect()
}

fn retain<T>(items: &mut Vec<T>, kept: &[bool]) {
    let mut kept = kept.iter();
    items.retain(|_| kept.next().copied().unwrap_or(false));
}
