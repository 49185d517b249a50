//! Beginning with a checkpoint.

use base::effect::{OpenTask, Row};
use base::{Answer, Effect, Stream};

use super::{Covered, STREAM, Step};
use crate::Device;
use crate::outbox::Turn;
use crate::purpose::Purpose;
use crate::records::checkpoint::{self, Name, Part};
use crate::shop::boot;

/// A checkpoint that is being read.
#[derive(Debug)]
pub struct Reading {
    name: Name,
    count: u16,
    /// Those that are not open yet, in reverse.
    parts: Vec<Part>,
    /// Those that are, joined.
    plain: Vec<u8>,
}

impl Device {
    /// Takes the rows of checkpoints. What is not there, or cannot be used, is folded anew.
    pub(crate) fn checkpoints_known(&mut self, rows: Vec<Vec<Row>>, turn: &mut Turn<'_>) {
        let Some(shop) = &self.shop else { return };
        let rows: Vec<Row> = rows.into_iter().flatten().collect();
        let last = checkpoint::last_complete(shop.id, &rows);
        let Some((name, mut parts)) = last.filter(|_| !self.checkpointer.is_distrusted) else {
            return self.read_rows(turn);
        };
        let count = parts.len() as u16;
        parts.reverse();
        let reading = Reading {
            name,
            count,
            parts,
            plain: Vec::new(),
        };
        self.open_part(reading, turn);
    }

    /// Asks for the next part to be opened; begins with all of them once they are.
    fn open_part(&mut self, mut reading: Reading, turn: &mut Turn<'_>) {
        let Some(shop) = &mut self.shop else { return };
        let Some(part) = reading.parts.pop() else {
            self.begin_with(&reading.plain, turn.now.wall_ms);
            return self.read_rows(turn);
        };
        let number = reading.count - 1 - reading.parts.len() as u16;
        let Some(secret) = shop.keyring.sealing(part.epoch, STREAM) else {
            return self.read_rows(turn);
        };
        let task = OpenTask {
            key: secret.handle,
            stream: STREAM,
            nonce: part.nonce,
            aad: checkpoint::aad(shop.id, reading.name, number, reading.count),
            sealed: part.sealed,
        };
        let purpose = Purpose::Checkpoint(Step::Open(reading));
        turn.out.effect(purpose, Effect::Open(vec![task]));
    }

    pub(super) fn part_opened(
        &mut self,
        mut reading: Reading,
        answer: Answer,
        turn: &mut Turn<'_>,
    ) {
        let plain = match answer {
            Answer::Opened(plains) => plains.into_iter().next().flatten(),
            _ => None,
        };
        match plain {
            Some(plain) => {
                reading.plain.extend(plain);
                self.open_part(reading, turn);
            }
            None => self.read_rows(turn),
        }
    }

    fn begin_with(&mut self, plain: &[u8], wall_ms: u64) {
        let (Some(shop), Some(restored)) = (&mut self.shop, &mut self.restored) else {
            return;
        };
        // One of another release, or of other control, is as good as none.
        let Ok(counted) = shop.begin_with(plain, wall_ms) else {
            return;
        };
        self.checkpointer.last = Covered::by(shop, plain.len());
        let entries = self.checkpointer.last.entries;
        restored.count_on(counted);
        self.count("entries_from_checkpoint", entries);
    }

    /// Reads whatever is to be folded.
    fn read_rows(&self, turn: &mut Turn<'_>) {
        if let Some(shop) = &self.shop {
            boot::ask(shop.id, boot::Step::Page(Stream::Shop), turn);
        }
    }

    /// Whether what a checkpoint counts is not all on the disk. Then what is there is folded anew, by a
    /// start that does not read it; the next one takes its place.
    pub(crate) fn distrusts_checkpoint(&mut self, turn: &mut Turn<'_>) -> bool {
        let (Some(shop), Some(restored)) = (&self.shop, &self.restored) else {
            return false;
        };
        let lacks = || restored.lacks_counted() || shop.lacks_counted(&restored.holdings);
        if !restored.has_checkpoint() || !lacks() {
            return false;
        }
        self.counters.remove("entries_from_checkpoint");
        self.count("checkpoints_distrusted", 1);
        self.checkpointer.is_distrusted = true;
        self.begin_at_once(turn);
        true
    }
}
