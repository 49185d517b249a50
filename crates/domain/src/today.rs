//! The owner's numbers of a business day.

use crate::catalogue::ProductId;
use crate::fold::{Day, Sold, State, TerminalDay};
use crate::money::{Money, round_ratio};
use crate::quantity::Quantity;
use crate::settings::BusinessDate;

/// A product and how well it sold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TopItem {
    /// Which product.
    pub product: ProductId,
    /// What it is called now.
    pub name: String,
    /// How much was sold.
    pub quantity: Quantity,
    /// For how much.
    pub total: Money,
}

/// What one terminal sold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TerminalToday {
    /// Its code, as `A3`.
    pub terminal: String,
    /// How many sales.
    pub receipts: u32,
    /// For how much.
    pub total: Money,
    /// The latest sale of this terminal that is known, of any day, milliseconds since 1970.
    pub latest_wall_ms: Option<u64>,
}

/// The numbers of a business day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Today {
    /// Which day.
    pub day: BusinessDate,
    /// What customers paid.
    pub sales: Money,
    /// The tax in it.
    pub tax: Money,
    /// How many receipts.
    pub receipts: u32,
    /// What the average receipt is worth; nothing without receipts.
    pub average: Money,
    /// What customers paid by hour of the shop's clock, from 0 to 23.
    pub by_hour: [Money; 24],
    /// What sold for most, best first.
    pub top_items: Vec<TopItem>,
    /// What customers paid on the same weekday a week before.
    pub last_week: Money,
    /// By terminal, by code.
    pub terminals: Vec<TerminalToday>,
}

/// How many products [`today`] lists.
pub const TOP_ITEMS: usize = 10;

/// The numbers of a business day, from what is folded by now.
pub fn today(state: &State, day: BusinessDate) -> Today {
    let nothing = Day::default();
    let sales = state.day(day).unwrap_or(&nothing);
    let last_week = state.day(day.plus_days(-7)).map(Day::total);
    let receipts = i128::from(sales.receipts());
    let average = round_ratio(i128::from(sales.total().0), receipts);
    let terminal = |(code, sold): (&String, &TerminalDay)| TerminalToday {
        terminal: code.clone(),
        receipts: sold.receipts,
        total: sold.total,
        latest_wall_ms: state.latest_sale_ms(code),
    };
    Today {
        day,
        sales: sales.total(),
        tax: sales.tax(),
        receipts: sales.receipts(),
        average: Money(average.unwrap_or_default()),
        by_hour: *sales.hours(),
        top_items: top_items(state, sales),
        last_week: last_week.unwrap_or_default(),
        terminals: sales.terminals().iter().map(terminal).collect(),
    }
}

fn top_items(state: &State, day: &Day) -> Vec<TopItem> {
    let mut sold: Vec<_> = day.products().iter().collect();
    // The id settles ties, so that every screen shows one order.
    sold.sort_by_key(|(id, sold)| (core::cmp::Reverse(sold.total), **id));
    let item = |(id, sold): &(&ProductId, &Sold)| TopItem {
        product: **id,
        name: match state.catalogue().product(**id) {
            Some(product) => product.name,
            None => id.to_string(),
        },
        quantity: sold.quantity,
        total: sold.total,
    };
    sold.iter().take(TOP_ITEMS).map(item).collect()
}

#[cfg(test)]
mod tests {
    use base::{DeviceId, EntryRef, LogId, Mark, Stamp, Stream};

    use super::*;
    use crate::event::Event;
    use crate::fold::Fact;
    use crate::quantity::ONE;
    use crate::sale::example::{code, shop};
    use crate::sale::{Basket, Moment, Tender, TenderKind, close};

    fn sell(state: &mut State, seq: u64, day: i32, hour: u64, skus: &[&str]) {
        let basket = Basket {
            lines: skus.iter().map(|sku| code(sku, ONE)).collect(),
            tenders: vec![Tender {
                kind: TenderKind::Cash,
                amount: Money(100_000),
            }],
        };
        let moment = Moment {
            business_date: BusinessDate(day),
            offset_minutes: 60,
        };
        let settings = state.settings().unwrap();
        let sale = close(
            &basket,
            state.catalogue(),
            &settings,
            &moment,
            "A1",
            seq as u32,
        );
        let event = Event::Sale(sale.unwrap());
        let entry = EntryRef {
            log: LogId::new(DeviceId([1; 16]), Stream::Sales),
            seq,
            mark: Mark([seq as u8; 8]),
        };
        state.apply(&Fact {
            entry,
            stamp: Stamp(seq),
            wall_ms: day as u64 * 86_400_000 + hour * 3_600_000,
            event: &event,
        });
    }

    #[test]
    fn the_owner_sees_the_day_beside_the_same_weekday() {
        let mut state = shop();
        sell(&mut state, 1, 93, 9, &["WINE"]);
        sell(&mut state, 2, 100, 9, &["WINE", "BREAD"]);
        sell(&mut state, 3, 100, 17, &["BREAD"]);
        let today = today(&state, BusinessDate(100));
        assert_eq!((today.sales, today.receipts), (Money(3_140), 2));
        assert_eq!(
            (today.average, today.last_week),
            (Money(1_570), Money(2_890))
        );
        // The shop's clock is an hour ahead of UTC.
        assert_eq!(
            (today.by_hour[10], today.by_hour[18]),
            (Money(3_015), Money(125))
        );
        let top: Vec<_> = today
            .top_items
            .iter()
            .map(|item| item.name.as_str())
            .collect();
        assert_eq!(top, ["Wine", "Bread"]);
        assert_eq!(today.top_items[1].quantity, Quantity(2_000));
        let terminal = &today.terminals[0];
        assert_eq!((terminal.terminal.as_str(), terminal.receipts), ("A1", 2));
        assert_eq!(
            terminal.latest_wall_ms,
            Some(100 * 86_400_000 + 17 * 3_600_000)
        );
    }

    #[test]
    fn a_day_without_sales_is_nothing_and_no_division_by_zero() {
        let today = today(&shop(), BusinessDate(100));
        assert_eq!(
            (today.sales, today.average, today.receipts),
            (Money(0), Money(0), 0)
        );
        assert!(today.top_items.is_empty() && today.terminals.is_empty());
    }
}
