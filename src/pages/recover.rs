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

/// Recovery by words.
#[component]
pub fn Recover() -> impl IntoView {
    let state = State::here();
    let words = RwSignal::new(String::new());
    let busy = RwSignal::new(false);
    let recovered = RwSignal::new(false);
    let refusal = RwSignal::new(None::<Refusal>);
    let typed = move || words.read().split_whitespace().count();
    let recover = move || {
        busy.set(true);
        refusal.set(None);
        let words = words.get_untracked();
        spawn_local(async move {
            match state.device.ask(Request::Recover { words }).await {
                Reply::Refused(why) => refusal.set(Some(why)),
                _ => recovered.set(true),
            }
            busy.set(false);
        });
    };
    view! {
        <Stage>
            <div class="stack">
                <PageTitle title=text::RECOVER_TITLE />
                <p class="soft">{text::RECOVER_LEAD}</p>
            </div>
            <RefusalBanner refusal=refusal />
            <Show
                when=move || !recovered.get()
                fallback=|| {
                    view! {
                        <Banner tone=Tone::Good>{text::RECOVERED}</Banner>
                        <A href="/devices" attr:class="button button-main button-tall">
                            {common::CONTINUE}
                        </A>
                    }
                        .into_any()
                }
            >
                <form
                    class="stack stack-wide"
                    on:submit=move |event| {
                        event.prevent_default();
                        recover();
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
                        {text::RECOVER}
                    </button>
                    <A href="/welcome" attr:class="button button-plain">
                        {common::BACK}
                    </A>
                </form>
            </Show>
        </Stage>
    }
}
