//! Founding a shop: what the shop is, how it taxes, who owns it. Nothing is assumed in silence.

mod form;
mod rates;

use device::api::{NewShop, Refusal, Reply, Request};
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::components::Redirect;
use leptos_router::hooks::use_navigate;

use self::form::ShopForm;
use crate::components::banner::RefusalBanner;
use crate::components::page_title::PageTitle;
use crate::components::progress::ProgressBar;
use crate::pages::recovery_words::RecoveryWords;
use crate::pages::stage::Stage;
use crate::permission;
use crate::state::{State, refusal_of};
use crate::text::setup as text;
use crate::updating::Updating;

/// A small grocery of our own making, to play with.
const SAMPLE_SHOP: &str = include_str!("../../static/sample-shop.csv");

/// Where the founding stands.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Step {
    Asking,
    Creating,
    Filling,
    Words(String),
}

/// Founds a shop; a sample shop comes with its form filled in and its shelves stocked.
#[component]
pub fn CreateShop(
    /// Whether it is the sample shop.
    #[prop(optional)]
    sample: bool,
) -> impl IntoView {
    Updating::hold_here();
    let state = State::here();
    let step = RwSignal::new(Step::Asking);
    let refusal = RwSignal::new(None::<Refusal>);
    let create = move |shop: NewShop| {
        refusal.set(None);
        step.set(Step::Creating);
        spawn_local(async move {
            // Before there is anything to lose. The page of permissions says what was answered.
            permission::keep_storage().await;
            match state.device.ask(Request::CreateShop(shop)).await {
                Reply::ShopCreated { recovery, .. } => {
                    if sample {
                        step.set(Step::Filling);
                        let csv = SAMPLE_SHOP.to_owned();
                        state
                            .device
                            .ask(Request::Import {
                                csv,
                                dry_run: false,
                            })
                            .await;
                    }
                    state.refresh_status();
                    step.set(Step::Words(recovery));
                }
                other => {
                    refusal.set(Some(refusal_of(other)));
                    step.set(Step::Asking);
                }
            }
        });
    };
    let navigate = StoredValue::new_local(use_navigate());
    let go_on = move |words: String| {
        spawn_local(async move {
            // They are this shop's own: nothing is in the way of going on.
            state.device.ask(Request::CheckWords { words }).await;
            state.refresh_status();
            navigate.with_value(|navigate| navigate("/permissions", Default::default()));
        });
    };
    let founded = Memo::new(move |_| {
        let status = state.status.read();
        let status = status.as_ref().filter(|status| status.shop.is_some());
        status.map(|status| status.words_unconfirmed)
    });
    let form = form::Fields::new(sample);
    let title = if sample {
        text::SAMPLE_TITLE
    } else {
        text::CREATE_TITLE
    };
    move || match step.get() {
        Step::Words(words) => view! { <RecoveryWords words on_done=go_on /> }.into_any(),
        step => view! {
            <Stage>
                <PageTitle title=title />
                <RefusalBanner refusal=refusal />
                {match step {
                    Step::Creating => view! { <ProgressBar words=text::CREATING /> }.into_any(),
                    Step::Filling => view! { <ProgressBar words=text::FILLING /> }.into_any(),
                    Step::Asking | Step::Words(_) => {
                        view! { <Ask founded fields=form on_create=create /> }.into_any()
                    }
                }}
            </Stage>
        }
        .into_any(),
    }
}

/// The form; a device that has its shop already is led on.
#[component]
fn Ask(
    /// Whether the words are still to be confirmed, where a shop is.
    founded: Memo<Option<bool>>,
    fields: form::Fields,
    #[prop(into)] on_create: Callback<NewShop>,
) -> impl IntoView {
    move || match founded.get() {
        None => view! { <ShopForm fields on_create /> }.into_any(),
        Some(true) => view! { <Redirect path="/words" /> }.into_any(),
        Some(false) => view! { <Redirect path="/sell" /> }.into_any(),
    }
}
