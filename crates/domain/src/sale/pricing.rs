//! From a basket to a sale: what may be sold, at which price, and whether it is paid.

use super::{Basket, BasketLine, Item, Tender, TenderKind};
use crate::catalogue::{Catalogue, Product};
use crate::error::AskerError;
use crate::event::{SALE_LINES_MAX, Sale, SaleLine, TENDERS_MAX};
use crate::money::Money;
use crate::settings::{BusinessDate, ShopSettings, ZoneTable, offset_minutes};
use crate::tax::{Totals, totals};

/// When and where a sale is closed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moment {
    /// The business day.
    pub business_date: BusinessDate,
    /// What the shop's clock is ahead of UTC, in minutes.
    pub offset_minutes: i32,
}

impl Moment {
    /// The moment `wall_ms` (milliseconds since 1970) in the shop's zone.
    ///
    /// # Errors
    /// [`AskerError::ZoneUnknown`].
    pub fn at(
        wall_ms: u64,
        zone: ZoneTable<'_>,
        settings: &ShopSettings,
    ) -> Result<Self, AskerError> {
        Ok(Self {
            business_date: BusinessDate::at(wall_ms, zone, settings.day_cutoff_minutes)?,
            offset_minutes: offset_minutes(wall_ms, zone)?,
        })
    }
}

/// Lines at the prices that hold now, and what they come to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Priced {
    /// The lines.
    pub lines: Vec<SaleLine>,
    /// What they come to.
    pub totals: Totals,
}

/// Prices the lines of a basket.
///
/// # Errors
/// [`AskerError`] for an empty basket, too many lines, a quantity of zero or less, a code that
/// nobody knows, a product that is not for sale, or a total beyond the largest amount.
pub fn price(
    lines: &[BasketLine],
    catalogue: &Catalogue,
    settings: &ShopSettings,
) -> Result<Priced, AskerError> {
    if lines.is_empty() {
        return Err(AskerError::EmptyBasket);
    }
    if lines.len() > SALE_LINES_MAX {
        return Err(AskerError::TooManyLines(SALE_LINES_MAX));
    }
    let lines: Result<Vec<_>, _> = lines
        .iter()
        .map(|line| price_line(line, catalogue, settings))
        .collect();
    let lines = lines?;
    let by_rate = lines.iter().map(|line| (line.rate, line.total()));
    let totals = totals(settings.tax_mode, by_rate).ok_or(AskerError::Overflow)?;
    Ok(Priced { lines, totals })
}

fn price_line(
    line: &BasketLine,
    catalogue: &Catalogue,
    settings: &ShopSettings,
) -> Result<SaleLine, AskerError> {
    if line.quantity.0 <= 0 {
        return Err(AskerError::BadQuantity);
    }
    let product = product_of(&line.item, catalogue)?;
    let not_for_sale = || AskerError::NotForSale(product.name.clone());
    let price = product
        .price
        .filter(|_| product.active)
        .ok_or_else(not_for_sale)?;
    let rate = settings.rate(product.tax_rate);
    line.quantity
        .within_bounds()
        .and_then(|quantity| quantity.times(price))
        .ok_or(AskerError::Overflow)?;
    Ok(SaleLine::new(product.id, price, rate, line.quantity))
}

fn product_of(item: &Item, catalogue: &Catalogue) -> Result<Product, AskerError> {
    let (product, code) = match item {
        Item::Product(id) => (catalogue.product(*id), id.to_string()),
        Item::Code(code) => (catalogue.lookup(code), code.clone()),
    };
    product.ok_or(AskerError::UnknownProduct(code))
}

/// Closes a basket: the sale to write, under the terminal's code and its next number.
///
/// # Errors
/// As [`price`], and where the tenders do not reach the total, where more than the total was
/// given by other means than cash, or where a tender is zero or less.
pub fn close(
    basket: &Basket,
    catalogue: &Catalogue,
    settings: &ShopSettings,
    moment: &Moment,
    terminal: &str,
    counter: u32,
) -> Result<Sale, AskerError> {
    let priced = price(&basket.lines, catalogue, settings)?;
    check_tenders(&basket.tenders, priced.totals.payable)?;
    Ok(Sale {
        terminal: terminal.to_owned(),
        counter,
        business_date: moment.business_date,
        offset_minutes: moment.offset_minutes,
        tax_mode: settings.tax_mode,
        lines: priced.lines,
        tenders: basket.tenders.clone(),
    })
}

