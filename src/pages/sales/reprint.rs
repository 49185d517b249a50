//! The receipt of a sale in the list, added up again by the rule that added it up at the till.

use device::api::ShopStatus;
use domain::sale::{Receipt, SaleView};

/// The receipt as it can be printed again. How it was paid is not in the list and left out.
/// `None` when its sums are beyond what a sale may come to, which no till writes.
pub fn receipt_of(sale: SaleView, shop: &ShopStatus) -> Option<Receipt> {
    let lines = sale.lines.iter().map(|line| (line.rate, line.total));
    let totals = domain::tax::totals(shop.tax_mode, lines)?;
    Some(Receipt {
        id: sale.id,
        number: sale.number,
        shop: shop.name.clone(),
        currency: shop.currency,
        cashier: sale.cashier,
        time: sale.time,
        wall_ms: sale.wall_ms,
        business_date: sale.business_date,
        tax_mode: shop.tax_mode,
        lines: sale.lines,
        taxes: totals.taxes,
        total: sale.total,
        tenders: Vec::new(),
        change: domain::money::Money::ZERO,
    })
}
