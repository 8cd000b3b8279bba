//! What a plan carries from frame to frame, as bytes: the same for every executor, so that one can go on where another
//! stopped.
//!
//! `AQST`, then little-endian 32-bit words: version, 1 if a frame came before, number of histories; of each the length
//! of its label, the label, width, height, channels, and its values, pixel after pixel.

use super::executor::ExecError;
use super::plan::{History, Plan};

const MAGIC: &[u8; 4] = b"AQST";
const VERSION: u32 = 1;

/// Bytes of a history's values.
pub(super) fn bytes_of(history: &History) -> usize {
    history.image.bytes()
}

/// Whether no frame of `plan` depends on those before it; else, whether a frame came before is a part of the state even
/// without histories.
fn carries_nothing(plan: &Plan) -> bool {
    plan.histories.is_empty() && !plan.observed
}

/// Puts together the state of `plan`; `fill` writes the values of a history, by its index.
///
/// # Errors
/// Those of `fill`.
pub(super) fn write<E>(
    plan: &Plan,
    carried: bool,
    mut fill: impl FnMut(usize, &mut [u8]) -> Result<(), E>,
) -> Result<Vec<u8>, E> {
    if carries_nothing(plan) {
        return Ok(Vec::new());
    }
    let histories = plan.histories.iter();
    let bytes = histories.map(|history| history.label.len() + 16 + bytes_of(history));
    let mut out = Vec::with_capacity(16 + bytes.sum::<usize>());
    let word = |out: &mut Vec<u8>, value: u32| out.extend(value.to_le_bytes());
    out.extend(MAGIC);
    word(&mut out, VERSION);
    word(&mut out, u32::from(carried));
    word(&mut out, plan.histories.len() as u32);
    for (index, history) in plan.histories.iter().enumerate() {
        word(&mut out, history.label.len() as u32);
        out.extend(history.label.as_bytes());
        word(&mut out, history.image.extent.0);
        word(&mut out, history.image.extent.1);
        word(&mut out, history.image.storage.channels() as u32);
        let begin = out.len();
        out.resize(begin + bytes_of(history), 0);
        fill(index, &mut out[begin..])?;
    }
    Ok(out)
}

/// Takes apart what [`write`] made: whether a frame came before, and the values of each history.
pub(super) fn read<'s>(plan: &Plan, state: &'s [u8]) -> Result<(bool, Vec<&'s [u8]>), ExecError> {
    let fail = |why: &str| ExecError::State {
        why: why.to_owned(),
    };
    if state.is_empty() && carries_nothing(plan) {
        return Ok((false, Vec::new()));
    }
    let mut rest = state;
    let mut take = |count: usize| {
        let (taken, left) = rest
            .split_at_checked(count)
            .ok_or_else(|| fail("it is cut short"))?;
        rest = left;
        Ok::<_, ExecError>(taken)
    };
    fn number(bytes: &[u8]) -> u32 {
        u32::from_le_bytes(bytes.try_into().unwrap_or_default())
    }
    if take(4)? != MAGIC || number(take(4)?) != VERSION {
        return Err(fail("it is of another format"));
    }
    let carried = number(take(4)?) != 0;
    if number(take(4)?) as usize != plan.histories.len() {
        return Err(fail("it holds another number of histories"));
    }
    let mut images = Vec::with_capacity(plan.histories.len());
    for history in &plan.histories {
        let length = number(take(4)?) as usize;
        let label = take(length)?;
        let shape = [number(take(4)?), number(take(4)?), number(take(4)?)];
        let (width, height) = history.image.extent;
        if label != history.label.as_bytes()
            || shape != [width, height, history.image.storage.channels() as u32]
        {
            return Err(fail(&format!("it has no {}", history.label)));
        }
        images.push(take(bytes_of(history))?);
    }
    if rest.is_empty() {
        Ok((carried, images))
    } else {
        Err(fail("it is longer than it says"))
    }
}
