//! What is not yet everywhere: for whom, what, since when, tried how often.

use device::api::{Reply, Request, WaitingFor};
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::components::icon::{Icon, Symbol};
use crate::dom;
use crate::state::State;
use crate::text::{common, devices as text};

/// The table of what waits for whom.
#[component]
pub fn Waiting() -> impl IntoView {
    let state = State::here();
    let waiting = RwSignal::new(Vec::<WaitingFor>::new());
    Effect::new(move |_| {
        state.links.track();
        state.status.track();
        spawn_local(async move {
            if let Reply::Waiting(list) = state.device.ask(Request::Waiting).await {
                waiting.try_set(list);
            }
        });
    });
    view! {
        <section class="card card-flush" aria-label=text::WAITING>
            <div class="card-head">
                <h2>{text::WAITING}</h2>
            </div>
            <Show
                when=move || !waiting.read().is_empty()
                fallback=|| {
                    view! {
                        <p class="list-row soft">
                            <Icon symbol=Symbol::Check />
                            {text::NOTHING_WAITS}
                        </p>
                    }
                }
            >
                <div class="table-wrap">
                    <table>
                        <thead>
                            <tr>
                                <th scope="col">{text::NAME}</th>
                                <th scope="col">{text::TOPIC}</th>
                                <th scope="col" class="number">{text::ENTRIES}</th>
                                <th scope="col">{text::SINCE}</th>
                                <th scope="col" class="number">{text::TRIES}</th>
                            </tr>
                        </thead>
                        <tbody>{move || waiting.get().into_iter().map(row).collect_view()}</tbody>
                    </table>
                </div>
            </Show>
        </section>
    }
}

fn row(waiting: WaitingFor) -> impl IntoView {
    let since = waiting
        .created_at_ms
        .map(|at| common::ago(dom::now_ms(), at));
    view! {
        <tr>
            <td>{waiting.name}</td>
            <td>{text::topic(waiting.topic)}</td>
            <td class="number">{waiting.entries}</td>
            <td>{since}</td>
            <td class="number">{waiting.retries}</td>
        </tr>
    }
}
