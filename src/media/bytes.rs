//! Numbers of bytes as text.

/// The number of bytes with a decimal unit: `312 bytes`, `23.4 kB`, `1.2 MB`.
pub fn bytes_in_words(bytes: u64) -> String {
    const UNITS: [&str; 4] = ["kB", "MB", "GB", "TB"];
    if bytes < 1000 {
        return format!("{bytes} bytes");
    }
    let mut amount = bytes as f64 / 1e3;
    let mut units = UNITS.iter().peekable();
    loop {
        let unit = units.next().unwrap_or(&UNITS[3]);
        // A value that would be printed as 1000.0 gets the next larger unit.
        if amount < 999.95 || units.peek().is_none() {
            return format!("{amount:.1} {unit}");
        }
        amount /= 1e3;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_for_people() {
        let amounts = [0, 999, 1000, 23_412, 999_960, 1_234_567, 7 << 40];
        let words = amounts.map(bytes_in_words);
        let expected = [
            "0 bytes",
            "999 bytes",
            "1.0 kB",
            "23.4 kB",
            "1.0 MB",
            "1.2 MB",
            "7.7 TB",
        ];
        assert_eq!(words, expected);
    }
}
