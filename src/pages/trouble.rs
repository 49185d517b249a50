//! Full-page messages: what stops the app, what was kept, what to do.

use browser::environment::{Requirement, missing};
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::components::A;

use crate::components::icon::{Icon, Symbol};
use crate::components::page_title::PageTitle;
use crate::pages::stage::Stage;
use crate::text::trouble as text;

#[component]
fn Trouble(
    symbol: Symbol,
    title: &'static str,
    words: &'static str,
    #[prop(optional)] children: Option<Children>,
) -> impl IntoView {
    view! {
        <Stage>
            <Icon symbol=symbol size=48 />
            <PageTitle title=title />
            <p>{words}</p>
            {children.map(|children| view! { <div class="row">{children()}</div> })}
        </Stage>
    }
}

/// The browser lacks something: it is too old, or somebody switched it off.
#[component]
pub fn BrowserTooOld() -> impl IntoView {
    let lacking = RwSignal::new(None::<Requirement>);
    spawn_local(async move {
        lacking.try_set(missing().await.into_iter().next());
    });
    move || {
        lacking.get().map(|lacking| {
            let (title, words) = match lacking {
                Requirement::IndexedDb => (text::NO_STORE_TITLE, text::NO_STORE),
                Requirement::WebRtc => (text::NO_LINKS_TITLE, text::NO_LINKS),
                Requirement::SecureContext | Requirement::Keys | Requirement::Locks => {
                    (text::TOO_OLD_TITLE, text::TOO_OLD)
                }
            };
            view! { <Trouble symbol=Symbol::Warning title words /> }
        })
    }
}

/// The page did not come over a trusted connection.
#[component]
pub fn InsecureAddress() -> impl IntoView {
    view! { <Trouble symbol=Symbol::Lock title=text::INSECURE_TITLE words=text::INSECURE /> }
}

/// The camera was refused.
#[component]
pub fn CameraRefused(
    /// Asks again.
    #[prop(into)]
    on_again: Callback<()>,
    /// Goes on without.
    #[prop(into)]
    on_without: Callback<()>,
) -> impl IntoView {
    view! {
        <Icon symbol=Symbol::Camera size=48 />
        <h2>{text::CAMERA_TITLE}</h2>
        <p>{text::CAMERA}</p>
        <div class="row">
            <button type="button" class="button button-main" on:click=move |_| on_again.run(())>
                {text::TRY_AGAIN}
            </button>
            <button type="button" class="button" on:click=move |_| on_without.run(())>
                {text::CAMERA_WITHOUT}
            </button>
        </div>
    }
}

/// The store refused for want of room.
#[component]
pub fn DiskFull(
    /// Called when somebody has made room.
    #[prop(into)]
    on_again: Callback<()>,
) -> impl IntoView {
    view! {
        <Trouble symbol=Symbol::Storage title=text::DISK_FULL_TITLE words=text::DISK_FULL>
            <TryAgain on_again />
        </Trouble>
    }
}

/// The store does not open, and the browser does not say why.
#[component]
pub fn StoreShut(
    /// Called when somebody has made room.
    #[prop(into)]
    on_again: Callback<()>,
) -> impl IntoView {
    view! {
        <Trouble symbol=Symbol::Storage title=text::STORE_SHUT_TITLE words=text::STORE_SHUT>
            <TryAgain on_again />
        </Trouble>
    }
}

#[component]
fn TryAgain(on_again: Callback<()>) -> impl IntoView {
    view! {
        <button
            type="button"
            class="button button-main button-tall"
            on:click=move |_| on_again.run(())
        >
            {text::TRY_AGAIN}
        </button>
    }
}

/// Another tab of this browser holds the till.
#[component]
pub fn OtherTab(
    /// Takes over.
    #[prop(into)]
    on_take_over: Callback<()>,
) -> impl IntoView {
    view! {
        <Trouble symbol=Symbol::Copy title=text::OTHER_TAB_TITLE words=text::OTHER_TAB>
            <button
                type="button"
                class="button button-main button-tall"
                on:click=move |_| on_take_over.run(())
            >
                {text::TAKE_OVER}
            </button>
        </Trouble>
    }
}

/// An address that leads nowhere.
#[component]
pub fn NotFound() -> impl IntoView {
    view! {
        <Trouble symbol=Symbol::Search title=text::NOT_FOUND_TITLE words=text::NOT_FOUND>
            <A href="/sell" attr:class="button button-main">
                {text::TO_SELL}
            </A>
        </Trouble>
    }
}
