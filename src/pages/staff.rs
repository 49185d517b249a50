//! Staff: who works here, and who does not any more.

mod access;
mod form;

use device::api::{EmployeeView, Reply, Request};
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::components::icon::{Icon, Symbol};
use crate::components::page_title::PageTitle;
use crate::components::pin_pad::{PIN_DIGITS_MAX, PIN_DIGITS_MIN};
use crate::components::sheet::Sheet;
use crate::state::State;
use crate::text::staff as text;

use self::access::Access;
use self::form::PersonForm;

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
            {move || edited.get().map(|person| view! { <Access person open changed /> })}
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

/// Whether it is 4 to 8 digits.
pub fn is_pin(typed: &str) -> bool {
    (PIN_DIGITS_MIN..=PIN_DIGITS_MAX).contains(&typed.len())
        && typed.bytes().all(|byte| byte.is_ascii_digit())
}
