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
    /// The answer is awaited; the card, to show it again.
    Reading(String),
    /// The answer is taken; the link, the code and the owner decide what comes.
    Linking,
    /// Linked, and a member.
    Linked,
    /// It did not work.
    Stopped,
}

/// What this side does, and what came of it.
#[derive(Clone, Copy)]
struct Offering {
    state: State,
    device_name: StoredValue<String>,
    stage: RwSignal<Stage>,
    refusal: RwSignal<Option<Refusal>>,
}

impl Offering {
    /// Makes a card and follows the steps of pairing.
    fn begin(device_name: String) -> Self {
        let offering = Self {
            state: State::here(),
            device_name: StoredValue::new(device_name),
            stage: RwSignal::new(Stage::Making),
            refusal: RwSignal::new(None),
        };
        Effect::new(move |_| match offering.state.pairing.get() {
            Some(PairingStep::Complete { .. }) => offering.stage.set(Stage::Linked),
            Some(PairingStep::Failed(why)) => offering.stop(why),
            Some(PairingStep::Check { .. } | PairingStep::Receiving { .. }) | None => {}
        });
        offering.make();
        offering
    }

    fn stop(self, why: Refusal) {
        self.refusal.try_set(Some(why));
        self.stage.try_set(Stage::Stopped);
    }

    fn make(self) {
        self.refusal.set(None);
        self.state.pairing.set(None);
        self.stage.set(Stage::Making);
        let device_name = self.device_name.get_value();
        spawn_local(async move {
            match self.state.device.ask(Request::Offer { device_name }).await {
                Reply::Card { text } => {
                    self.stage.try_set(Stage::Showing(text));
                }
                other => self.stop(refusal_of(other)),
            }
        });
    }

    fn accept(self, card: String) {
        self.stage.set(Stage::Linking);
        spawn_local(async move {
            match self.state.device.ask(Request::Accept { card }).await {
                Reply::Linked { .. } => {
                    self.stage.try_set(Stage::Linked);
                }
                other => self.stop(refusal_of(other)),
            }
        });
    }

    /// Gives up. What the device answers to it finds nobody here any more.
    fn cancel(self, left: Callback<()>) {
        let device = self.state.device;
        left.run(());
        spawn_local(async move {
            device.ask(Request::CancelPairing).await;
        });
    }

    /// Which of the three steps it is.
    fn step(self) -> usize {
        match self.stage.get() {
            Stage::Making | Stage::Showing(_) | Stage::Stopped => 0,
            Stage::Reading(_) => 1,
            Stage::Linking => 2,
            Stage::Linked => text::JOIN_STEPS.len(),
        }
    }
}

/// Shows this device's card, reads the answer, shows the check code, then what comes after.
#[component]
pub fn OfferSide(
    /// What this device calls itself.
    #[prop(into)]
    device_name: String,
    /// What to do with the card.
    what_to_do: &'static str,
    /// What to show once it is linked.
    linked: ViewFn,
    /// Called when somebody gives up.
    #[prop(into)]
    on_cancel: Callback<()>,
) -> impl IntoView {
    let side = Offering::begin(device_name);
    let accept = move |card| side.accept(card);
    let can_cancel = move || side.stage.get() != Stage::Linked;
    view! {
        <div class="stack stack-wide">
            <Steps names=text::JOIN_STEPS current=Signal::derive(move || side.step()) />
            <RefusalBanner refusal=side.refusal />
            {move || match side.stage.get() {
                Stage::Making => view! { <ProgressBar words=text::MAKE_CARD /> }.into_any(),
                Stage::Showing(card) => view! { <OwnCard side card what_to_do /> }.into_any(),
                Stage::Reading(card) => {
                    let back = move |_| side.stage.set(Stage::Showing(card.clone()));
                    view! {
                        <CardReader what_to_do=text::SCAN_ANSWER on_card=accept />
                        <button type="button" class="button" on:click=back>
                            {text::SHOW_CARD_AGAIN}
                        </button>
                    }
                        .into_any()
                }
                Stage::Linking => view! { <Linking /> }.into_any(),
                Stage::Linked => linked.run(),
                Stage::Stopped => {
                    view! {
                        <button
                            type="button"
                            class="button button-main button-tall"
                            on:click=move |_| side.make()
                        >
                            <Icon symbol=Symbol::Undo />
                            {text::START_AGAIN}
                        </button>
                    }
                        .into_any()
                }
            }}
            <Show when=can_cancel>
                <button
                    type="button"
                    class="button button-plain"
                    on:click=move |_| side.cancel(on_cancel)
                >
                    {text::STOP}
                </button>
            </Show>
        </div>
    }
}

/// This device's card, and the way on.
#[component]
fn OwnCard(side: Offering, card: String, what_to_do: &'static str) -> impl IntoView {
    let shown = StoredValue::new(card.clone());
    view! {
        <CardShown card=card what_to_do=what_to_do />
        <button
            type="button"
            class="button button-main button-tall"
            on:click=move |_| side.stage.set(Stage::Reading(shown.get_value()))
        >
            {text::NEXT_SCAN}
        </button>
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
