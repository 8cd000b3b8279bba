//! Images that external code works on in the memory of the card: which they are, their buffers, and a run over them.

#[cfg(target_os = "linux")]
mod exported;
#[cfg(all(test, target_os = "linux"))]
mod tests;

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use super::super::executor::Instant;
use super::super::external::{External, code_of, images_read, run_shared};
use super::super::plan::{Call, NodeId, NodeKind, Plan, Slot, Storage};
use super::super::shared::{Imported, SharedBuffer, SharesMemory};
use super::AdapterFacts;
use super::context::GpuContext;
use super::image::GpuImage;
use super::resources::{Resources, SharedSlot};

/// The call of a node that external code runs.
fn call_of(plan: &Plan, node: NodeId) -> Option<&Call> {
    match &plan.nodes[node].kind {
        NodeKind::External { call } => Some(call),
        _ => None,
    }
}

/// The nodes whose code would work in the memory of a card, and that card.
fn wishes<'a>(
    plan: &'a Plan,
    codes: &'a [Option<Arc<dyn External>>],
) -> impl Iterator<Item = (NodeId, &'a dyn SharesMemory, String)> {
    (0..plan.nodes.len()).filter_map(|node| {
        let call = call_of(plan, node)?;
        let code = code_of(codes, &plan.nodes[node])?.sharing()?;
        Some((node, code, code.card(call)?))
    })
}

/// The pool slots that a node's code would share, or why it cannot.
fn slots_of(plan: &Plan, node: NodeId) -> Result<BTreeSet<usize>, String> {
    let mut images = images_read(&plan.nodes[node])?;
    images.push((node, 0));
    let slot = |(id, _): (NodeId, i32)| match plan.nodes[id].image.storage {
        Storage::Words => plan.slot_of(id).ok_or("one of its images is not kept"),
        _ => Err("it works on textures"),
    };
    images
        .into_iter()
        .map(|image| slot(image).map_err(str::to_owned))
        .collect()
}

/// The pool slots that external code shares with this device. Code that wants to share and cannot is told why.
pub(super) fn slots(
    context: &GpuContext,
    plan: &Plan,
    codes: &[Option<Arc<dyn External>>],
) -> BTreeSet<usize> {
    let mut all = BTreeSet::new();
    for (node, code, card) in wishes(plan, codes) {
        match can_share(context, &card).and_then(|()| slots_of(plan, node)) {
            Ok(slots) => all.extend(slots),
            Err(why) => code.not_shared(&why),
        }
    }
    all
}

/// Whether this device can share memory with code on `card`; the error says why it cannot.
fn can_share(context: &GpuContext, card: &str) -> Result<(), String> {
    let adapter = &context.adapter;
    if !adapter.is_card(card) {
        let own = adapter.uuid.as_deref();
        return Err(format!(
            "the model runs on the card {card}, and the frames are on another one, {} ({})",
            adapter.name,
            own.unwrap_or("its driver does not tell its UUID")
        ));
    }
    supports(adapter, context.device.features())
}

/// Whether a device with these features can share memory.
fn supports(adapter: &AdapterFacts, features: wgpu::Features) -> Result<(), String> {
    if features.contains(wgpu::Features::VULKAN_EXTERNAL_MEMORY_FD) {
        return Ok(());
    }
    Err(format!(
        "the driver of {} cannot share memory by file descriptors (VK_KHR_external_memory_fd)",
        adapter.name
    ))
}

/// The images of a slot of words, in memory that can be shared; in common memory where that cannot be had.
pub(super) fn words_of_slot(
    context: &GpuContext,
    slot: Slot,
    count: usize,
) -> (Vec<GpuImage>, SharedSlot) {
    let made: Result<Vec<_>, String> = (0..count).map(|_| exported(context, slot)).collect();
    match made {
        Ok(made) => {
            let (images, buffers) = made.into_iter().unzip();
            (images, Ok(buffers))
        }
        Err(why) => {
            let image = |_| GpuImage::new(&context.device, slot);
            ((0..count).map(image).collect(), Err(why))
        }
    }
}

