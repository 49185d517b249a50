//! Everything else: installing, permissions, recovery, what this device is and holds.

use device::api::{Counts, Reply, Request, Right};
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::components::A;

use crate::components::banner::{Banner, Tone};
use crate::components::icon::{Icon, Symbol};
use crate::components::page_title::PageTitle;
use crate::installing::Installing;
use crate::state::State;
use crate::text::{more as text, setup, staff};

/// The page behind the three dots.
#[component]
pub fn More() -> impl IntoView {
    let state = State::here();
    let sign_out = move |_| {
        spawn_local(async move {
            state.device.ask(Request::SignOut).await;
            state.refresh_status();
        });
    };
    view! {
        <div class="column column-narrow">
            <div class="page-head">
                <PageTitle title=text::TITLE />
                <button type="button" class="button" on:click=sign_out>
                    <Icon symbol=Symbol::Leave />
                    {staff::SIGN_OUT}
                </button>
            </div>
            <WordsOpen />
            <ul class="card card-flush list">
                <InstallRow />
                <Link
                    to="/permissions"
                    symbol=Symbol::Lock
                    name=text::PERMISSIONS
                    note=text::PERMISSIONS_NOTE
                />
                <Link
                    to="/recover"
                    symbol=Symbol::Storage
                    name=text::RECOVERY
                    note=text::RECOVERY_NOTE
                />
            </ul>
            <Numbers />
            <About />
        </div>
    }
}

/// Says in red that nobody has confirmed the twelve words, to whoever could do something about it.
#[component]
fn WordsOpen() -> impl IntoView {
    let state = State::here();
    let open = move || {
        let status = state.status.read();
        status
            .as_ref()
            .is_some_and(|status| status.words_unconfirmed)
    };
    view! {
        <Show when=move || open() && state.may(Right::Devices)>
            <Banner tone=Tone::Bad>
                <p>{setup::WORDS_OPEN}</p>
                <A href="/words" attr:class="button">
                    {setup::WORDS_OPEN_STEP}
                </A>
            </Banner>
        </Show>
    }
}

/// Installing, as long as the browser offers it.
#[component]
fn InstallRow() -> impl IntoView {
    let installing = expect_context::<Installing>();
    view! {
        <Show when=move || installing.offered.get()>
            <li>
                <button
                    type="button"
                    class="list-row"
                    on:click=move |_| installing.ask()
                >
                    <Icon symbol=Symbol::Download />
                    <span class="list-main">
                        <span class="list-name">{text::INSTALL}</span>
                        <span class="soft small">{text::INSTALL_NOTE}</span>
                    </span>
                </button>
            </li>
        </Show>
    }
}

#[component]
fn Link(to: &'static str, symbol: Symbol, name: &'static str, note: &'static str) -> impl IntoView {
    view! {
        <li>
            <A href=to attr:class="list-row">
                <Icon symbol=symbol />
                <span class="list-main">
                    <span class="list-name">{name}</span>
                    <span class="soft small">{note}</span>
                </span>
            </A>
        </li>
    }
}

#[component]
fn Numbers() -> impl IntoView {
    let state = State::here();
    let counts = RwSignal::new(Counts::default());
    Effect::new(move |_| {
        state.status.track();
        spawn_local(async move {
            if let Reply::Counts(now) = state.device.ask(Request::Counts).await {
                counts.try_set(now);
            }
        });
    });
    let rows = move || {
        let counts = counts.get();
        [
            (text::ENTRIES, counts.entries),
            (text::SALES, counts.sales),
            (text::PRODUCTS, counts.products),
            (text::CONFLICTS, counts.conflicts),
            (text::WAITING, counts.waiting),
            (text::QUARANTINED, counts.quarantined),
        ]
    };
    view! {
        <section class="card stack" aria-label=text::NUMBERS>
            <h2>{text::NUMBERS}</h2>
            <div class="counts">
                {move || {
                    rows()
                        .into_iter()
                        .map(|(words, count)| {
                            view! {
                                <p>
                                    <strong>{count}</strong>
                                    <span class="soft">{words}</span>
                                </p>
                            }
                        })
                        .collect_view()
                }}
            </div>
        </section>
    }
}

#[component]
fn About() -> impl IntoView {
    let state = State::here();
    let rows = move || {
        let status = state.status.get();
        let shop = status.as_ref().and_then(|status| status.shop.as_ref());
        [
            (text::VERSION, env!("CARGO_PKG_VERSION").to_owned()),
            (
                text::SHOP,
                shop.map(|shop| format!("{} · {}", shop.name, shop.id))
                    .unwrap_or_default(),
            ),
            (
                text::DEVICE,
                status
                    .as_ref()
                    .map(|status| format!("{} · {}", status.device_name, status.device))
                    .unwrap_or_default(),
            ),
        ]
    };
    view! {
        <section class="card stack" aria-label=text::ABOUT>
            <h2>{text::ABOUT}</h2>
            <dl class="stack">
                {move || {
                    rows()
                        .into_iter()
                        .map(|(name, value)| {
                            view! {
                                <div>
                                    <dt class="soft small">{name}</dt>
                                    <dd class="code">{value}</dd>
                                </div>
                            }
                        })
                        .collect_view()
                }}
            </dl>
        </section>
    }
}
