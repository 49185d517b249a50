//! The heading of a page, which takes the focus when the page comes, and the voice that names it.

use leptos::html::H1;
use leptos::prelude::*;

use crate::state::State;
use crate::text;

/// The heading of a page. A change of page moves the focus here and is announced.
#[component]
pub fn PageTitle(
    /// The words, which also name the browser's tab.
    #[prop(into)]
    title: String,
    /// Whether only screen readers get it, on pages that explain themselves.
    #[prop(optional)]
    unseen: bool,
) -> impl IntoView {
    let heading = NodeRef::<H1>::new();
    let state = State::here();
    let spoken = title.clone();
    Effect::new(move |_| {
        let Some(heading) = heading.get() else { return };
        document().set_title(&text::common::tab_title(&spoken));
        state.announcement.set(spoken.clone());
        let _ = heading.focus();
    });
    view! {
        <h1 node_ref=heading tabindex="-1" class:unseen=unseen>
            {title}
        </h1>
    }
}

/// What is said to those who do not see the screen, politely, one thing at a time.
#[component]
pub fn LiveRegion() -> impl IntoView {
    let state = State::here();
    view! {
        <div class="unseen" aria-live="polite" role="status">
            {move || state.announcement.get()}
        </div>
    }
}
