//! A few time zones by fixed rules, in place of the browser's tables.

const MINUTE_MS: i64 = 60_000;
const DAY_MS: i64 = 24 * 60 * MINUTE_MS;
/// What the answer covers: a year back, two years ahead.
const BEFORE_MS: u64 = 366 * DAY_MS as u64;
const AFTER_MS: u64 = 2 * 366 * DAY_MS as u64;

/// Begin and end of summer time, in minutes from midnight UTC at the start of the last Sunday of
/// March and of October.
#[derive(Debug, Clone, Copy)]
struct Summer {
    begins: i64,
    ends: i64,
}

/// Directive 2000/84/EC.
const EUROPE: Option<Summer> = Some(Summer {
    begins: 60,
    ends: 60,
});
/// Israel's law of 2013: the Friday before that Sunday, and the Sunday at two o'clock.
const ISRAEL: Option<Summer> = Some(Summer {
    begins: -2 * 24 * 60,
    ends: -60,
});

/// Name, minutes east of UTC in winter, summer time.
const ZONES: [(&str, i32, Option<Summer>); 9] = [
    ("UTC", 0, None),
    ("America/Bogota", -300, None),
    ("Asia/Jerusalem", 120, ISRAEL),
    ("Asia/Kathmandu", 345, None),
    ("Asia/Kolkata", 330, None),
    ("Asia/Tokyo", 540, None),
    ("Europe/Berlin", 60, EUROPE),
    ("Europe/London", 0, EUROPE),
    ("Europe/Rome", 60, EUROPE),
];

/// Moments (milliseconds since 1970) from which an offset in minutes east of UTC holds, in order,
/// from a year before `around_ms` to two years after; `None` for a zone that is not in the table.
pub(super) fn offsets(name: &str, around_ms: u64) -> Option<Vec<(u64, i32)>> {
    let (_, winter, summer) = ZONES.iter().find(|(zone, ..)| *zone == name)?;
    let from = around_ms.saturating_sub(BEFORE_MS);
    let to = around_ms.saturating_add(AFTER_MS);
    let mut offset = *winter;
    let mut found = Vec::new();
    for (at, next) in summer.iter().flat_map(|it| changes(*it, *winter, from, to)) {
        if at > from {
            found.push((at, next));
        } else {
            offset = next;
        }
    }
    found.insert(0, (from, offset));
    Some(found)
}

/// Every change from the year before `from` up to `to`, in order.
fn changes(summer: Summer, winter: i32, from: u64, to: u64) -> impl Iterator<Item = (u64, i32)> {
    let first = year_of(from) - 1;
    (first..=year_of(to)).flat_map(move |year| {
        let begins = last_sunday(year, 3) * DAY_MS + summer.begins * MINUTE_MS;
        let ends = last_sunday(year, 10) * DAY_MS + summer.ends * MINUTE_MS;
        let both = [(begins, winter + 60), (ends, winter)];
        both.into_iter().filter_map(move |(at, offset)| {
            let at = u64::try_from(at).ok()?;
            (at <= to).then_some((at, offset))
        })
    })
}

/// The year of a moment, give or take a day at its turn, where no zone here changes.
fn year_of(ms: u64) -> i64 {
    let days = i64::try_from(ms).unwrap_or(i64::MAX) / DAY_MS;
    1970 + days * 400 / 146_097
}

/// The last Sunday of a month with 31 days, in days since 1970.
fn last_sunday(year: i64, month: i64) -> i64 {
    let last = days_since_1970(year, month, 31);
    // 1970-01-01 was a Thursday: three days later came a Sunday.
    last - (last - 3).rem_euclid(7)
}

/// Days since 1970 of a date in the Gregorian calendar (Howard Hinnant, `days_from_civil`).
fn days_since_1970(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2026-11-21 06:00 UTC.
    const NOVEMBER_2026: u64 = 1_795_240_800_000;

    #[test]
    fn summer_time_begins_and_ends_as_in_the_tables_of_iana() {
        // From Python's `zoneinfo`.
        let rome = vec![
            (NOVEMBER_2026 - BEFORE_MS, 60),
            (1_774_746_000_000, 120),
            (1_792_890_000_000, 60),
            (1_806_195_600_000, 120),
            (1_824_944_400_000, 60),
            (1_837_645_200_000, 120),
            (1_856_394_000_000, 60),
        ];
        assert_eq!(offsets("Europe/Rome", NOVEMBER_2026), Some(rome));
        let jerusalem = offsets("Asia/Jerusalem", NOVEMBER_2026).unwrap();
        let expected = [(1_774_569_600_000, 180), (1_792_882_800_000, 120)];
        assert_eq!(jerusalem[1..3], expected);
    }

    #[test]
    fn a_moment_in_summer_begins_with_the_offset_of_summer() {
        let july = 1_783_000_000_000;
        assert_eq!(offsets("Europe/London", july).unwrap()[0].1, 60);
    }

    #[test]
    fn zones_without_summer_time_have_one_offset() {
        let india = offsets("Asia/Kolkata", NOVEMBER_2026);
        assert_eq!(india, Some(vec![(NOVEMBER_2026 - BEFORE_MS, 330)]));
        assert_eq!(offsets("UTC", 0), Some(vec![(0, 0)]));
    }

    #[test]
    fn an_unknown_zone_is_unknown_and_never_utc() {
        assert_eq!(offsets("Mars/Olympus", NOVEMBER_2026), None);
    }
}
