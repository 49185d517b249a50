//! Handing a pairing card over: shown as a code and as text, or read from camera, paste or scanner.

use leptos::prelude::*;

use crate::components::banner::{Banner, Tone};
use crate::components::camera::Camera;
use crate::components::icon::{Icon, Symbol};
use crate::components::qr_code::QrImage;
use crate::dom;
use crate::text::pairing as text;

/// A card on this screen: large, one sentence above, the text for devices without a camera below.
#[component]
pub fn CardShown(
    /// The card's text.
    #[prop(into)]
    card: String,
    /// What to do with it.
    what_to_do: &'static str,
) -> impl IntoView {
    let copied = RwSignal::new(false);
    let to_copy = card.clone();
    view! {
        <div class="stack stack-wide">
            <p>{what_to_do}</p>
            <QrImage text=card.clone() name=text::CARD />
            <details>
                <summary class="button button-plain">{text::NO_CAMERA}</summary>
                <div class="stack">
                    <textarea class="input code" readonly aria-label=text::CARD_TEXT>
                        {card}
                    </textarea>
                    <button
                        type="button"
                        class="button"
                        on:click=move |_| {
                            dom::copy_text(&to_copy);
                            copied.set(true);
                        }
                    >
                        <Icon symbol=Symbol::Copy />
                        {move || if copied.get() { text::COPIED } else { text::COPY_CARD }}
                    </button>
                </div>
            </details>
        </div>
    }
}

/// Reads the other device's card.
#[component]
pub fn CardReader(
    /// What to do.
    what_to_do: &'static str,
    /// Called with the card's text.
    #[prop(into)]
    on_card: Callback<String>,
) -> impl IntoView {
    let pasted = RwSignal::new(String::new());
    let lacking = RwSignal::new(false);
    let hand_over = move || {
        let card = pasted.get_untracked().trim().to_owned();
        lacking.set(card.is_empty());
        if !card.is_empty() {
            on_card.run(card);
        }
    };
    view! {
        <div class="stack stack-wide">
            <p>{what_to_do}</p>
            <Camera on_text=on_card />
            <form
                class="stack"
                on:submit=move |event| {
                    event.prevent_default();
                    hand_over();
                }
            >
                <div class="field">
                    <label for="card-pasted">{text::PASTE}</label>
                    <textarea
                        class="input code"
                        id="card-pasted"
                        rows="4"
                        spellcheck="false"
                        aria-describedby="card-pasted-note"
                        bind:value=pasted
                        on:keydown=move |event| {
                            // A hand scanner ends what it types with Enter.
                            if event.key() == "Enter" {
                                event.prevent_default();
                                hand_over();
                            }
                        }
                    ></textarea>
                    <p class="field-note" id="card-pasted-note">{text::PASTE_NOTE}</p>
                </div>
                <Show when=move || lacking.get()>
                    <Banner tone=Tone::Warn>{text::CARD_NEEDED}</Banner>
                </Show>
                <button type="submit" class="button button-tall">
                    <Icon symbol=Symbol::Check />
                    {text::USE_CARD}
                </button>
            </form>
        </div>
    }
}
