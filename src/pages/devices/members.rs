//! The list of members and their links.

use device::api::{Member, Reply, Request, Right};
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::put_out::{Leaving, PutOutDevices, PutOutSheet};
use crate::components::empty_state::EmptyState;
use crate::components::icon::{Icon, Symbol};
use crate::dom;
use crate::state::State;
use crate::text::{common, devices as text, pairing};

/// Every member of the shop: name, role, link, how far behind.
#[component]
pub fn Members() -> impl IntoView {
    let state = State::here();
    let members = RwSignal::new(None::<Vec<Member>>);
    Effect::new(move |_| {
        state.links.track();
        state.status.track();
        spawn_local(async move {
            if let Reply::Members(list) = state.device.ask(Request::Members).await {
                members.try_set(Some(list));
            }
        });
    });
    let leaving = RwSignal::new(None::<Leaving>);
    let asking = RwSignal::new(false);
    let on_put_out = move |who: Leaving| {
        leaving.set(Some(who));
        asking.set(true);
    };
    let on_put_out = Callback::new(on_put_out);
    let may_put_out = Memo::new(move |_| state.may(Right::Devices));
    view! {
        <section class="card card-flush" aria-label=text::MEMBERS>
            <div class="card-head">
                <h2>{text::MEMBERS}</h2>
            </div>
            {move || {
                let list = members.get().unwrap_or_default();
                let alone = list.len() < 2;
                view! {
                    <ul class="list">
                        {list
                            .into_iter()
                            .map(|member| view! { <MemberRow member on_put_out may_put_out /> })
                            .collect_view()}
                    </ul>
                    <Show when=move || alone>
                        <EmptyState
                            symbol=Symbol::Devices
                            title=text::ALONE_TITLE
                            text=text::ALONE
                        />
                    </Show>
                }
            }}
        </section>
        <PutOutDevices may=may_put_out />
        <PutOutSheet open=asking leaving />
    }
}

#[component]
fn MemberRow(
    member: Member,
    on_put_out: Callback<Leaving>,
    may_put_out: Memo<bool>,
) -> impl IntoView {
    let state = State::here();
    let device = member.device;
    let connect = move |_| {
        spawn_local(async move {
            state.device.ask(Request::Connect(device)).await;
        });
    };
    let till = member.terminal.as_deref().map(common::till);
    let what = [Some(pairing::role_name(member.role).to_owned()), till];
    let what = what.into_iter().flatten().collect::<Vec<_>>().join(" · ");
    let is_over = member.succeeded && !member.linked;
    let can_connect = !member.this_device && !member.linked && !is_over;
    let below = member.below;
    let put_out = {
        let name = member.name.clone();
        move |_| {
            let name = name.clone();
            on_put_out.run(Leaving { device, name });
        }
    };
    let put_out_label = text::put_out(&member.name);
    view! {
        <li class="member">
            <div>
                <p>
                    <strong>{member.name.clone()}</strong>
                    <span class="soft">" · " {what}</span>
                </p>
                <p class="row small">
                    {if is_over {
                        view! { <span class="soft">{text::SUCCEEDED}</span> }.into_any()
                    } else {
                        view! { <LinkState member=member.clone() /> }.into_any()
                    }}
                </p>
            </div>
            <div class="row">
            {can_connect
                .then(|| {
                    view! {
                        <button
                            type="button"
                            class="button"
                            aria-label=text::connect(&member.name)
                            on:click=connect
                        >
                            {text::CONNECT}
                        </button>
                    }
                })}
            <Show when=move || { below && may_put_out.get() }>
                <button
                    type="button"
                    class="button button-plain"
                    aria-label=put_out_label.clone()
                    on:click=put_out.clone()
                >
                    {text::PUT_OUT}
                </button>
            </Show>
            </div>
        </li>
    }
}

/// In words and an icon: linked or not, heard of when, how far behind.
#[component]
pub fn LinkState(
    /// The member.
    member: Member,
) -> impl IntoView {
    if member.this_device {
        return view! {
            <span class="tag">
                <Icon symbol=Symbol::Alone size=18 />
                {text::THIS_DEVICE}
            </span>
        }
        .into_any();
    }
    let (tone, symbol, words) = if member.linked {
        ("good", Symbol::Linked, text::LINKED.to_owned())
    } else {
        let heard = member.last_heard_ms.map_or_else(
            || text::NEVER_HEARD.to_owned(),
            |at| text::heard(&common::ago(dom::now_ms(), at)),
        );
        (
            "plain",
            Symbol::Alone,
            format!("{} · {heard}", text::NOT_LINKED),
        )
    };
    let details = [
        member.round_trip_ms.map(text::round_trip),
        (member.lacks > 0).then(|| text::behind(member.lacks)),
        (member.we_lack > 0).then(|| text::ahead(member.we_lack)),
        (member.linked && member.lacks == 0 && member.we_lack == 0)
            .then(|| text::UP_TO_DATE.to_owned()),
    ];
    view! {
        <span class="tag" data-tone=tone>
            <Icon symbol=symbol size=18 />
            {words}
        </span>
        {details
            .into_iter()
            .flatten()
            .map(|words| view! { <span class="tag">{words}</span> })
            .collect_view()}
    }
    .into_any()
}
