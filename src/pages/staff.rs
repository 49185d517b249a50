//! Staff: who works here, and adding somebody with a PIN.

use device::api::{EmployeeRole, EmployeeView, Refusal, Reply, Request};
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::components::banner::RefusalBanner;
use crate::components::field::{SelectField, TextField};
use crate::components::icon::{Icon, Symbol};
use crate::components::page_title::PageTitle;
use crate::components::pin_pad::{PIN_DIGITS_MAX, PIN_DIGITS_MIN};
use crate::components::sheet::Sheet;
use crate::state::{State, refusal_of};
use crate::text::{common, staff as text};

/// The list of employees.
#[component]
pub fn Staff() -> impl IntoView {
    let state = State::here();
    let people = RwSignal::new(Vec::<EmployeeView>::new());
    let changed = RwSignal::new(0_u32);
    let open = RwSignal::new(false);
    let edited = RwSignal::new(None::<EmployeeView>);
    Effect::new(move |_| {
        state.catalogue.track();
        changed.track();
        spawn_local(async move {
            if let Reply::Employees(list) = state.device.ask(Request::Employees).await {
                people.try_set(list);
            }
        });
    });
    let edit = move |person: Option<EmployeeView>| {
        edited.set(person);
        open.set(true);
    };
    let title = move || {
        if edited.read().is_some() {
            text::EDIT
        } else {
            text::ADD
        }
    };
    view! {
        <div class="column column-narrow">
            <div class="page-head">
                <PageTitle title=text::TITLE />
                <button type="button" class="button button-main" on:click=move |_| edit(None)>
                    <Icon symbol=Symbol::Plus />
                    {text::ADD}
                </button>
            </div>
            <ul class="card card-flush list" aria-label=text::TITLE>
                {move || {
                    people
                        .get()
                        .into_iter()
                        .map(|person| view! { <PersonRow person on_edit=edit /> })
                        .collect_view()
                }}
            </ul>
        </div>
        <Sheet open=open title=Signal::derive(move || title().to_owned())>
            <PersonForm person=edited.get() open changed />
        </Sheet>
    }
}

#[component]
fn PersonRow(
    person: EmployeeView,
    #[prop(into)] on_edit: Callback<Option<EmployeeView>>,
) -> impl IntoView {
    let name = person.name.clone();
    let role = text::role_name(person.role);
    let inactive = !person.active;
    view! {
        <li>
            <button
                type="button"
                class="list-row"
                aria-description=text::EDIT
                on:click=move |_| on_edit.run(Some(person.clone()))
            >
                <span class="face" aria-hidden="true">
                    {name.chars().next()}
                </span>
                <span class="list-main">
                    <span class="list-name">{name.clone()}</span>
                    <span class="soft small">{role}</span>
                </span>
                {inactive.then(|| view! { <span class="tag" data-tone="warn">{text::INACTIVE}</span> })}
            </button>
        </li>
    }
}

#[component]
fn PersonForm(
    person: Option<EmployeeView>,
    open: RwSignal<bool>,
    changed: RwSignal<u32>,
) -> impl IntoView {
    let state = State::here();
    let id = person.as_ref().map(|person| person.id);
    let role = person
        .as_ref()
        .map_or(EmployeeRole::Cashier, |person| person.role);
    let name = RwSignal::new(person.map(|person| person.name).unwrap_or_default());
    let role = RwSignal::new(role.word().to_owned());
    let pin = RwSignal::new(String::new());
    let name_error = RwSignal::new(None::<String>);
    let pin_error = RwSignal::new(None::<String>);
    let refusal = RwSignal::new(None::<Refusal>);
    let roles = EmployeeRole::ALL
        .map(|role| (role.word().to_owned(), text::role_name(role).to_owned()))
        .to_vec();
    let saving = RwSignal::new(false);
    let save = move || {
        // Hashing a PIN takes long enough for a second tap.
        if saving.get_untracked() {
            return;
        }
        let typed_name = name.get_untracked().trim().to_owned();
        let typed_pin = pin.get_untracked();
        let pin_kept = typed_pin.is_empty() && id.is_some();
        name_error.set(typed_name.is_empty().then(|| text::NEED_NAME.into()));
        pin_error.set((!pin_kept && !is_pin(&typed_pin)).then(|| text::NEED_PIN.into()));
        let Some(role) = EmployeeRole::from_word(&role.get_untracked()) else {
            return;
        };
        if name_error.read_untracked().is_some() || pin_error.read_untracked().is_some() {
            return;
        }
        let pin = (!typed_pin.is_empty()).then_some(typed_pin);
        saving.set(true);
        refusal.set(None);
        spawn_local(async move {
            let request = Request::SetEmployee {
                id,
                name: typed_name,
                role,
                pin,
            };
            match state.device.ask(request).await {
                Reply::Employee(_) => {
                    changed.update(|version| *version += 1);
                    open.set(false);
                }
                other => {
                    refusal.try_set(Some(refusal_of(other)));
                }
            }
            saving.try_set(false);
        });
    };
    view! {
        <RefusalBanner refusal=refusal />
        <form
            class="stack stack-wide"
            on:submit=move |event| {
                event.prevent_default();
                save();
            }
        >
            <TextField label=text::NAME value=name error=name_error />
            <SelectField label=text::ROLE value=role options=roles />
            <TextField
                label=text::PIN
                value=pin
                kind="password"
                input_mode="numeric"
                note=if id.is_some() { text::NEW_PIN_NOTE } else { "" }
                error=pin_error
            />
            <button
                type="submit"
                class="button button-main button-tall"
                disabled=move || saving.get()
            >
                {common::SAVE}
            </button>
        </form>
    }
}

/// Whether it is 4 to 8 digits.
pub fn is_pin(typed: &str) -> bool {
    (PIN_DIGITS_MIN..=PIN_DIGITS_MAX).contains(&typed.len())
        && typed.bytes().all(|byte| byte.is_ascii_digit())
}
