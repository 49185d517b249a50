//! A code or a quantity, typed on the pad: for labels that do not scan, and for "three of these".

use domain::quantity::{ONE, Quantity};
use leptos::prelude::*;

use super::selling::Selling;
use crate::components::icon::{Icon, Symbol};
use crate::components::keypad::{Key, Keypad};
use crate::state::State;
use crate::text::sell as text;

/// Most digits of a typed code: a GTIN has 14.
const DIGITS_MAX: usize = 14;

/// Most digits of a typed quantity.
const QUANTITY_DIGITS_MAX: usize = 4;

/// The pad with two things to do with the number: find the code, or multiply what comes next.
#[component]
pub fn CodeEntry() -> impl IntoView {
    let state = State::here();
    let selling = Selling::here();
    let typed = RwSignal::new(String::new());
    let find = move || {
        let code = typed.try_update(core::mem::take).unwrap_or_default();
        if !code.is_empty() {
            selling.scan(state, code);
        }
    };
    let multiply = move |_| {
        let typed = typed.try_update(core::mem::take).unwrap_or_default();
        let pieces = typed.parse::<i64>().ok().filter(|pieces| *pieces > 0);
        selling
            .next_quantity
            .set(pieces.map(|pieces| Quantity(pieces * ONE.0)));
    };
    let times = move || {
        selling
            .next_quantity
            .get()
            .map(|quantity| format!("{} ×", quantity.to_text()))
    };
    let no_quantity = move || {
        let typed = typed.read();
        typed.is_empty() || typed.len() > QUANTITY_DIGITS_MAX
    };
    view! {
        <form
            class="entry"
            on:submit=move |event| {
                event.prevent_default();
                find();
            }
        >
            <label class="entry-shown">
                <span class="soft">{times}</span>
                <input
                    class="entry-input entry-code"
                    inputmode="none"
                    autocomplete="off"
                    aria-label=text::CODE
                    placeholder=text::CODE
                    bind:value=typed
                />
            </label>
            <Keypad on_key=move |key| typed.update(|typed| press(typed, key)) corner="C" corner_name=text::CLEAR />
            <div class="field-pair">
                <button
                    type="button"
                    class="button button-tall"
                    disabled=no_quantity
                    aria-label=text::QUANTITY_NEXT
                    on:click=multiply
                >
                    {text::QUANTITY} " ×"
                </button>
                <button
                    type="submit"
                    class="button button-main button-tall"
                    disabled=move || typed.read().is_empty()
                >
                    <Icon symbol=Symbol::Search />
                    {text::CODE_FIND}
                </button>
            </div>
        </form>
    }
}

fn press(typed: &mut String, key: Key) {
    match key {
        Key::Digit(digit) if typed.len() < DIGITS_MAX => typed.push(digit),
        Key::Corner => typed.clear(),
        Key::Erase => {
            typed.pop();
        }
        Key::Digit(_) => {}
    }
}
