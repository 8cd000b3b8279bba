//! Lifetimes and pool slots: an image lives from the step that writes it to the last step that reads it, then its slot
//! is reused.

use super::{Plan, Slot, Target};

/// Assigns a pool slot to every stored image. Without `reuse` each image has its own slot.
pub(super) fn assign(plan: &mut Plan, reuse: bool) {
    let mut last_read = vec![0; plan.nodes.len()];
    for (index, step) in plan.steps.iter().enumerate() {
        for id in plan.reads(step) {
            last_read[id] = index;
        }
    }
    let ports = plan.outputs.iter().filter(|port| port.pack().is_none());
    let ports = ports.map(|port| port.node());
    for kept in ports.chain(plan.histories.iter().map(|history| history.commit)) {
        if let Some(last) = last_read.get_mut(kept) {
            *last = plan.steps.len();
        }
    }
    let kept = plan.frames_kept();
    let mut slots: Vec<Slot> = Vec::new();
    let mut free_after: Vec<usize> = Vec::new();
    for index in 0..plan.steps.len() {
        let Target::Image { node, .. } = plan.steps[index].target else {
            continue;
        };
        let wanted = Slot {
            frames: kept[node],
            ..Slot::of(&plan.nodes[node].image)
        };
        // A slot that this step reads is not free for its result. A slot that keeps frames is never free.
        let reuse = reuse && wanted.frames == 1;
        let found = (0..slots.len())
            .find(|slot| reuse && slots[*slot] == wanted && free_after[*slot] < index);
        let slot = found.unwrap_or_else(|| {
            slots.push(wanted);
            free_after.push(0);
            slots.len() - 1
        });
        free_after[slot] = last_read[node].max(index);
        plan.steps[index].target = Target::Image { node, slot };
    }
    plan.slots = slots;
}
