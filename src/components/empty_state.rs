//! What stands where a list will be: what will be here, and the first step.

use leptos::prelude::*;

use crate::components::icon::{Icon, Symbol};

/// An empty list, in words.
#[component]
pub fn EmptyState(
    /// What the list holds.
    symbol: Symbol,
    /// What is missing.
    title: &'static str,
    /// What will be here.
    text: &'static str,
    /// The first step.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    view! {
        <div class="empty">
            <Icon symbol=symbol size=48 />
            <h2>{title}</h2>
            <p>{text}</p>
            {children.map(|children| children())}
        </div>
    }
}
