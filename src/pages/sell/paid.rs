//! After the payment: the change, as large as it gets, the receipt, and the next sale.

use domain::sale::Receipt;
use leptos::prelude::*;

use super::selling::Selling;
use crate::components::icon::{Icon, Symbol};
use crate::components::receipt::ReceiptView;
use crate::dom;
use crate::state::State;
use crate::text::sell as text;

/// The sale that was just paid.
#[component]
pub fn Paid(
    /// Its receipt.
    receipt: Receipt,
) -> impl IntoView {
    let state = State::here();
    let selling = Selling::here();
    let currency = receipt.currency;
    let change = receipt.change;
    let number = text::receipt_number(&receipt.number);
    view! {
        <div class="pay">
            <div class="stack">
                <div class="paid">
                    <p class="paid-word" role="status">
                        <Icon symbol=Symbol::Check />
                        {text::PAID} " · " {number}
                    </p>
                    <p class="soft">
                        {if change.0 == 0 { text::NO_CHANGE } else { text::CHANGE }}
                    </p>
                    <output class="paid-change amount" aria-label=text::CHANGE>
                        {change.to_text(currency)}
                    </output>
                    <p class="soft">{move || text::next_sale(selling.waiting.read().len())}</p>
                </div>
                <button
                    type="button"
                    class="button button-main button-tall button-wide"
                    autofocus
                    on:click=move |_| selling.leave_payment(state)
                >
                    {text::NEXT_SALE}
                </button>
                <button
                    type="button"
                    class="button button-tall button-wide"
                    on:click=move |_| dom::print_page()
                >
                    <Icon symbol=Symbol::Printer />
                    {text::PRINT_RECEIPT}
                </button>
            </div>
            <ReceiptView receipt />
        </div>
    }
}
