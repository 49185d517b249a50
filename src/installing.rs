//! Putting the app on the home screen, when the browser offers it.

use std::rc::Rc;

use browser::environment::install::InstallOffer;
use leptos::prelude::*;
use leptos::task::spawn_local;

/// The browser's offer to install, kept until somebody wants it. Copies are the same offer.
#[derive(Clone, Copy)]
pub struct Installing {
    offer: StoredValue<Rc<InstallOffer>, LocalStorage>,
    /// Whether there is an offer.
    pub offered: RwSignal<bool>,
}

impl Installing {
    /// Begins to listen; the offer comes early.
    pub fn listen() -> Self {
        let offered = RwSignal::new(false);
        let offer = InstallOffer::listen(move |there| offered.set(there));
        Self {
            offer: StoredValue::new_local(Rc::new(offer)),
            offered,
        }
    }

    /// Shows the browser's question. Only from a tap.
    pub fn ask(self) {
        let offer = self.offer.get_value();
        spawn_local(async move {
            // Whatever the answer, this offer is used up.
            let _ = offer.ask().await;
            self.offered.set(false);
        });
    }
}
