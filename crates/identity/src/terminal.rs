//! Terminal codes: `A3` is letters of the owner device that gave it, and a number.
//!
//! The founder has `A`. It gives letters of its own to owner devices that it enrols: `B`, `C`, …
//! `Z`, then `AA`. An owner device extends its own letters: `B` gives `BA`. A code is used by one
//! device only: receipt numbers belong to it.

use core::fmt;
use std::collections::BTreeSet;

/// Longest code in characters: letters, number and room to spare on a receipt.
pub const CODE_CHARS_MAX: usize = 12;

/// The characters of base 32 (RFC 4648 §6).
const BASE_32: [char; 32] = [
    'A', 'B', 'C', 'D', 'E', 'F', 'G', 'H', 'I', 'J', 'K', 'L', 'M', 'N', 'O', 'P', 'Q', 'R', 'S',
    'T', 'U', 'V', 'W', 'X', 'Y', 'Z', '2', '3', '4', '5', '6', '7',
];

/// The characters that a code gets on top where one is not enough to tell two machines apart: two
/// have the same ones once in 33 million.
pub const MARK_CHARS: usize = 5;

/// Characters for the end of a code, one for each byte.
pub fn mark(bytes: [u8; MARK_CHARS]) -> String {
    let character = |byte: u8| BASE_32.get(usize::from(byte % 32)).copied();
    bytes.into_iter().filter_map(character).collect()
}

/// A terminal code.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct TerminalCode {
    /// Letters of the owner device that gave it.
    pub letters: String,
    /// Number, from 1.
    pub number: u32,
}

impl TerminalCode {
    /// Reads `A3`; lower case is forgiven.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim().to_ascii_uppercase();
        let split = text.find(|c: char| c.is_ascii_digit())?;
        let (letters, number) = text.split_at_checked(split)?;
        let number: u32 = number.parse().ok()?;
        let code = Self {
            letters: letters.to_owned(),
            number,
        };
        let fine = are_letters(letters) && number > 0 && code.to_string() == text;
        (fine && text.len() <= CODE_CHARS_MAX).then_some(code)
    }

    /// The number of `letters` behind those that `taken` has; once the last one that fits a code
    /// is taken, the highest that is not.
    pub fn next<'a>(letters: &str, taken: impl Iterator<Item = &'a Self>) -> Self {
        let own = taken.filter(|code| code.letters == letters);
        let taken: BTreeSet<u32> = own.map(|code| code.number).collect();
        let last = last_number(letters);
        let behind = taken.last().map_or(1, |highest| highest.saturating_add(1));
        let number = if behind <= last && !taken.contains(&behind) {
            behind
        } else {
            let mut free = (1..=last).rev().filter(|number| !taken.contains(number));
            free.next().unwrap_or(last)
        };
        Self {
            letters: letters.to_owned(),
            number,
        }
    }
}

impl fmt::Display for TerminalCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.letters, self.number)
    }
}

/// The highest number that a code with these letters has room for.
fn last_number(letters: &str) -> u32 {
    let digits = CODE_CHARS_MAX.saturating_sub(letters.len());
    let digits = u32::try_from(digits).unwrap_or(0);
    10_u32
        .checked_pow(digits)
        .map_or(u32::MAX, |beyond| beyond - 1)
}

/// Whether these can be an owner device's letters.
pub fn are_letters(letters: &str) -> bool {
    (1..=8).contains(&letters.len()) && letters.bytes().all(|b| b.is_ascii_uppercase())
}

/// Letters for the next owner device that an owner with letters `own` enrols.
///
/// The founder (`A`) gives single letters first; everybody else extends their own.
pub fn next_letters<'a>(own: &str, taken: impl Iterator<Item = &'a str> + Clone) -> Option<String> {
    let prefix = if own == "A" { "" } else { own };
    let candidate = |letter: u8| format!("{prefix}{}", char::from(letter));
    let free = |letters: &String| taken.clone().all(|other| other != letters);
    let extended = |letter: u8| format!("{own}{}", char::from(letter));
    (b'A'..=b'Z')
        .map(candidate)
        .chain((b'A'..=b'Z').map(extended))
        .find(free)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_read_as_they_are_written() {
        let code = TerminalCode {
            letters: "BA".into(),
            number: 12,
        };
        assert_eq!(TerminalCode::parse("ba12"), Some(code.clone()));
        assert_eq!(code.to_string(), "BA12");
        for wrong in [
            "",
            "A",
            "3",
            "A0",
            "A03",
            "A3x",
            "É3",
            "ABCDEFGHI1",
            "A99999999999",
        ] {
            assert_eq!(TerminalCode::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn the_next_code_is_never_one_that_was_given() {
        let taken = ["A1", "A7", "B9"].map(|text| TerminalCode::parse(text).unwrap());
        assert_eq!(TerminalCode::next("A", taken.iter()).to_string(), "A8");
        assert_eq!(TerminalCode::next("C", taken.iter()).to_string(), "C1");
    }

    #[test]
    fn behind_the_last_code_that_fits_comes_the_highest_that_is_free() {
        for (letters, last, before) in [
            ("A", "A4294967295", "A4294967294"),
            ("ABC", "ABC999999999", "ABC999999998"),
            ("ABCDEFGH", "ABCDEFGH9999", "ABCDEFGH9998"),
        ] {
            let taken = TerminalCode::parse(last).unwrap();
            let next = TerminalCode::next(letters, [&taken].into_iter());
            assert_eq!(next.to_string(), before);
            assert_eq!(TerminalCode::parse(before), Some(next.clone()));
            assert_eq!(TerminalCode::next(letters, [&next].into_iter()), taken);
        }
    }

    #[test]
    fn the_founder_gives_single_letters_and_others_extend_their_own() {
        assert_eq!(next_letters("A", ["A"].into_iter()).as_deref(), Some("B"));
        assert_eq!(
            next_letters("B", ["A", "B", "BA"].into_iter()).as_deref(),
            Some("BB")
        );
        let all: Vec<String> = (b'A'..=b'Z').map(|l| char::from(l).to_string()).collect();
        let taken = all.iter().map(String::as_str);
        assert_eq!(next_letters("A", taken).as_deref(), Some("AA"));
    }
}
