//! Taking the payment: exact by default, next notes as buttons, change as soon as it is known.

use domain::money::Money;
use domain::sale::{Tender, TenderKind};
use leptos::prelude::*;

use super::notes::next_notes;
use super::paid::Paid;
use super::repricing::PriceChanges;
use super::selling::Selling;
use super::totals::CartTotals;
use crate::components::banner::RefusalBanner;
use crate::components::icon::{Icon, Symbol};
use crate::components::keypad::{Key, Keypad};
use crate::components::sheet::Sheet;
use crate::dom;
use crate::format;
use crate::state::State;
use crate::text::sell as text;

/// The buttons that a tap leaves the focus on, and that Enter does not press: it takes the payment.
const TAPPED: &str = ".keypad, [role=radiogroup]";

/// Most digits of an amount that is typed.
const DIGITS_MAX: usize = 10;

/// The sheet over the cart while the payment is taken, and after it.
#[component]
pub fn PaySheet(
    /// What is to be paid.
    total: Memo<CartTotals>,
) -> impl IntoView {
    let state = State::here();
    let selling = Selling::here();
    let open = RwSignal::new(false);
    Effect::new(move |_| open.set(selling.paying.get()));
    Effect::new(move |_| {
        if !open.get() && selling.paying.get_untracked() {
            selling.leave_payment(state);
        }
    });
    let title = move || {
        if selling.paid.read().is_some() {
            text::PAID
        } else {
            text::PAY_TITLE
        }
        .to_owned()
    };
    view! {
        <Sheet open=open title=Signal::derive(title) wide=true locked=selling.storing>
            {move || match selling.paid.get() {
                Some(receipt) => view! { <Paid receipt /> }.into_any(),
                None => view! { <TakePayment total /> }.into_any(),
            }}
        </Sheet>
    }
}

#[component]
fn TakePayment(total: Memo<CartTotals>) -> impl IntoView {
    let state = State::here();
    let selling = Selling::here();
    let kind = RwSignal::new(TenderKind::Cash);
    let digits = RwSignal::new(String::new());
    let due = Memo::new(move |_| total.get().payable.unwrap_or_default());
    let received = Memo::new(move |_| match digits.read().parse::<i64>() {
        Ok(minor) => Money(minor),
        Err(_) => due.get(),
    });
    let pay = move |amount: Money| {
        if amount.0 < due.get_untracked().0 {
            return;
        }
        let kind = kind.get_untracked();
        selling.pay(state, Tender { kind, amount });
    };
    listen_to_keys(selling, kind, digits, move || pay(received.get_untracked()));
    let lacking = move || received.get().0 < due.get().0;
    view! {
        <RefusalBanner refusal=selling.refusal />
        <PriceChanges />
        <form
            class="pay"
            on:submit=move |event| {
                event.prevent_default();
                pay(received.get_untracked());
            }
        >
            <div class="stack">
                <Figures due received />
                <Kinds kind digits />
                <button
                    type="submit"
                    class="button button-main button-tall button-wide"
                    autofocus
                    disabled=move || selling.storing.get() || lacking()
                >
                    <Icon symbol=Symbol::Check />
                    {move || if selling.storing.get() { text::STORING } else { text::FINISH }}
                </button>
            </div>
            <div class="stack">
                <Show when=move || kind.get() == TenderKind::Cash>
                    <Notes due storing=selling.storing on_note=pay />
                    <Keypad
                        on_key=move |key| digits.update(|digits| press(digits, key))
                        corner="00"
                        corner_name=text::DOUBLE_ZERO
                    />
                </Show>
            </div>
        </form>
    }
}