#[cfg(target_os = "linux")]
fn exported(context: &GpuContext, slot: Slot) -> Result<(GpuImage, SharedBuffer), String> {
    let (buffer, shared) = exported::buffer(context, 4 * u64::from(slot.extent.0))?;
    Ok((GpuImage::Words(buffer), shared))
}

#[cfg(not(target_os = "linux"))]
fn exported(_: &GpuContext, _: Slot) -> Result<(GpuImage, SharedBuffer), String> {
    Err("memory is shared on Linux only".to_owned())
}

/// The images of a node's code, by pool slot and place in it, as the code took them over.
type Images = HashMap<(usize, usize), Imported>;

/// The external code of a plan, and the memory that it shares.
pub(super) struct Outside {
    /// The code among the files.
    pub codes: Vec<Option<Arc<dyn External>>>,
    /// Of the nodes that share memory.
    shared: HashMap<NodeId, Images>,
}

impl Outside {
    /// Hands the buffers of the shared slots over to the code that uses them.
    pub fn new(
        codes: Vec<Option<Arc<dyn External>>>,
        plan: &Plan,
        resources: &mut Resources,
    ) -> Self {
        let slots = resources.take_shared();
        let mut shared = HashMap::new();
        for (node, code, _) in wishes(plan, &codes) {
            let Ok(used) = slots_of(plan, node) else {
                continue;
            };
            // Code on another card has been told.
            if !used.iter().all(|slot| slots.contains_key(slot)) {
                continue;
            }
            let mut images = Images::new();
            let taken = used.iter().try_for_each(|slot| {
                let buffers = slots[slot].as_ref().map_err(String::clone)?;
                for (place, buffer) in buffers.iter().enumerate() {
                    let handle = buffer.handle.try_clone();
                    let handle = handle.map_err(|error| error.to_string())?;
                    let imported = code.import(SharedBuffer { handle, ..*buffer })?;
                    images.insert((*slot, place), imported);
                }
                Ok::<_, String>(())
            });
            match taken {
                Ok(()) => {
                    shared.insert(node, images);
                }
                Err(why) => code.not_shared(&why),
            }
        }
        Self { codes, shared }
    }

    /// The code of `node` and its call, where it works on shared memory still.
    fn sharing<'a>(
        &'a self,
        plan: &'a Plan,
        node: NodeId,
    ) -> Option<(&'a dyn SharesMemory, &'a Call)> {
        self.shared.get(&node)?;
        let call = call_of(plan, node)?;
        let code = code_of(&self.codes, &plan.nodes[node])?.sharing()?;
        code.card(call)?;
        Some((code, call))
    }

    /// Whether the code of `node` works on shared memory.
    pub fn shares(&self, plan: &Plan, node: NodeId) -> bool {
        self.sharing(plan, node).is_some()
    }

    /// Runs the code of `node` on shared memory, once all work before is done; `slot` is that of its image. False where it
    /// fails: then it is told why, and shares no memory any more.
    pub fn run_shared(
        &mut self,
        plan: &Plan,
        resources: &Resources,
        (node, slot): (NodeId, usize),
        instant: &Instant,
    ) -> bool {
        let Some((code, call)) = self.sharing(plan, node) else {
            return false;
        };
        let images = &self.shared[&node];
        let memory = |id: NodeId, offset: i32| {
            let slot = plan.slot_of(id)?;
            images.get(&(slot, resources.place_read(slot, instant, offset)))
        };
        let made = images.get(&(slot, resources.place_written(slot, instant)));
        let made = made.ok_or_else(|| "its image is not shared".to_owned());
        let ran = made.and_then(|made| {
            let of = (&plan.nodes[node], call);
            run_shared(code, plan, of, instant, made, memory)
        });
        if let Err(why) = &ran {
            code.not_shared(why);
            self.shared.remove(&node);
        }
        ran.is_ok()
    }
}
