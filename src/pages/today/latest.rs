//! The sales as they happen: new ones come in at the top, what is being read stays in place.

use device::api::{Copies, Reply, Request};
use domain::money::Currency;
use domain::sale::{SaleId, SaleView};
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::format;
use crate::pages::sales::{CopiesTag, copies_key};
use crate::state::State;
use crate::text::{sales, today as text};

/// How many are shown; the rest is in Sales.
const LATEST_MAX: u32 = 12;

/// How many are shown until the list is read as a whole, which a page that nobody sees does not do.
const SHOWN_MAX: usize = 2 * LATEST_MAX as usize;

/// What a row shows of a sale.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Sold {
    id: SaleId,
    copies: Copies,
    number: String,
    made_by: String,
    total: String,
}

/// The latest sales of every till.
///
/// As many of the newest as came are asked for and put on top at once. The list is read as a whole
/// behind them, with the numbers: that also finds a sale from a till whose clock is behind.
#[component]
pub fn Latest(
    /// Changes when the day is looked at anew.
    #[prop(into)]
    looked: Signal<()>,
) -> impl IntoView {
    let state = State::here();
    let latest = RwSignal::new(Vec::<Sold>::new());
    Effect::new(move |before: Option<u32>| {
        let heard_of = state.sales.get();
        let came = heard_of.wrapping_sub(before.unwrap_or(heard_of));
        if came > 0 {
            spawn_local(async move {
                let Some(came) = ask(state, came.min(LATEST_MAX)).await else {
                    return;
                };
                latest.try_update(|latest| {
                    latest.retain(|sold| !came.iter().any(|new| new.id == sold.id));
                    latest.splice(..0, came);
                    latest.truncate(SHOWN_MAX);
                });
            });
        }
        heard_of
    });
    Effect::new(move |_| {
        looked.track();
        let heard_of = state.sales.get_untracked();
        spawn_local(async move {
            let Some(whole) = ask(state, LATEST_MAX).await else {
                return;
            };
            if state.sales.try_get_untracked() != Some(heard_of) {
                // What came meanwhile is shown already, and is followed by another look.
                return;
            }
            if latest.try_with_untracked(|latest| *latest != whole) == Some(true) {
                latest.try_set(whole);
            }
        });
    });
    view! {
        <section class="card card-flush" aria-label=text::LATEST>
            <div class="card-head">
                <h2>{text::LATEST}</h2>
            </div>
            <ul class="list feed">
                <For
                    each=move || latest.get()
                    key=|sold| (sold.id, copies_key(sold.copies))
                    children=|sold| view! { <Row sold /> }
                />
            </ul>
        </section>
    }
}

/// The day's latest sales, newest first; `None` where the device can't say.
async fn ask(state: State, limit: u32) -> Option<Vec<Sold>> {
    let day = state
        .status
        .with_untracked(|status| status.as_ref()?.shop.as_ref()?.business_date);
    let day = day?;
    let request = Request::Sales {
        from: day,
        to: day,
        offset: 0,
        limit,
    };
    match state.device.ask(request).await {
        Reply::Sales { page, .. } => {
            let currency = state.currency.get_untracked();
            let shown = |(sale, copies)| shown(sale, copies, currency);
            Some(page.into_iter().map(shown).collect())
        }
        _ => None,
    }
}

fn shown(sale: SaleView, copies: Copies, currency: Option<Currency>) -> Sold {
    Sold {
        id: sale.id,
        copies,
        made_by: sales::made_by(&sale.time.time, &sale.cashier),
        total: format::amount(sale.total, currency),
        number: sale.number,
    }
}

#[component]
fn Row(sold: Sold) -> impl IntoView {
    view! {
        <li class="list-row">
            <span class="list-main">
                <span class="list-name">{sold.number}</span>
                <span class="soft small">{sold.made_by}</span>
            </span>
            <CopiesTag of=sold.id copies=sold.copies />
            <span class="amount">{sold.total}</span>
        </li>
    }
}
