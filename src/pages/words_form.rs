//! Typing the twelve words.

use leptos::prelude::*;

use crate::components::progress::ProgressBar;
use crate::text::setup as text;

/// How many words there are.
const WORDS: usize = 12;

/// A field for the words, and a button that works once there are twelve.
#[component]
pub fn WordsForm(
    /// What the button does, in words.
    send: &'static str,
    /// Whether the words are being checked.
    busy: RwSignal<bool>,
    /// Called with what was typed.
    #[prop(into)]
    on_words: Callback<String>,
) -> impl IntoView {
    let words = RwSignal::new(String::new());
    let typed = move || words.read().split_whitespace().count();
    view! {
        <form
            class="stack stack-wide"
            on:submit=move |event| {
                event.prevent_default();
                on_words.run(words.get_untracked());
            }
        >
            <div class="field">
                <label for="recovery-words">{text::RECOVER_WORDS}</label>
                <textarea
                    class="input"
                    id="recovery-words"
                    rows="4"
                    autocomplete="off"
                    autocapitalize="none"
                    spellcheck="false"
                    bind:value=words
                ></textarea>
                <p class="field-note" role="status">
                    {move || text::words_typed(typed())}
                </p>
            </div>
            <Show when=move || busy.get()>
                <ProgressBar words=text::RECOVERING />
            </Show>
            <button
                type="submit"
                class="button button-main button-tall"
                disabled=move || busy.get() || typed() != WORDS
            >
                {send}
            </button>
        </form>
    }
}
