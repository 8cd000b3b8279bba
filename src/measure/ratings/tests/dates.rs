use super::super::rfc3339;

#[test]
fn times_are_written_as_dates_in_utc() {
    // `date -u -d @N +%FT%TZ` gives the same.
    for (seconds, text) in [
        (0, "1970-01-01T00:00:00Z"),
        (-1, "1969-12-31T23:59:59Z"),
        (951_782_399, "2000-02-28T23:59:59Z"),
        (951_782_400, "2000-02-29T00:00:00Z"),
        (951_868_800, "2000-03-01T00:00:00Z"),
        (1_704_067_199, "2023-12-31T23:59:59Z"),
        (1_795_815_000, "2026-11-27T21:30:00Z"),
        (4_107_542_400, "2100-03-01T00:00:00Z"),
        (253_402_300_799, "9999-12-31T23:59:59Z"),
        (-62_135_596_800, "0001-01-01T00:00:00Z"),
    ] {
        assert_eq!(rfc3339(seconds), text);
    }
}

#[test]
fn each_day_of_four_centuries_follows_the_day_before() {
    let is_leap = |year: i64| year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let mut day = 0;
    for year in 1970..2370 {
        let february = if is_leap(year) { 29 } else { 28 };
        let months = [31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
        for (month, days) in months.iter().enumerate() {
            for date in 1..=*days {
                let text = format!("{year}-{:02}-{date:02}T00:00:00Z", month + 1);
                assert_eq!(rfc3339(day * 86_400), text);
                day += 1;
            }
        }
    }
}
