//! The business day: the shop's own calendar day, which may end after midnight.

use core::fmt;

use minicbor::{Decode, Encode};

use crate::error::AskerError;

const MINUTE_MS: i64 = 60_000;
const DAY_MS: i64 = 86_400_000;
/// No calendar beyond the year 9999: the text form has four digits.
const DAY_MAX: i32 = 2_932_896;

/// Moments (milliseconds since 1970) from which an offset from UTC in minutes holds, in order.
pub type ZoneTable<'a> = &'a [(u64, i32)];

/// A business day, as days since 1970-01-01. Its text form is `2026-11-21`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Encode, Decode)]
#[cbor(transparent)]
pub struct BusinessDate(#[n(0)] pub i32);

/// The offset from UTC in minutes that holds at `wall_ms`.
///
/// # Errors
/// [`AskerError::ZoneUnknown`] when the table does not reach back to that moment. It never falls
/// back to UTC: that would move a morning's takings to another day, quietly.
pub fn offset_minutes(wall_ms: u64, zone: ZoneTable<'_>) -> Result<i32, AskerError> {
    zone.iter()
        .rev()
        .find(|(from_ms, _)| *from_ms <= wall_ms)
        .map(|(_, offset)| *offset)
        .ok_or(AskerError::ZoneUnknown)
}

impl BusinessDate {
    /// The business day of a moment.
    ///
    /// The cut-off is read off the clock on the wall, so that it stays at 04:00 through both
    /// nights on which the clocks change.
    ///
    /// # Errors
    /// [`AskerError::ZoneUnknown`].
    pub fn at(wall_ms: u64, zone: ZoneTable<'_>, cutoff_minutes: u16) -> Result<Self, AskerError> {
        let offset = offset_minutes(wall_ms, zone)?;
        local_ms(wall_ms, offset)
            .and_then(|local| local.checked_sub(i64::from(cutoff_minutes).checked_mul(MINUTE_MS)?))
            .and_then(|local| i32::try_from(local.div_euclid(DAY_MS)).ok())
            .filter(|days| (0..=DAY_MAX).contains(days))
            .map(Self)
            .ok_or(AskerError::ZoneUnknown)
    }

    /// The day this many days later (earlier when negative).
    pub fn plus_days(self, days: i32) -> Self {
        Self(self.0.saturating_add(days))
    }

    /// Year, month (1..=12) and day (1..=31). Howard Hinnant's `civil_from_days`.
    pub fn ymd(self) -> (i32, u8, u8) {
        let days = i64::from(self.0).saturating_add(719_468);
        let era = days.div_euclid(146_097);
        let of_era = days.rem_euclid(146_097);
        let leap_days = (of_era / 1_460)
            .saturating_sub(of_era / 36_524)
            .saturating_add(of_era / 146_096);
        let year_of_era = of_era.saturating_sub(leap_days) / 365;
        let before = days_before_year(year_of_era);
        let of_year = of_era.saturating_sub(before);
        let shifted = of_year.saturating_mul(5).saturating_add(2) / 153;
        let day = of_year
            .saturating_sub(shifted.saturating_mul(153).saturating_add(2) / 5)
            .saturating_add(1);
        // The year of this calendar begins in March.
        let month = if shifted < 10 {
            shifted.saturating_add(3)
        } else {
            shifted.saturating_sub(9)
        };
        let year = era
            .saturating_mul(400)
            .saturating_add(year_of_era)
            .saturating_add(i64::from(month <= 2));
        (
            i32::try_from(year).unwrap_or(i32::MAX),
            u8::try_from(month).unwrap_or(1),
            u8::try_from(day).unwrap_or(1),
        )
    }

    /// The day of this year, month and day; `None` when the calendar has none.
    /// Howard Hinnant's `days_from_civil`.
    pub fn from_ymd(year: i32, month: u8, day: u8) -> Option<Self> {
        if !(1970..=9999).contains(&year) || !(1..=12).contains(&month) {
            return None;
        }
        let (month, day_number) = (i64::from(month), i64::from(day));
        let shifted_year = i64::from(year).checked_sub(i64::from(month <= 2))?;
        let era = shifted_year.div_euclid(400);
        let year_of_era = shifted_year.rem_euclid(400);
        let shifted_month = month.checked_add(9)?.rem_euclid(12);
        let of_year = shifted_month.checked_mul(153)?.checked_add(2)? / 5;
        let of_era = days_before_year(year_of_era)
            .checked_add(of_year)?
            .checked_add(day_number.checked_sub(1)?)?;
        let days = era
            .checked_mul(146_097)?
            .checked_add(of_era)?
            .checked_sub(719_468)?;
        let date = Self(i32::try_from(days).ok()?);
        // A day that the month does not have comes out as another one.
        (date.ymd() == (year, u8::try_from(month).ok()?, day)).then_some(date)
    }

    /// Reads `2026-11-21`.
    ///
    /// # Errors
    /// [`AskerError::NotADate`].
    pub fn from_text(text: &str) -> Result<Self, AskerError> {
        let read = || {
            let mut parts = text.splitn(3, '-');
            let mut part = |len: usize| {
                let part = parts.next()?;
                let plain = part.len() == len && part.bytes().all(|b| b.is_ascii_digit());
                plain.then_some(part)
            };
            let year = part(4)?.parse().ok()?;
            let month = part(2)?.parse().ok()?;
            let day = part(2)?.parse().ok()?;
            Self::from_ymd(year, month, day)
        };
        read().ok_or_else(|| AskerError::NotADate(text.to_owned()))
    }
}

impl fmt::Display for BusinessDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = self.ymd();
        write!(f, "{year:04}-{month:02}-{day:02}")
    }
}

