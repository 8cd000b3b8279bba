//! The state of a training, as it is kept in the file `weights` of a version.

use std::path::Path;

use super::adam::Adam;
use super::error::{Result, TrainError};
use super::versions::replace;

const MAGIC: &[u8; 8] = b"AQTRAIN1";

/// All that a training carries from step to step.
#[derive(Clone, Debug, PartialEq)]
pub struct State {
    /// The numbers that are learnt.
    pub values: Vec<Vec<f32>>,
    pub adam: Adam,
    /// The numbers with the least loss on the pictures kept for validation, the step they are of, and that loss.
    pub best: Vec<Vec<f32>>,
    pub best_step: u64,
    pub best_loss: f32,
    /// That loss before the first step.
    pub first_loss: f32,
}

impl State {
    /// Before the first step, whose loss on the pictures kept for validation is `loss`.
    pub fn new(values: Vec<Vec<f32>>, loss: f32) -> Self {
        Self {
            adam: Adam::new(&values),
            best: values.clone(),
            values,
            best_step: 0,
            best_loss: loss,
            first_loss: loss,
        }
    }

    /// Steps done.
    pub fn step(&self) -> u64 {
        self.adam.steps
    }

    /// Writes it so that `path` holds the old state or this one at any time.
    ///
    /// # Errors
    /// `Write`.
    pub fn write(&self, path: &Path) -> Result<()> {
        let mut out = MAGIC.to_vec();
        out.extend_from_slice(&self.adam.steps.to_le_bytes());
        out.extend_from_slice(&self.best_step.to_le_bytes());
        out.extend_from_slice(&self.best_loss.to_le_bytes());
        out.extend_from_slice(&self.first_loss.to_le_bytes());
        for numbers in self.parts().into_iter().flatten().flatten() {
            out.extend_from_slice(&numbers.to_le_bytes());
        }
        replace(path, &out)
    }

    fn parts(&self) -> [&Vec<Vec<f32>>; 4] {
        [&self.values, &self.adam.mean, &self.adam.square, &self.best]
    }

    /// Reads a state of parameters with as many numbers as `shape` has.
    ///
    /// # Errors
    /// `Read`, and `BadFile` where it is no state of this network.
    pub fn read(path: &Path, shape: &[Vec<f32>]) -> Result<Self> {
        let bytes = std::fs::read(path).map_err(TrainError::read(path))?;
        let bad = || TrainError::BadFile {
            path: path.to_owned(),
            why: "it is no state of a training of this network, or it is cut off".to_owned(),
            advice: "remove the folder of this version to begin anew".to_owned(),
        };
        let rest = bytes.strip_prefix(MAGIC).ok_or_else(bad)?;
        let count: usize = shape.iter().map(Vec::len).sum();
        if rest.len() != 24 + count * 16 {
            return Err(bad());
        }
        let (head, rest) = rest.split_at(24);
        let word = |at: usize| {
            let bytes: [u8; 4] = std::array::from_fn(|index| head[at + index]);
            u32::from_le_bytes(bytes)
        };
        let long = |at: usize| u64::from(word(at)) | u64::from(word(at + 4)) << 32;
        let mut numbers = rest
            .chunks_exact(4)
            .map(|bytes| f32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]));
        let mut part = || -> Vec<Vec<f32>> {
            let one = |values: &Vec<f32>| numbers.by_ref().take(values.len()).collect();
            shape.iter().map(one).collect()
        };
        let (values, mean, square, best) = (part(), part(), part(), part());
        Ok(Self {
            values,
            adam: Adam {
                mean,
                square,
                steps: long(0),
            },
            best,
            best_step: long(8),
            best_loss: f32::from_bits(word(16)),
            first_loss: f32::from_bits(word(20)),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_state_comes_back_as_it_was_and_a_cut_one_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("weights");
        let mut state = State::new(vec![vec![1.5, -2.0], vec![0.25]], 3.5);
        state
            .adam
            .step(&mut state.values, &[vec![1.0, 2.0], vec![3.0]], 0.1);
        (state.best_step, state.best_loss) = (7, 0.125);
        state.write(&path).unwrap();
        assert_eq!(State::read(&path, &state.values).unwrap(), state);
        let bytes = std::fs::read(&path).unwrap();
        for cut in [0, 7, 8, 31, bytes.len() - 1] {
            std::fs::write(&path, &bytes[..cut]).unwrap();
            assert!(State::read(&path, &state.values).is_err(), "{cut}");
        }
    }
}
