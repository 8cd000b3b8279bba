//! The FNV-1a hash, 64 bits (Fowler, Noll, Vo). The same on every machine. Not for cryptography.

const PRIME: u64 = 0x0100_0000_01b3;

/// The hash of no bytes (the "offset basis"): the start value.
pub const FNV_EMPTY: u64 = 0xcbf2_9ce4_8422_2325;

/// Continues a hash: `hash` is the hash of the bytes so far, the result that of these bytes followed by `bytes`.
pub fn fnv1a(hash: u64, bytes: &[u8]) -> u64 {
    bytes.iter().fold(hash, |hash, &byte| {
        (hash ^ u64::from(byte)).wrapping_mul(PRIME)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_are_those_of_the_specification() {
        assert_eq!(fnv1a(FNV_EMPTY, b""), 0xcbf2_9ce4_8422_2325);
        assert_eq!(fnv1a(FNV_EMPTY, b"a"), 0xaf63_dc4c_8601_ec8c);
        assert_eq!(fnv1a(FNV_EMPTY, b"foobar"), 0x8594_4171_f739_67e8);
        assert_eq!(
            fnv1a(fnv1a(FNV_EMPTY, b"foo"), b"bar"),
            0x8594_4171_f739_67e8
        );
    }
}
