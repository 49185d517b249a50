//! Devices: who is a member, how each is linked, what is only here, what waits for whom.

mod add;
mod copied;
mod keys;
mod link_again;
mod members;
mod not_counted;
mod put_out;
mod told;
mod waiting;

use leptos::prelude::*;
use leptos_router::components::A;

use crate::components::banner::{Banner, Tone};
use crate::components::icon::{Icon, Symbol};
use crate::components::page_title::PageTitle;
use crate::state::State;
use crate::text::{devices as text, status};

pub use add::AddDevice;
pub use link_again::LinkAgain;
pub use members::LinkState;

/// The page of the shop's devices.
#[component]
pub fn Devices() -> impl IntoView {
    let state = State::here();
    let quarantined = move || state.status.get().map_or(0, |status| status.quarantined);
    let newer = move || state.status.get().map_or(0, |status| status.newer);
    let waiting = move || {
        let waiting = state.status.get().map_or(0, |status| status.waiting);
        waiting.saturating_sub(newer())
    };
    view! {
        <div class="column">
            <div class="page-head">
                <PageTitle title=text::TITLE />
                <div class="row">
                    <A href="/devices/link" attr:class="button">
                        <Icon symbol=Symbol::Linked />
                        {text::LINK_AGAIN}
                    </A>
                    <A href="/devices/add" attr:class="button button-main">
                        <Icon symbol=Symbol::Plus />
                        {text::ADD}
                    </A>
                </div>
            </div>
            <Show when=move || { quarantined() > 0 }>
                <Banner tone=Tone::Warn>{move || text::quarantined(quarantined())}</Banner>
            </Show>
            <Show when=move || { newer() > 0 }>
                <Banner tone=Tone::Warn>{move || text::newer(newer())}</Banner>
            </Show>
            <Show when=move || { waiting() > 0 }>
                <Banner tone=Tone::Warn>{move || text::set_aside(waiting())}</Banner>
            </Show>
            <copied::CopiedDevices />
            <told::LinkTroubles />
            <section class="card stack" aria-label=text::KEPT>
                <h2>{text::KEPT}</h2>
                <KeptCounts />
            </section>
            <members::Members />
            <keys::KeysInUse />
            <waiting::Waiting />
            <not_counted::NotCountedEntries />
        </div>
    }
}

/// How many sales of this till are kept where.
#[component]
pub fn KeptCounts() -> impl IntoView {
    let state = State::here();
    let counts = move || {
        let status = state.status.get()?;
        Some(status::kept_line(
            status.pending,
            status.peer_ack,
            status.cloud_ack,
        ))
    };
    view! {
        <div class="counts">
            {move || {
                counts()
                    .into_iter()
                    .flatten()
                    .map(|(count, words)| {
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
    }
}
