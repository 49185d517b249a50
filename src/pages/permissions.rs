//! What the app asks the browser for: each explained, each asked from a tap.

use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::hooks::use_navigate;

use crate::components::banner::{Banner, Tone};
use crate::components::icon::{Icon, Symbol};
use crate::components::page_title::PageTitle;
use crate::pages::stage::Stage;
use crate::permission;
use crate::text::{common, setup as text};

/// What became of a question to the browser.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Answer {
    Unasked,
    Asked,
    Allowed,
    Refused,
}

impl Answer {
    fn of(allowed: bool) -> Self {
        if allowed {
            Self::Allowed
        } else {
            Self::Refused
        }
    }
}

/// One thing to ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wish {
    Storage,
    Camera,
    Notifications,
}

impl Wish {
    fn words(self) -> (Symbol, &'static str, &'static str) {
        match self {
            Self::Storage => (Symbol::Storage, text::STORAGE, text::STORAGE_WHY),
            Self::Camera => (Symbol::Camera, text::CAMERA, text::CAMERA_WHY),
            Self::Notifications => (Symbol::Bell, text::NOTIFICATIONS, text::NOTIFICATIONS_WHY),
        }
    }

    async fn ask(self) -> bool {
        match self {
            Self::Storage => permission::keep_storage().await,
            Self::Camera => permission::allow_camera().await,
            Self::Notifications => permission::allow_notifications().await,
        }
    }
}

/// The permissions, each with its reason. Whether the data is kept is said in red when it is not.
#[component]
pub fn Permissions() -> impl IntoView {
    let storage = RwSignal::new(Answer::Unasked);
    spawn_local(async move {
        if permission::storage_is_kept().await {
            storage.try_set(Answer::Allowed);
        }
    });
    let refused = move || storage.get() == Answer::Refused;
    let navigate = use_navigate();
    // Nobody gets to selling without having been told that the data may be deleted.
    let go_on = move |_| {
        let unasked = storage.get_untracked() == Answer::Unasked;
        let navigate = navigate.clone();
        spawn_local(async move {
            let told = !unasked || permission::keep_storage().await;
            if told {
                navigate("/sell", Default::default());
            } else {
                storage.set(Answer::Refused);
            }
        });
    };
    view! {
        <Stage>
            <div class="stack">
                <PageTitle title=text::PERMISSIONS_TITLE />
                <p class="soft">{text::PERMISSIONS_LEAD}</p>
            </div>
            <ul class="card card-flush list">
                <WishRow wish=Wish::Storage answer=storage />
                <WishRow wish=Wish::Camera answer=RwSignal::new(Answer::Unasked) />
                <NetworkRow />
                <WishRow wish=Wish::Notifications answer=RwSignal::new(Answer::Unasked) />
            </ul>
            <Show when=refused>
                <Banner tone=Tone::Bad>{text::STORAGE_REFUSED}</Banner>
            </Show>
            <button type="button" class="button button-main button-tall" on:click=go_on>
                {move || if refused() { text::UNDERSTOOD } else { common::CONTINUE }}
            </button>
        </Stage>
    }
}

#[component]
fn WishRow(wish: Wish, answer: RwSignal<Answer>) -> impl IntoView {
    let (symbol, name, why) = wish.words();
    let ask = move |_| {
        answer.set(Answer::Asked);
        spawn_local(async move {
            answer.try_set(Answer::of(wish.ask().await));
        });
    };
    view! {
        <li class="list-row">
            <Reason symbol name why />
            {move || match answer.get() {
                Answer::Allowed => view! { <Decided allowed=true /> }.into_any(),
                Answer::Refused => view! { <Decided allowed=false /> }.into_any(),
                state => {
                    view! {
                        <button
                            type="button"
                            class="button"
                            aria-label=text::allow(name)
                            disabled=state == Answer::Asked
                            on:click=ask
                        >
                            {text::ALLOW}
                        </button>
                    }
                        .into_any()
                }
            }}
        </li>
    }
}

/// The shop's own network. The browser asks by itself when two devices are linked first: a page
/// can't.
#[component]
fn NetworkRow() -> impl IntoView {
    let allowed = RwSignal::new(None::<bool>);
    spawn_local(async move {
        allowed.try_set(permission::network_is_allowed().await);
    });
    view! {
        <li class="list-row">
            <Reason symbol=Symbol::Linked name=text::NETWORK why=text::NETWORK_WHY />
            {move || match allowed.get() {
                Some(allowed) => view! { <Decided allowed /> }.into_any(),
                None => view! { <span class="soft small">{text::ASKED_LATER}</span> }.into_any(),
            }}
        </li>
    }
}

/// What is asked for, and why.
#[component]
fn Reason(symbol: Symbol, name: &'static str, why: &'static str) -> impl IntoView {
    view! {
        <Icon symbol=symbol size=28 />
        <span class="list-main">
            <strong>{name}</strong>
            <span class="soft small">{why}</span>
        </span>
    }
}

/// What the answer was.
#[component]
fn Decided(allowed: bool) -> impl IntoView {
    let (tone, symbol, words) = if allowed {
        ("good", Symbol::Check, text::ALLOWED)
    } else {
        ("bad", Symbol::Failure, text::REFUSED)
    };
    view! {
        <span class="tag" data-tone=tone>
            <Icon symbol=symbol size=18 />
            {words}
        </span>
    }
}
