//! Importing a catalogue: choose or paste, see what would happen, then one button.

use device::api::{Refusal, Reply, Request};
use domain::import::{ImportReport, ImportSummary, LineNote};
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::components::A;

use crate::components::banner::{Banner, RefusalBanner, Tone};
use crate::components::icon::{Icon, Symbol};
use crate::components::page_title::PageTitle;
use crate::components::progress::ProgressBar;
use crate::dom;
use crate::state::{State, refusal_of};
use crate::text::products as text;
use crate::updating::Updating;

/// How many lines with something wrong are shown one by one.
const NOTES_SHOWN_MAX: usize = 100;

/// Where the import stands.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Stage {
    Choosing,
    Reading,
    Preview(ImportSummary, ImportReport),
    Done(ImportSummary),
}

/// Brings a list of products in.
#[component]
pub fn Import() -> impl IntoView {
    Updating::hold_here();
    let state = State::here();
    let csv = RwSignal::new(String::new());
    let stage = RwSignal::new(Stage::Choosing);
    let refusal = RwSignal::new(None::<Refusal>);
    let run = move |dry_run: bool| {
        refusal.set(None);
        stage.set(Stage::Reading);
        let csv = csv.get_untracked();
        spawn_local(async move {
            match state.device.ask(Request::Import { csv, dry_run }).await {
                Reply::Imported { summary, report } if dry_run => {
                    stage.try_set(Stage::Preview(summary, report));
                }
                Reply::Imported { summary, .. } => {
                    stage.try_set(Stage::Done(summary));
                }
                other => {
                    refusal.try_set(Some(refusal_of(other)));
                    stage.try_set(Stage::Choosing);
                }
            }
        });
    };
    let again = move |_: ()| {
        csv.set(String::new());
        stage.set(Stage::Choosing);
    };
    view! {
        <div class="column column-narrow">
            <div class="stack">
                <PageTitle title=text::IMPORT_TITLE />
                <p class="soft">{text::IMPORT_LEAD}</p>
            </div>
            <RefusalBanner refusal=refusal />
            {move || match stage.get() {
                Stage::Choosing => view! { <Choose csv on_chosen=move |()| run(true) /> }.into_any(),
                Stage::Reading => view! { <ProgressBar words=text::READING /> }.into_any(),
                Stage::Preview(summary, report) => {
                    view! { <Preview summary report on_import=move |()| run(false) on_again=again /> }
                        .into_any()
                }
                Stage::Done(summary) => view! { <Done summary on_again=again /> }.into_any(),
            }}
        </div>
    }
}

#[component]
fn Choose(csv: RwSignal<String>, #[prop(into)] on_chosen: Callback<()>) -> impl IntoView {
    let read_file = move |event| {
        spawn_local(async move {
            if let Some(read) = dom::chosen_file(&event).await {
                csv.set(read);
                on_chosen.run(());
            }
        });
    };
    view! {
        <form
            class="stack stack-wide"
            on:submit=move |event| {
                event.prevent_default();
                on_chosen.run(());
            }
        >
            <div class="field">
                <label for="import-file">{text::FILE}</label>
                <input
                    class="input"
                    id="import-file"
                    type="file"
                    accept=".csv,.txt,text/csv,text/plain"
                    on:change=read_file
                />
            </div>
            <div class="field">
                <label for="import-text">{text::OR_PASTE}</label>
                <textarea
                    class="input code"
                    id="import-text"
                    rows="8"
                    spellcheck="false"
                    placeholder="sku,name,price,barcode"
                    bind:value=csv
                ></textarea>
            </div>
            <button
                type="submit"
                class="button button-main button-tall"
                disabled=move || csv.read().trim().is_empty()
            >
                {text::PREVIEW}
            </button>
        </form>
    }
}

#[component]
fn Counts(summary: ImportSummary, errors: usize) -> impl IntoView {
    let counts = [
        (u64::from(summary.added), text::NEW),
        (u64::from(summary.updated), text::CHANGED),
        (u64::from(summary.unchanged), text::SAME),
        (errors as u64, text::WITH_ERRORS),
    ];
    view! {
        <div class="counts">
            {counts
                .map(|(count, words)| {
                    view! {
                        <p>
                            <strong>{count}</strong>
                            <span class="soft">{words}</span>
                        </p>
                    }
                })
                .collect_view()}
        </div>
    }
}

#[component]
fn Preview(
    summary: ImportSummary,
    report: ImportReport,
    #[prop(into)] on_import: Callback<()>,
    #[prop(into)] on_again: Callback<()>,
) -> impl IntoView {
    let rows = u64::from(summary.added) + u64::from(summary.updated);
    let errors = report.errors.len();
    view! {
        <section class="card stack" aria-label=text::WOULD>
            <h2>{text::WOULD}</h2>
            <Counts summary errors />
        </section>
        <Notes title=text::ERRORS notes=report.errors tone=Tone::Bad />
        <Notes title=text::WARNINGS notes=report.warnings tone=Tone::Warn />
        {(rows == 0).then(|| view! { <Banner tone=Tone::Plain>{text::NOTHING_TO_DO}</Banner> })}
        <div class="row">
            <button
                type="button"
                class="button button-main button-tall"
                disabled=rows == 0
                on:click=move |_| on_import.run(())
            >
                <Icon symbol=Symbol::Download />
                {text::import_rows(rows)}
            </button>
            <button
                type="button"
                class="button button-plain button-tall"
                on:click=move |_| on_again.run(())
            >
                {text::ANOTHER}
            </button>
        </div>
    }
}

#[component]
fn Notes(title: &'static str, notes: Vec<LineNote>, tone: Tone) -> impl IntoView {
    let more = notes.len().saturating_sub(NOTES_SHOWN_MAX);
    (!notes.is_empty()).then(|| {
        view! {
            <section class="card card-flush" aria-label=title>
                <div class="card-head">
                    <h2>{title}</h2>
                    <span class="tag" data-tone=tone.word()>
                        <Icon symbol=tone.symbol() size=18 />
                        {notes.len()}
                    </span>
                </div>
                <div class="table-wrap">
                    <table>
                        <thead>
                            <tr>
                                <th scope="col" class="number">{text::LINE}</th>
                                <th scope="col">{text::REASON}</th>
                            </tr>
                        </thead>
                        <tbody>
                            {notes
                                .into_iter()
                                .take(NOTES_SHOWN_MAX)
                                .map(|note| {
                                    view! {
                                        <tr>
                                            <td class="number">{note.line}</td>
                                            <td>{note.reason}</td>
                                        </tr>
                                    }
                                })
                                .collect_view()}
                        </tbody>
                    </table>
                </div>
                {(more > 0).then(|| view! { <p class="list-row soft">{text::more_lines(more)}</p> })}
            </section>
        }
    })
}

#[component]
fn Done(summary: ImportSummary, #[prop(into)] on_again: Callback<()>) -> impl IntoView {
    view! {
        <Banner tone=Tone::Good>
            <h2>{text::DID}</h2>
            <Counts summary errors=0 />
        </Banner>
        <div class="row">
            <A href="/products" attr:class="button button-main button-tall">
                {text::TO_PRODUCTS}
            </A>
            <button
                type="button"
                class="button button-plain button-tall"
                on:click=move |_| on_again.run(())
            >
                {text::ANOTHER}
            </button>
        </div>
    }
}
