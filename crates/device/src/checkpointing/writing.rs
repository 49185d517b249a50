//! Writing a checkpoint: sealed and stored part by part.

use base::effect::{Durability, SealTask, StorageTrouble, Transaction};
use base::limits::{CHECKPOINT_PART_BYTES, CHECKPOINT_PARTS_MAX};
use base::{Answer, Effect, EpochName};

use super::{Covered, STREAM, Step};
use crate::Device;
use crate::outbox::Turn;
use crate::purpose::Purpose;
use crate::records::checkpoint::{self, Name, Part};
use crate::shop::intent::writing_epoch;

/// A checkpoint that is being written.
#[derive(Debug)]
pub struct Writing {
    name: Name,
    covers: Covered,
    epoch: EpochName,
    plain: Vec<u8>,
    /// The part that is under way.
    part: u16,
    nonce: [u8; 12],
}

impl Writing {
    /// How many parts there are.
    fn count(&self) -> u16 {
        self.plain.len().div_ceil(CHECKPOINT_PART_BYTES) as u16
    }
}

impl Device {
    /// Begins to write a checkpoint, where one can be.
    pub(super) fn write_checkpoint(&mut self, turn: &mut Turn<'_>) {
        let Some(shop) = &self.shop else { return };
        self.checkpointer.due_ms = None;
        // Also where there will be none: it is tried again when so much more has come.
        self.checkpointer.last = Covered {
            bytes: self.checkpointer.last.bytes,
            ..Covered::by(shop, 0)
        };
        let (Some(plain), Some(epoch)) = (shop.to_checkpoint(), writing_epoch(shop)) else {
            return;
        };
        self.checkpointer.last.bytes = plain.len() as u64;
        if plain.len() > CHECKPOINT_PARTS_MAX * CHECKPOINT_PART_BYTES {
            return;
        }
        self.checkpointer.begun += 1;
        self.checkpointer.at_work = true;
        let writing = Writing {
            name: Name {
                writer: shop.standing.counters.writer,
                number: self.checkpointer.begun,
            },
            covers: Covered::by(shop, plain.len()),
            epoch,
            plain,
            part: 0,
            nonce: [0; 12],
        };
        self.seal_part(writing, turn);
    }

    fn seal_part(&mut self, mut writing: Writing, turn: &mut Turn<'_>) {
        let Some(shop) = &self.shop else { return };
        let Some(secret) = shop.keyring.sealing(writing.epoch, STREAM) else {
            self.checkpointer.at_work = false;
            return;
        };
        writing.nonce = turn.random.bytes();
        let from = usize::from(writing.part) * CHECKPOINT_PART_BYTES;
        let rest = writing.plain.get(from..).unwrap_or_default();
        let task = SealTask {
            key: secret.handle,
            stream: STREAM,
            nonce: writing.nonce,
            aad: checkpoint::aad(shop.id, writing.name, writing.part, writing.count()),
            plain: rest.iter().copied().take(CHECKPOINT_PART_BYTES).collect(),
        };
        let purpose = Purpose::Checkpoint(Step::Seal(writing));
        turn.out.effect(purpose, Effect::Seal(vec![task]));
    }

    pub(super) fn part_sealed(&mut self, writing: Writing, answer: Answer, turn: &mut Turn<'_>) {
        let Some(shop) = &self.shop else { return };
        let sealed = match answer {
            Answer::Sealed(bodies) => bodies.into_iter().next(),
            _ => None,
        };
        let Some(sealed) = sealed else {
            self.checkpointer.at_work = false;
            return;
        };
        let (count, epoch, nonce) = (writing.count(), writing.epoch, writing.nonce);
        let part = Part {
            count,
            epoch,
            nonce,
            sealed,
        };
        let mut changes = vec![checkpoint::put(shop.id, writing.name, writing.part, &part)];
        if writing.part + 1 == count {
            changes.push(checkpoint::remove_before(shop.id, writing.name));
        }
        let purpose = Purpose::Checkpoint(Step::Store(writing));
        self.store_checkpoint(changes, purpose, turn);
    }

    pub(super) fn part_stored(
        &mut self,
        mut writing: Writing,
        answer: Answer,
        turn: &mut Turn<'_>,
    ) {
        let Some(shop) = &self.shop else { return };
        if !matches!(answer, Answer::Stored(Ok(()))) {
            self.checkpointer.at_work = false;
            if answer == Answer::Stored(Err(StorageTrouble::Full)) {
                // What there is room for is for sales. Nothing is added: there may be none for that.
                let transaction = Transaction {
                    durability: Durability::Deferred,
                    changes: vec![checkpoint::remove(shop.id, writing.name)],
                };
                let purpose = Purpose::Checkpoint(Step::Removed);
                turn.out.effect(purpose, Effect::Store(transaction));
            }
            return;
        }
        writing.part += 1;
        if writing.part < writing.count() {
            return self.seal_part(writing, turn);
        }
        self.checkpointer.at_work = false;
        self.checkpointer.last = writing.covers;
        self.checkpointer.is_distrusted = false;
        self.count("checkpoints", 1);
    }
}
