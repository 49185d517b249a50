//! Checkpoints: written now and then, so that the next start folds only what came since.
//!
//! A checkpoint is a cache. A start that has read one counts on it only where everything that it
//! counts is on the disk; else it begins anew without it.

mod reading;
mod writing;

use base::effect::{Change, Durability, Transaction};
use base::limits::{CHECKPOINT_BYTES_PER_ENTRY, CHECKPOINT_ENTRIES_MIN, CHECKPOINT_PAUSE_MS};
use base::{Answer, Effect, Stream};

use crate::Device;
use crate::outbox::Turn;
use crate::purpose::Purpose;
use crate::shop::Shop;
use reading::Reading;
use writing::Writing;

/// The stream under whose key a checkpoint is sealed: every device has it, and nothing in a
/// checkpoint is of the office.
const STREAM: Stream = Stream::Shop;

/// When to write a checkpoint next, and what the last one covers.
#[derive(Debug, Default)]
pub struct Checkpointer {
    at_work: bool,
    /// When to write, by [`base::Now::mono_ms`].
    due_ms: Option<u64>,
    last: Covered,
    /// How many this start has begun.
    begun: u32,
    /// Whether those on the disk count what is not there.
    is_distrusted: bool,
}

impl Checkpointer {
    /// What a start that begins anew knows of those on the disk.
    pub fn of_next_start(&self) -> Self {
        Self {
            is_distrusted: self.is_distrusted,
            ..Self::default()
        }
    }
}

/// How much was judged when a checkpoint was written, and how long it is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Covered {
    control: u64,
    entries: u64,
    bytes: u64,
}

/// What is under way with a checkpoint.
#[derive(Debug)]
pub enum Step {
    /// A part of the next one is sealed.
    Seal(Writing),
    /// It is kept.
    Store(Writing),
    /// A part of the one to begin with is opened.
    Open(Reading),
    /// What was written of one is removed: the disk is full.
    Removed,
}

impl Covered {
    fn by(shop: &Shop, bytes: usize) -> Self {
        let sealed = [Stream::Sales, Stream::Shop, Stream::Office];
        let judged: u64 = sealed
            .map(|it| shop.judged.entries_of(it))
            .into_iter()
            .sum();
        Self {
            control: shop.judged.entries_of(Stream::Control),
            // What was rejected is in none.
            entries: judged.saturating_sub(shop.judged.rejected()),
            bytes: bytes as u64,
        }
    }

    /// Whether so much was judged since, or by other control, that another one is worth its bytes.
    fn is_stale(&self, now: &Self) -> bool {
        let least = CHECKPOINT_ENTRIES_MIN.max(self.bytes / CHECKPOINT_BYTES_PER_ENTRY);
        let since = if self.control == now.control {
            self.entries
        } else {
            0
        };
        now.entries >= since + least
    }
}

impl Device {
    /// When a checkpoint is to be written, by [`base::Now::mono_ms`].
    pub(crate) fn checkpoint_due_ms(&self) -> Option<u64> {
        let due = self.checkpointer.due_ms;
        due.filter(|_| !self.checkpointer.at_work && self.may_checkpoint())
    }

    /// Whether what is folded is settled, and nobody waits for "Paid".
    fn may_checkpoint(&self) -> bool {
        let settled = |shop: &Shop| !shop.is_behind() && shop.doubts.next().is_none();
        self.may_pack() && self.shop.as_ref().is_some_and(settled)
    }

    /// Begins a checkpoint, when it is worth its bytes and time.
    pub(crate) fn keep_checkpoint(&mut self, turn: &mut Turn<'_>) {
        let Some(shop) = self.shop.as_ref().filter(|_| self.ready) else {
            return;
        };
        let covers = Covered::by(shop, 0);
        if !self.checkpointer.at_work && self.checkpointer.last.is_stale(&covers) {
            let due_ms = turn.now.mono_ms + CHECKPOINT_PAUSE_MS;
            self.checkpointer.due_ms.get_or_insert(due_ms);
        }
        let due_ms = self.checkpoint_due_ms();
        if due_ms.is_some_and(|due| due <= turn.now.mono_ms) {
            self.write_checkpoint(turn);
        }
    }

    /// Goes on with a checkpoint.
    pub(crate) fn checkpoint_answer(&mut self, step: Step, answer: Answer, turn: &mut Turn<'_>) {
        match step {
            Step::Seal(writing) => self.part_sealed(writing, answer, turn),
            Step::Store(writing) => self.part_stored(writing, answer, turn),
            Step::Open(reading) => self.part_opened(reading, answer, turn),
            Step::Removed => {}
        }
    }

    /// Asks for changes to what is kept of checkpoints, unless a later start of this device has
    /// begun. Deferred: whatever is to be durable goes first.
    fn store_checkpoint(&self, changes: Vec<Change>, purpose: Purpose, turn: &mut Turn<'_>) {
        let Some(shop) = &self.shop else { return };
        let transaction = Transaction {
            durability: Durability::Deferred,
            changes: shop.unless_succeeded().chain(changes).collect(),
        };
        turn.out.effect(purpose, Effect::Store(transaction));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_one_is_written_when_it_is_worth_its_bytes() {
        let covered = |control, entries, bytes| Covered {
            control,
            entries,
            bytes,
        };
        let none = Covered::default();
        assert!(!none.is_stale(&covered(3, 63, 0)));
        assert!(none.is_stale(&covered(3, 64, 0)));
        // A megabyte pays for 1,024 entries.
        let last = covered(3, 100_000, 1024 * 1024);
        assert!(!last.is_stale(&covered(3, 101_023, 0)));
        assert!(last.is_stale(&covered(3, 101_024, 0)));
        assert!(last.is_stale(&covered(4, 100_000, 0)), "of no use any more");
        assert!(!covered(3, 300, 1024).is_stale(&covered(3, 363, 0)));
    }
}
