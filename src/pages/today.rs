//! Today: the owner's numbers, how complete they are, and the day as it happens.

mod completeness;
mod hours;
mod latest;

use device::api::{Heard, Reply, Request, Right};
use domain::today::Today as Numbers;
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::components::empty_state::EmptyState;
use crate::components::icon::Symbol;
use crate::components::page_title::PageTitle;
use crate::format;
use crate::state::State;
use crate::text::today as text;

/// The owner's page, for whoever may see the numbers.
#[component]
pub fn Today() -> impl IntoView {
    let state = State::here();
    view! {
        <Show
            when=move || state.may(Right::Numbers)
            fallback=|| {
                view! {
                    <div class="column">
                        <PageTitle title=text::TITLE />
                        <div class="card">
                            <EmptyState
                                symbol=Symbol::Bars
                                title=text::NOT_YOURS_TITLE
                                text=text::NOT_YOURS
                            />
                        </div>
                    </div>
                }
            }
        >
            <Day />
        </Show>
    }
}

/// The day's numbers, what is missing in them, and the latest sales.
#[component]
fn Day() -> impl IntoView {
    let state = State::here();
    let date = Memo::new(move |_| state.status.read().as_ref()?.shop.as_ref()?.business_date);
    let numbers = RwSignal::new(None::<(Numbers, Vec<Heard>)>);
    let asked = StoredValue::new(false);
    Effect::new(move |_| {
        state.sales.track();
        state.links.track();
        date.track();
        // A sale is more than one piece of news. Sums change once for all of a frame, behind the
        // sale itself, which is in the list at once.
        if asked.try_update_value(|asked| core::mem::replace(asked, true)) == Some(false) {
            request_animation_frame(move || {
                asked.try_set_value(false);
                spawn_local(ask(state, numbers));
            });
        }
    });
    let looked = Signal::derive(move || numbers.track());
    // What stays as it was is not drawn again.
    let today = Memo::new(move |_| numbers.read().as_ref().map(|(today, _)| today.clone()));
    let heard = Memo::new(move |_| numbers.read().as_ref().map(|(_, heard)| heard.clone()));
    let sold = Memo::new(move |_| {
        today
            .read()
            .as_ref()
            .is_some_and(|today| today.receipts > 0)
    });
    view! {
        <div class="column">
            <div class="page-head">
                <PageTitle title=text::TITLE />
            </div>
            {move || today.get().map(|today| view! { <Figures today /> })}
            {move || heard.get().map(|heard| view! { <completeness::Completeness heard /> })}
            <Show
                when=move || sold.get()
                fallback=|| {
                    view! {
                        <div class="card">
                            <EmptyState
                                symbol=Symbol::Bars
                                title=text::EMPTY_TITLE
                                text=text::EMPTY
                            />
                        </div>
                    }
                }
            >
                {move || today.get().map(|today| view! { <hours::Hours today /> })}
                <div class="columns">
                    {move || today.get().map(|today| view! { <Top today /> })}
                    <latest::Latest looked />
                </div>
            </Show>
        </div>
    }
}

/// Reads the day's numbers, and who is in them.
async fn ask(state: State, numbers: RwSignal<Option<(Numbers, Vec<Heard>)>>) {
    if let Reply::Today { today, heard } = state.device.ask(Request::Today { day: None }).await {
        numbers.try_set(Some((today, heard)));
    }
}

/// Sales, receipts, average.
#[component]
fn Figures(today: Numbers) -> impl IntoView {
    let currency = format::shop_currency().get_untracked();
    let figures = [
        (text::SALES, format::amount(today.sales, currency)),
        (text::RECEIPTS, today.receipts.to_string()),
        (text::AVERAGE, format::amount(today.average, currency)),
        (text::LAST_WEEK, format::amount(today.last_week, currency)),
    ];
    view! {
        <dl class="figures">
            {figures
                .map(|(name, value)| {
                    view! {
                        <div class="figure">
                            <dt>{name}</dt>
                            <dd class="amount">{value}</dd>
                        </div>
                    }
                })
                .collect_view()}
        </dl>
    }
}

/// What sold best.
#[component]
fn Top(today: Numbers) -> impl IntoView {
    let currency = format::shop_currency().get_untracked();
    view! {
        <section class="card card-flush" aria-label=text::TOP>
            <div class="card-head">
                <h2>{text::TOP}</h2>
            </div>
            <div class="table-wrap">
                <table>
                    <thead>
                        <tr>
                            <th scope="col">{text::ITEM}</th>
                            <th scope="col" class="number">{text::QUANTITY}</th>
                            <th scope="col" class="number">{text::SALES}</th>
                        </tr>
                    </thead>
                    <tbody>
                        {today
                            .top_items
                            .into_iter()
                            .map(|item| {
                                view! {
                                    <tr>
                                        <td>{item.name}</td>
                                        <td class="number">{item.quantity.to_text()}</td>
                                        <td class="number">{format::amount(item.total, currency)}</td>
                                    </tr>
                                }
                            })
                            .collect_view()}
                    </tbody>
                </table>
            </div>
        </section>
    }
}
