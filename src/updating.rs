//! A new release of the app: looked for and offered between sales, never put under one.

use std::rc::Rc;
use std::time::Duration;

use browser::environment::update::{self, Updates};
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::dom;

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
    /// How many parts of the page hold what somebody types or was shown once.
    unsaved: RwSignal<u32>,
    /// Whether a new release is ready.
    pub ready: RwSignal<bool>,
}

impl Updating {
    /// Registers the service worker. Without one the app works as long as it is served.
    ///
    /// `resting` says that this tab has nothing to lose, because it does not write: it must not
    /// take over again as the release that it was.
    pub fn begin(idle: Signal<bool>, resting: Signal<bool>) -> Self {
        let updating = Self {
            updates: StoredValue::new_local(None),
            idle,
            unsaved: RwSignal::new(0),
            ready: RwSignal::new(false),
        };
        let replaced = RwSignal::new(false);
        Effect::new(move |_| {
            // Another tab may have let it in while a sale was open here, or a form.
            let may = updating.may_load_anew();
            if replaced.get() && (may || resting.get()) {
                load_anew();
            }
        });
        spawn_local(async move {
            let on_waiting = move || updating.ready.set(true);
            let on_replaced = move || replaced.set(true);
            if let Ok(registered) = Updates::register(WORKER, on_waiting, on_replaced).await {
                updating.updates.set_value(Some(Rc::new(registered)));
                updating.keep_looking();
            }
        });
        updating
    }

    /// Loads the page anew, once nothing is open in it, when its start would do what this one cannot:
    /// go on as another device, or behind what another tab has written.
    pub fn follow(self, begins_anew: Signal<bool>) {
        Effect::new(move |_| {
            let may = self.may_load_anew();
            // Without a worker, and with the server gone, there would be nothing to load.
            if may && begins_anew.get() && update::is_controlled() {
                load_anew();
            }
        });
    }

    fn may_load_anew(self) -> bool {
        self.idle.get() && self.unsaved.get() == 0 && !is_typing()
    }

    /// Keeps the page from loading itself anew for as long as whoever calls is on it.
    pub fn hold_here() {
        let unsaved = expect_context::<Self>().unsaved;
        unsaved.update(|parts| *parts += 1);
        on_cleanup(move || {
            unsaved.try_update(|parts| *parts -= 1);
        });
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

fn load_anew() {
    // Refused only in a sandboxed frame, where the app does not run.
    let _ = window().location().reload();
}

/// Whether the field that has the focus holds something.
fn is_typing() -> bool {
    dom::focused_field().is_some_and(|field| !field.value().is_empty())
}
