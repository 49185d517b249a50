//! The side that answers a card: the owner who lets a newcomer in, or a member that links again.

use device::api::{Admission, DeviceRole, PairingStep, Refusal, Reply, Request};
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::components::banner::RefusalBanner;
use crate::components::card_exchange::{CardReader, CardShown};
use crate::components::field::{SelectField, TextField};
use crate::components::icon::{Icon, Symbol};
use crate::components::progress::{ProgressBar, Steps};
use crate::state::{State, refusal_of};
use crate::text::{common, pairing as text};

/// Where this side stands.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Stage {
    /// The other card is awaited.
    Reading,
    /// The answer is being made.
    Making,
    /// The answer is on the screen.
    Showing(String),
    /// The link is open; both screens show the code.
    Checking {
        code: String,
        device_name: String,
        terminal: String,
    },
    /// The other device is let in and receives what it needs.
    Adding,
    /// Done; the other device's name.
    Complete(String),
}

/// Reads the other card, shows the answer, compares codes and lets the device in.
#[component]
pub fn AnswerSide(
    /// What to show when it is done, given the other device's name.
    #[prop(into)]
    complete: Callback<String, AnyView>,
) -> impl IntoView {
    let state = State::here();
    let stage = RwSignal::new(Stage::Reading);
    let refusal = RwSignal::new(None::<Refusal>);
    let stop = move |why: Refusal| {
        refusal.set(Some(why));
        stage.set(Stage::Reading);
    };
    state.pairing.set(None);
    let answer = move |card: String| {
        refusal.set(None);
        stage.set(Stage::Making);
        spawn_local(async move {
            match state.device.ask(Request::Answer { card, consent: None }).await {
                Reply::Card { text } => stage.set(Stage::Showing(text)),
                other => stop(refusal_of(other)),
            }
        });
    };
    let approve = move |admission: Admission| {
        stage.set(Stage::Adding);
        spawn_local(async move {
            if let Reply::Refused(why) = state.device.ask(Request::Approve(admission)).await {
                stop(why);
            }
        });
    };
    let cancel = move |_| {
        spawn_local(async move {
            state.device.ask(Request::CancelPairing).await;
            stage.set(Stage::Reading);
        });
    };
    Effect::new(move |_| match state.pairing.get() {
        Some(PairingStep::Check { code, device_name, suggested_terminal, .. }) => {
            let terminal = suggested_terminal.unwrap_or_default();
            stage.set(Stage::Checking { code, device_name, terminal });
        }
        Some(PairingStep::Complete { device_name, .. }) => stage.set(Stage::Complete(device_name)),
        Some(PairingStep::Failed(why)) => stop(why),
        Some(PairingStep::Receiving { .. }) | None => {}
    });
    let step = move || match stage.get() {
        Stage::Reading | Stage::Making => 0,
        Stage::Showing(_) => 1,
        Stage::Checking { .. } | Stage::Adding => 2,
        Stage::Complete(_) => text::ADD_STEPS.len(),
    };
    view! {
        <div class="stack stack-wide">
            <Steps names=text::ADD_STEPS current=Signal::derive(step) />
            <RefusalBanner refusal=refusal />
            {move || match stage.get() {
                Stage::Reading => {
                    view! { <CardReader what_to_do=text::SCAN_OFFER on_card=answer /> }.into_any()
                }
                Stage::Making => view! { <ProgressBar words=common::LOADING /> }.into_any(),
                Stage::Showing(card) => {
                    view! {
                        <CardShown card=card what_to_do=text::SHOW_ANSWER />
                        <ProgressBar words=text::WAIT_LINK />
                    }
                        .into_any()
                }
                Stage::Checking { code, device_name, terminal } => {
                    view! { <Consent code device_name terminal on_approve=approve /> }.into_any()
                }
                Stage::Adding => view! { <Adding /> }.into_any(),
                Stage::Complete(name) => complete.run(name),
            }}
            <Show when=move || {
                matches!(stage.get(), Stage::Showing(_) | Stage::Checking { .. })
            }>
                <button type="button" class="button button-plain" on:click=cancel>
                    {text::STOP}
                </button>
            </Show>
        </div>
    }
}

/// The code, one button under it, and name, role and code already filled in.
#[component]
fn Consent(
    code: String,
    device_name: String,
    terminal: String,
    #[prop(into)] on_approve: Callback<Admission>,
) -> impl IntoView {
    let name = RwSignal::new(device_name);
    let role = RwSignal::new(DeviceRole::Till.word().to_owned());
    let terminal = RwSignal::new(terminal);
    let roles =
        text::ROLES.map(|(role, words)| (role.word().to_owned(), words.to_owned())).to_vec();
    let approve = move |_| {
        let terminal = terminal.get_untracked().trim().to_owned();
        on_approve.run(Admission {
            name: name.get_untracked().trim().to_owned(),
            role: DeviceRole::from_word(&role.get_untracked()).unwrap_or(DeviceRole::Till),
            terminal: (!terminal.is_empty()).then_some(terminal),
        });
    };
    view! {
        <p>{text::COMPARE}</p>
        <p class="check-code" aria-label=text::CODE>{code}</p>
        <button type="button" class="button button-main button-tall" on:click=approve>
            <Icon symbol=Symbol::Check />
            {text::APPROVE}
        </button>
        <div class="field-pair">
            <TextField label=text::NAME value=name />
            <TextField label=text::TERMINAL value=terminal note=text::TERMINAL_NOTE />
        </div>
        <SelectField label=text::ROLE value=role options=roles />
    }
}

/// What the newcomer has received by now.
#[component]
fn Adding() -> impl IntoView {
    let state = State::here();
    move || match state.pairing.get() {
        Some(PairingStep::Receiving { done, total }) => {
            view! { <ProgressBar words=text::RECEIVING of=(done, total) /> }.into_any()
        }
        _ => view! { <ProgressBar words=text::APPROVING /> }.into_any(),
    }
}
