//! Tells a hand scanner, which types like a keyboard, from somebody typing.
//!
//! A scanner types a whole code with a few milliseconds between the keys and ends with Enter;
//! nobody types like that. So a scan works whatever has the focus, and its digits are never
//! read as a quantity.

/// The longest pause between two keys of a scanner, in milliseconds.
const KEY_PAUSE_MAX_MS: f64 = 35.0;

/// The longest pause before the Enter that ends a scan: some scanners wait before it.
const ENTER_PAUSE_MAX_MS: f64 = 120.0;

/// The fewest characters of a scanned code: labels made in the shop have short numbers.
const CODE_CHARS_MIN: usize = 3;

/// The fewest characters that are a burst: no hand types the last of them and Enter like that.
const BURST_CHARS_MIN: usize = 2;

/// The most characters that are kept; a longer burst is not a code.
const CODE_CHARS_MAX: usize = 128;

/// What a key turned out to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Heard {
    /// The first key of what may become a scan.
    First,
    /// A key in the middle of what may be a scan.
    More,
    /// The Enter of a scan; this is the code.
    Code(String),
    /// The Enter of a burst that is too short for a code. It must not press what has the focus.
    Stray,
    /// Not of a scan.
    Other,
}

/// Listens to keys.
#[derive(Debug, Clone, Default)]
pub struct Scanner {
    typed: String,
    last_ms: f64,
}

impl Scanner {
    /// Takes a key as browsers name it, pressed at `at_ms` of a clock that never goes back.
    pub fn key(&mut self, key: &str, at_ms: f64) -> Heard {
        let pause = at_ms - self.last_ms;
        if key == "Enter" {
            let typed = core::mem::take(&mut self.typed);
            return match typed.chars().count() {
                _ if pause > ENTER_PAUSE_MAX_MS => Heard::Other,
                CODE_CHARS_MIN.. => Heard::Code(typed),
                BURST_CHARS_MIN.. => Heard::Stray,
                _ => Heard::Other,
            };
        }
        let mut characters = key.chars();
        let (Some(character), None) = (characters.next(), characters.next()) else {
            // Shift comes between the letters of a code; other keys end it.
            if key != "Shift" {
                self.typed.clear();
            }
            return Heard::Other;
        };
        self.last_ms = at_ms;
        if self.typed.is_empty() || pause > KEY_PAUSE_MAX_MS || self.typed.len() >= CODE_CHARS_MAX {
            self.typed.clear();
            self.typed.push(character);
            return Heard::First;
        }
        self.typed.push(character);
        Heard::More
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Types `text` with `pause` milliseconds between the keys, then Enter.
    fn typed(text: &str, pause: f64) -> Heard {
        let mut scanner = Scanner::default();
        let mut at = 1_000.0;
        for character in text.chars() {
            scanner.key(&character.to_string(), at);
            at += pause;
        }
        scanner.key("Enter", at)
    }

    #[test]
    fn a_fast_burst_with_enter_is_a_code() {
        assert_eq!(
            typed("2100000001019", 4.0),
            Heard::Code("2100000001019".into())
        );
        assert_eq!(typed("ABC-12", 34.0), Heard::Code("ABC-12".into()));
    }

    #[test]
    fn slow_typing_is_never_a_code() {
        assert_eq!(typed("2100000001019", 36.0), Heard::Other);
    }

    #[test]
    fn a_short_number_of_the_shop_is_a_code() {
        assert_eq!(typed("471", 4.0), Heard::Code("471".into()));
        assert_eq!(typed("47110", 4.0), Heard::Code("47110".into()));
    }

    #[test]
    fn the_enter_of_a_burst_too_short_for_a_code_is_nobodys() {
        assert_eq!(typed("12", 4.0), Heard::Stray);
        assert_eq!(typed("1", 4.0), Heard::Other);
        assert_eq!(typed("12", 60.0), Heard::Other);
    }

    #[test]
    fn digits_typed_by_hand_before_a_scan_are_not_part_of_it() {
        let mut scanner = Scanner::default();
        scanner.key("3", 100.0);
        for (place, digit) in "2100000001019".chars().enumerate() {
            scanner.key(&digit.to_string(), 500.0 + place as f64 * 5.0);
        }
        assert_eq!(
            scanner.key("Enter", 600.0),
            Heard::Code("2100000001019".into())
        );
    }

    #[test]
    fn shift_within_a_code_does_not_end_it() {
        let mut scanner = Scanner::default();
        for (place, key) in ["A", "B", "Shift", "C", "1", "2", "3"].iter().enumerate() {
            scanner.key(key, 100.0 + place as f64);
        }
        assert_eq!(scanner.key("Enter", 110.0), Heard::Code("ABC123".into()));
    }

    #[test]
    fn an_enter_long_after_the_last_key_is_somebody_pressing_it() {
        let mut scanner = Scanner::default();
        for (place, digit) in "123456".chars().enumerate() {
            scanner.key(&digit.to_string(), 100.0 + place as f64);
        }
        assert_eq!(scanner.key("Enter", 400.0), Heard::Other);
    }
}
