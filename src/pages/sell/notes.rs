//! Which notes people are likely to hand over for an amount.

use domain::money::Money;

/// How many notes are offered beside the exact amount.
const NOTES_MAX: usize = 3;

/// What notes and large coins are worth, in units of the currency (or of its hundreds, where a
/// unit buys nothing).
const NOTES: [i64; 5] = [5, 10, 20, 50, 100];

/// The next round amounts above `due` that notes make up, smallest first.
///
/// # Units
/// `due` and the result: minor units. `exponent`: decimals of the currency.
pub fn next_notes(due: Money, exponent: u8) -> Vec<Money> {
    let unit = if exponent == 0 {
        100
    } else {
        10_i64.saturating_pow(u32::from(exponent))
    };
    let mut notes: Vec<Money> = NOTES
        .iter()
        .map(|note| note * unit)
        .filter_map(|note| (due.0 / note).checked_add(1)?.checked_mul(note))
        .map(Money)
        .collect();
    notes.sort();
    notes.dedup();
    notes.truncate(NOTES_MAX);
    notes
}

#[cfg(test)]
mod tests {
    use super::*;

    fn offered(due: i64, exponent: u8) -> Vec<i64> {
        next_notes(Money(due), exponent)
            .into_iter()
            .map(|note| note.0)
            .collect()
    }

    #[test]
    fn the_next_notes_are_above_the_amount_and_ascend() {
        assert_eq!(offered(485, 2), [500, 1000, 2000]);
        assert_eq!(offered(1230, 2), [1500, 2000, 5000]);
        assert_eq!(offered(500, 2), [1000, 2000, 5000]);
    }

    #[test]
    fn currencies_without_decimals_get_useful_notes() {
        assert_eq!(offered(485, 0), [500, 1000, 2000]);
    }

    #[test]
    fn a_huge_amount_overflows_nothing() {
        assert!(offered(i64::MAX, 2).len() <= NOTES_MAX);
    }
}
