//! The sales as they happen: new ones come in at the top, what is being read stays in place.

use device::api::{Copies, Reply, Request};
use domain::sale::SaleView;
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::format;
use crate::pages::sales::{CopiesTag, copies_key};
use crate::state::State;
use crate::text::{sales, today as text};

/// How many are shown; the rest is in Sales.
const LATEST_MAX: u32 = 12;

/// The latest sales of every till.
#[component]
pub fn Latest() -> impl IntoView {
    let state = State::here();
    let latest = RwSignal::new(Vec::<(SaleView, Copies)>::new());
    let day = Memo::new(move |_| state.status.read().as_ref()?.shop.as_ref()?.business_date);
    Effect::new(move |_| {
        state.sales.track();
        state.status.track();
        let Some(day) = day.get() else { return };
        spawn_local(async move {
            let request = Request::Sales {
                from: day,
                to: day,
                offset: 0,
                limit: LATEST_MAX,
            };
            if let Reply::Sales { page, .. } = state.device.ask(request).await {
                latest.try_set(page);
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
                    key=|(sale, copies)| (sale.id, copies_key(*copies))
                    children=|(sale, copies)| view! { <Row sale copies /> }
                />
            </ul>
        </section>
    }
}

#[component]
fn Row(sale: SaleView, copies: Copies) -> impl IntoView {
    let currency = format::shop_currency();
    let (id, total) = (sale.id, sale.total);
    view! {
        <li class="list-row">
            <span class="list-main">
                <span class="list-name">{sale.number}</span>
                <span class="soft small">{sales::made_by(&sale.time.time, &sale.cashier)}</span>
            </span>
            <CopiesTag of=id copies />
            <span class="amount">{move || format::amount(total, currency.get())}</span>
        </li>
    }
}
