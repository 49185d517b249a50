//! How far something is.

use leptos::prelude::*;

/// A line of steps; the current one is marked for eyes and readers.
#[component]
pub fn Steps(
    /// What the steps are called, in order.
    names: &'static [&'static str],
    /// The step that is being done, from 0; `names.len()` when all are.
    #[prop(into)]
    current: Signal<usize>,
) -> impl IntoView {
    view! {
        <ol class="steps">
            {names
                .iter()
                .enumerate()
                .map(|(place, name)| {
                    view! {
                        <li
                            data-done=move || (place < current.get()).then_some("")
                            aria-current=move || (place == current.get()).then_some("step")
                        >
                            {*name}
                        </li>
                    }
                })
                .collect_view()}
        </ol>
    }
}

/// A bar with words; without a total it only says that something goes on.
#[component]
pub fn ProgressBar(
    /// What is going on.
    #[prop(into)]
    words: String,
    /// How many are done, of how many.
    #[prop(optional)]
    of: Option<(u64, u64)>,
) -> impl IntoView {
    let (value, max) = of.map_or((None, None), |(done, total)| {
        (Some(done), Some(total.max(1)))
    });
    view! {
        <div class="progress" role="status">
            <span>{words.clone()}</span>
            <progress value=value max=max aria-label=words></progress>
        </div>
    }
}