fn check_tenders(tenders: &[Tender], payable: Money) -> Result<(), AskerError> {
    if tenders.len() > TENDERS_MAX {
        return Err(AskerError::TooManyLines(SALE_LINES_MAX));
    }
    if tenders.iter().any(|tender| tender.amount.0 <= 0) {
        return Err(AskerError::BadTender);
    }
    let sum = |kinds: fn(&Tender) -> bool| {
        Money::checked_sum(
            tenders
                .iter()
                .filter(|t| kinds(t))
                .map(|tender| tender.amount),
        )
        .ok_or(AskerError::Overflow)
    };
    let given = sum(|_| true)?;
    let not_cash = sum(|tender| tender.kind != TenderKind::Cash)?;
    if given < payable {
        let missing = payable.checked_sub(given).ok_or(AskerError::Overflow)?;
        Err(AskerError::TenderTooSmall { missing })
    } else if not_cash > payable {
        Err(AskerError::ChangeNotFromCash)
    } else {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::money::MONEY_MAX;
    use crate::quantity::{ONE, QUANTITY_MAX, Quantity};
    use crate::sale::example::{code, shop};

    fn tender(kind: TenderKind, minor: i64) -> Tender {
        Tender {
            kind,
            amount: Money(minor),
        }
    }

    fn closed(lines: Vec<BasketLine>, tenders: Vec<Tender>) -> Result<Sale, AskerError> {
        let state = shop();
        let moment = Moment {
            business_date: BusinessDate(20_778),
            offset_minutes: 330,
        };
        let basket = Basket { lines, tenders };
        let settings = state.settings().unwrap();
        close(&basket, state.catalogue(), &settings, &moment, "A1", 1)
    }

    #[test]
    fn a_basket_is_priced_with_the_prices_and_rates_of_now() {
        let cash = tender(TenderKind::Cash, 4_000);
        let sale = closed(vec![code("WINE", ONE), code("BREAD", ONE)], vec![cash]).unwrap();
        assert_eq!(sale.totals().payable, Money(3_015));
        assert_eq!(sale.totals().tax, Money(532));
        assert_eq!(sale.change(), Money(985));
        assert!(crate::event::Event::Sale(sale).encode().is_ok());
    }

    #[test]
    fn what_cannot_be_sold_is_refused() {
        let cash = || vec![tender(TenderKind::Cash, 100_000)];
        let refused = |line| closed(vec![line], cash()).unwrap_err();
        assert_eq!(closed(vec![], cash()), Err(AskerError::EmptyBasket));
        assert_eq!(refused(code("BREAD", Quantity(0))), AskerError::BadQuantity);
        assert_eq!(
            refused(code("BREAD", Quantity(-1))),
            AskerError::BadQuantity
        );
        assert_eq!(
            refused(code("NONE", ONE)),
            AskerError::UnknownProduct("NONE".into())
        );
        assert_eq!(
            refused(code("OLD", ONE)),
            AskerError::NotForSale("Old bread".into())
        );
        assert_eq!(
            refused(code("FREE", ONE)),
            AskerError::NotForSale("Unpriced".into())
        );
        let many = vec![code("BREAD", ONE); SALE_LINES_MAX + 1];
        assert_eq!(
            closed(many, cash()),
            Err(AskerError::TooManyLines(SALE_LINES_MAX))
        );
    }

    #[test]
    fn amounts_that_nobody_can_pay_are_refused() {
        let refused = |quantity| closed(vec![code("WINE", quantity)], vec![]).unwrap_err();
        assert_eq!(refused(Quantity(i64::MAX)), AskerError::Overflow);
        let max = tender(TenderKind::Cash, MONEY_MAX.0);
        let twice = closed(vec![code("WINE", ONE)], vec![max, max]);
        assert_eq!(twice, Err(AskerError::Overflow));
        assert!(matches!(
            refused(QUANTITY_MAX),
            AskerError::TenderTooSmall { .. }
        ));
    }

    #[test]
    fn the_tenders_must_reach_the_total_and_only_cash_gives_change() {
        let bread = || vec![code("BREAD", ONE)];
        let (cash, card) = (TenderKind::Cash, TenderKind::Card);
        let missing = Money(25);
        let short = closed(bread(), vec![tender(cash, 100)]);
        assert_eq!(short, Err(AskerError::TenderTooSmall { missing }));
        let over = closed(bread(), vec![tender(card, 126)]);
        assert_eq!(over, Err(AskerError::ChangeNotFromCash));
        let nothing = closed(bread(), vec![tender(cash, 0)]);
        assert_eq!(nothing, Err(AskerError::BadTender));
        let both = closed(bread(), vec![tender(card, 100), tender(cash, 50)]).unwrap();
        assert_eq!(both.change(), Money(25));
        assert_eq!(
            closed(bread(), vec![tender(card, 125)]).unwrap().change(),
            Money(0)
        );
    }
}
