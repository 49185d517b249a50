//! Who is selling: the staff as large buttons, then a pad for the PIN.

use base::EmployeeId;
use device::api::{EmployeeView, Refusal, Reply, Request};
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::components::banner::RefusalBanner;
use crate::components::empty_state::EmptyState;
use crate::components::icon::{Icon, Symbol};
use crate::components::page_title::PageTitle;
use crate::components::pin_pad::PinPad;
use crate::pages::stage::Stage;
use crate::state::{State, refusal_of};
use crate::text::staff as text;

/// Signs an employee in. Whoever was asked for a page gets it right after.
#[component]
pub fn SignIn() -> impl IntoView {
    let state = State::here();
    let people = RwSignal::new(None::<Vec<EmployeeView>>);
    let chosen = RwSignal::new(None::<EmployeeId>);
    Effect::new(move |_| {
        state.catalogue.track();
        spawn_local(async move {
            if let Reply::Employees(list) = state.device.ask(Request::Employees).await {
                let able = list
                    .into_iter()
                    .filter(|person| person.active)
                    .collect::<Vec<_>>();
                // A shop of one need not choose.
                if let [only] = able.as_slice() {
                    chosen.try_set(Some(only.id));
                }
                people.try_set(Some(able));
            }
        });
    });
    let alone = Memo::new(move |_| people.read().as_ref().is_none_or(|people| people.len() < 2));
    // What others change meanwhile must not take from somebody what is typed already.
    let asked = Memo::new(move |_| {
        let people = people.get();
        let is_chosen = |person: &&EmployeeView| chosen.get() == Some(person.id);
        match people.iter().flatten().find(is_chosen) {
            Some(person) => Asked::Pin(person.id, person.name.clone()),
            None => Asked::Who(people),
        }
    });
    view! {
        <Stage>
            {move || match asked.get() {
                Asked::Pin(employee, name) => {
                    view! { <EnterPin employee name chosen alone /> }.into_any()
                }
                Asked::Who(Some(people)) if people.is_empty() => {
                    view! {
                        <PageTitle title=text::WHO />
                        <EmptyState
                            symbol=Symbol::Person
                            title=text::NOBODY_TITLE
                            text=text::NOBODY
                        />
                    }
                        .into_any()
                }
                Asked::Who(people) => {
                    view! { <People people=people.unwrap_or_default() chosen /> }.into_any()
                }
            }}
        </Stage>
    }
}

/// What the page asks for.
#[derive(Clone, PartialEq)]
enum Asked {
    /// Who it is, of those who can sign in.
    Who(Option<Vec<EmployeeView>>),
    /// The PIN of one of them, by name.
    Pin(EmployeeId, String),
}

#[component]
fn People(people: Vec<EmployeeView>, chosen: RwSignal<Option<EmployeeId>>) -> impl IntoView {
    view! {
        <PageTitle title=text::WHO />
        <div class="people">
            {people
                .into_iter()
                .map(|person| {
                    let name = person.name.clone();
                    view! {
                        <button type="button" on:click=move |_| chosen.set(Some(person.id))>
                            <span class="face" aria-hidden="true">
                                {name.chars().next()}
                            </span>
                            {name.clone()}
                        </button>
                    }
                })
                .collect_view()}
        </div>
    }
}

#[component]
fn EnterPin(
    employee: EmployeeId,
    name: String,
    chosen: RwSignal<Option<EmployeeId>>,
    alone: Memo<bool>,
) -> impl IntoView {
    let state = State::here();
    let busy = RwSignal::new(false);
    let refusal = RwSignal::new(None::<Refusal>);
    let sign_in = move |pin: String| {
        busy.set(true);
        refusal.set(None);
        spawn_local(async move {
            match state.device.ask(Request::SignIn { employee, pin }).await {
                Reply::SignedIn(_) => state.refresh_status(),
                other => {
                    refusal.try_set(Some(refusal_of(other)));
                }
            }
            busy.try_set(false);
        });
    };
    view! {
        <PageTitle title=text::pin_of(&name) />
        <RefusalBanner refusal=refusal />
        <PinPad on_done=sign_in busy=busy />
        <Show when=move || !alone.get()>
            <button type="button" class="button button-plain" on:click=move |_| chosen.set(None)>
                <Icon symbol=Symbol::Back />
                {text::SOMEBODY_ELSE}
            </button>
        </Show>
    }
}
