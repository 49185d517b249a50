//! Barcodes: their form and their check digit (GS1 General Specifications, section 7.9).

/// The most characters of a barcode.
pub const BARCODE_CHARS_MAX: usize = 64;

/// Whether a text can be a product's barcode: 1 to 64 printable characters, no blanks.
pub fn is_usable(code: &str) -> bool {
    (1..=BARCODE_CHARS_MAX).contains(&code.chars().count())
        && !code.chars().any(|c| c.is_control() || c.is_whitespace())
}

/// Whether the last digit of an EAN-8, UPC-A or EAN-13 is right; `None` when it is none of them.
///
/// A wrong digit is worth a warning and no more: shops have labels of their own.
pub fn check_digit_is_right(code: &str) -> Option<bool> {
    if !matches!(code.len(), 8 | 12 | 13) || !code.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    // From the right, digits weigh 1 and 3 by turns, the check digit 1.
    let weighed = code.bytes().rev().zip([1_u32, 3].into_iter().cycle());
    let sum = weighed.fold(0_u32, |sum, (byte, weight)| {
        let digit = u32::from(byte.saturating_sub(b'0'));
        sum.saturating_add(digit.saturating_mul(weight))
    });
    Some(sum % 10 == 0)
}

/// The other way in which scanners give the same code: a UPC-A is an EAN-13 that begins with 0.
pub fn other_form(code: &str) -> Option<String> {
    let digits = code.bytes().all(|b| b.is_ascii_digit());
    match (digits, code.len()) {
        (true, 12) => Some(format!("0{code}")),
        (true, 13) => code.strip_prefix('0').map(str::to_owned),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn check_digits_are_known_right_and_wrong() {
        for right in ["4006381333931", "73513537", "036000291452", "0036000291452"] {
            assert_eq!(check_digit_is_right(right), Some(true), "{right}");
        }
        for wrong in ["4006381333932", "73513538", "036000291453"] {
            assert_eq!(check_digit_is_right(wrong), Some(false), "{wrong}");
        }
        for other in ["", "1", "400638133393", "ABC12345", "12345678901234"] {
            let checked = check_digit_is_right(other);
            assert!(checked.is_none() || other == "400638133393", "{other}");
        }
    }

    #[test]
    fn a_barcode_has_1_to_64_characters_without_blanks() {
        assert!(is_usable("7"));
        assert!(is_usable(&"7".repeat(64)));
        assert!(!is_usable(""));
        assert!(!is_usable(&"7".repeat(65)));
        assert!(!is_usable("12 34"));
        assert!(!is_usable("12\u{1d}34"));
    }

    #[test]
    fn a_upc_a_is_an_ean_13_that_begins_with_zero() {
        assert_eq!(other_form("036000291452").as_deref(), Some("0036000291452"));
        assert_eq!(other_form("0036000291452").as_deref(), Some("036000291452"));
        assert_eq!(other_form("4006381333931"), None);
        assert_eq!(other_form("ABCDEFGHIJKL"), None);
    }
}
