//! A receipt, on the screen as it comes out of the printer.

use domain::money::{Currency, Money};
use domain::sale::{Receipt, ReceiptLine};
use leptos::prelude::*;

use crate::format;
use crate::text::{sales as text, sell};

/// A receipt. The print style sheet keeps it and leaves the rest of the page out.
#[component]
pub fn ReceiptView(
    /// What was sold.
    receipt: Receipt,
    /// Whether it is printed again, which it must say.
    #[prop(optional)]
    copy: bool,
) -> impl IntoView {
    let currency = receipt.currency;
    let amount = move |money: Money| money.to_text(currency);
    let sums = receipt
        .taxes
        .iter()
        .map(|line| (text::tax_of(&line.rate.to_text()), line.tax))
        .chain(
            receipt
                .tenders
                .iter()
                .map(|tender| (sell::tender_name(tender.kind).to_owned(), tender.amount)),
        )
        .chain((receipt.change.0 != 0).then(|| (text::CHANGE.to_owned(), receipt.change)))
        .map(|(name, money)| {
            view! {
                <tr>
                    <td>{name}</td>
                    <td class="number">{amount(money)}</td>
                </tr>
            }
        })
        .collect_view();
    let total = receipt.total;
    view! {
        <article class="receipt to-print" aria-label=text::RECEIPT>
            <div class="receipt-head">
                {copy.then(|| view! { <p class="receipt-copy">{text::COPY}</p> })}
                <p class="receipt-shop">{receipt.shop.clone()}</p>
                <p>
                    {sell::receipt_number(&receipt.number)}
                    <br />
                    {receipt.time.date.clone()} " " {receipt.time.time.clone()}
                </p>
            </div>
            <table>
                <tbody>
                    {receipt
                        .lines
                        .iter()
                        .map(|line| view! { <Line line=line.clone() currency /> })
                        .collect_view()}
                </tbody>
                <tfoot>
                    <tr class="receipt-total">
                        <td>{text::TOTAL} " " {currency.code().to_owned()}</td>
                        <td class="number">{amount(total)}</td>
                    </tr>
                    {sums}
                </tfoot>
            </table>
            {(!receipt.cashier.is_empty())
                .then(|| view! { <p>{text::SERVED_BY} " " {receipt.cashier.clone()}</p> })}
            <p class="receipt-thanks">{text::THANKS}</p>
        </article>
    }
}

#[component]
fn Line(line: ReceiptLine, currency: Currency) -> impl IntoView {
    let ReceiptLine {
        name,
        quantity,
        unit,
        price,
        total,
        ..
    } = line;
    let how = format!(
        "{} × {}",
        format::quantity(quantity, unit),
        price.to_text(currency)
    );
    view! {
        <tr>
            <td>
                {name}
                <br />
                {how}
            </td>
            <td class="number">{total.to_text(currency)}</td>
        </tr>
    }
}
