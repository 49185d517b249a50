//! The pill: in words, where the sales of this till are. Always top right; a tap tells more.

use device::api::{Member, Reply, Request, Status};
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::components::A;

use crate::components::banner::{Banner, Tone};
use crate::components::icon::{Icon, Symbol};
use crate::components::sheet::Sheet;
use crate::dom;
use crate::pages::devices::{KeptCounts, LinkState};
use crate::state::{Progress, State};
use crate::text::{devices, status as text};

/// After this long with a sale that only this till has, the pill turns amber.
const PENDING_TOO_LONG_MS: u64 = 10 * 60 * 1000;

/// How often the pill looks at the clock.
const LOOK_AGAIN: core::time::Duration = core::time::Duration::from_secs(10);

/// What the pill says.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Words {
    tone: Tone,
    symbol: Symbol,
    text: String,
}

/// The pill and the sheet behind it.
#[component]
pub fn StatusPill() -> impl IntoView {
    let state = State::here();
    let open = RwSignal::new(false);
    let clock = RwSignal::new(dom::now_ms());
    if let Ok(ticking) = set_interval_with_handle(move || clock.set(dom::now_ms()), LOOK_AGAIN) {
        on_cleanup(move || ticking.clear());
    }
    let words = Memo::new(move |_| {
        let progress = state.progress.read();
        state
            .status
            .read()
            .as_ref()
            .map(|status| words(status, progress.as_ref(), clock.get()))
    });
    let symbol = Memo::new(move |_| words.read().as_ref().map(|words| words.symbol));
    let tone = move || words.read().as_ref().map(|words| words.tone.word());
    let text = move || words.read().as_ref().map(|words| words.text.clone());
    // One button that changes its words: who holds it with finger or focus keeps it.
    view! {
        <Show when=move || symbol.get().is_some()>
            <button
                type="button"
                class="pill"
                data-tone=tone
                aria-label=move || text().map(|text| text::pill_name(&text))
                on:click=move |_| open.set(true)
            >
                {move || symbol.get().map(|symbol| view! { <Icon symbol size=20 /> })}
                {text}
            </button>
        </Show>
        <Sheet open=open title=text::TITLE>
            <StatusSheet open />
        </Sheet>
    }
}

fn words(status: &Status, progress: Option<&Progress>, now_ms: u64) -> Words {
    if status.storage_trouble.is_some() {
        let text = text::STORAGE_TROUBLE.to_owned();
        return Words {
            tone: Tone::Bad,
            symbol: Symbol::Failure,
            text,
        };
    }
    let too_long = status
        .pending_since_ms
        .is_some_and(|since| now_ms.saturating_sub(since) > PENDING_TOO_LONG_MS);
    let tone = if too_long { Tone::Warn } else { Tone::Plain };
    let lanes = status.linked.len();
    if let Some(Progress { arriving, .. }) = progress {
        let left = arriving.left(now_ms);
        let text = text::receiving(arriving.done(), arriving.total(), left);
        return Words {
            tone: Tone::Plain,
            symbol: Symbol::Download,
            text,
        };
    }
    match (lanes, status.pending) {
        (0, pending) => {
            let symbol = if too_long {
                Symbol::Warning
            } else {
                Symbol::Alone
            };
            Words {
                tone,
                symbol,
                text: text::selling_alone(pending),
            }
        }
        (_, 0) => Words {
            tone: Tone::Good,
            symbol: Symbol::Linked,
            text: text::in_step(lanes),
        },
        (_, pending) => Words {
            tone,
            symbol: Symbol::Linked,
            text: text::sending(lanes, pending),
        },
    }
}

/// Each device, how far behind, and what to do next in one sentence and one button.
#[component]
fn StatusSheet(open: RwSignal<bool>) -> impl IntoView {
    let state = State::here();
    let members = RwSignal::new(Vec::<Member>::new());
    Effect::new(move |_| {
        state.links.track();
        spawn_local(async move {
            if let Reply::Members(list) = state.device.ask(Request::Members).await {
                members.try_set(
                    list.into_iter()
                        .filter(|member| !member.this_device)
                        .collect(),
                );
            }
        });
    });
    view! {
        {move || {
            let others = members.read().len();
            state.status.read().as_ref().map(|status| next_step(status, others, open))
        }}
        <KeptCounts />
        <ul class="list" aria-label=devices::MEMBERS>
            {move || {
                members
                    .get()
                    .into_iter()
                    .map(|member| {
                        view! {
                            <li class="list-row">
                                <span class="list-main">
                                    <strong>{member.name.clone()}</strong>
                                    <span class="row">
                                        <LinkState member=member />
                                    </span>
                                </span>
                            </li>
                        }
                    })
                    .collect_view()
            }}
        </ul>
    }
}

fn next_step(status: &Status, others: usize, open: RwSignal<bool>) -> AnyView {
    let state = State::here();
    let close = move |_| open.set(false);
    if let Some(trouble) = status.storage_trouble.clone() {
        return view! {
            <Banner tone=Tone::Bad>
                <p>{trouble}</p>
                <p>{text::STORAGE_STEP}</p>
            </Banner>
        }
        .into_any();
    }
    let alone = status.linked.is_empty();
    let (tone, words) = match status.pending {
        0 if others == 0 => (Tone::Plain, text::ALONE_FIRST.to_owned()),
        0 if alone => (Tone::Plain, text::ALONE_NOW.to_owned()),
        0 => (Tone::Good, text::ALL_SAFE.to_owned()),
        pending => (Tone::Warn, text::only_here(pending)),
    };
    let compare = move |_| {
        spawn_local(async move {
            state.device.ask(Request::SyncNow).await;
        });
    };
    view! {
        <Banner tone=tone>{words}</Banner>
        <div class="row">
            {if alone {
                view! {
                    <A href="/devices" attr:class="button button-main" on:click=close>
                        {text::OPEN_DEVICES}
                    </A>
                }
                    .into_any()
            } else {
                view! {
                    <button type="button" class="button button-main" on:click=compare>
                        {text::SYNC_NOW}
                    </button>
                }
                    .into_any()
            }}
        </div>
    }
    .into_any()
}
