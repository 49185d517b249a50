//! The hands of a page: every effect goes to the module that can do it.

use std::rc::Rc;

use base::effect::{Change, Durability, KeyTask, Table, Transaction};
use base::{Answer, Effect, EffectId};
use futures_channel::mpsc;
use futures_util::StreamExt;
use wasm_bindgen_futures::spawn_local;

use crate::keys::Keys;
use crate::link::Links;
use crate::runner::{Hands, Inbox, Report};
use crate::signal::Signals;
use crate::store::{IndexedDb, Store};
use crate::{turn, zone};

/// Store, keys, links and the meeting place of one device.
pub struct BrowserHands {
    store: IndexedDb,
    keys: Rc<Keys>,
    links: Rc<Links>,
    signals: Rc<Signals>,
    /// Transactions are done one after the other, in the order given.
    storing: mpsc::UnboundedSender<(EffectId, Transaction)>,
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
            storing: store_in_order(store.clone(), Rc::clone(&inbox)),
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
            Effect::Store(transaction) => {
                // The other end lives as long as we do.
                let _ = self.storing.unbounded_send((id, transaction));
            }
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
        self.storing.close_channel();
    }
}

/// Whether it keeps what others sent: they have it, and nobody waits for it.
fn is_history(transaction: &Transaction) -> bool {
    let segment = |change: &Change| change.table() == Table::Segments;
    transaction.durability == Durability::Relaxed && transaction.changes.iter().any(segment)
}

fn store_in_order(
    store: IndexedDb,
    inbox: Inbox,
) -> mpsc::UnboundedSender<(EffectId, Transaction)> {
    let (sender, mut waiting) = mpsc::unbounded::<(EffectId, Transaction)>();
    spawn_local(async move {
        while let Some((id, transaction)) = waiting.next().await {
            if is_history(&transaction) {
                // Beginning it takes as long as drawing what came: that goes first.
                turn::give().await;
            }
            let stored = store.commit(&transaction).await;
            inbox(Report::Answer(id, Answer::Stored(stored)));
        }
    });
    sender
}

#[cfg(all(test, target_arch = "wasm32"))]
mod tests;
