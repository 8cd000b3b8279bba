//! The format of the state that a plan carries from frame to frame. All executors use the same format, so one executor
//! can continue where another stopped.
//!
//! `AQST`, then a version (32 bits, little-endian), then sections: the length of the label in bytes (32 bits), the
//! label, the length of the values in bytes (64 bits), the values. Image values are 32 bits each, pixel by pixel.

use super::executor::ExecError;
use super::plan::{Plan, Slot, Target};

const MAGIC: &[u8; 4] = b"AQST";
const VERSION: u32 = 3;

/// The content of a section.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Carried {
    /// A history, by index.
    History(usize),
    /// One of the frames that a pool slot keeps.
    Kept { slot: usize, frame: usize },
    /// One of the kept frames of the decoder's planes of a source, row by row without padding.
    Planes { source: usize, frame: usize },
}

struct Section {
    carried: Carried,
    label: String,
    bytes: usize,
}

/// The sections of the state of `plan`, in order.
fn sections(plan: &Plan) -> Vec<Section> {
    let section = |carried, label: &str, slot: Slot| {
        let ((width, height), channels) = (slot.extent, slot.storage.channels());
        Section {
            carried,
            label: format!("{label} {width}x{height}x{channels}"),
            bytes: 4 * width as usize * height as usize * channels,
        }
    };
    let histories = plan.histories.iter().enumerate();
    let mut sections: Vec<Section> = histories
        .map(|(index, history)| {
            let slot = Slot::of(&history.image);
            section(Carried::History(index), &history.label, slot)
        })
        .collect();
    for step in &plan.steps {
        let Target::Image { node, slot } = step.target else {
            continue;
        };
        let kept = plan.slots[slot].frames as usize;
        for frame in (0..kept).filter(|_| kept > 1) {
            let label = format!("{}[{frame}]", plan.nodes[node].label);
            sections.push(section(
                Carried::Kept { slot, frame },
                &label,
                plan.slots[slot],
            ));
        }
    }
    for (source, port) in plan.sources.iter().enumerate() {
        let kept = plan.planes_kept(source) as usize;
        let Some(format) = port.format.filter(|_| kept > 1) else {
            continue;
        };
        let (width, height) = port.extent;
        let planes =
            (0..format.plane_count()).map(|plane| format.plane_extent(plane, width, height));
        let bytes = planes.map(|plane| plane.row_bytes * plane.rows).sum();
        sections.extend((0..kept).map(|frame| Section {
            carried: Carried::Planes { source, frame },
            label: format!("planes {source}[{frame}] {width}x{height} {format}"),
            bytes,
        }));
    }
    sections
}

/// Writes the state of `plan`; `fill` writes the values of a section. The result is empty if the plan carries nothing.
///
/// # Errors
/// Those of `fill`.
pub(super) fn write<E>(
    plan: &Plan,
    mut fill: impl FnMut(Carried, &mut [u8]) -> Result<(), E>,
) -> Result<Vec<u8>, E> {
    let sections = sections(plan);
    if sections.is_empty() {
        return Ok(Vec::new());
    }
    let bytes = sections
        .iter()
        .map(|section| section.label.len() + 12 + section.bytes);
    let mut out = Vec::with_capacity(8 + bytes.sum::<usize>());
    out.extend(MAGIC);
    out.extend(VERSION.to_le_bytes());
    for section in sections {
        out.extend((section.label.len() as u32).to_le_bytes());
        out.extend(section.label.as_bytes());
        out.extend((section.bytes as u64).to_le_bytes());
        let begin = out.len();
        out.resize(begin + section.bytes, 0);
        fill(section.carried, &mut out[begin..])?;
    }
    Ok(out)
}

/// Splits what [`write`] made into the values of each section.
pub(super) fn read<'s>(
    plan: &Plan,
    state: &'s [u8],
) -> Result<Vec<(Carried, &'s [u8])>, ExecError> {
    let fail = |why: &str| ExecError::State {
        why: why.to_owned(),
    };
    let sections = sections(plan);
    if state.is_empty() && sections.is_empty() {
        return Ok(Vec::new());
    }
    let mut rest = state;
    let mut take = |count: usize| {
        let (taken, left) = rest
            .split_at_checked(count)
            .ok_or_else(|| fail("it is truncated"))?;
        rest = left;
        Ok::<_, ExecError>(taken)
    };
    if take(4)? != MAGIC || take(4)? != VERSION.to_le_bytes() {
        return Err(fail("its format or version is not known"));
    }
    let mut found = Vec::with_capacity(sections.len());
    for section in sections {
        let length = (section.label.len() as u32).to_le_bytes();
        if take(4)? != length || take(section.label.len())? != section.label.as_bytes() {
            return Err(fail(&format!("it has no {}", section.label)));
        }
        if take(8)? != (section.bytes as u64).to_le_bytes() {
            return Err(fail(&format!("its {} has another size", section.label)));
        }
        found.push((section.carried, take(section.bytes)?));
    }
    if rest.is_empty() {
        Ok(found)
    } else {
        Err(fail("there are bytes after the last section"))
    }
}

/// The histories in a state, for tools and tests: label, width, height, channels and values of each, in order.
pub fn of_histories<'a>(
    histories: impl IntoIterator<Item = (&'a str, [u32; 3], &'a [u32])>,
) -> Vec<u8> {
    let mut out = [MAGIC.as_slice(), &VERSION.to_le_bytes()].concat();
    for (label, [width, height, channels], values) in histories {
        let label = format!("{label} {width}x{height}x{channels}");
        out.extend((label.len() as u32).to_le_bytes());
        out.extend(label.as_bytes());
        out.extend((4 * values.len() as u64).to_le_bytes());
        out.extend(values.iter().flat_map(|value| value.to_le_bytes()));
    }
    out
}
