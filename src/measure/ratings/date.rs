//! Times in words.

/// `seconds` since 1970 as a time in UTC by RFC 3339, such as `2026-11-27T21:30:00Z`.
///
/// The years 0 to 9999 have the four digits that RFC 3339 asks for; a year outside of them has a sign, or more. The
/// date is Howard Hinnant's `civil_from_days` (<https://howardhinnant.github.io/date_algorithms.html>), for the
/// Gregorian calendar at all times.
pub fn rfc3339(seconds: i64) -> String {
    let (days, second) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    // Days since 0000-03-01: a year that starts in March has its leap day at the end.
    let days = days + 719_468;
    let (era, day_of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = (month_from_march + 2) % 12 + 1;
    let year = era * 400 + year_of_era + i64::from(month <= 2);
    let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
}
