//! The app: which screen belongs to which address, and what stands before all of them.

use device::api::Status;
use leptos::prelude::*;
use leptos_router::components::{Redirect, Route, Router, Routes};
use leptos_router::path;

use crate::components::page_title::LiveRegion;
use crate::installing::Installing;
use crate::pages;
use crate::pages::pairing::answering::Answering;
use crate::pages::sell::keeping::keep_carts;
use crate::pages::sell::selling::Selling;
use crate::pages::trouble;
use crate::shell::Shell;
use crate::state::State;
use crate::updating::Updating;

/// Whether the app can begin, as whoever starts the device finds out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Start {
    /// The device is being opened, or is open.
    Fit,
    /// The browser lacks what is needed.
    BrowserTooOld,
    /// The address is not secure.
    Insecure,
    /// Another tab writes for this device.
    OtherTab,
    /// The store refused for want of room.
    DiskFull,
    /// The store does not open, and the browser does not say why.
    StoreShut,
}

/// All screens.
#[component]
pub fn App(
    /// What the screens know.
    state: State,
    /// Whether the app can begin.
    start: RwSignal<Start>,
    /// Takes over from another tab, or tries again after trouble.
    #[prop(into)]
    on_retry: Callback<()>,
) -> impl IntoView {
    provide_context(state);
    let selling = Selling::new();
    keep_carts(state, selling);
    provide_context(selling);
    provide_context(Answering::following(state));
    let idle = Signal::derive(move || selling.is_idle());
    let resting = Signal::derive(move || matches!(start.get(), Start::OtherTab | Start::StoreShut));
    let updating = Updating::begin(idle, resting);
    updating.follow(Signal::derive(move || {
        let begins_anew = |status: &Status| status.succeeds || status.overtaken;
        state.status.read().as_ref().is_some_and(begins_anew)
    }));
    provide_context(updating);
    provide_context(Installing::listen());
    view! {
        <LiveRegion />
        <Router>
            {move || match start.get() {
                Start::Fit => view! { <Screens /> }.into_any(),
                Start::BrowserTooOld => view! { <trouble::BrowserTooOld /> }.into_any(),
                Start::Insecure => view! { <trouble::InsecureAddress /> }.into_any(),
                Start::OtherTab => view! { <trouble::OtherTab on_take_over=on_retry /> }.into_any(),
                Start::DiskFull => view! { <trouble::DiskFull on_again=on_retry /> }.into_any(),
                Start::StoreShut => view! { <trouble::StoreShut on_again=on_retry /> }.into_any(),
            }}
        </Router>
    }
}

/// The address decides the screen. Screens of the shop stand inside [`Shell`], which asks for a
/// sign-in first and then shows the page that was asked for.
#[component]
fn Screens() -> impl IntoView {
    let to_sell = || view! { <Redirect path="/sell" /> }.into_any();
    view! {
        <Routes fallback=|| view! { <trouble::NotFound /> }.into_any()>
            <Route path=path!("/") view=to_sell />
            <Route path=path!("/welcome") view=|| view! { <pages::welcome::Welcome /> }.into_any() />
            <Route
                path=path!("/create")
                view=|| view! { <pages::create_shop::CreateShop /> }.into_any()
            />
            <Route
                path=path!("/sample")
                view=|| view! { <pages::create_shop::CreateShop sample=true /> }.into_any()
            />
            <Route path=path!("/join") view=|| view! { <pages::join::Join /> }.into_any() />
            <Route path=path!("/recover") view=|| view! { <pages::recover::Recover /> }.into_any() />
            <Route
                path=path!("/words")
                view=|| view! { <pages::words_check::WordsCheck /> }.into_any()
            />
            <Route
                path=path!("/permissions")
                view=|| view! { <pages::permissions::Permissions /> }.into_any()
            />
            <Route path=path!("/sell") view=|| inside(pages::sell::Sell) />
            <Route path=path!("/sales") view=|| inside(pages::sales::Sales) />
            <Route path=path!("/today") view=|| inside(pages::today::Today) />
            <Route path=path!("/products") view=|| inside(pages::products::Products) />
            <Route path=path!("/products/import") view=|| inside(pages::import::Import) />
            <Route path=path!("/devices") view=|| inside(pages::devices::Devices) />
            <Route path=path!("/devices/add") view=|| inside(pages::devices::AddDevice) />
            <Route path=path!("/devices/link") view=|| inside(pages::devices::LinkAgain) />
            <Route path=path!("/staff") view=|| inside(pages::staff::Staff) />
            <Route path=path!("/more") view=|| inside(pages::more::More) />
        </Routes>
    }
}

/// A page inside the frame of the shop.
fn inside<View: IntoView + 'static>(page: impl Fn() -> View + Send + Sync + 'static) -> AnyView {
    view! { <Shell page=ViewFn::from(move || page().into_any()) /> }.into_any()
}
