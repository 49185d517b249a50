//! A new release of the app: offered between sales, never put under one.

use std::rc::Rc;

use browser::environment::update::Updates;
use leptos::prelude::*;
use leptos::task::spawn_local;

/// Where the service worker lies: at the root, so that it answers for every address.
const WORKER: &str = "/sw.js";

/// The app's service worker and the release that waits behind it. Copies are the same.
#[derive(Clone, Copy)]
pub struct Updating {
    updates: StoredValue<Option<Rc<Updates>>, LocalStorage>,
    /// Whether a new release is ready.
    pub ready: RwSignal<bool>,
}

impl Updating {
    /// Registers the service worker. Without one the app works as long as it is served.
    pub fn begin() -> Self {
        let updates = StoredValue::new_local(None);
        let ready = RwSignal::new(false);
        spawn_local(async move {
            if let Ok(registered) = Updates::register(WORKER, move || ready.set(true)).await {
                updates.set_value(Some(Rc::new(registered)));
            }
        });
        Self { updates, ready }
    }

    /// Lets the new release in; the page loads itself anew.
    pub fn apply(self) {
        self.ready.set(false);
        if let Some(updates) = self.updates.get_value() {
            // Refused only when another tab was faster, which reloads this one as well.
            let _ = updates.activate();
        }
    }
}
