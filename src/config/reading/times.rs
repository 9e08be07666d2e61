//! Durations such as `1h30m`, and moments in RFC 3339.

use std::time::Duration;

use jiff::Timestamp;

use crate::time::UnixSeconds;

/// Parses whole numbers with units, the largest first, each unit once: `30s`, `90m`, `8h`, `1h30m`, `30d`.
pub(super) fn duration(text: &str) -> Option<Duration> {
    let mut rest = text;
    let mut seconds = 0_u64;
    for (unit, factor) in UNITS {
        let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let (number, behind) = rest.split_at(digits);
        if let Some(behind) = behind.strip_prefix(unit) {
            seconds = seconds.checked_add(number.parse::<u64>().ok()?.checked_mul(factor)?)?;
            rest = behind;
        }
    }
    (rest.is_empty() && !text.is_empty()).then_some(Duration::from_secs(seconds))
}

/// Parses a moment: date, time, and `Z` or an offset; not before 1970.
pub(super) fn moment(text: &str) -> Option<UnixSeconds> {
    let timestamp: Timestamp = text.parse().ok()?;
    u64::try_from(timestamp.as_second()).ok().map(UnixSeconds)
}

/// A moment as RFC 3339 writes it; its number where that has no year of four digits.
pub(super) fn text(moment: UnixSeconds) -> String {
    let timestamp = i64::try_from(moment.0).ok().and_then(|seconds| Timestamp::from_second(seconds).ok());
    timestamp.map_or_else(|| moment.0.to_string(), |timestamp| timestamp.to_string())
}

const UNITS: [(char, u64); 4] = [('d', 86_400), ('h', 3_600), ('m', 60), ('s', 1)];

#[cfg(test)]
mod tests {
    use super::{duration, moment, text};
    use crate::time::UnixSeconds;

    #[test]
    fn durations_are_numbers_with_units_the_largest_first() {
        let seconds = |text| duration(text).map(|duration| duration.as_secs());
        assert_eq!(seconds("30s"), Some(30));
        assert_eq!(seconds("90m"), Some(5_400));
        assert_eq!(seconds("8h"), Some(28_800));
        assert_eq!(seconds("1h30m"), Some(5_400));
        assert_eq!(seconds("30d"), Some(2_592_000));
        assert_eq!(seconds("0s"), Some(0));
    }

    #[test]
    fn other_texts_are_no_durations() {
        for text in
            ["", "8", "h", "8 h", " 8h", "-8h", "+8h", "1.5h", "30m1h", "1h1h", "8H", "99999999999999999999d", "1dd"]
        {
            assert_eq!(duration(text), None, "{text:?}");
        }
    }

    #[test]
    fn a_moment_is_written_as_it_is_read() {
        assert_eq!(text(UnixSeconds(1_793_491_200)), "2026-11-01T00:00:00Z");
        assert_eq!(text(UnixSeconds(u64::MAX)), u64::MAX.to_string());
    }

    #[test]
    fn moments_have_a_date_a_time_and_an_offset() {
        assert_eq!(moment("2026-11-01T00:00:00Z"), Some(UnixSeconds(1_793_491_200)));
        assert_eq!(moment("2026-11-01T01:00:00+01:00"), Some(UnixSeconds(1_793_491_200)));
        for text in ["2026-11-01", "2026-11-01T00:00:00", "1969-12-31T23:59:59Z", "soon"] {
            assert_eq!(moment(text), None, "{text:?}");
        }
    }
}
