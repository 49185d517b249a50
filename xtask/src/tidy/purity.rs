//! Pure rooms: the same inputs give the same bytes on every machine, and no input makes them stop.

use super::Finding;
use super::rooms::{PURE, ROOMS};
use super::source::Source;

const FIXED_ORDER: &str = "Use BTreeMap or BTreeSet: they iterate in a fixed order";
const TIME_AS_ARGUMENT: &str = "Take the time as an argument: base::time::Now";
const AN_EFFECT: &str = "Ask for it as an effect: base::effect";
const AN_ERROR: &str = "Return an error that names who is at fault, or prove it with a match";
const AN_INTEGER: &str = "Use integers: minor units and thousandths";

/// Words that no pure room may say outside its tests.
const IMPURE: [(&str, &str); 11] = [
    ("HashMap", FIXED_ORDER),
    ("HashSet", FIXED_ORDER),
    ("Instant::now", TIME_AS_ARGUMENT),
    ("SystemTime", TIME_AS_ARGUMENT),
    ("std::fs", AN_EFFECT),
    ("std::net", AN_EFFECT),
    ("std::thread", AN_EFFECT),
    ("async fn", AN_EFFECT),
    ("JsValue", AN_EFFECT),
    (".unwrap()", AN_ERROR),
    (".expect(", AN_ERROR),
];
/// Words that the room of money may not say in addition.
const INEXACT: [&str; 2] = ["f32", "f64"];

/// Checks every pure room.
pub fn check(sources: &[Source]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for room in ROOMS.iter().filter(|room| PURE.contains(&room.package)) {
        let prefix = format!("{}/src/", room.folder);
        let inexact: &[&str] = if room.package == "domain" {
            &INEXACT
        } else {
            &[]
        };
        let inexact = inexact.iter().map(|word| (*word, AN_INTEGER));
        let banned: Vec<(&str, &'static str)> = IMPURE.into_iter().chain(inexact).collect();
        for source in sources
            .iter()
            .filter(|source| source.path.starts_with(&prefix))
        {
            for (number, line) in source.code_without_tests() {
                let wrong = banned.iter().filter(|(word, _)| says(line, word));
                findings.extend(wrong.map(|(word, remedy)| Finding {
                    place: format!("{}:{number}", source.path),
                    problem: format!("a pure room does not say `{word}`"),
                    remedy,
                }));
            }
        }
    }
    findings
}

/// Whether the word stands there as a word: `f64` is not in `of64`.
fn says(line: &str, word: &str) -> bool {
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    line.match_indices(word).any(|(start, _)| {
        let before = line[..start].chars().next_back().is_some_and(is_part);
        let after = line[start + word.len()..]
            .chars()
            .next()
            .is_some_and(is_part);
        let opens = word.starts_with(is_part);
        let closes = word.ends_with(is_part);
        !(opens && before || closes && after)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_line(path: &str, line: &str, count: usize) {
        let source = Source {
            path: path.into(),
            text: line.into(),
        };
        assert_eq!(check(&[source]).len(), count, "{line}");
    }

    #[test]
    fn clocks_maps_and_panics_are_found_in_pure_rooms_only() {
        check_line("crates/device/src/machine.rs", "let m: HashMap<u8, u8>;", 1);
        check_line(
            "crates/device/src/machine.rs",
            "let now = Instant::now();",
            1,
        );
        check_line("crates/device/src/machine.rs", "value.unwrap()", 1);
        check_line("crates/device/src/machine.rs", "value.unwrap_or(0)", 0);
        check_line(
            "crates/browser/src/clock.rs",
            "let now = Instant::now();",
            0,
        );
        check_line("crates/domain/src/money.rs", "let price: f64 = 0.1;", 1);
        check_line("crates/domain/src/money.rs", "let half64 = 1;", 0);
    }

    #[test]
    fn tests_may_stop_where_code_may_not() {
        let test = concat!("#[cfg", "(test)]\nmod tests { fn a() { b().unwrap() } }");
        check_line("crates/base/src/card.rs", test, 0);
        check_line("crates/base/src/card/tests.rs", "b().unwrap()", 0);
    }
}
