//! Files of numbers: little-endian floats of 16 or 32 bits, and nothing else.

use std::path::Path;
use std::sync::Arc;

use half::f16;

/// The most numbers of a table: 64 MiB of them in the memory of a device.
const MOST: usize = 1 << 24;

/// The numbers in `bytes`, the content of the file at `path`, whose ending says how long one is.
///
/// # Errors
/// In words, for another ending, and for a size that is no multiple of four numbers.
pub(super) fn numbers(path: &str, bytes: &[u8]) -> Result<Arc<[f32]>, String> {
    let ending = Path::new(path).extension().unwrap_or_default();
    let each = match ending.to_str() {
        Some("f16") => 2,
        Some("f32") => 4,
        _ => {
            return Err(
                "its name must end in .f16 or .f32, which says how long a number is".to_owned(),
            );
        }
    };
    let count = bytes.len() / each;
    if bytes.is_empty() || !bytes.len().is_multiple_of(4 * each) {
        return Err(format!(
            "it has {} bytes, which is no multiple of {}: four numbers of {} bits. Pad it with zeros",
            bytes.len(),
            4 * each,
            8 * each
        ));
    }
    if count > MOST {
        return Err(format!("it has {count} numbers, at most {MOST}"));
    }
    Ok(match each {
        2 => {
            let halves = bytes.as_chunks::<2>().0.iter();
            halves
                .map(|half| f16::from_le_bytes(*half).to_f32())
                .collect()
        }
        _ => {
            let floats = bytes.as_chunks::<4>().0.iter();
            floats.map(|float| f32::from_le_bytes(*float)).collect()
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_as_their_ending_says() {
        let halves = [1.0, -2.0, 0.5, 65504.0].map(|value| f16::from_f32(value).to_le_bytes());
        let read = numbers("a/b.f16", halves.as_flattened()).unwrap();
        assert_eq!(*read, [1.0, -2.0, 0.5, 65504.0]);
        let floats = [1.0f32, -2.0, 0.1, 1e9].map(f32::to_le_bytes);
        let read = numbers("a/b.f32", floats.as_flattened()).unwrap();
        assert_eq!(*read, [1.0, -2.0, 0.1, 1e9]);
    }

    #[test]
    fn what_is_cut_off_or_of_another_kind_is_refused() {
        assert!(numbers("a.f16", &[0; 6]).unwrap_err().contains("6 bytes"));
        assert!(
            numbers("a.f32", &[0; 8])
                .unwrap_err()
                .contains("multiple of 16")
        );
        assert!(numbers("a.f16", &[]).is_err());
        assert!(numbers("a.bin", &[0; 16]).unwrap_err().contains(".f16"));
    }
}
