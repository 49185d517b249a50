//! Ending somebody's access, and giving it back. Ending asks once.

use device::api::{EmployeeView, Refusal, Reply, Request};
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::components::banner::{Banner, RefusalBanner, Tone};
use crate::state::{State, refusal_of};
use crate::text::staff as text;

/// One button: who works here leaves, who left comes back.
#[component]
pub fn Access(
    /// Whom it is about.
    person: EmployeeView,
    /// Closed once it is done.
    open: RwSignal<bool>,
    /// Goes up then.
    changed: RwSignal<u32>,
) -> impl IntoView {
    let state = State::here();
    let asking = RwSignal::new(false);
    let busy = RwSignal::new(false);
    let refusal = RwSignal::new(None::<Refusal>);
    let employee = person.id;
    let set_active = move |active: bool| {
        if busy.get_untracked() {
            return;
        }
        busy.set(true);
        refusal.set(None);
        spawn_local(async move {
            let request = Request::SetActive { employee, active };
            match state.device.ask(request).await {
                Reply::Employee(_) => {
                    changed.update(|version| *version += 1);
                    open.set(false);
                }
                other => {
                    asking.try_set(false);
                    refusal.try_set(Some(refusal_of(other)));
                }
            }
            busy.try_set(false);
        });
    };
    let active = person.active;
    let name = StoredValue::new(person.name);
    view! {
        <RefusalBanner refusal=refusal />
        {move || match (active, asking.get()) {
            (true, true) => {
                let end = move |()| set_active(false);
                view! { <Confirm name=name.get_value() asking busy on_end=end /> }.into_any()
            }
            (true, false) => {
                view! {
                    <button
                        type="button"
                        class="button button-plain"
                        on:click=move |_| asking.set(true)
                    >
                        {text::LEFT}
                    </button>
                }
                    .into_any()
            }
            (false, _) => {
                view! {
                    <button
                        type="button"
                        class="button"
                        disabled=move || busy.get()
                        on:click=move |_| set_active(true)
                    >
                        {text::BACK_AGAIN}
                    </button>
                }
                    .into_any()
            }
        }}
    }
}

/// Says what it means, and asks once.
#[component]
fn Confirm(
    name: String,
    asking: RwSignal<bool>,
    busy: RwSignal<bool>,
    #[prop(into)] on_end: Callback<()>,
) -> impl IntoView {
    view! {
        <Banner tone=Tone::Warn>
            <p>{text::leaving(&name)}</p>
            <div class="row">
                <button
                    type="button"
                    class="button"
                    disabled=move || busy.get()
                    on:click=move |_| on_end.run(())
                >
                    {text::END_ACCESS}
                </button>
                <button
                    type="button"
                    class="button button-plain"
                    on:click=move |_| asking.set(false)
                >
                    {text::KEEP_ACCESS}
                </button>
            </div>
        </Banner>
    }
}
