//! The twelve words, typed: makes this device the shop's founder.

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

/// Recovery by words, on a device that belongs to the shop; elsewhere it says where.
#[component]
pub fn Recover() -> impl IntoView {
    Updating::hold_here();
    let state = State::here();
    let in_shop = Memo::new(move |_| {
        let status = state.status.read();
        status.as_ref().map(|status| status.shop.is_some())
    });
    view! {
        <Stage>
            <PageTitle title=text::RECOVER_TITLE />
            {move || match in_shop.get() {
                Some(true) => view! { <RecoverHere /> }.into_any(),
                Some(false) => view! { <RecoverElsewhere /> }.into_any(),
                None => ().into_any(),
            }}
        </Stage>
    }
}

#[component]
fn RecoverHere() -> impl IntoView {
    let state = State::here();
    let busy = RwSignal::new(false);
    let recovered = RwSignal::new(false);
    let refusal = RwSignal::new(None::<Refusal>);
    let recover = move |words: String| {
        busy.set(true);
        refusal.set(None);
        spawn_local(async move {
            match state.device.ask(Request::Recover { words }).await {
                Reply::Refused(why) => refusal.set(Some(why)),
                _ => {
                    state.refresh_status();
                    recovered.set(true);
                }
            }
            busy.set(false);
        });
    };
    view! {
        <RefusalBanner refusal=refusal />
        {move || {
            if recovered.get() {
                view! {
                    <Banner tone=Tone::Good>{text::RECOVERED}</Banner>
                    <A href="/devices" attr:class="button button-main button-tall">
                        {common::CONTINUE}
                    </A>
                }
                    .into_any()
            } else {
                view! {
                    <p class="soft">{text::RECOVER_LEAD}</p>
                    <WordsForm send=text::RECOVER busy on_words=recover />
                    <A href="/more" attr:class="button button-plain">
                        {common::BACK}
                    </A>
                }
                    .into_any()
            }
        }}
    }
}

/// What somebody with the words does whose device belongs to no shop.
#[component]
fn RecoverElsewhere() -> impl IntoView {
    view! {
        <Banner tone=Tone::Warn>{text::RECOVER_NO_SHOP}</Banner>
        <p>{text::RECOVER_ELSEWHERE}</p>
        <p>{text::RECOVER_NOTHING_LEFT}</p>
        <A href="/join" attr:class="button button-main button-tall">
            {text::WAY_JOIN}
        </A>
        <A href="/welcome" attr:class="button button-plain">
            {common::BACK}
        </A>
    }
}
