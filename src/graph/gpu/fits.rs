//! Whether a device can hold a plan.

use super::super::executor::ExecError;
use super::super::plan::{OutputPort, ParamsOf, Plan, Slot, Storage};
use super::FileContent;
use super::context::GpuContext;
use super::planes::PlaneLayout;
use super::shader::Binding;

/// Pictures of an output that wait for their encoder, besides those in flight.
const WAITING: u64 = 6;

/// The error of a plan that `context` cannot hold.
fn too_large<T>(context: &GpuContext, what: String) -> Result<T, ExecError> {
    Err(ExecError::TooLarge {
        device: context.adapter.name.clone(),
        what,
    })
}

/// Checks that the images, buffers and files of `plan` fit the limits of the device, and its memory where that is known.
/// `frames` is the number of frames in flight.
///
/// # Errors
/// `TooLarge`.
pub(super) fn check_size(
    plan: &Plan,
    files: &[FileContent],
    frames: usize,
    context: &GpuContext,
) -> Result<(), ExecError> {
    let limits = context.device.limits();
    let side = limits.max_texture_dimension_2d;
    let binding = limits
        .max_storage_buffer_binding_size
        .min(limits.max_buffer_size);
    let buffers = plan
        .slots
        .iter()
        .filter(|slot| slot.storage == Storage::Words);
    if let Some(slot) = buffers.max_by_key(|slot| slot.extent.0)
        && 4 * u64::from(slot.extent.0) > binding
    {
        return too_large(
            context,
            format!("{} words, at most {}", slot.extent.0, binding / 4),
        );
    }
    let extents = plan
        .slots
        .iter()
        .filter(|slot| slot.storage != Storage::Words)
        .map(|slot| slot.extent);
    let extents = extents.chain(plan.sources.iter().map(|source| source.extent));
    let large = |(width, height): &(u32, u32)| *width > side || *height > side;
    if let Some((width, height)) = extents.into_iter().find(large) {
        return too_large(
            context,
            format!("{width}x{height} pixels, at most {side}x{side}"),
        );
    }
    let mut file_bytes = 0;
    for (content, file) in files.iter().zip(&plan.files) {
        match content {
            FileContent::Texture(image) => {
                let (width, height) = (image.width as u32, image.height as u32);
                if large(&(width, height)) {
                    return too_large(
                        context,
                        format!("{file} has {width}x{height} pixels, at most {side}x{side}"),
                    );
                }
                file_bytes += 16 * u64::from(width) * u64::from(height);
            }
            FileContent::Table(table) => {
                let bytes = 4 * table.len() as u64;
                if bytes > binding {
                    let most = binding / 4;
                    return too_large(
                        context,
                        format!("{file} has {} numbers, at most {most}", table.len()),
                    );
                }
                file_bytes += bytes;
            }
        }
    }
    let sources = plan.sources.iter();
    let sources = sources.filter_map(|source| Some((source.format?, source.extent)));
    for (format, extent) in sources.chain(plan.packs().map(|pack| (pack.format, pack.extent))) {
        let bytes = PlaneLayout::new(&format, extent).bytes();
        if bytes > binding {
            return too_large(
                context,
                format!("{bytes} bytes of planes, at most {binding}"),
            );
        }
    }
    if let Some(memory) = context.adapter.memory {
        let needed = bytes_needed(plan, frames as u64) + file_bytes;
        if needed > memory {
            let gigabytes = |bytes: u64| bytes as f64 / 1e9;
            return too_large(
                context,
                format!(
                    "it takes {:.1} GB, and there are {:.1} GB in all",
                    gigabytes(needed),
                    gigabytes(memory)
                ),
            );
        }
    }
    Ok(())
}

/// Bytes of the images and buffers of `plan`, with so many frames in flight.
fn bytes_needed(plan: &Plan, frames: u64) -> u64 {
    let image = |slot: &Slot| {
        let (width, height) = slot.extent;
        let pixels = u64::from(width) * u64::from(height);
        pixels * slot.storage.bytes() as u64 * u64::from(slot.frames)
    };
    let slots = plan.slots.iter().map(image).sum::<u64>();
    let histories = plan.histories.iter();
    let histories = histories.map(|kept| image(&Slot::of(&kept.image)));
    let sources = plan.sources.iter().enumerate();
    let sources = sources.map(|(source, port)| {
        let bytes = port
            .format
            .map_or(0, |format| PlaneLayout::new(&format, port.extent).bytes());
        let kept = u64::from(plan.planes_kept(source));
        // In the ring, and on the way to it.
        bytes * (frames.next_multiple_of(kept) + frames)
    });
    let outputs = plan.outputs.iter().map(|port| match port {
        OutputPort::Frame(pack) => {
            let bytes = PlaneLayout::new(&pack.format, pack.extent).bytes();
            bytes * (2 * frames + WAITING)
        }
        OutputPort::Image(node) => {
            let image_of = plan.nodes[*node].image;
            image(&Slot::of(&image_of)) * frames
        }
    });
    slots + histories.sum::<u64>() + sources.sum::<u64>() + outputs.sum::<u64>()
}

/// Checks that the bindings of a step, and those that all steps have, fit the limits of a stage.
///
/// # Errors
/// `TooLarge`.
pub(super) fn check_bindings(
    plan: &Plan,
    label: &str,
    bindings: &[Binding],
    context: &GpuContext,
) -> Result<(), ExecError> {
    let limits = context.device.limits();
    let count = |of: fn(&Binding) -> bool| bindings.iter().filter(|binding| of(binding)).count();
    let textures = count(|binding| matches!(binding, Binding::Texture(_)));
    let buffers = count(|binding| {
        matches!(
            binding,
            Binding::Words(_) | Binding::Table(_) | Binding::WrittenWords
        )
    });
    let params = count(|binding| matches!(binding, Binding::Params(_)));
    // All have the planes of the source and the words of an output, the facts and the part of the grid.
    for (number, what, most) in [
        (
            textures,
            "images",
            limits.max_sampled_textures_per_shader_stage,
        ),
        (
            buffers + 2,
            "buffers",
            limits.max_storage_buffers_per_shader_stage,
        ),
        (
            params + 2,
            "blocks of parameters",
            limits.max_uniform_buffers_per_shader_stage,
        ),
        (
            bindings.len(),
            "bindings",
            limits.max_bindings_per_bind_group,
        ),
    ] {
        if number > most as usize {
            return too_large(
                context,
                format!("{label} has {number} {what}, at most {most}"),
            );
        }
    }
    let blocks = bindings.iter().filter_map(|binding| match binding {
        Binding::Params(of) => Some(*of),
        _ => None,
    });
    let bytes = |of: ParamsOf| 4 * plan.param_words(of).len().next_multiple_of(4) as u64;
    let largest = blocks.map(bytes).max().unwrap_or(0);
    let most = limits.max_uniform_buffer_binding_size;
    if largest > most {
        return too_large(
            context,
            format!("{label} has {largest} bytes of parameters, at most {most}"),
        );
    }
    Ok(())
}