/// Digits, Backspace and Enter of a keyboard do what the keys on the screen do.
fn listen_to_keys(
    selling: Selling,
    kind: RwSignal<TenderKind>,
    digits: RwSignal<String>,
    take: impl Fn() + 'static,
) {
    let listening = window_event_listener(leptos::ev::keydown, move |event| {
        // Prevented: it ended a scan.
        if event.default_prevented() || selling.storing.get_untracked() {
            return;
        }
        let key = event.key();
        let cash = kind.try_get_untracked() == Some(TenderKind::Cash);
        match (key.as_str(), key.chars().next()) {
            ("Enter", _) if !dom::is_on_button_outside(&event, TAPPED) => {
                // Else the digit or kind that was tapped last, which has the focus, is pressed again.
                event.prevent_default();
                take();
            }
            ("Backspace", _) if cash => digits.update(|digits| press(digits, Key::Erase)),
            (_, Some(digit @ '0'..='9')) if cash && key.len() == 1 => {
                digits.update(|digits| press(digits, Key::Digit(digit)));
            }
            _ => {}
        }
    });
    on_cleanup(move || listening.remove());
}

/// Digits move in from the right, as on every till: 5, 0, 0 is 5.00.
fn press(digits: &mut String, key: Key) {
    match key {
        Key::Digit('0') if digits.is_empty() => {}
        Key::Digit(digit) if digits.len() < DIGITS_MAX => digits.push(digit),
        Key::Corner if !digits.is_empty() && digits.len() < DIGITS_MAX - 1 => digits.push_str("00"),
        Key::Erase => {
            digits.pop();
        }
        Key::Digit(_) | Key::Corner => {}
    }
}

/// To pay, received, and change or what is missing.
#[component]
fn Figures(due: Memo<Money>, received: Memo<Money>) -> impl IntoView {
    let currency = format::shop_currency();
    let rest = move || Money(received.get().0 - due.get().0);
    let missing = move || rest().0 < 0;
    view! {
        <div>
            <p class="soft">{text::DUE}</p>
            <output class="pay-due amount" aria-label=text::DUE>
                {move || format::amount(due.get(), currency.get())}
            </output>
        </div>
        <p class="pay-line">
            <span>{text::RECEIVED}</span>
            <output class="amount" aria-label=text::RECEIVED>
                {move || format::amount(received.get(), currency.get())}
            </output>
        </p>
        <p class="pay-line">
            <span>{move || if missing() { text::MISSING } else { text::CHANGE }}</span>
            <output class="amount" aria-label=text::CHANGE>
                {move || format::amount(Money(rest().0.abs()), currency.get())}
            </output>
        </p>
    }
}

/// Cash, card, transfer or other.
#[component]
fn Kinds(kind: RwSignal<TenderKind>, digits: RwSignal<String>) -> impl IntoView {
    let choose = move |chosen: TenderKind| {
        kind.set(chosen);
        // What was typed as cash is nothing that a card pays.
        digits.set(String::new());
    };
    let kinds = [
        TenderKind::Cash,
        TenderKind::Card,
        TenderKind::Transfer,
        TenderKind::Other,
    ];
    view! {
        <div class="tabs" role="radiogroup" aria-label=text::PAY_KIND>
            {kinds
                .map(|this| {
                    view! {
                        <button
                            type="button"
                            role="radio"
                            aria-checked=move || (kind.get() == this).to_string()
                            on:click=move |_| choose(this)
                        >
                            {text::tender_name(this)}
                        </button>
                    }
                })
                .collect_view()}
        </div>
    }
}

/// Exact, and the notes that people are likely to hand over. One tap pays.
#[component]
fn Notes(
    due: Memo<Money>,
    storing: RwSignal<bool>,
    #[prop(into)] on_note: Callback<Money>,
) -> impl IntoView {
    let currency = format::shop_currency();
    view! {
        <div class="pay-notes">
            <button
                type="button"
                class="button"
                disabled=move || storing.get()
                on:click=move |_| on_note.run(due.get_untracked())
            >
                {text::EXACT}
            </button>
            {move || {
                let exponent = currency.get().map_or(2, |currency| currency.exponent());
                next_notes(due.get(), exponent)
                    .into_iter()
                    .map(|note| {
                        let words = format::amount(note, currency.get());
                        view! {
                            <button
                                type="button"
                                class="button amount"
                                aria-label=text::note(&words)
                                disabled=move || storing.get()
                                on:click=move |_| on_note.run(note)
                            >
                                {words.clone()}
                            </button>
                        }
                    })
                    .collect_view()
            }}
        </div>
    }
}