/// Days of a 400-year era before this year of it; years begin in March.
fn days_before_year(year_of_era: i64) -> i64 {
    year_of_era
        .saturating_mul(365)
        .saturating_add(year_of_era / 4)
        .saturating_sub(year_of_era / 100)
}

/// What the clock on the wall shows, as milliseconds since its own 1970.
pub(crate) fn local_ms(wall_ms: u64, offset_minutes: i32) -> Option<i64> {
    let offset = i64::from(offset_minutes).checked_mul(MINUTE_MS)?;
    i64::try_from(wall_ms).ok()?.checked_add(offset)
}

/// The hour (0..=23) on the wall's clock.
pub(crate) fn local_hour(wall_ms: u64, offset_minutes: i32) -> u8 {
    local_minute(wall_ms, offset_minutes).0
}

/// Hour and minute on the wall's clock.
pub(crate) fn local_minute(wall_ms: u64, offset_minutes: i32) -> (u8, u8) {
    let local = local_ms(wall_ms, offset_minutes).unwrap_or_default();
    let minutes = local.rem_euclid(DAY_MS) / MINUTE_MS;
    (
        u8::try_from(minutes / 60).unwrap_or_default(),
        u8::try_from(minutes % 60).unwrap_or_default(),
    )
}

/// The calendar day on the wall, which may differ from the business day.
pub(crate) fn local_day(wall_ms: u64, offset_minutes: i32) -> BusinessDate {
    let local = local_ms(wall_ms, offset_minutes).unwrap_or_default();
    BusinessDate(i32::try_from(local.div_euclid(DAY_MS)).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR_MS: u64 = 3_600_000;

    /// Milliseconds of a date and time in UTC.
    fn utc(text: &str, hour: u64, minute: u64) -> u64 {
        let days = BusinessDate::from_text(text).unwrap().0 as u64;
        days * 86_400_000 + hour * HOUR_MS + minute * 60_000
    }

    /// Berlin in 2026: summer time from 29 March 01:00 UTC to 25 October 01:00 UTC.
    fn berlin() -> Vec<(u64, i32)> {
        vec![
            (utc("2025-10-26", 1, 0), 60),
            (utc("2026-03-29", 1, 0), 120),
            (utc("2026-10-25", 1, 0), 60),
        ]
    }

    fn day(wall_ms: u64, cutoff: u16) -> String {
        BusinessDate::at(wall_ms, &berlin(), cutoff)
            .unwrap()
            .to_string()
    }

    #[test]
    fn half_past_midnight_belongs_to_the_evening_before() {
        // 00:30 on 21 November in Berlin is 23:30 UTC on the 20th.
        assert_eq!(day(utc("2026-11-20", 23, 30), 240), "2026-11-20");
        assert_eq!(day(utc("2026-11-20", 23, 30), 0), "2026-11-21");
        assert_eq!(day(utc("2026-11-21", 2, 59), 240), "2026-11-20");
        assert_eq!(day(utc("2026-11-21", 3, 0), 240), "2026-11-21");
    }

    #[test]
    fn the_cut_off_stays_on_the_wall_clock_when_an_hour_is_skipped() {
        // 03:59 summer time is 01:59 UTC, one hour earlier than the day before.
        assert_eq!(day(utc("2026-03-29", 1, 59), 240), "2026-03-28");
        assert_eq!(day(utc("2026-03-29", 2, 0), 240), "2026-03-29");
    }

    #[test]
    fn the_cut_off_stays_on_the_wall_clock_when_an_hour_comes_twice() {
        // 02:30 comes twice, at 00:30 and at 01:30 UTC, both before the cut-off.
        assert_eq!(day(utc("2026-10-25", 0, 30), 240), "2026-10-24");
        assert_eq!(day(utc("2026-10-25", 1, 30), 240), "2026-10-24");
        assert_eq!(day(utc("2026-10-25", 2, 59), 240), "2026-10-24");
        assert_eq!(day(utc("2026-10-25", 3, 0), 240), "2026-10-25");
    }

    #[test]
    fn days_have_23_or_25_hours_when_the_clocks_change() {
        let hours = |date: &str| {
            let start = utc(date, 0, 0) - 48 * HOUR_MS;
            (0..96)
                .filter(|hour| day(start + hour * HOUR_MS, 240) == date)
                .count()
        };
        assert_eq!(hours("2026-03-28"), 23);
        assert_eq!(hours("2026-10-24"), 25);
        assert_eq!(hours("2026-06-01"), 24);
    }

    #[test]
    fn an_unknown_zone_is_an_error_and_never_utc() {
        let moment = utc("2026-11-20", 12, 0);
        assert_eq!(
            BusinessDate::at(moment, &[], 0),
            Err(AskerError::ZoneUnknown)
        );
        let later = [(moment + 1, 60)];
        assert_eq!(
            BusinessDate::at(moment, &later, 0),
            Err(AskerError::ZoneUnknown)
        );
    }

    #[test]
    fn every_day_reads_back_from_its_text() {
        for days in 0..60_000 {
            let date = BusinessDate(days);
            assert_eq!(BusinessDate::from_text(&date.to_string()), Ok(date));
        }
        assert_eq!(BusinessDate(0).to_string(), "1970-01-01");
        assert_eq!(BusinessDate(20_778).to_string(), "2026-11-21");
        assert_eq!(BusinessDate(DAY_MAX).to_string(), "9999-12-31");
    }

    #[test]
    fn text_that_is_no_date_is_refused() {
        for text in [
            "2026-02-29",
            "2026-13-01",
            "2026-1-1",
            "26-01-01",
            "",
            "2026-01-01x",
            "+026-01-01",
        ] {
            assert!(BusinessDate::from_text(text).is_err(), "{text}");
        }
        assert!(BusinessDate::from_text("2028-02-29").is_ok());
    }
}
