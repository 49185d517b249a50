//! Transactions on their way to the store: in the order given, and those that are deferred in a
//! lane of their own, several together. A sale does not wait behind history.

use std::rc::Rc;

use base::effect::{Change, Durability, Transaction};
use base::{Answer, EffectId};
use futures_channel::mpsc::{self, UnboundedReceiver, UnboundedSender};
use futures_util::{FutureExt, StreamExt};
use wasm_bindgen_futures::spawn_local;

use crate::runner::{Inbox, Report};
use crate::store::{IndexedDb, Store};
use crate::turn;

/// What is deferred is written together up to this many changes: each block of history is one, and
/// a sale waits for what has begun.
const TOGETHER_MAX: usize = 16;

type Waiting = (EffectId, Transaction);

/// The two lanes.
pub struct Storing {
    ordered: UnboundedSender<Waiting>,
    deferred: UnboundedSender<Waiting>,
}

impl Storing {
    /// Lanes to a store; what came of each transaction is reported under its number.
    pub fn new(store: IndexedDb, inbox: Inbox) -> Self {
        let (ordered, first) = mpsc::unbounded();
        let (deferred, later) = mpsc::unbounded();
        spawn_local(store_ordered(store.clone(), first, Rc::clone(&inbox)));
        spawn_local(store_deferred(store, later, inbox));
        Self { ordered, deferred }
    }

    /// Takes a transaction. After [`Storing::close`] it is dropped.
    pub fn take(&self, id: EffectId, transaction: Transaction) {
        let lane = match transaction.durability {
            Durability::Deferred => &self.deferred,
            Durability::Strict | Durability::Relaxed => &self.ordered,
        };
        // The other end lives as long as we do.
        let _ = lane.unbounded_send((id, transaction));
    }

    /// Takes no more. What was taken is done.
    pub fn close(&self) {
        self.ordered.close_channel();
        self.deferred.close_channel();
    }
}

async fn store_ordered(store: IndexedDb, mut waiting: UnboundedReceiver<Waiting>, inbox: Inbox) {
    while let Some((id, transaction)) = waiting.next().await {
        let stored = store.commit(&transaction).await;
        inbox(Report::Answer(id, Answer::Stored(stored)));
    }
}

async fn store_deferred(store: IndexedDb, mut waiting: UnboundedReceiver<Waiting>, inbox: Inbox) {
    while let Some(first) = waiting.next().await {
        // Beginning it takes as long as drawing what came: that goes first.
        turn::rest().await;
        let mut together = Together::of(first);
        while together.transaction.changes.len() < TOGETHER_MAX
            && let Some(Some(next)) = waiting.next().now_or_never()
        {
            together.add(next);
        }
        if store.commit(&together.transaction).await.is_ok() {
            for (id, _) in together.parts {
                inbox(Report::Answer(id, Answer::Stored(Ok(()))));
            }
            continue;
        }
        // One of them may be what the store does not take.
        for (id, transaction) in together.apart() {
            let stored = store.commit(&transaction).await;
            inbox(Report::Answer(id, Answer::Stored(stored)));
        }
    }
}

/// Several transactions in one.
struct Together {
    transaction: Transaction,
    /// Who they are of, and how many changes each has.
    parts: Vec<(EffectId, usize)>,
}

impl Together {
    fn of((id, transaction): Waiting) -> Self {
        let parts = vec![(id, transaction.changes.len())];
        Self { transaction, parts }
    }

    fn add(&mut self, (id, transaction): Waiting) {
        self.parts.push((id, transaction.changes.len()));
        self.transaction.changes.extend(transaction.changes);
    }

    fn apart(self) -> Vec<Waiting> {
        let durability = self.transaction.durability;
        let mut changes = self.transaction.changes.into_iter();
        let part = |(id, count)| {
            let changes: Vec<Change> = changes.by_ref().take(count).collect();
            let transaction = Transaction {
                durability,
                changes,
            };
            (id, transaction)
        };
        self.parts.into_iter().map(part).collect()
    }
}
