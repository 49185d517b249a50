//! The twelve words were shown and nobody has confirmed them: typing them from paper does, and
//! whoever has none is told what that means.

use device::api::{Refusal, Reply, Request};
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::components::A;

use crate::components::banner::{Banner, RefusalBanner, Tone};
use crate::components::page_title::PageTitle;
use crate::pages::stage::Stage;
use crate::pages::words_form::WordsForm;
use crate::state::State;
use crate::text::{common, setup as text};
use crate::updating::Updating;

/// Asks for all twelve words, and says what to do without them.
#[component]
pub fn WordsCheck() -> impl IntoView {
    Updating::hold_here();
    let state = State::here();
    let busy = RwSignal::new(false);
    let right = RwSignal::new(false);
    let refusal = RwSignal::new(None::<Refusal>);
    let check = move |words: String| {
        busy.set(true);
        refusal.set(None);
        spawn_local(async move {
            match state.device.ask(Request::CheckWords { words }).await {
                Reply::Refused(why) => {
                    refusal.try_set(Some(why));
                }
                _ => {
                    state.refresh_status();
                    right.try_set(true);
                }
            }
            busy.try_set(false);
        });
    };
    view! {
        <Stage>
            <PageTitle title=text::WORDS_OPEN_TITLE />
            <RefusalBanner refusal=refusal />
            {move || {
                if right.get() {
                    view! { <Banner tone=Tone::Good>{text::WORDS_RIGHT}</Banner> }.into_any()
                } else {
                    view! {
                        <p>{text::WORDS_OPEN_LEAD}</p>
                        <WordsForm send=text::CHECK_WORDS busy on_words=check />
                        <section class="stack">
                            <h2>{text::WORDS_GONE_TITLE}</h2>
                            <p>{text::WORDS_GONE}</p>
                            <p>{text::WORDS_GONE_EMPTY}</p>
                            <p>{text::WORDS_GONE_SELLING}</p>
                        </section>
                    }
                        .into_any()
                }
            }}
            <A href="/sell" attr:class="button button-tall">
                {common::CONTINUE}
            </A>
        </Stage>
    }
}
