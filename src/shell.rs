//! The frame of the shop's screens: the bar on top, the places at the side, one page.

use device::api::Status;
use leptos::prelude::*;
use leptos_router::components::{A, Redirect};

use crate::components::banner::{Banner, Tone};
use crate::components::icon::{Icon, Symbol};
use crate::components::page_title::PageTitle;
use crate::components::pill::StatusPill;
use crate::components::progress::ProgressBar;
use crate::pages::sell::selling::Selling;
use crate::pages::sign_in::SignIn;
use crate::pages::stage::Stage;
use crate::places::places_of;
use crate::state::State;
use crate::text::common as text;
use crate::updating::Updating;

/// What may be shown of the shop now.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Door {
    /// The device is still opening.
    Opening,
    /// It belongs to no shop.
    NoShop,
    /// It belongs to one that cannot be used here: why, and what to do.
    Shut(String),
    /// Nobody is signed in.
    SignedOut,
    /// Somebody is.
    Open,
}

/// Shows a page of the shop, once there is a shop and somebody is signed in.
#[component]
pub fn Shell(
    /// The page.
    page: ViewFn,
) -> impl IntoView {
    let state = State::here();
    // A memo, so that a change of numbers does not build the page anew.
    let door = Memo::new(move |_| match &*state.status.read() {
        None => Door::Opening,
        Some(Status {
            shut: Some(refusal),
            ..
        }) => Door::Shut(refusal.message.clone()),
        Some(status) if status.shop.is_none() => Door::NoShop,
        Some(status) if status.employee.is_none() => Door::SignedOut,
        Some(_) => Door::Open,
    });
    move || match door.get() {
        Door::Opening => view! {
            <main class="stage">
                <div class="stage-card">
                    <ProgressBar words=text::LOADING />
                </div>
            </main>
        }
        .into_any(),
        Door::NoShop => view! { <Redirect path="/welcome" /> }.into_any(),
        Door::Shut(words) => view! {
            <Stage>
                <Icon symbol=Symbol::Storage size=48 />
                <PageTitle title=text::SHUT />
                <p>{words}</p>
            </Stage>
        }
        .into_any(),
        Door::SignedOut => view! { <SignIn /> }.into_any(),
        Door::Open => view! { <Frame page=page.clone() /> }.into_any(),
    }
}

#[component]
fn Frame(page: ViewFn) -> impl IntoView {
    view! {
        <div class="shell">
            <Bar />
            <Places />
            <main class="page">
                <NewRelease />
                {page.run()}
            </main>
        </div>
    }
}

/// Offers a new release, while no sale is open and none is on hold.
#[component]
fn NewRelease() -> impl IntoView {
    let updating = expect_context::<Updating>();
    let selling = expect_context::<Selling>();
    let offered = Memo::new(move |_| updating.ready.get() && selling.is_idle());
    move || {
        offered.get().then(|| {
            view! {
                <Banner tone=Tone::Plain>
                    <p>{text::NEW_RELEASE}</p>
                    <button type="button" class="button" on:click=move |_| updating.apply()>
                        {text::UPDATE_NOW}
                    </button>
                </Banner>
            }
        })
    }
}

/// Shop, till and employee on one side, the pill on the other.
#[component]
fn Bar() -> impl IntoView {
    let state = State::here();
    let shop = Memo::new(move |_| {
        state
            .status
            .read()
            .as_ref()?
            .shop
            .as_ref()
            .map(|s| s.name.clone())
    });
    let till = Memo::new(move |_| {
        let status = state.status.read();
        let shop = status.as_ref()?.shop.as_ref()?;
        Some(shop.terminal.as_deref().map(text::till).unwrap_or_default())
    });
    let employee = Memo::new(move |_| {
        state
            .status
            .read()
            .as_ref()?
            .employee
            .as_ref()
            .map(|employee| employee.name.clone())
    });
    view! {
        <header class="bar">
            <div class="bar-names">
                <span class="bar-shop">{move || shop.get()}</span>
                <span class="bar-dot bar-optional" aria-hidden="true">"·"</span>
                <span class="bar-optional">{move || till.get()}</span>
                <span class="bar-dot" aria-hidden="true">"·"</span>
                <span class="soft">{move || employee.get()}</span>
            </div>
            <StatusPill />
        </header>
    }
}

/// The places that whoever is signed in may go to.
#[component]
fn Places() -> impl IntoView {
    let state = State::here();
    let role = Memo::new(move |_| {
        state
            .status
            .read()
            .as_ref()?
            .employee
            .as_ref()
            .map(|employee| employee.role)
    });
    view! {
        <nav class="places" aria-label=text::PLACES>
            {move || {
                places_of(role.get())
                    .map(|place| {
                        let at_the_end = place.symbol == Symbol::More;
                        view! {
                            <A
                                href=place.path
                                attr:class=if at_the_end { "places-end" } else { "" }
                            >
                                <Icon symbol=place.symbol size=26 />
                                {place.name}
                            </A>
                        }
                    })
                    .collect_view()
            }}
        </nav>
    }
}
