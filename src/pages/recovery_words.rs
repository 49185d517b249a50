//! The twelve words, shown once: print or write them down, then type two of them.

use leptos::prelude::*;

use crate::components::banner::{Banner, Tone};
use crate::components::field::TextField;
use crate::components::icon::{Icon, Symbol};
use crate::components::page_title::PageTitle;
use crate::dom;
use crate::pages::stage::Stage;
use crate::text::setup as text;

/// The words that are asked back, by their places from 0: one early, one late, so that somebody
/// who wrote down half the list notices.
const ASKED: [usize; 2] = [2, 9];

/// Shows the words and asks two of them back.
#[component]
pub fn RecoveryWords(
    /// The words, with blanks between.
    words: String,
    /// Called with the words when two were right.
    #[prop(into)]
    on_done: Callback<String>,
) -> impl IntoView {
    let words = StoredValue::new(words);
    let checking = RwSignal::new(false);
    view! {
        <Stage>
            <PageTitle title=text::WORDS_TITLE />
            {move || {
                if checking.get() {
                    view! { <AskBack words checking on_done /> }.into_any()
                } else {
                    view! { <WordList words checking /> }.into_any()
                }
            }}
        </Stage>
    }
}

#[component]
fn WordList(words: StoredValue<String>, checking: RwSignal<bool>) -> impl IntoView {
    let list = words.get_value();
    view! {
        <p class="soft">{text::WORDS_LEAD}</p>
        <ol class="words to-print" aria-label=text::WORDS_TITLE>
            {list
                .split_whitespace()
                .map(|word| view! { <li>{word.to_owned()}</li> })
                .collect_view()}
        </ol>
        <p>{text::WORDS_PAPER}</p>
        <div class="row">
            <button type="button" class="button" on:click=move |_| dom::print_page()>
                <Icon symbol=Symbol::Printer />
                {text::PRINT_WORDS}
            </button>
            <button
                type="button"
                class="button button-main"
                on:click=move |_| checking.set(true)
            >
                {text::WORDS_WRITTEN}
            </button>
        </div>
    }
}

#[component]
fn AskBack(
    words: StoredValue<String>,
    checking: RwSignal<bool>,
    on_done: Callback<String>,
) -> impl IntoView {
    let answers = ASKED.map(|place| (place, RwSignal::new(String::new())));
    let wrong = RwSignal::new(false);
    let check = move || {
        let right = words.with_value(|words| {
            let words: Vec<_> = words.split_whitespace().collect();
            answers.iter().all(|(place, answer)| {
                words
                    .get(*place)
                    .is_some_and(|word| answer.read_untracked().trim().eq_ignore_ascii_case(word))
            })
        });
        wrong.set(!right);
        if right {
            on_done.run(words.get_value());
        }
    };
    view! {
        <h2>{text::WORDS_CHECK}</h2>
        <form
            class="stack stack-wide"
            on:submit=move |event| {
                event.prevent_default();
                check();
            }
        >
            <div class="field-pair">
                {answers
                    .into_iter()
                    .map(|(place, answer)| {
                        view! { <TextField label=text::word_number(place + 1) value=answer /> }
                    })
                    .collect_view()}
            </div>
            <Show when=move || wrong.get()>
                <Banner tone=Tone::Warn>{text::WORDS_WRONG}</Banner>
            </Show>
            <div class="row">
                <button type="submit" class="button button-main">
                    {text::CHECK_WORDS}
                </button>
                <button
                    type="button"
                    class="button button-plain"
                    on:click=move |_| checking.set(false)
                >
                    {text::SHOW_WORDS}
                </button>
            </div>
        </form>
    }
}
