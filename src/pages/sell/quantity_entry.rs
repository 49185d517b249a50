//! A number of pieces or a weight, typed on the pad or a keyboard.

use domain::catalogue::Unit;
use domain::quantity::{ONE, Quantity};
use leptos::prelude::*;

use crate::components::keypad::{Key, Keypad};
use crate::format;
use crate::text::sell as text;

/// Most characters of a quantity.
const CHARACTERS_MAX: usize = 8;

/// Asks how many or how heavy.
#[component]
pub fn QuantityEntry(
    /// What is counted.
    unit: Unit,
    /// What it is now, shown until something is typed.
    #[prop(optional)]
    present: Option<Quantity>,
    /// The words of the button.
    done_words: &'static str,
    /// Called with the quantity.
    #[prop(into)]
    on_done: Callback<Quantity>,
) -> impl IntoView {
    let typed = RwSignal::new(String::new());
    let weighs = unit != Unit::Piece;
    let name = if weighs { text::WEIGHT } else { text::QUANTITY };
    let quantity = move || read_quantity(&typed.read(), unit);
    let press = move |key: Key| {
        typed.update(|typed| match key {
            Key::Digit(digit) if typed.len() < CHARACTERS_MAX => typed.push(digit),
            Key::Corner if weighs && !typed.contains('.') => typed.push('.'),
            Key::Corner if !weighs && !typed.is_empty() && typed.len() < CHARACTERS_MAX - 1 => {
                typed.push_str("00");
            }
            Key::Erase => {
                typed.pop();
            }
            Key::Digit(_) | Key::Corner => {}
        });
    };
    let done = move || {
        if let Some(quantity) = quantity() {
            on_done.run(quantity);
        }
    };
    let (corner, corner_name) = if weighs {
        (".", text::DECIMAL)
    } else {
        ("00", text::DOUBLE_ZERO)
    };
    view! {
        <form
            class="entry"
            on:submit=move |event| {
                event.prevent_default();
                done();
            }
        >
            <label class="entry-shown">
                <span class="unseen">{name}</span>
                <input
                    class="entry-input"
                    inputmode="none"
                    autocomplete="off"
                    autofocus
                    placeholder=present.map(Quantity::to_text).unwrap_or_else(|| "0".into())
                    bind:value=typed
                />
                <span class="soft small">
                    {if weighs { format::unit_symbol(unit) } else { text::PIECES }}
                </span>
            </label>
            <Keypad on_key=press corner corner_name />
            <button
                type="submit"
                class="button button-main button-tall"
                disabled=move || quantity().is_none()
            >
                {done_words}
            </button>
        </form>
    }
}

/// Reads a quantity; nothing, less than something, and parts of pieces are none.
fn read_quantity(typed: &str, unit: Unit) -> Option<Quantity> {
    let quantity = Quantity::from_text(&format::plain_number(typed)).ok()?;
    let fine = unit != Unit::Piece || quantity.0 % ONE.0 == 0;
    (fine && quantity > Quantity::ZERO).then_some(quantity)
}
