//! The tax rates of a new shop: a name, a percentage, and which one is usual.

use domain::settings::{BasisPoints, TaxRate};
use leptos::prelude::*;

use crate::components::icon::{Icon, Symbol};
use crate::format;
use crate::text::setup as text;

/// Most rates of a shop that a form offers.
const RATES_MAX: usize = 6;

/// One rate, as it is typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RateFields {
    name: RwSignal<String>,
    percent: RwSignal<String>,
}

impl RateFields {
    /// A rate with this name and percentage.
    pub fn new(name: &str, percent: &str) -> Self {
        Self {
            name: RwSignal::new(name.into()),
            percent: RwSignal::new(percent.into()),
        }
    }
}

/// The rates, when each has a name and a percentage.
pub fn read(rates: &[RateFields], default: usize) -> Option<Vec<TaxRate>> {
    rates
        .iter()
        .enumerate()
        .map(|(place, rate)| {
            let name = rate.name.read_untracked().trim().to_owned();
            let percent = format::plain_number(&rate.percent.read_untracked());
            (!name.is_empty()).then_some(TaxRate {
                id: u8::try_from(place).ok()?,
                name,
                rate: BasisPoints::from_text(&percent)?,
                default: place == default,
            })
        })
        .collect()
}

/// The list of rates, with a button for one more.
#[component]
pub fn Rates(
    /// What is typed.
    rates: RwSignal<Vec<RateFields>>,
    /// The place of the usual one.
    default_rate: RwSignal<usize>,
) -> impl IntoView {
    let add = move |_| rates.update(|rates| rates.push(RateFields::new("", "")));
    view! {
        <ul class="stack">
            {move || {
                rates
                    .get()
                    .into_iter()
                    .enumerate()
                    .map(|(place, rate)| view! { <Rate place rate default_rate /> })
                    .collect_view()
            }}
        </ul>
        <Show when=move || { rates.read().len() < RATES_MAX }>
            <div>
                <button type="button" class="button" on:click=add>
                    <Icon symbol=Symbol::Plus size=20 />
                    {text::ADD_RATE}
                </button>
            </div>
        </Show>
    }
}

#[component]
fn Rate(place: usize, rate: RateFields, default_rate: RwSignal<usize>) -> impl IntoView {
    let numbered = |words: &str| format!("{words} {}", place + 1);
    view! {
        <li class="rate">
            <input
                class="input"
                autocomplete="off"
                placeholder=text::RATE_NAME
                aria-label=numbered(text::RATE_NAME)
                bind:value=rate.name
            />
            <input
                class="input"
                autocomplete="off"
                inputmode="decimal"
                placeholder=text::RATE_PERCENT
                aria-label=numbered(text::RATE_PERCENT)
                bind:value=rate.percent
            />
            <label class="choice">
                <input
                    type="radio"
                    name="default-rate"
                    aria-label=numbered(text::RATE_DEFAULT)
                    prop:checked=move || default_rate.get() == place
                    on:change=move |_| default_rate.set(place)
                />
                {text::RATE_USUAL}
            </label>
        </li>
    }
}
