//! Sales: every sale of a business day, newest first, and where each is kept.

mod reprint;

use device::api::{Copies, Reply, Request};
use domain::sale::{SaleId, SaleView};
use domain::settings::BusinessDate;
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::components::A;

use crate::components::empty_state::EmptyState;
use crate::components::icon::{Icon, Symbol};
use crate::components::page_title::PageTitle;
use crate::components::receipt::ReceiptView;
use crate::components::sheet::Sheet;
use crate::dom;
use crate::format;
use crate::state::State;
use crate::text::{common, sales as text};

/// How many rows come at a time.
const PAGE_ROWS: u32 = 50;

/// A page of a day's sales, and how many there are in all.
type Found = Option<(u32, Vec<(SaleView, Copies)>)>;

/// The list of a day's sales.
#[component]
pub fn Sales() -> impl IntoView {
    let state = State::here();
    let today = Memo::new(move |_| state.status.read().as_ref()?.shop.as_ref()?.business_date);
    let back = RwSignal::new(0_i32);
    let day = Memo::new(move |_| today.get().map(|today| today.plus_days(-back.get())));
    let limit = RwSignal::new(PAGE_ROWS);
    let found = RwSignal::new(Found::None);
    let opened = RwSignal::new(None::<SaleView>);
    let open = RwSignal::new(false);
    Effect::new(move |_| {
        state.sales.track();
        state.status.track();
        let (Some(day), limit) = (day.get(), limit.get()) else {
            return;
        };
        spawn_local(async move {
            let request = Request::Sales {
                from: day,
                to: day,
                offset: 0,
                limit,
            };
            if let Reply::Sales { total, page } = state.device.ask(request).await {
                found.try_set(Some((total, page)));
            }
        });
    });
    let show = move |sale: SaleView| {
        opened.set(Some(sale));
        open.set(true);
    };
    view! {
        <div class="column">
            <div class="page-head">
                <PageTitle title=text::TITLE />
                <DayPicker back day=day />
            </div>
            <SaleList found on_open=show />
            <Show when=move || {
                found.read().as_ref().is_some_and(|(total, page)| (page.len() as u32) < *total)
            }>
                <button
                    type="button"
                    class="button button-wide"
                    on:click=move |_| limit.update(|limit| *limit += PAGE_ROWS)
                >
                    {common::MORE_ROWS}
                </button>
            </Show>
        </div>
        <Sheet open=open title=text::RECEIPT>
            {move || opened.get().map(|sale| view! { <Opened sale /> })}
        </Sheet>
    }
}

/// The day, with the day before and after at hand.
#[component]
fn DayPicker(back: RwSignal<i32>, day: Memo<Option<BusinessDate>>) -> impl IntoView {
    view! {
        <div class="row" role="group" aria-label=text::DAY>
            <button
                type="button"
                class="button button-icon"
                aria-label=text::EARLIER
                on:click=move |_| back.update(|back| *back += 1)
            >
                <Icon symbol=Symbol::Back />
            </button>
            <strong role="status">{move || day.get().map(|day| day.to_string())}</strong>
            <button
                type="button"
                class="button button-icon turned"
                aria-label=text::LATER
                disabled=move || back.get() == 0
                on:click=move |_| back.update(|back| *back -= 1)
            >
                <Icon symbol=Symbol::Back />
            </button>
        </div>
    }
}

#[component]
fn SaleList(found: RwSignal<Found>, #[prop(into)] on_open: Callback<SaleView>) -> impl IntoView {
    let nothing = move || {
        found
            .read()
            .as_ref()
            .is_some_and(|(_, page)| page.is_empty())
    };
    view! {
        <div class="card card-flush">
            <Show when=nothing>
                <EmptyState symbol=Symbol::Receipt title=text::EMPTY_TITLE text=text::EMPTY>
                    <A href="/sell" attr:class="button button-main">
                        {text::START}
                    </A>
                </EmptyState>
            </Show>
            <ul class="list feed" aria-label=text::TITLE>
                <For
                    each=move || found.get().map(|(_, page)| page).unwrap_or_default()
                    key=|(sale, copies)| (sale.id, copies_key(*copies))
                    children=move |(sale, copies)| view! { <SaleRow sale copies on_open /> }
                />
            </ul>
        </div>
    }
}

/// A row is drawn anew when the sale reaches another device.
pub fn copies_key(copies: Copies) -> u32 {
    match copies {
        Copies::Pending => 0,
        Copies::Peers(devices) => devices,
        Copies::Cloud => u32::MAX,
    }
}

#[component]
fn SaleRow(sale: SaleView, copies: Copies, on_open: Callback<SaleView>) -> impl IntoView {
    let currency = format::shop_currency();
    let (id, total) = (sale.id, sale.total);
    let number = sale.number.clone();
    let who = text::made_by(&sale.time.time, &sale.cashier);
    view! {
        <li>
            <button type="button" class="list-row" on:click=move |_| on_open.run(sale.clone())>
                <span class="list-main">
                    <span class="list-name">{number}</span>
                    <span class="soft small">{who}</span>
                </span>
                <CopiesTag of=id copies />
                <span class="amount">{move || format::amount(total, currency.get())}</span>
            </button>
        </li>
    }
}

/// Where a sale is kept, in an icon and words.
#[component]
pub fn CopiesTag(
    /// Which sale.
    of: SaleId,
    /// Where.
    copies: Copies,
) -> impl IntoView {
    let status = State::here().status;
    let only = move || {
        let status = status.read_untracked();
        let own = status
            .as_ref()
            .is_some_and(|status| status.device == of.0.log.device);
        if own {
            text::ONLY_HERE
        } else {
            text::ONLY_THERE
        }
    };
    let (tone, symbol, words) = match copies {
        Copies::Pending => ("plain", Symbol::Alone, only().to_owned()),
        Copies::Peers(devices) => ("good", Symbol::Linked, text::on_devices(devices)),
        Copies::Cloud => ("good", Symbol::Cloud, text::IN_CLOUD.to_owned()),
    };
    view! {
        <span class="tag" data-tone=tone>
            <Icon symbol=symbol size=18 />
            {words}
        </span>
    }
}

/// The receipt of a sale, to be looked at and printed again.
#[component]
fn Opened(sale: SaleView) -> impl IntoView {
    let receipt = State::here()
        .status
        .get_untracked()
        .and_then(|status| status.shop)
        .and_then(|shop| reprint::receipt_of(sale, &shop));
    view! {
        {receipt.map(|receipt| view! { <ReceiptView receipt copy=true /> })}
        <button type="button" class="button button-tall" on:click=move |_| dom::print_page()>
            <Icon symbol=Symbol::Printer />
            {text::REPRINT}
        </button>
    }
}
