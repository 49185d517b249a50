//! The service worker: registering it, and letting a new release in when it suits the shop.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use gloo::events::EventListener;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    RegistrationOptions, ServiceWorkerContainer, ServiceWorkerRegistration, ServiceWorkerState,
    ServiceWorkerUpdateViaCache,
};

use crate::error::BrowserError;

/// What the page says to a waiting worker to let it take over.
pub const SKIP_WAITING: &str = "SKIP_WAITING";

/// Whether a worker answers for this page: it loads without a server.
pub fn is_controlled() -> bool {
    let container = gloo::utils::window().navigator().service_worker();
    !container.is_undefined() && container.controller().is_some()
}

/// The app's service worker.
pub struct Updates {
    registration: ServiceWorkerRegistration,
    _listeners: Rc<RefCell<Vec<EventListener>>>,
}

impl Updates {
    /// Registers the worker at `url`. `on_waiting` is called each time a new release is ready,
    /// also when it has been since before. `on_replaced` is called each time another release
    /// has taken over from the one that this page was loaded with, whichever tab let it in.
    ///
    /// # Errors
    /// [`BrowserError::Exception`], offline at the first visit for one;
    /// [`BrowserError::Missing`] on a page that may have none.
    pub async fn register(
        url: &str,
        on_waiting: impl Fn() + 'static,
        on_replaced: impl Fn() + 'static,
    ) -> Result<Self, BrowserError> {
        let container = gloo::utils::window().navigator().service_worker();
        if container.is_undefined() {
            return Err(BrowserError::Missing("service worker"));
        }
        let mut listeners = vec![watch_controller(&container, on_replaced)];
        let options = RegistrationOptions::new();
        options.set_update_via_cache(ServiceWorkerUpdateViaCache::None);
        let registered = container.register_with_options(url, &options);
        let registration = JsFuture::from(registered).await?;
        let registration: ServiceWorkerRegistration = registration.unchecked_into();
        let on_waiting = Rc::new(on_waiting);
        if registration.waiting().is_some() {
            on_waiting();
        }
        // Of a release that is being installed already, no event will tell.
        listeners.extend(watch(&registration, Rc::clone(&on_waiting)));
        let listeners = Rc::new(RefCell::new(listeners));
        let (kept, found) = (Rc::clone(&listeners), registration.clone());
        let update_found = EventListener::new(&registration, "updatefound", move |_| {
            kept.borrow_mut()
                .extend(watch(&found, Rc::clone(&on_waiting)));
        });
        listeners.borrow_mut().push(update_found);
        Ok(Self {
            registration,
            _listeners: listeners,
        })
    }

    /// Asks the server for a new release.
    ///
    /// # Errors
    /// [`BrowserError::Exception`] when offline.
    pub async fn check(&self) -> Result<(), BrowserError> {
        JsFuture::from(self.registration.update()?).await?;
        Ok(())
    }

    /// Lets the waiting release in. Only when no sale is open: every tab hears of it.
    ///
    /// # Errors
    /// [`BrowserError::Missing`] when none is waiting.
    pub fn activate(&self) -> Result<(), BrowserError> {
        let waiting = self.registration.waiting();
        let waiting = waiting.ok_or(BrowserError::Missing("new release"))?;
        waiting.post_message(&JsValue::from(SKIP_WAITING))?;
        Ok(())
    }
}

/// Watches for a release that takes over. The very first one takes over from nobody.
fn watch_controller(
    container: &ServiceWorkerContainer,
    on_replaced: impl Fn() + 'static,
) -> EventListener {
    let had_one = Cell::new(container.controller().is_some());
    EventListener::new(container, "controllerchange", move |_| {
        if had_one.replace(true) {
            on_replaced();
        }
    })
}

/// Watches a release that is being installed. The very first one has nobody to wait for.
fn watch(
    registration: &ServiceWorkerRegistration,
    on_waiting: Rc<impl Fn() + 'static>,
) -> Option<EventListener> {
    let worker = registration.installing()?;
    let installing = worker.clone();
    Some(EventListener::new(&worker, "statechange", move |_| {
        let container = gloo::utils::window().navigator().service_worker();
        let is_update = container.controller().is_some();
        if installing.state() == ServiceWorkerState::Installed && is_update {
            on_waiting();
        }
    }))
}
