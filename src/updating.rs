//! A new release of the app: looked for and offered between sales, never put under one.

use std::rc::Rc;
use std::time::Duration;

use browser::environment::update::Updates;
use leptos::prelude::*;
use leptos::task::spawn_local;

/// Where the service worker lies: at the root, so that it answers for every address.
const WORKER: &str = "/sw.js";

/// How often a till that nobody reloads looks for a new release.
const CHECK_EVERY: Duration = Duration::from_secs(3 * 60 * 60);

/// The app's service worker and the release that waits behind it. Copies are the same.
#[derive(Clone, Copy)]
pub struct Updating {
    updates: StoredValue<Option<Rc<Updates>>, LocalStorage>,
    /// Whether no sale is open or about to be: the page may load itself anew.
    idle: Signal<bool>,
    /// Whether a new release is ready.
    pub ready: RwSignal<bool>,
    /// Whether another tab has let one in: this page is of the one before.
    replaced: RwSignal<bool>,
}

impl Updating {
    /// Registers the service worker. Without one the app works as long as it is served.
    pub fn begin(idle: Signal<bool>) -> Self {
        let updating = Self {
            updates: StoredValue::new_local(None),
            idle,
            ready: RwSignal::new(false),
            replaced: RwSignal::new(false),
        };
        spawn_local(async move {
            let on_waiting = move || updating.ready.set(true);
            let on_replaced = move || updating.replaced.set(true);
            if let Ok(registered) = Updates::register(WORKER, on_waiting, on_replaced).await {
                updating.updates.set_value(Some(Rc::new(registered)));
                updating.keep_looking();
            }
        });
        updating
    }

    /// Loads the page anew when it is of a release that was replaced, no sale is open and `safe`
    /// says that nobody is typing anything.
    pub fn reload_where(self, safe: impl Fn() -> bool + 'static) {
        Effect::new(move |_| {
            if safe() && self.replaced.get() && self.idle.get() {
                // Refused only in a sandboxed frame, where the app does not run.
                let _ = window().location().reload();
            }
        });
    }

    /// Whether a new release can be offered.
    pub fn is_offered(self) -> bool {
        self.ready.get() && self.idle.get()
    }

    /// Looks for a new release every few hours, and when somebody looks at the page again.
    fn keep_looking(self) {
        set_interval(move || self.look(), CHECK_EVERY);
        let seen = move |_| {
            if !document().hidden() {
                self.look();
            }
        };
        // The app lives as long as its page: there is nobody to take the listener back.
        let _ = window_event_listener_untyped("visibilitychange", seen);
    }

    fn look(self) {
        let updates = self.updates.get_value();
        let Some(updates) = updates.filter(|_| self.idle.get_untracked()) else {
            return;
        };
        spawn_local(async move {
            // Refused without a network: the next look may have one.
            let _ = updates.check().await;
        });
    }

    /// Lets the new release in; the page loads itself anew.
    pub fn apply(self) {
        self.ready.set(false);
        if let Some(updates) = self.updates.get_value() {
            // Refused only when another tab was faster, and then this one hears of it as well.
            let _ = updates.activate();
        }
    }
}
