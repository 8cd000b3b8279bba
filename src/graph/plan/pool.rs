//! Lifetimes and pool slots: an image lives from the step that writes it to the last step that reads it, then its slot
//! is reused.

use super::{Plan, Slot, Target};

/// Assigns a pool slot to every stored image, for steps that run one after the other. Without `reuse` each image has its
/// own slot.
pub(super) fn assign(plan: &mut Plan, reuse: bool) {
    let steps = 0..plan.steps.len();
    assign_at(plan, &steps.collect::<Vec<_>>(), |_| reuse);
}

impl Plan {
    /// Assigns the pool slots anew for steps of which some run together. `moments` says of each step when it runs; steps
    /// for which `shares` is true come in the order of their moments. The images of the others have slots of their own.
    pub(in super::super) fn assign_slots(
        &mut self,
        moments: &[usize],
        shares: impl Fn(usize) -> bool,
    ) {
        assign_at(self, moments, shares);
    }
}

fn assign_at(plan: &mut Plan, moments: &[usize], shares: impl Fn(usize) -> bool) {
    let mut last_read = vec![0; plan.nodes.len()];
    for (step, moment) in plan.steps.iter().zip(moments) {
        for id in plan.reads(step) {
            last_read[id] = last_read[id].max(*moment);
        }
    }
    let ports = plan.outputs.iter().filter(|port| port.pack().is_none());
    let ports = ports.map(|port| port.node());
    for kept in ports.chain(plan.histories.iter().map(|history| history.commit)) {
        if let Some(last) = last_read.get_mut(kept) {
            *last = usize::MAX;
        }
    }
    let kept = plan.frames_kept();
    let mut slots: Vec<Slot> = Vec::new();
    let mut free_after: Vec<usize> = Vec::new();
    for (index, moment) in moments.iter().enumerate() {
        let Target::Image { node, .. } = plan.steps[index].target else {
            continue;
        };
        let wanted = Slot {
            frames: kept[node],
            ..Slot::of(&plan.nodes[node].image)
        };
        // A slot that is read at this moment is not free for its result. A slot that keeps frames is never free.
        let shares = shares(index) && wanted.frames == 1;
        let found = (0..slots.len())
            .find(|slot| shares && slots[*slot] == wanted && free_after[*slot] < *moment);
        let slot = found.unwrap_or_else(|| {
            slots.push(wanted);
            free_after.push(0);
            slots.len() - 1
        });
        free_after[slot] = match shares {
            true => last_read[node].max(*moment),
            false => usize::MAX,
        };
        plan.steps[index].target = Target::Image { node, slot };
    }
    plan.slots = slots;
}
