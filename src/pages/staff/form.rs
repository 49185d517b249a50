//! The form of one employee: new, or as they are now.

use base::EmployeeId;
use device::api::{EmployeeRole, EmployeeView, Refusal, Reply, Request};
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::components::banner::RefusalBanner;
use crate::components::field::{SelectField, TextField};
use crate::state::{State, refusal_of};
use crate::text::{common, staff as text};
use crate::updating::Updating;

use super::is_pin;

/// What is typed, and what is wrong with it.
#[derive(Clone, Copy)]
struct Fields {
    name: RwSignal<String>,
    role: RwSignal<String>,
    pin: RwSignal<String>,
    wrong_name: RwSignal<Option<String>>,
    wrong_pin: RwSignal<Option<String>>,
}

impl Fields {
    fn of(person: Option<&EmployeeView>) -> Self {
        let role = person.map_or(EmployeeRole::Cashier, |person| person.role);
        let name = person.map(|person| person.name.clone());
        Self {
            name: RwSignal::new(name.unwrap_or_default()),
            role: RwSignal::new(role.word().to_owned()),
            pin: RwSignal::new(String::new()),
            wrong_name: RwSignal::new(None),
            wrong_pin: RwSignal::new(None),
        }
    }

    /// What to ask for, when all of it can be used; else says beside each field what is wrong.
    fn read(self, id: Option<EmployeeId>) -> Option<Request> {
        let name = self.name.get_untracked().trim().to_owned();
        let pin = self.pin.get_untracked();
        let pin_is_kept = pin.is_empty() && id.is_some();
        let pin_is_wrong = !pin_is_kept && !is_pin(&pin);
        self.wrong_name
            .set(name.is_empty().then(|| text::NEED_NAME.into()));
        self.wrong_pin
            .set(pin_is_wrong.then(|| text::NEED_PIN.into()));
        if name.is_empty() || pin_is_wrong {
            return None;
        }
        Some(Request::SetEmployee {
            id,
            name,
            role: EmployeeRole::from_word(&self.role.get_untracked())?,
            pin: (!pin_is_kept).then_some(pin),
        })
    }
}

/// Adds somebody, or changes them.
#[component]
pub fn PersonForm(
    /// Whom to change; none adds one.
    person: Option<EmployeeView>,
    /// Closed once it is done.
    open: RwSignal<bool>,
    /// Goes up then.
    changed: RwSignal<u32>,
) -> impl IntoView {
    Updating::hold_here();
    let state = State::here();
    let fields = Fields::of(person.as_ref());
    let id = person.map(|person| person.id);
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
        let Some(request) = fields.read(id) else {
            return;
        };
        saving.set(true);
        refusal.set(None);
        spawn_local(async move {
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
            <TextField label=text::NAME value=fields.name error=fields.wrong_name />
            <SelectField label=text::ROLE value=fields.role options=roles />
            <TextField
                label=text::PIN
                value=fields.pin
                kind="password"
                input_mode="numeric"
                note=if id.is_some() { text::NEW_PIN_NOTE } else { "" }
                error=fields.wrong_pin
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
