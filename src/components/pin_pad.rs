//! A pad for PINs: dots, never digits.

use leptos::prelude::*;

use crate::components::icon::{Icon, Symbol};
use crate::components::keypad::{Key, Keypad};
use crate::dom;
use crate::text::common as text;

/// The fewest digits of a PIN.
pub const PIN_DIGITS_MIN: usize = 4;

/// The most digits of a PIN.
pub const PIN_DIGITS_MAX: usize = 8;

/// A PIN, typed on the pad or a keyboard. It forgets the digits when it hands them over.
#[component]
pub fn PinPad(
    /// Called with the PIN.
    #[prop(into)]
    on_done: Callback<String>,
    /// Whether an earlier PIN is being checked.
    #[prop(into)]
    busy: Signal<bool>,
) -> impl IntoView {
    let pin = RwSignal::new(String::new());
    let done = move || {
        let typed = pin.get_untracked();
        if typed.len() >= PIN_DIGITS_MIN && !busy.get_untracked() {
            pin.set(String::new());
            on_done.run(typed);
        }
    };
    let press = move |key: Key| match key {
        Key::Digit(digit) => pin.update(|pin| {
            if pin.len() < PIN_DIGITS_MAX {
                pin.push(digit);
            }
        }),
        Key::Corner => pin.set(String::new()),
        Key::Erase => pin.update(|pin| {
            pin.pop();
        }),
    };
    let keys = window_event_listener(leptos::ev::keydown, move |event| {
        let key = event.key();
        match key.as_str() {
            "Enter" if !dom::is_on_button_outside(&event, ".pin") => {
                // Else the digit that was tapped last, which has the focus, is pressed again.
                event.prevent_default();
                done();
            }
            "Backspace" => press(Key::Erase),
            _ => {
                if let (Some(digit @ '0'..='9'), 1) = (key.chars().next(), key.len()) {
                    press(Key::Digit(digit));
                }
            }
        }
    });
    on_cleanup(move || keys.remove());
    view! {
        <div class="pin">
            <div class="pin-dots" role="status" aria-label=move || text::pin_digits(pin.read().len())>
                {move || {
                    let typed = pin.read().len();
                    (0..typed.max(PIN_DIGITS_MIN))
                        .map(|place| view! { <span data-filled=(place < typed).then_some("")></span> })
                        .collect_view()
                }}
            </div>
            <Keypad on_key=press corner="C" corner_name=text::CLEAR />
            <button
                type="button"
                class="button button-main button-tall"
                disabled=move || busy.get() || pin.read().len() < PIN_DIGITS_MIN
                on:click=move |_| done()
            >
                <Icon symbol=Symbol::Check />
                {text::SIGN_IN}
            </button>
        </div>
    }
}
