//! Digits for fingers.

use leptos::prelude::*;

use crate::components::icon::{Icon, Symbol};
use crate::text::common as text;

/// A key of the keypad.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Key {
    /// 0 to 9.
    Digit(char),
    /// The key on the lower left; what it does depends on the screen.
    Corner,
    /// Takes the last digit away.
    Erase,
}

/// Twelve keys in the order of a telephone, the corner key on the lower left.
#[component]
pub fn Keypad(
    /// Called with each key.
    #[prop(into)]
    on_key: Callback<Key>,
    /// What the corner key shows, as `.` or `00`.
    corner: &'static str,
    /// What the corner key is called.
    corner_name: &'static str,
) -> impl IntoView {
    view! {
        <div class="keypad" role="group" aria-label=text::KEYPAD>
            {"123456789"
                .chars()
                .map(|digit| view! { <DigitKey digit on_key /> })
                .collect_view()}
            <button type="button" aria-label=corner_name on:click=move |_| on_key.run(Key::Corner)>
                {corner}
            </button>
            <DigitKey digit='0' on_key />
            <button type="button" aria-label=text::ERASE on:click=move |_| on_key.run(Key::Erase)>
                <Icon symbol=Symbol::Backspace size=28 />
            </button>
        </div>
    }
}

#[component]
fn DigitKey(digit: char, on_key: Callback<Key>) -> impl IntoView {
    view! {
        <button type="button" on:click=move |_| on_key.run(Key::Digit(digit))>
            {digit}
        </button>
    }
}
