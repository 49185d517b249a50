//! The hands of a page: every effect goes to the module that can do it.

mod storing;

use std::rc::Rc;

use base::effect::KeyTask;
use base::{Answer, Effect, EffectId};
use wasm_bindgen_futures::spawn_local;

use crate::keys::Keys;
use crate::link::Links;
use crate::runner::{Hands, Inbox, Report};
use crate::signal::Signals;
use crate::store::{IndexedDb, Store};
use crate::zone;
use storing::Storing;

/// Store, keys, links and the meeting place of one device.
pub struct BrowserHands {
    store: IndexedDb,
    keys: Rc<Keys>,
    links: Rc<Links>,
    signals: Rc<Signals>,
    storing: Storing,
    inbox: Inbox,
}

impl BrowserHands {
    /// The hands of the device whose database this is. The meeting place is at the relay that
    /// serves the page.
    pub fn new(store: IndexedDb, inbox: Inbox) -> Self {
        let origin = gloo::utils::window()
            .location()
            .origin()
            .unwrap_or_default();
        let (links, signals) = (Rc::clone(&inbox), Rc::clone(&inbox));
        Self {
            keys: Rc::new(Keys::new(store.clone())),
            links: Links::new(move |link, event| links(Report::Link(link, event))),
            signals: Signals::at(&origin, move |event| signals(Report::Signal(event))),
            storing: Storing::new(store.clone(), Rc::clone(&inbox)),
            store,
            inbox,
        }
    }

    /// Does something and reports the answer, beside everything else that is going on.
    fn answer(&self, id: EffectId, work: impl Future<Output = Answer> + 'static) {
        let inbox = Rc::clone(&self.inbox);
        spawn_local(async move { inbox(Report::Answer(id, work.await)) });
    }

    fn do_keys(&self, id: EffectId, task: KeyTask) {
        let keys = Rc::clone(&self.keys);
        self.answer(id, async move { keys.task(task).await });
    }
}

impl Hands for BrowserHands {
    fn perform(&self, id: EffectId, effect: Effect) {
        let keys = Rc::clone(&self.keys);
        match effect {
            Effect::Keys(task) => self.do_keys(id, task),
            Effect::Seal(tasks) => self.answer(id, async move { keys.seal(tasks).await }),
            Effect::Open(tasks) => self.answer(id, async move { keys.open(tasks).await }),
            Effect::Sign(tasks) => self.answer(id, async move { keys.sign(tasks).await }),
            Effect::Verify(tasks) => self.answer(id, async move { keys.verify(tasks).await }),
            Effect::Store(transaction) => self.storing.take(id, transaction),
            Effect::Load(queries) => {
                let store = self.store.clone();
                self.answer(
                    id,
                    async move { Answer::Loaded(store.load(&queries).await) },
                );
            }
            Effect::Link(link, task) => self.links.perform(link, task),
            Effect::Signal(task) => self.signals.perform(task),
            Effect::Zone { name, around_ms } => {
                self.answer(
                    id,
                    async move { Answer::Zone(zone::offsets(&name, around_ms)) },
                );
            }
        }
    }

    fn stop(&self) {
        self.links.close_all();
        self.signals.leave();
        self.storing.close();
    }
}

#[cfg(all(test, target_arch = "wasm32"))]
mod tests;
