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
/// A sale that comes in is asked for by itself and put on top at once; the list is read as a whole
/// behind it, with the numbers.
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
                let came = ask(state, came.min(LATEST_MAX)).await;
                latest.try_update(|latest| {
                    latest.retain(|sold| !came.iter().any(|new| new.id == sold.id));
                    latest.splice(..0, came);
                });
            });
        }
        heard_of
    });
    Effect::new(move |_| {
        looked.track();
        spawn_local(async move {
            let whole = ask(state, LATEST_MAX).await;
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

/// The day's latest sales, newest first.
async fn ask(state: State, limit: u32) -> Vec<Sold> {
    let day = state
        .status
        .with_untracked(|status| status.as_ref()?.shop.as_ref()?.business_date);
    let Some(day) = day else {
        return Vec::new();
    };
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
            page.into_iter().map(shown).collect()
        }
        _ => Vec::new(),
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
