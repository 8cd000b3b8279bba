//! Names of uploads that nobody can guess.

use std::collections::hash_map::RandomState;
use std::fmt::Write as _;
use std::fs::File;
use std::hash::BuildHasher as _;
use std::io::Read as _;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use sha2::{Digest as _, Sha256};

/// How many hexadecimal digits an id has: 128 bits.
const DIGITS: usize = 32;

/// A new id: the first half of a SHA-256 over 32 bytes of `/dev/urandom` where there is one, numbers out of the
/// system's chance that the standard library seeds its maps with (on all systems), the time, the process and a count.
/// The last three alone make ids differ; the first two make them hard to guess.
pub(super) fn new() -> String {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    let mut chance = [0; 32];
    // Where there is none, the rest must do.
    let _ = File::open("/dev/urandom").and_then(|mut file| file.read_exact(&mut chance));
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    let mut hash = Sha256::new();
    hash.update(chance);
    for seed in 0..4_u64 {
        hash.update(RandomState::new().hash_one((seed, count)).to_le_bytes());
    }
    hash.update(since.unwrap_or_default().as_nanos().to_le_bytes());
    hash.update(std::process::id().to_le_bytes());
    hash.update(count.to_le_bytes());
    let mut id = String::with_capacity(DIGITS);
    for byte in hash.finalize().iter().take(DIGITS / 2) {
        // Writing to a string does not fail.
        let _ = write!(id, "{byte:02x}");
    }
    id
}

/// Whether `text` has the form of an id; so it can be a part of the name of a file.
pub(super) fn is_one(text: &str) -> bool {
    let is_digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    text.len() == DIGITS && text.bytes().all(is_digit)
}
