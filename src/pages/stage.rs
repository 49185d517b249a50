//! The frame of screens that stand alone: one thing in the middle, no places to go.

use leptos::prelude::*;

use crate::components::icon::{Icon, Symbol};
use crate::text::common as text;

/// One thing in the middle of the screen, under the app's name.
#[component]
pub fn Stage(
    /// Whether it holds things side by side.
    #[prop(optional)]
    wide: bool,
    /// What stands there.
    children: Children,
) -> impl IntoView {
    view! {
        <main class="stage">
            <div class="stage-card" class:stage-wide=wide>
                <p class="brand">
                    <Icon symbol=Symbol::Linked />
                    {text::APP}
                </p>
                {children()}
            </div>
        </main>
    }
}
