//! Sell: the cart on one side, what can be tapped on the other, Pay where it always is.

mod cart;
mod cart_panel;
mod code_entry;
pub mod keeping;
mod line_sheet;
mod notes;
mod paid;
mod pay;
mod payment;
mod pick;
mod quantity_entry;
mod repricing;
mod scanner;
mod search;
pub mod selling;
mod tiles;
mod totals;
mod unsold;

use leptos::prelude::*;

use self::scanner::{Heard, Scanner};
use self::selling::Selling;
use crate::components::icon::{Icon, Symbol};
use crate::components::page_title::PageTitle;
use crate::components::sheet::Sheet;
use crate::dom;
use crate::format;
use crate::state::State;
use crate::text::sell as text;

/// The screen that a cashier looks at all day.
#[component]
pub fn Sell() -> impl IntoView {
    let state = State::here();
    let selling = Selling::here();
    listen_to_scanner(state, selling);
    repricing::follow_prices(state, selling);
    let total = totals::cart_totals();
    view! {
        <PageTitle title=text::TITLE unseen=true />
        <div class="sell">
            <cart_panel::CartPanel />
            <Sum total />
            <pick::Pick />
            <Actions total />
        </div>
        <pay::PaySheet total />
        <WeighSheet />
    }
}

/// Hears a scan whatever has the focus, and takes its characters out of the field they fell into.
fn listen_to_scanner(state: State, selling: Selling) {
    let scanner = StoredValue::new(Scanner::default());
    let before = StoredValue::new(None::<String>);
    let listening = window_event_listener(leptos::ev::keydown, move |event| {
        let heard = scanner
            .try_update_value(|scanner| scanner.key(&event.key(), event.time_stamp()))
            .unwrap_or(Heard::Other);
        match heard {
            Heard::First => before.set_value(dom::focused_field().map(|field| field.value())),
            Heard::Code(code) => {
                event.prevent_default();
                if let (Some(field), Some(before)) = (dom::focused_field(), before.get_value()) {
                    dom::put_text(&field, &before);
                }
                selling.scan(state, code);
            }
            Heard::Stray => event.prevent_default(),
            Heard::More | Heard::Other => {}
        }
    });
    on_cleanup(move || listening.remove());
}

/// How many items, how much tax, and the total: the largest thing on the page.
#[component]
fn Sum(total: Memo<totals::CartTotals>) -> impl IntoView {
    let currency = format::shop_currency();
    view! {
        <div class="sum" role="group" aria-label=text::TOTAL>
            <p class="sum-note">
                {move || text::items(total.get().items)}
                <br />
                {move || text::tax(&format::amount(total.get().tax, currency.get()))}
            </p>
            <output class="sum-total amount" aria-label=text::TOTAL>
                {move || match total.get().payable {
                    Some(payable) => format::amount(payable, currency.get()),
                    None => text::TOO_LONG.into(),
                }}
            </output>
        </div>
    }
}

/// Clear, Hold and Pay.
#[component]
fn Actions(total: Memo<totals::CartTotals>) -> impl IntoView {
    let selling = Selling::here();
    let currency = format::shop_currency();
    let empty = move || selling.cart.read().is_empty();
    let held = move || selling.held.read().len();
    view! {
        <div class="actions">
            <button
                type="button"
                class="button"
                disabled=empty
                on:click=move |_| selling.clear()
            >
                <Icon symbol=Symbol::Bin />
                {text::CLEAR}
            </button>
            <button
                type="button"
                class="button"
                disabled=move || { empty() && held() == 0 }
                on:click=move |_| selling.hold_or_resume()
            >
                <Icon symbol=Symbol::Hold />
                {move || if held() == 0 { text::HOLD.to_owned() } else { text::held(held()) }}
            </button>
            <button
                type="button"
                class="button button-main pay-button"
                disabled=move || {
                    empty() || total.get().payable.is_none() || selling.storing.get()
                }
                on:click=move |_| selling.paying.set(true)
            >
                {move || match total.get().payable {
                    Some(payable) if !empty() => text::pay(&format::amount(payable, currency.get())),
                    _ => text::PAY.into(),
                }}
            </button>
        </div>
    }
}

/// Asks for the weight of what was tapped.
#[component]
fn WeighSheet() -> impl IntoView {
    let state = State::here();
    let selling = Selling::here();
    let open = RwSignal::new(false);
    Effect::new(move |_| open.set(selling.weighing.read().is_some()));
    Effect::new(move |_| {
        if !open.get() && selling.weighing.read_untracked().is_some() {
            selling.weighing.set(None);
        }
    });
    let name = move || {
        selling
            .weighing
            .get()
            .map(|product| product.name)
            .unwrap_or_default()
    };
    view! {
        <Sheet open=open title=Signal::derive(name)>
            {move || {
                selling
                    .weighing
                    .get()
                    .map(|product| {
                        let unit = product.unit;
                        let done = move |quantity| {
                            selling.add(state, product.clone(), quantity);
                            selling.weighing.set(None);
                        };
                        view! {
                            <quantity_entry::QuantityEntry
                                unit=unit
                                done_words=text::ADD_TO_CART
                                on_done=done
                            />
                        }
                    })
            }}
        </Sheet>
    }
}
