//! A sheet over the page: the browser's own dialog, which keeps the focus and closes with Escape.

use leptos::html::Dialog;
use leptos::prelude::*;

use crate::components::icon::{Icon, Symbol};
use crate::dom;
use crate::text::common as text;

/// A sheet. What is in it exists only while it is open.
#[component]
pub fn Sheet(
    /// Whether it is open.
    open: RwSignal<bool>,
    /// Its heading and accessible name.
    #[prop(into)]
    title: Signal<String>,
    /// Whether it holds two columns.
    #[prop(optional)]
    wide: bool,
    /// Whether it stays open whatever is pressed.
    #[prop(optional, into)]
    locked: Signal<bool>,
    /// What is in it.
    children: ChildrenFn,
) -> impl IntoView {
    let dialog = NodeRef::<Dialog>::new();
    Effect::new(move |_| {
        let Some(dialog) = dialog.get() else { return };
        match (open.get(), dialog.open()) {
            (true, false) => {
                let _ = dialog.show_modal();
                // What is in the sheet is drawn with it, not before it: then the browser has
                // nothing to give the focus to yet.
                request_animation_frame(move || dom::focus_first_choice(&dialog));
            }
            (false, true) => dialog.close(),
            _ => {}
        }
    });
    let children = StoredValue::new(children);
    view! {
        <dialog
            node_ref=dialog
            class="sheet"
            class:sheet-wide=wide
            aria-label=move || title.get()
            on:cancel=move |event: web_sys::Event| {
                if locked.get_untracked() {
                    event.prevent_default();
                }
            }
            on:close=move |_| {
                // The browser closes on a second Escape whatever the page says to it.
                match dialog.get_untracked() {
                    Some(dialog) if locked.get_untracked() && open.get_untracked() => {
                        let _ = dialog.show_modal();
                    }
                    _ => open.set(false),
                }
            }
        >
            <Show when=move || open.get()>
                <div class="sheet-head">
                    <h2>{move || title.get()}</h2>
                    <button
                        type="button"
                        class="button button-icon"
                        aria-label=text::CLOSE
                        disabled=move || locked.get()
                        on:click=move |_| open.set(false)
                    >
                        <Icon symbol=Symbol::Close />
                    </button>
                </div>
                <div class="sheet-body">{children.with_value(|children| children())}</div>
            </Show>
        </dialog>
    }
}
