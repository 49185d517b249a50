//! The day by hour, as bars for the eye and as a table for readers.

use domain::money::Money;
use domain::today::Today;
use leptos::prelude::*;

use crate::format;
use crate::text::today as text;

/// The hours that are always shown, so that a bar keeps its place while the day goes on.
const USUAL_FIRST: usize = 8;
const USUAL_LAST: usize = 19;

/// The usual hours, and earlier and later ones that sold.
#[component]
pub fn Hours(
    /// The day.
    today: Today,
) -> impl IntoView {
    let currency = format::shop_currency().get_untracked();
    let sold = |(_, sales): &(usize, &Money)| sales.0 != 0;
    let hours = || today.by_hour.iter().enumerate();
    let first = hours()
        .find(sold)
        .map_or(USUAL_FIRST, |(hour, _)| hour.min(USUAL_FIRST));
    let last = hours()
        .rfind(sold)
        .map_or(USUAL_LAST, |(hour, _)| hour.max(USUAL_LAST));
    let most = today
        .by_hour
        .iter()
        .map(|sales| sales.0)
        .max()
        .unwrap_or(0)
        .max(1);
    let shown: Vec<(usize, Money)> = hours()
        .filter(|(hour, _)| (first..=last).contains(hour))
        .map(|(hour, sales)| (hour, *sales))
        .collect();
    let rows = shown
        .iter()
        .map(|(hour, sales)| {
            view! {
                <tr>
                    <td>{format!("{hour:02}:00")}</td>
                    <td class="number">{format::amount(*sales, currency)}</td>
                </tr>
            }
        })
        .collect_view();
    let bars = shown
        .iter()
        .map(|(hour, sales)| {
            let height = sales.0.max(0).saturating_mul(100) / most;
            view! {
                <div class="hour">
                    <span
                        class="hour-bar"
                        data-none=(sales.0 == 0).then_some("")
                        style:block-size=format!("{height}%")
                    ></span>
                    <span class="hour-name">{*hour}</span>
                </div>
            }
        })
        .collect_view();
    view! {
        <section class="card card-flush" aria-label=text::BY_HOUR>
            <div class="card-head">
                <h2>{text::BY_HOUR}</h2>
            </div>
            <div class="hours" aria-hidden="true">
                {bars}
            </div>
            <details>
                <summary class="list-row">{text::AS_TABLE}</summary>
                <table>
                    <thead>
                        <tr>
                            <th scope="col">{text::HOUR}</th>
                            <th scope="col" class="number">{text::SALES}</th>
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </table>
            </details>
        </section>
    }
}
