//! The twelve words, typed: makes this device the shop's founder.

use device::api::{Refusal, Reply, Request};
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::components::A;

use crate::components::banner::{Banner, RefusalBanner, Tone};
use crate::components::page_title::PageTitle;
use crate::components::progress::ProgressBar;
use crate::pages::stage::Stage;
use crate::state::State;
use crate::text::{common, setup as text};

/// How many words there are.
const WORDS: usize = 12;

/// What is typed, and what came of it.
#[derive(Clone, Copy)]
struct Attempt {
    words: RwSignal<String>,
    busy: RwSignal<bool>,
    recovered: RwSignal<bool>,
    refusal: RwSignal<Option<Refusal>>,
}

impl Attempt {
    fn new() -> Self {
        Self {
            words: RwSignal::new(String::new()),
            busy: RwSignal::new(false),
            recovered: RwSignal::new(false),
            refusal: RwSignal::new(None),
        }
    }

    fn typed(self) -> usize {
        self.words.read().split_whitespace().count()
    }

    fn recover(self, state: State) {
        self.busy.set(true);
        self.refusal.set(None);
        let words = self.words.get_untracked();
        spawn_local(async move {
            match state.device.ask(Request::Recover { words }).await {
                Reply::Refused(why) => self.refusal.set(Some(why)),
                _ => self.recovered.set(true),
            }
            self.busy.set(false);
        });
    }
}

/// Recovery by words.
#[component]
pub fn Recover() -> impl IntoView {
    let attempt = Attempt::new();
    view! {
        <Stage>
            <div class="stack">
                <PageTitle title=text::RECOVER_TITLE />
                <p class="soft">{text::RECOVER_LEAD}</p>
            </div>
            <RefusalBanner refusal=attempt.refusal />
            {move || {
                if attempt.recovered.get() {
                    view! {
                        <Banner tone=Tone::Good>{text::RECOVERED}</Banner>
                        <A href="/devices" attr:class="button button-main button-tall">
                            {common::CONTINUE}
                        </A>
                    }
                        .into_any()
                } else {
                    view! { <WordsForm attempt /> }.into_any()
                }
            }}
        </Stage>
    }
}

#[component]
fn WordsForm(attempt: Attempt) -> impl IntoView {
    let state = State::here();
    view! {
        <form
            class="stack stack-wide"
            on:submit=move |event| {
                event.prevent_default();
                attempt.recover(state);
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
                    bind:value=attempt.words
                ></textarea>
                <p class="field-note" role="status">
                    {move || text::words_typed(attempt.typed())}
                </p>
            </div>
            <Show when=move || attempt.busy.get()>
                <ProgressBar words=text::RECOVERING />
            </Show>
            <button
                type="submit"
                class="button button-main button-tall"
                disabled=move || attempt.busy.get() || attempt.typed() != WORDS
            >
                {text::RECOVER}
            </button>
            <A href="/" attr:class="button button-plain">
                {common::BACK}
            </A>
        </form>
    }
}
