//! What is kept and not counted, with the reasons, and as a file.

use browser::environment::download;
use device::api::{NotCounted, Reply, Request};
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::components::banner::{Banner, Tone};
use crate::state::State;
use crate::text::devices as text;

/// The table of what is kept and not counted. Nothing while everything counts.
#[component]
pub fn NotCountedEntries() -> impl IntoView {
    let state = State::here();
    let runs = RwSignal::new(Vec::<NotCounted>::new());
    Effect::new(move |_| {
        state.links.track();
        state.status.track();
        spawn_local(async move {
            if let Reply::NotCounted(list) = state.device.ask(Request::NotCounted).await
                && runs.try_with_untracked(|shown| *shown != list) == Some(true)
            {
                runs.try_set(list);
            }
        });
    });
    let unsaved = RwSignal::new(false);
    let save = move |_| {
        let saved = runs.with_untracked(|runs| download::text_file(text::FILE_NAME, &file(runs)));
        unsaved.set(saved.is_err());
    };
    view! {
        <Show when=move || runs.with(|runs| !runs.is_empty())>
            <section class="card card-flush" aria-label=text::NOT_COUNTED>
                <div class="card-head row">
                    <h2>{text::NOT_COUNTED}</h2>
                    <button type="button" class="button" on:click=save>
                        {text::SAVE_AS_FILE}
                    </button>
                </div>
                <Show when=move || unsaved.get()>
                    <Banner tone=Tone::Warn>{text::NOT_SAVED}</Banner>
                </Show>
                <div class="table-wrap">
                    <table>
                        <thead>
                            <tr>
                                <th scope="col">{text::NAME}</th>
                                <th scope="col">{text::TOPIC}</th>
                                <th scope="col" class="number">{text::ENTRIES}</th>
                                <th scope="col">{text::WHY}</th>
                            </tr>
                        </thead>
                        <tbody>{move || runs.get().iter().map(row).collect_view()}</tbody>
                    </table>
                </div>
            </section>
        </Show>
    }
}

fn row(run: &NotCounted) -> impl IntoView + use<> {
    view! {
        <tr>
            <td>{run.name.clone()}</td>
            <td>{text::topic(run.topic)}</td>
            <td class="number">{run.last - run.first + 1}</td>
            <td>{run.why}</td>
        </tr>
    }
}

/// The table as a file that other programs read: comma-separated, quoted.
fn file(runs: &[NotCounted]) -> String {
    let mut file = text::FILE_HEAD.to_owned();
    for run in runs {
        let name = run.name.replace('"', "\"\"");
        let (device, topic) = (run.device.hex(), run.topic);
        let (first, last, why) = (run.first, run.last, run.why);
        file += &format!("{device},\"{name}\",{topic},{first},{last},\"{why}\"\r\n");
    }
    file
}
