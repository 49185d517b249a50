//! Labelled fields: a name above, a note or what is wrong below.

use leptos::prelude::*;

use crate::components::icon::{Icon, Symbol};

/// A line of text with its label.
#[component]
pub fn TextField(
    /// The label, which is also the accessible name.
    #[prop(into)]
    label: String,
    /// What is typed.
    value: RwSignal<String>,
    /// A note below.
    #[prop(into, optional)]
    note: String,
    /// What is wrong with it; shown in place of the note.
    #[prop(into, optional)]
    error: Signal<Option<String>>,
    /// `text`, `password`, `search`.
    #[prop(default = "text")]
    kind: &'static str,
    /// Which keyboard a touch screen shows: `text`, `numeric`, `decimal`.
    #[prop(default = "text")]
    input_mode: &'static str,
) -> impl IntoView {
    let id = field_id(&label);
    let below = format!("{id}-note");
    view! {
        <div class="field">
            <label for=id.clone()>{label}</label>
            <input
                class="input"
                id=id
                type=kind
                inputmode=input_mode
                autocomplete="off"
                aria-describedby=below.clone()
                aria-invalid=move || error.get().is_some().then_some("true")
                bind:value=value
            />
            <div id=below>
                {move || match error.get() {
                    Some(error) => {
                        view! {
                            <p class="field-error">
                                <Icon symbol=Symbol::Warning size=18 />
                                {error}
                            </p>
                        }
                            .into_any()
                    }
                    None => view! { <p class="field-note">{note.clone()}</p> }.into_any(),
                }}
            </div>
        </div>
    }
}

/// One of a few or of many, with its label. An empty value stands for "not chosen yet".
#[component]
pub fn SelectField(
    /// The label, which is also the accessible name.
    #[prop(into)]
    label: String,
    /// The value that is chosen.
    value: RwSignal<String>,
    /// What can be chosen: value and words.
    options: Vec<(String, String)>,
    /// A note below.
    #[prop(into, optional)]
    note: String,
) -> impl IntoView {
    let id = field_id(&label);
    view! {
        <div class="field">
            <label for=id.clone()>{label}</label>
            <select
                class="input"
                id=id
                prop:value=move || value.get()
                on:change=move |event| value.set(event_target_value(&event))
            >
                {options
                    .into_iter()
                    .map(|(option, words)| {
                        let chosen = option == value.get_untracked();
                        view! { <option value=option selected=chosen>{words}</option> }
                    })
                    .collect_view()}
            </select>
            <p class="field-note">{note}</p>
        </div>
    }
}

/// One choice of a group of radio buttons, as large as a finger.
#[component]
pub fn RadioChoice(
    /// The group's name.
    group: &'static str,
    /// What it stands for.
    value: &'static str,
    /// Its words.
    words: &'static str,
    /// What is chosen in the group.
    chosen: RwSignal<String>,
) -> impl IntoView {
    view! {
        <label class="choice">
            <input
                type="radio"
                name=group
                value=value
                prop:checked=move || chosen.get() == value
                on:change=move |_| chosen.set(value.into())
            />
            {words}
        </label>
    }
}

/// An id that a label can point at.
fn field_id(label: &str) -> String {
    let word = |c: char| {
        if c.is_alphanumeric() {
            c.to_ascii_lowercase()
        } else {
            '-'
        }
    };
    format!("field-{}", label.chars().map(word).collect::<String>())
}
