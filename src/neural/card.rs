//! Tensors that lie in the memory of a graphics card already: the card, its memory, and engines that work there.

use super::contract::Dtype;
use super::error::Result;

/// What the system knows memory by that others have handed out.
#[cfg(not(windows))]
pub type MemoryHandle = std::os::fd::OwnedFd;
/// What the system knows memory by that others have handed out.
#[cfg(windows)]
pub type MemoryHandle = std::os::windows::io::OwnedHandle;

/// A graphics card.
pub trait Card: Send {
    /// Its UUID: 32 hexadecimal digits, perhaps with dashes and `GPU-`.
    fn uuid(&self) -> &str;

    /// Bytes of its memory that are in use, by all programs; `None` where it does not tell.
    fn in_use(&self) -> Option<u64>;

    /// Takes over the memory of this card that `handle` stands for: `bytes` at the beginning of an allocation of
    /// `allocated` bytes that holds nothing else. The error says why it cannot.
    fn import(
        &self,
        handle: MemoryHandle,
        bytes: u64,
        allocated: u64,
    ) -> std::result::Result<Box<dyn CardMemory>, String>;
}

/// Memory of a card. It lives until this and the one who handed it out have let go of it.
///
/// # Safety
/// From `address` on, `bytes` bytes are memory that the engine of the card may read and write as long as this lives.
pub unsafe trait CardMemory: Send + Sync {
    /// Where it begins, as the card counts.
    fn address(&self) -> u64;

    fn bytes(&self) -> u64;

    /// Copies the bytes from `at` on, as many as `to` takes, to the processor. The error says why it cannot.
    fn read(&self, at: u64, to: &mut [u8]) -> std::result::Result<(), String>;
}

/// A tensor in the memory of a card, the last axis the fastest.
#[derive(Clone, Copy)]
pub struct CardTensor<'a> {
    pub name: &'a str,
    pub shape: &'a [usize],
    pub dtype: Dtype,
    pub memory: &'a dyn CardMemory,
    /// The byte in the memory where it begins.
    pub at: u64,
}

impl CardTensor<'_> {
    /// How many numbers it has; `None` where they are too many to be counted.
    pub fn numbers(&self) -> Option<usize> {
        let mut sides = self.shape.iter();
        sides.try_fold(1_usize, |all, side| all.checked_mul(*side))
    }

    /// How many bytes it takes, where they all lie in its memory.
    pub fn bytes(&self) -> Option<usize> {
        let each = match self.dtype {
            Dtype::F32 => 4,
            Dtype::F16 => 2,
        };
        let bytes = self.numbers()?.checked_mul(each)?;
        let end = self.at.checked_add(u64::try_from(bytes).ok()?)?;
        (end <= self.memory.bytes()).then_some(bytes)
    }
}

/// An engine that runs on a card.
pub trait CardEngine {
    fn card(&self) -> &dyn Card;

    /// As [`Engine::run`](super::Engine::run), over tensors in the memory of the card: reads `inputs`, fills `outputs`,
    /// whose shapes must be those of what the model makes. It is done when the call returns.
    ///
    /// # Errors
    /// As those of `run`; `Tensor` for one that does not lie in its memory.
    fn run_on_card(&mut self, inputs: &[CardTensor<'_>], outputs: &[CardTensor<'_>]) -> Result<()>;
}

/// Memory of the processor in place of a card's, for tests.
#[cfg(test)]
pub mod ram {
    use std::fs::File;
    use std::io::Read;
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::{Card, CardMemory, MemoryHandle};

    pub struct Ram(Box<[AtomicU32]>);

    impl Ram {
        pub fn new(words: &[u32]) -> Self {
            Self(words.iter().map(|word| AtomicU32::new(*word)).collect())
        }

        pub fn words(&self) -> Vec<u32> {
            let words = self.0.iter();
            words.map(|word| word.load(Ordering::Relaxed)).collect()
        }
    }

    // SAFETY: the words live as long as this, and may be written behind a shared reference.
    unsafe impl CardMemory for Ram {
        fn address(&self) -> u64 {
            self.0.as_ptr() as u64
        }

        fn bytes(&self) -> u64 {
            4 * self.0.len() as u64
        }

        fn read(&self, at: u64, to: &mut [u8]) -> Result<(), String> {
            let words = self.words();
            let bytes: &[u8] = bytemuck::cast_slice(&words);
            to.copy_from_slice(&bytes[at as usize..][..to.len()]);
            Ok(())
        }
    }

    pub struct Processor;

    impl Card for Processor {
        fn uuid(&self) -> &str {
            "processor"
        }

        fn in_use(&self) -> Option<u64> {
            None
        }

        /// A copy of what lies in a file.
        fn import(
            &self,
            handle: MemoryHandle,
            bytes: u64,
            _: u64,
        ) -> Result<Box<dyn CardMemory>, String> {
            let mut words = vec![0_u32; bytes as usize / 4];
            File::from(handle)
                .read_exact(bytemuck::cast_slice_mut(&mut words))
                .map_err(|error| error.to_string())?;
            Ok(Box::new(Ram::new(&words)))
        }
    }
}
