//! What an input file is known by.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::hex::hex;

/// Bytes hashed at the start and at the end of an input, and in each sample between.
const EDGE: u64 = 1 << 20;
const SAMPLE: u64 = 1 << 16;
const SAMPLES: u64 = 32;

/// The content of a file, as far as it takes no time to read it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InputHash {
    /// Bytes of the file.
    pub size: u64,
    /// SHA-256 of its first and last MiB and of 32 samples of 64 KiB between, each after its place as 8 bytes, the lowest
    /// first.
    pub sha256: String,
}

impl InputHash {
    /// That of `file`, whose position changes.
    ///
    /// # Errors
    /// Those of reading.
    pub fn of(mut file: &File) -> io::Result<Self> {
        let size = file.metadata()?.len();
        let mut digest = Sha256::new();
        let step = (size / (SAMPLES + 1)).max(1);
        let samples = (1..=SAMPLES).map(|sample| (sample * step, SAMPLE));
        let places = [(0, EDGE), (size.saturating_sub(EDGE), EDGE)];
        let mut bytes = Vec::new();
        for (at, length) in places
            .into_iter()
            .chain(samples)
            .filter(|(at, _)| *at < size)
        {
            bytes.clear();
            file.seek(SeekFrom::Start(at))?;
            Read::by_ref(&mut file)
                .take(length)
                .read_to_end(&mut bytes)?;
            digest.update(at.to_le_bytes());
            digest.update(&bytes);
        }
        Ok(Self {
            size,
            sha256: hex(&digest.finalize()),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn input(bytes: &[u8]) -> InputHash {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(bytes).unwrap();
        InputHash::of(&file).unwrap()
    }

    #[test]
    fn a_file_is_known_by_head_tail_and_samples() {
        let bytes = vec![7; 5 << 20];
        let whole = input(&bytes);
        for at in [0, bytes.len() - 1, bytes.len() / 33 * 16] {
            let mut other = bytes.clone();
            other[at] = 8;
            assert_ne!(input(&other), whole, "byte {at}");
        }
        assert_ne!(input(b""), input(b"x"));
    }
}
