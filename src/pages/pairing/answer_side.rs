//! The side that answers a card: the owner who lets a newcomer in, or a member that links again.

use device::api::{Admission, DeviceRole};
use leptos::prelude::*;
use leptos_router::components::A;

use crate::components::banner::RefusalBanner;
use crate::components::card_exchange::{CardReader, CardShown};
use crate::components::field::{SelectField, TextField};
use crate::components::icon::{Icon, Symbol};
use crate::components::progress::{ProgressBar, Steps};
use crate::text::{common, pairing as text};

use super::answering::{Answering, Stage};

/// Reads the other card, shows the answer, compares codes and lets the device in.
#[component]
pub fn AnswerSide(
    /// What to show when it is done, given the other device's name.
    #[prop(into)]
    complete: Callback<String, AnyView>,
) -> impl IntoView {
    let side = Answering::here();
    on_cleanup(move || side.seen());
    let answer = move |card| side.answer(card);
    let approve = move |admission| side.approve(admission);
    let can_cancel = move || matches!(side.stage.get(), Stage::Showing(_) | Stage::Checking { .. });
    let can_leave = move || side.stage.get() == Stage::Reading;
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
                Stage::Adding => view! { <ProgressBar words=text::APPROVING /> }.into_any(),
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
            <Show when=can_leave>
                <A href="/devices" attr:class="button button-plain">
                    {text::BACK_TO_DEVICES}
                </A>
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
