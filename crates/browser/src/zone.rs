//! Time zones: how one is offset from UTC around a moment, asked of the browser.

use js_sys::{Array, Date, Function, Intl, Object, Reflect};
use wasm_bindgen::{JsCast, JsValue};

const MINUTE_MS: u64 = 60_000;
const DAY_MS: u64 = 24 * 60 * MINUTE_MS;
/// What the answer covers: a year back, two years ahead.
const BEFORE_MS: u64 = 366 * DAY_MS;
const AFTER_MS: u64 = 2 * 366 * DAY_MS;
/// Two changes of a zone are further apart than this; the shortest known, Ramadan in Morocco,
/// are about 30 days apart.
const STEP_MS: u64 = 7 * DAY_MS;

/// Moments (milliseconds since 1970) from which an offset in minutes east of UTC holds, in order,
/// from a year before `around_ms` to two years after; `None` when the browser does not know the
/// zone.
pub fn offsets(name: &str, around_ms: u64) -> Option<Vec<(u64, i32)>> {
    let format = format_in(name)?;
    let from = around_ms.saturating_sub(BEFORE_MS);
    changes(from, around_ms + AFTER_MS, |at_ms| {
        offset_at(&format, at_ms)
    })
}

fn changes(from: u64, to: u64, offset_at: impl Fn(u64) -> Option<i32>) -> Option<Vec<(u64, i32)>> {
    let from = from - from % MINUTE_MS;
    let mut found = vec![(from, offset_at(from)?)];
    let (mut early, mut early_offset) = found[0];
    while early < to {
        let late = early + STEP_MS;
        let late_offset = offset_at(late)?;
        if late_offset != early_offset {
            found.push((
                change_between(early, late, early_offset, &offset_at)?,
                late_offset,
            ));
        }
        (early, early_offset) = (late, late_offset);
    }
    Some(found)
}

/// The first minute of the new offset.
fn change_between(
    mut early: u64,
    mut late: u64,
    early_offset: i32,
    offset_at: impl Fn(u64) -> Option<i32>,
) -> Option<u64> {
    while late - early > MINUTE_MS {
        let minutes = (late - early) / MINUTE_MS;
        let middle = early + minutes / 2 * MINUTE_MS;
        if offset_at(middle)? == early_offset {
            early = middle;
        } else {
            late = middle;
        }
    }
    Some(late)
}

/// A formatter of a zone; the constructor throws on a zone that it does not know.
fn format_in(zone: &str) -> Option<Intl::DateTimeFormat> {
    let options = Object::new();
    Reflect::set(&options, &"timeZone".into(), &zone.into()).ok()?;
    Reflect::set(&options, &"timeZoneName".into(), &"longOffset".into()).ok()?;
    let intl = Reflect::get(&js_sys::global(), &"Intl".into()).ok()?;
    let constructor: Function = Reflect::get(&intl, &"DateTimeFormat".into())
        .ok()?
        .dyn_into()
        .ok()?;
    let arguments = Array::of2(&"en-US".into(), &options);
    Some(
        Reflect::construct(&constructor, &arguments)
            .ok()?
            .unchecked_into(),
    )
}

fn offset_at(format: &Intl::DateTimeFormat, at_ms: u64) -> Option<i32> {
    let date = Date::new(&JsValue::from_f64(at_ms as f64));
    let format: Function = format.format().unchecked_into();
    let text = format.call1(&JsValue::UNDEFINED, &date).ok()?.as_string()?;
    // Asked for it in parts, the browser takes three times as long.
    minutes(text.get(text.rfind("GMT")?..)?)
}

/// Reads `GMT`, `GMT+05:30` or `GMT-03:00`.
fn minutes(text: &str) -> Option<i32> {
    let offset = text.strip_prefix("GMT")?;
    if offset.is_empty() {
        return Some(0);
    }
    let (sign, rest) = match offset.strip_prefix('+') {
        Some(rest) => (1, rest),
        None => (-1, offset.strip_prefix(['-', '\u{2212}'])?),
    };
    let (hours, minutes) = rest.split_once(':')?;
    // Seconds, which only zones of the 19th century have, are left out.
    let minutes = minutes.get(..2)?;
    Some(sign * (hours.parse::<i32>().ok()? * 60 + minutes.parse::<i32>().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offsets_are_read_as_the_browser_writes_them() {
        assert_eq!(minutes("GMT"), Some(0));
        assert_eq!(minutes("GMT+05:30"), Some(330));
        assert_eq!(minutes("GMT-03:30"), Some(-210));
        assert_eq!(minutes("CET"), None);
        assert_eq!(minutes("GMT+"), None);
    }

    #[test]
    fn every_change_is_found_to_the_minute() {
        let (spring, autumn) = (1_000 * DAY_MS + 60 * MINUTE_MS, 1_200 * DAY_MS);
        let zone = |at: u64| {
            Some(if (spring..autumn).contains(&at) {
                120
            } else {
                60
            })
        };
        let found = changes(900 * DAY_MS + 7, 1_300 * DAY_MS, zone).unwrap();
        assert_eq!(found, [(900 * DAY_MS, 60), (spring, 120), (autumn, 60)]);
    }

    #[cfg(target_arch = "wasm32")]
    mod browser {
        use super::super::*;
        use wasm_bindgen_test::wasm_bindgen_test;

        const JUNE_2026_MS: u64 = 1_780_272_000_000;

        #[wasm_bindgen_test]
        fn the_browser_knows_zones_with_and_without_summer_time() {
            let kolkata = offsets("Asia/Kolkata", JUNE_2026_MS).unwrap();
            assert_eq!(kolkata.iter().map(|(_, m)| *m).collect::<Vec<_>>(), [330]);
            let berlin = offsets("Europe/Berlin", JUNE_2026_MS).unwrap();
            // 2026-10-25 01:00 UTC: the end of summer time.
            assert!(berlin.contains(&(1_792_890_000_000, 60)), "{berlin:?}");
            assert_eq!(offsets("Moon/Tranquility", JUNE_2026_MS), None);
        }
    }
}
