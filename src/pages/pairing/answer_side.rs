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

/// What this side does, and what came of it.
#[derive(Clone, Copy)]
struct Answering {
    state: State,
    stage: RwSignal<Stage>,
    refusal: RwSignal<Option<Refusal>>,
}

impl Answering {
    /// Waits for a card and follows the steps of pairing.
    fn begin() -> Self {
        let answering = Self {
            state: State::here(),
            stage: RwSignal::new(Stage::Reading),
            refusal: RwSignal::new(None),
        };
        answering.state.pairing.set(None);
        Effect::new(move |_| {
            if let Some(step) = answering.state.pairing.get() {
                answering.follow(step);
            }
        });
        answering
    }

    fn follow(self, step: PairingStep) {
        match step {
            PairingStep::Check {
                code,
                device_name,
                suggested_terminal,
                ..
            } => {
                let terminal = suggested_terminal.unwrap_or_default();
                self.stage.set(Stage::Checking {
                    code,
                    device_name,
                    terminal,
                });
            }
            PairingStep::Receiving { .. } => self.stage.set(Stage::Adding),
            PairingStep::Complete { device_name, .. } => {
                self.stage.set(Stage::Complete(device_name));
            }
            PairingStep::Failed(why) => self.stop(why),
        }
    }

    fn stop(self, why: Refusal) {
        self.refusal.set(Some(why));
        self.stage.set(Stage::Reading);
    }

    fn answer(self, card: String) {
        self.refusal.set(None);
        self.stage.set(Stage::Making);
        spawn_local(async move {
            let request = Request::Answer {
                card,
                consent: None,
            };
            match self.state.device.ask(request).await {
                Reply::Card { text } => self.stage.set(Stage::Showing(text)),
                other => self.stop(refusal_of(other)),
            }
        });
    }

    fn approve(self, admission: Admission) {
        self.stage.set(Stage::Adding);
        spawn_local(async move {
            if let Reply::Refused(why) = self.state.device.ask(Request::Approve(admission)).await {
                self.stop(why);
            }
        });
    }

    fn cancel(self) {
        spawn_local(async move {
            self.state.device.ask(Request::CancelPairing).await;
            self.stage.set(Stage::Reading);
        });
    }

    /// Which of the three steps it is.
    fn step(self) -> usize {
        match self.stage.get() {
            Stage::Reading | Stage::Making => 0,
            Stage::Showing(_) => 1,
            Stage::Checking { .. } | Stage::Adding => 2,
            Stage::Complete(_) => text::ADD_STEPS.len(),
        }
    }
}

/// Reads the other card, shows the answer, compares codes and lets the device in.
#[component]
pub fn AnswerSide(
    /// What to show when it is done, given the other device's name.
    #[prop(into)]
    complete: Callback<String, AnyView>,
) -> impl IntoView {
    let side = Answering::begin();
    let answer = move |card| side.answer(card);
    let approve = move |admission| side.approve(admission);
    let can_cancel = move || matches!(side.stage.get(), Stage::Showing(_) | Stage::Checking { .. });
    view! {
        <div class="stack stack-wide">
            <Steps names=text::ADD_STEPS current=Signal::derive(move || side.step()) />
            <RefusalBanner refusal=side.refusal />
            {move || match side.stage.get() {
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
            <Show when=can_cancel>
                <button
                    type="button"
                    class="button button-plain"
                    on:click=move |_| side.cancel()
                >
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
    let roles = text::ROLES
        .map(|(role, words)| (role.word().to_owned(), words.to_owned()))
        .to_vec();
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
