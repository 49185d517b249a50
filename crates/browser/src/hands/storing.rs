//! Transactions on their way to the store, one after the other: those that are deferred when no
//! other waits, several of them together. A sale does not wait behind history.

use std::future::ready;
use std::pin::pin;

use base::effect::{Change, Durability, Transaction};
use base::{Answer, EffectId};
use futures_channel::mpsc::{self, UnboundedReceiver, UnboundedSender};
use futures_util::future::{Either, select};
use futures_util::stream::{PollNext, select_with_strategy};
use futures_util::{FutureExt, StreamExt};
use wasm_bindgen_futures::spawn_local;

use crate::runner::{Inbox, Report};
use crate::store::{IndexedDb, Store};
use crate::turn;

/// What is deferred is written together up to this many changes: each block of history is one, and
/// a sale waits for what has begun.
const TOGETHER_MAX: usize = 16;

type Waiting = (EffectId, Transaction);

/// Where transactions wait for their turn.
pub struct Storing {
    ordered: UnboundedSender<Waiting>,
    deferred: UnboundedSender<Waiting>,
}

impl Storing {
    /// Writes to a store; what came of each transaction is reported under its number.
    pub fn new(store: IndexedDb, inbox: Inbox) -> Self {
        let (ordered, first) = mpsc::unbounded();
        let (deferred, later) = mpsc::unbounded();
        spawn_local(Writer { store, inbox }.write(first, later));
        Self { ordered, deferred }
    }

    /// Takes a transaction. After [`Storing::close`] it is dropped.
    pub fn take(&self, id: EffectId, transaction: Transaction) {
        let queue = if is_deferred(&transaction) {
            &self.deferred
        } else {
            &self.ordered
        };
        // The other end lives as long as we do.
        let _ = queue.unbounded_send((id, transaction));
    }

    /// Takes no more. What was taken is done.
    pub fn close(&self) {
        self.ordered.close_channel();
        self.deferred.close_channel();
    }
}

fn is_deferred(transaction: &Transaction) -> bool {
    transaction.durability == Durability::Deferred
}

struct Writer {
    store: IndexedDb,
    inbox: Inbox,
}

impl Writer {
    /// Never begins a deferred transaction while another one waits: so none overtakes what was given
    /// before it, either.
    async fn write(
        self,
        ordered: UnboundedReceiver<Waiting>,
        deferred: UnboundedReceiver<Waiting>,
    ) {
        let mut waiting = select_with_strategy(ordered, deferred, |(): &mut ()| PollNext::Left);
        while let Some(next) = waiting.next().await {
            if !is_deferred(&next.1) {
                self.write_one(next).await;
                continue;
            }
            // Beginning it takes as long as drawing what came: that goes first.
            self.write_until(turn::rest(), waiting.get_mut().0).await;
            let mut together = Together::of(next);
            while !together.is_full()
                && let Some(Some(next)) = waiting.next().now_or_never()
            {
                if is_deferred(&next.1) {
                    together.add(next);
                } else {
                    self.write_one(next).await;
                }
            }
            self.write_until(ready(()), waiting.get_mut().0).await;
            self.write_together(together).await;
        }
    }

    /// Writes what comes in order and does not wait, until `end`.
    async fn write_until(
        &self,
        end: impl Future<Output = ()>,
        ordered: &mut UnboundedReceiver<Waiting>,
    ) {
        let mut end = pin!(end);
        while let Either::Left((Some(next), _)) = select(ordered.next(), &mut end).await {
            self.write_one(next).await;
        }
    }

    async fn write_one(&self, (id, transaction): Waiting) {
        let stored = self.store.commit(&transaction).await;
        (self.inbox)(Report::Answer(id, Answer::Stored(stored)));
    }

    async fn write_together(&self, together: Together) {
        if self.store.commit(&together.transaction).await.is_ok() {
            for (id, _) in together.parts {
                (self.inbox)(Report::Answer(id, Answer::Stored(Ok(()))));
            }
            return;
        }
        // One of them may be what the store does not take.
        for part in together.apart() {
            self.write_one(part).await;
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

    fn is_full(&self) -> bool {
        self.transaction.changes.len() >= TOGETHER_MAX
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
