//! The side that shows its card first: a newcomer, or a member that lost its links.

use device::api::{PairingStep, Refusal, Reply, Request};
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::components::banner::RefusalBanner;
use crate::components::card_exchange::{CardReader, CardShown};
use crate::components::icon::{Icon, Symbol};
use crate::components::progress::{ProgressBar, Steps};
use crate::state::{State, refusal_of};
use crate::text::pairing as text;

/// Where this side stands.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Stage {
    /// The card is being made.
    Making,
    /// The card is on the screen.
    Showing(String),
    /// The answer is awaited.
    Reading,
    /// The answer is taken; the link, the code and the owner decide what comes.
    Linking,
    /// Linked, and a member.
    Linked,
    /// It did not work.
    Stopped,
}

/// Shows this device's card, reads the answer, shows the check code, then calls `on_linked`'s view.
#[component]
pub fn OfferSide(
    /// What this device calls itself.
    #[prop(into)]
    device_name: String,
    /// What to do with the card.
    what_to_do: &'static str,
    /// What to show once it is linked.
    linked: ViewFn,
) -> impl IntoView {
    let state = State::here();
    let stage = RwSignal::new(Stage::Making);
    let refusal = RwSignal::new(None::<Refusal>);
    let stop = move |why: Refusal| {
        refusal.set(Some(why));
        stage.set(Stage::Stopped);
    };
    let device_name = StoredValue::new(device_name);
    let make = move || {
        refusal.set(None);
        state.pairing.set(None);
        stage.set(Stage::Making);
        let device_name = device_name.get_value();
        spawn_local(async move {
            match state.device.ask(Request::Offer { device_name }).await {
                Reply::Card { text } => stage.set(Stage::Showing(text)),
                other => stop(refusal_of(other)),
            }
        });
    };
    let accept = move |card: String| {
        stage.set(Stage::Linking);
        spawn_local(async move {
            match state.device.ask(Request::Accept { card }).await {
                Reply::Linked { .. } => stage.set(Stage::Linked),
                other => stop(refusal_of(other)),
            }
        });
    };
    Effect::new(move |_| match state.pairing.get() {
        Some(PairingStep::Complete { .. }) => stage.set(Stage::Linked),
        Some(PairingStep::Failed(why)) => stop(why),
        _ => {}
    });
    make();
    let step = move || match stage.get() {
        Stage::Making | Stage::Showing(_) | Stage::Stopped => 0,
        Stage::Reading => 1,
        Stage::Linking => 2,
        Stage::Linked => text::JOIN_STEPS.len(),
    };
    view! {
        <div class="stack stack-wide">
            <Steps names=text::JOIN_STEPS current=Signal::derive(step) />
            <RefusalBanner refusal=refusal />
            {move || match stage.get() {
                Stage::Making => view! { <ProgressBar words=text::MAKE_CARD /> }.into_any(),
                Stage::Showing(card) => {
                    view! {
                        <CardShown card=card what_to_do=what_to_do />
                        <button
                            type="button"
                            class="button button-main button-tall"
                            on:click=move |_| stage.set(Stage::Reading)
                        >
                            {text::NEXT_SCAN}
                        </button>
                    }
                        .into_any()
                }
                Stage::Reading => {
                    view! { <CardReader what_to_do=text::SCAN_ANSWER on_card=accept /> }.into_any()
                }
                Stage::Linking => view! { <Linking /> }.into_any(),
                Stage::Linked => linked.run(),
                Stage::Stopped => {
                    view! {
                        <button
                            type="button"
                            class="button button-main button-tall"
                            on:click=move |_| make()
                        >
                            <Icon symbol=Symbol::Undo />
                            {text::START_AGAIN}
                        </button>
                    }
                        .into_any()
                }
            }}
        </div>
    }
}

/// The check code while the owner decides, then what comes in.
#[component]
fn Linking() -> impl IntoView {
    let state = State::here();
    move || match state.pairing.get() {
        Some(PairingStep::Check { code, .. }) => view! {
            <p>{text::COMPARE_NEWCOMER}</p>
            <p class="check-code" aria-label=text::CODE>{code}</p>
            <ProgressBar words=text::WAIT_OWNER />
        }
        .into_any(),
        Some(PairingStep::Receiving { done, total }) => {
            view! { <ProgressBar words=text::RECEIVING of=(done, total) /> }.into_any()
        }
        _ => view! { <ProgressBar words=text::WAIT_LINK /> }.into_any(),
    }
}
