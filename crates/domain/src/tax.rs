//! Tax: one rule for each of the two price modes.
//!
//! Inclusive prices: the customer pays the sum of the rounded line totals, whatever the tax; the
//! tax of a rate is `round(gross of the rate × r / (1 + r))`. Exclusive prices: the tax of a rate
//! is `round(net of the rate × r)` and comes on top. Each rate is rounded once, half away from
//! zero, never line by line.

use crate::money::{Money, round_ratio};
use crate::settings::{BasisPoints, TaxMode};

/// What one rate comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TaxLine {
    /// The rate.
    pub rate: BasisPoints,
    /// Without tax.
    pub net: Money,
    /// The tax.
    pub tax: Money,
    /// With tax.
    pub gross: Money,
}

/// What lines come to.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Totals {
    /// What has to be paid.
    pub payable: Money,
    /// The tax in it.
    pub tax: Money,
    /// By rate, lowest first.
    pub taxes: Vec<TaxLine>,
}

/// Adds up lines, each its rate and its rounded line total; `None` when a sum is too large.
pub fn totals(
    mode: TaxMode,
    lines: impl IntoIterator<Item = (BasisPoints, Money)>,
) -> Option<Totals> {
    let mut by_rate = std::collections::BTreeMap::new();
    for (rate, total) in lines {
        let sum: &mut Money = by_rate.entry(rate).or_default();
        *sum = sum.checked_add(total)?;
    }
    let mut totals = Totals::default();
    for (rate, sum) in by_rate {
        let line = tax_line(mode, rate, sum)?;
        totals.payable = totals.payable.checked_add(line.gross)?;
        totals.tax = totals.tax.checked_add(line.tax)?;
        totals.taxes.push(line);
    }
    Some(totals)
}

fn tax_line(mode: TaxMode, rate: BasisPoints, sum: Money) -> Option<TaxLine> {
    let whole = i128::from(BasisPoints::MAX.0);
    let exact = i128::from(sum.0).checked_mul(i128::from(rate.0))?;
    match mode {
        TaxMode::Inclusive => {
            let tax = Money(round_ratio(exact, whole.checked_add(i128::from(rate.0))?)?);
            Some(TaxLine {
                rate,
                net: sum.checked_sub(tax)?,
                tax,
                gross: sum,
            })
        }
        TaxMode::Exclusive => {
            let tax = Money(round_ratio(exact, whole)?);
            Some(TaxLine {
                rate,
                net: sum,
                tax,
                gross: sum.checked_add(tax)?,
            })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(points: u16, minor: i64) -> (BasisPoints, Money) {
        (BasisPoints(points), Money(minor))
    }

    #[test]
    fn inclusive_tax_never_changes_what_is_payable() {
        let totals = totals(TaxMode::Inclusive, [line(2_200, 2_890), line(1_000, 125)]).unwrap();
        assert_eq!(totals.payable, Money(3_015));
        // 1.25 × 10/110 = 0.1136…; 28.90 × 22/122 = 5.2114…
        let taxes: Vec<_> = totals
            .taxes
            .iter()
            .map(|t| (t.net, t.tax, t.gross))
            .collect();
        assert_eq!(taxes[0], (Money(114), Money(11), Money(125)));
        assert_eq!(taxes[1], (Money(2_369), Money(521), Money(2_890)));
        assert_eq!(totals.tax, Money(532));
    }

    #[test]
    fn exclusive_tax_comes_on_top_and_is_rounded_once_a_rate() {
        // Each line alone would be 0.155 and round up to 0.16; together they are 0.465.
        let totals = totals(TaxMode::Exclusive, [line(1_000, 155); 3]).unwrap();
        assert_eq!(totals.tax, Money(47));
        assert_eq!(totals.payable, Money(512));
    }

    #[test]
    fn a_rate_of_nothing_has_no_tax() {
        for mode in [TaxMode::Inclusive, TaxMode::Exclusive] {
            let totals = totals(mode, [line(0, 999)]).unwrap();
            assert_eq!((totals.payable, totals.tax), (Money(999), Money(0)));
        }
    }

    #[test]
    fn net_and_tax_always_add_up_to_gross() {
        for mode in [TaxMode::Inclusive, TaxMode::Exclusive] {
            for minor in 0..500 {
                for points in [1, 333, 500, 1_900, 2_200, 10_000] {
                    let totals = totals(mode, [line(points, minor)]).unwrap();
                    let tax = totals.taxes[0];
                    assert_eq!(tax.net.checked_add(tax.tax), Some(tax.gross));
                    assert_eq!(tax.gross, totals.payable);
                }
            }
        }
    }

    #[test]
    fn a_sum_that_is_too_large_is_refused() {
        let max = crate::money::MONEY_MAX.0;
        assert_eq!(totals(TaxMode::Inclusive, [line(0, max), line(0, 1)]), None);
        assert_eq!(totals(TaxMode::Exclusive, [line(1, max)]), None);
    }
}
