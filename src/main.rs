//! THE TILL: screens that show state and send commands.
//!
//! No sync logic and no glue to JavaScript live here: `device` decides, `browser` does, and
//! [`start`] is where the three meet.

mod app;
mod arriving;
mod components;
mod connection;
mod console_api;
mod dom;
mod format;
mod installing;
mod pace;
mod pages;
mod permission;
mod places;
mod shell;
mod start;
mod state;
mod text;
mod updating;
mod waking;

use leptos::prelude::*;

use app::{App, Start};
use connection::Device;
use start::Engine;
use state::State;

fn main() {
    // After a panic the module can't be run any more; what it stored is whole.
    std::panic::set_hook(Box::new(|_| {
        use text::trouble::{CRASH, CRASH_TITLE, RELOAD};
        dom::show_only(CRASH_TITLE, CRASH, RELOAD);
    }));
    dom::remove("starting");
    mount_to_body(|| {
        let engine = StoredValue::new_local(Engine::default());
        let device =
            Device::new(move |command| engine.with_value(|engine| engine.command(command)));
        let state = State::following(device);
        let start = RwSignal::new(Start::Fit);
        engine.with_value(|engine| engine.open(device, start));
        waking::watch(device);
        // Scripts are a convenience: a page without them sells all the same.
        let _ = console_api::install(state);
        let on_retry = move |()| match start.get_untracked() {
            Start::OtherTab => engine.with_value(|engine| engine.take_over(state, start)),
            _ => engine.with_value(|engine| engine.open(device, start)),
        };
        view! { <App state start on_retry=Callback::new(on_retry) /> }
    });
}
