//! From a stored sale to what is printed or listed.

use base::{ChainValue, EmployeeId};

use super::{Receipt, ReceiptLine, ReceiptTime, SaleId, SaleView};
use crate::event::Sale;
use crate::fold::State;
use crate::settings::{ShopSettings, local_day, local_minute};

/// The number on a receipt, as `A3-000123·K7QD`.
///
/// The last four characters are the first 20 bits of the entry's chain value: a receipt that was
/// typed up by hand does not have them right.
pub fn receipt_number(sale: &Sale, check: &str) -> String {
    format!("{}-{:06}·{check}", sale.terminal, sale.counter)
}

/// A sale with what its entry adds to it.
#[derive(Debug, Clone, Copy)]
pub struct Printed<'a> {
    /// Which sale.
    pub id: SaleId,
    /// The entry's chain value.
    pub chain: &'a ChainValue,
    /// The author's wall clock, milliseconds since 1970.
    pub wall_ms: u64,
    /// Who was signed in.
    pub employee: Option<EmployeeId>,
    /// The sale.
    pub sale: &'a Sale,
}

impl Printed<'_> {
    /// All that is printed. Names are those of now; prices, rates and mode those of then.
    pub fn receipt(&self, state: &State, settings: &ShopSettings) -> Receipt {
        let totals = self.sale.totals();
        Receipt {
            id: self.id,
            number: self.number(),
            shop: settings.name.clone(),
            currency: settings.currency,
            cashier: self.cashier(state),
            time: self.time(),
            wall_ms: self.wall_ms,
            business_date: self.sale.business_date,
            tax_mode: self.sale.tax_mode,
            lines: self.lines(state),
            taxes: totals.taxes,
            total: totals.payable,
            tenders: self.sale.tenders.clone(),
            change: self.sale.change(),
        }
    }

    /// The sale in a list.
    pub fn view(&self, state: &State) -> SaleView {
        SaleView {
            id: self.id,
            number: self.number(),
            terminal: self.sale.terminal.clone(),
            employee: self.employee,
            cashier: self.cashier(state),
            wall_ms: self.wall_ms,
            time: self.time(),
            business_date: self.sale.business_date,
            total: self.sale.totals().payable,
            lines: self.lines(state),
        }
    }

    fn number(&self) -> String {
        receipt_number(self.sale, &self.chain.receipt_check())
    }

    fn cashier(&self, state: &State) -> String {
        let employee = self.employee.map(|id| state.employee(id));
        employee.and_then(|fields| fields.name).unwrap_or_default()
    }

    fn time(&self) -> ReceiptTime {
        let offset = self.sale.offset_minutes;
        let (hour, minute) = local_minute(self.wall_ms, offset);
        ReceiptTime {
            date: local_day(self.wall_ms, offset).to_string(),
            time: format!("{hour:02}:{minute:02}"),
        }
    }

    fn lines(&self, state: &State) -> Vec<ReceiptLine> {
        let line = |line: &crate::event::SaleLine| {
            let product = state.catalogue().product(line.product());
            let (name, unit) = match product {
                Some(product) => (product.name, product.unit),
                // The entry that names the product is not here yet; its id still tells it apart.
                None => (line.product().to_string(), Default::default()),
            };
            ReceiptLine {
                name,
                quantity: line.quantity(),
                unit,
                price: line.price,
                total: line.total(),
                rate: line.rate,
            }
        };
        self.sale.lines.iter().map(line).collect()
    }
}

#[cfg(test)]
mod tests {
    use base::{DeviceId, EntryRef, LogId, Mark, Stream};

    use super::*;
    use crate::money::Money;
    use crate::quantity::{ONE, Quantity};
    use crate::sale::example::{code, shop};
    use crate::sale::{Basket, Moment, Tender, TenderKind, close};
    use crate::settings::BusinessDate;

    const CHAIN: ChainValue = ChainValue([0x57; 32]);

    fn id() -> SaleId {
        SaleId(EntryRef {
            log: LogId::new(DeviceId([1; 16]), Stream::Sales),
            seq: 9,
            mark: Mark([2; 8]),
        })
    }

    fn sale(state: &State) -> Sale {
        let basket = Basket {
            lines: vec![code("APPLES", Quantity(742)), code("BREAD", ONE)],
            tenders: vec![Tender {
                kind: TenderKind::Cash,
                amount: Money(500),
            }],
        };
        let moment = Moment {
            business_date: BusinessDate(20_777),
            offset_minutes: 60,
        };
        let settings = state.settings().unwrap();
        close(&basket, state.catalogue(), &settings, &moment, "A3", 123).unwrap()
    }

    #[test]
    fn a_receipt_has_all_that_is_printed() {
        let state = shop();
        let sale = sale(&state);
        let printed = Printed {
            id: id(),
            chain: &CHAIN,
            // 23:35 UTC on day 20,777: past midnight in Rome, but still the business day before.
            wall_ms: 20_777 * 86_400_000 + (23 * 60 + 35) * 60_000,
            employee: None,
            sale: &sale,
        };
        let receipt = printed.receipt(&state, &state.settings().unwrap());
        assert_eq!(receipt.number, "A3-000123·K5LV");
        assert_eq!(
            (receipt.time.date.as_str(), receipt.time.time.as_str()),
            ("2026-11-21", "00:35")
        );
        assert_eq!(receipt.business_date.to_string(), "2026-11-20");
        assert_eq!(receipt.lines[0].name, "Apples");
        assert_eq!(receipt.lines[0].total, Money(222));
        assert_eq!(receipt.total, Money(347));
        assert_eq!(receipt.change, Money(153));
        assert_eq!(printed.view(&state).total, Money(347));
    }

    #[test]
    fn a_product_that_is_not_here_yet_is_printed_by_its_id() {
        let sale = sale(&shop());
        let printed = Printed {
            id: id(),
            chain: &CHAIN,
            wall_ms: 0,
            employee: None,
            sale: &sale,
        };
        let view = printed.view(&State::default());
        assert_eq!(view.lines[0].name, "0202020202020202.4");
        assert_eq!(view.total, Money(347));
    }

    #[test]
    fn a_sales_id_reads_back_from_its_text() {
        let text = id().to_string();
        assert_eq!(
            text,
            format!("{}/sales/9/{}", "01".repeat(16), "02".repeat(8))
        );
        assert_eq!(SaleId::from_text(&text), Some(id()));
        for bad in [
            "",
            "1/sales/9/2",
            &format!("{text}/"),
            &text.replace("sales", "shop"),
        ] {
            assert_eq!(SaleId::from_text(bad), None, "{bad}");
        }
    }
}
