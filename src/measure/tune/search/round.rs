//! Numbers that a person can type.

/// Significant digits of the numbers that are tried.
const DIGITS: i32 = 4;

/// `number`, rounded to four significant digits of `width`: to 0.001 where `width` is 1 to 10.
pub(super) fn to_width(number: f64, width: f64) -> f64 {
    let decimals = DIGITS - 1 - width.abs().log10().floor() as i32;
    match usize::try_from(decimals) {
        Ok(decimals) => to_decimals(number, decimals),
        Err(_) => {
            let unit = 10_f64.powi(-decimals);
            plain((number / unit).round() * unit)
        }
    }
}

/// `number`, rounded to so many digits after the point.
pub(super) fn to_decimals(number: f64, decimals: usize) -> f64 {
    // By way of text: it is the only rounding whose result has no more digits.
    plain(format!("{number:.decimals$}").parse().unwrap_or(number))
}

/// The number of digits after the point that it takes to write `number`.
pub(super) fn decimals(number: f64) -> usize {
    let text = number.to_string();
    text.split_once('.').map_or(0, |(_, after)| after.len())
}

/// Without the sign of a negative zero.
fn plain(number: f64) -> f64 {
    number + 0.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn to_four_digits_of_the_width() {
        for (number, width, expected) in [
            (0.300_000_000_000_000_04, 1.0, "0.3"),
            (0.123_456, 1.0, "0.123"),
            (0.123_456, 0.9, "0.1235"),
            (-0.000_01, 1.0, "0"),
            (123_456.0, 50_000.0, "123460"),
            (17.123_456, 100.0, "17.1"),
            (0.000_123_456, 0.000_123_456, "0.0001235"),
            (9.999_96, 9.999_96, "10"),
        ] {
            assert_eq!(to_width(number, width).to_string(), expected);
        }
    }

    #[test]
    fn decimals_are_counted() {
        for (number, expected) in [(0.25, 2), (3.0, 0), (1e-20, 20), (1e20, 0)] {
            assert_eq!(decimals(number), expected, "{number}");
        }
    }
}
