//! One commit at a time: from entries to segments on the disk.
//!
//! Seal → Sign → Store, strict. Numbers are taken when a commit begins and given back when it
//! fails; nothing is sent, shown as paid or printed before `Stored`. Intentions that arrive
//! meanwhile share the next commit.

use base::effect::{Change, Durability, StorageTrouble, Table, Transaction};
use base::{Effect, EpochName, Header, Segment, ShopId, Stream};
use sync_core::Switches;

use crate::outbox::Turn;
use crate::purpose::Purpose;
use crate::records::{self, Counters, StandingRecord, standing};
use crate::shop::batch::{Ground, PlainRun, Written};
use crate::shop::keyring::Keyring;
use crate::shop::sealing::Sealing;

/// Which answer a commit waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Bodies.
    Seal,
    /// Signatures.
    Sign,
    /// The disk.
    Store,
}

/// A commit on its way. `O` is what its intentions want to happen once it is durable.
#[derive(Debug)]
pub struct Commit<O> {
    shop: ShopId,
    runs: Vec<PlainRun>,
    /// Until everything is signed.
    sealing: Option<Sealing>,
    segments: Vec<Segment>,
    /// When it began, by [`base::Now::mono_ms`].
    began_ms: u64,
    /// Where clock, heads and counters stand when it succeeds.
    pub after: Standing,
    extra: Vec<Change>,
    /// What of others it writes along.
    brought: Vec<Header>,
    /// What to do for whom when it is durable, in order.
    pub outcomes: Vec<O>,
}

/// Where we stand: what each commit writes anew.
#[derive(Debug, Clone)]
pub struct Standing {
    /// Heads, clock and control vector.
    pub ground: Ground,
    /// Receipt counter, writer, last stamp.
    pub counters: Counters,
    /// What the start of this writer could not store yet: it goes along with its first commit.
    pub opening: Vec<Change>,
}

impl Standing {
    /// The number of the last entry that we wrote in a stream; 0 where there is none.
    pub fn head(&self, stream: Stream) -> u64 {
        self.ground.heads.get(&stream).map_or(0, |head| head.seq)
    }

    /// As the store keeps it.
    fn record(&self) -> StandingRecord {
        StandingRecord {
            counters: self.counters,
            heads: self.ground.heads.clone(),
            device: Some(self.ground.device),
        }
    }
}

/// What a finished commit leaves behind.
#[derive(Debug)]
pub struct Durable<O> {
    /// Its segments.
    pub segments: Vec<Segment>,
    /// Segments of others that it wrote along.
    pub brought: Vec<Header>,
    /// Its entries, in the order in which they were written.
    pub entries: Vec<Written>,
    /// When it began, by [`base::Now::mono_ms`].
    pub began_ms: u64,
    /// Where we stand now.
    pub after: Standing,
    /// What to do for whom.
    pub outcomes: Vec<O>,
}

impl<O> Commit<O> {
    /// Begins a commit of `runs` in `epoch` and asks for the seals.
    ///
    /// More than [`base::limits::EFFECT_ITEMS_MAX`] runs are not sealed in one go; an import of a
    /// big catalogue is cut by the caller.
    pub fn begin(
        mut after: Standing,
        runs: Vec<PlainRun>,
        outcomes: Vec<O>,
        epoch: EpochName,
        keyring: &Keyring,
        turn: &mut Turn<'_>,
    ) -> Option<Self> {
        after.counters.commit += 1;
        let shop = after.ground.shop;
        let (sealing, tasks) = Sealing::begin(shop, &runs, epoch, keyring, turn.random)?;
        turn.out
            .effect(Purpose::Commit(Step::Seal), Effect::Seal(tasks));
        let (segments, extra, brought) = (Vec::new(), Vec::new(), Vec::new());
        Some(Self {
            shop,
            runs,
            sealing: Some(sealing),
            segments,
            began_ms: turn.now.mono_ms,
            after,
            extra,
            brought,
            outcomes,
        })
    }

    /// Whether it writes in `control`.
    pub fn writes_control(&self) -> bool {
        self.runs
            .iter()
            .any(|run| run.log.stream == Stream::Control)
    }

    /// Adds a change to the transaction, to happen together with the entries or not at all.
    pub fn also(&mut self, change: Change) {
        self.extra.push(change);
    }

    /// Writes control of others along that the disk would not take: what is written names it, and nobody
    /// else may have it any more by the time when somebody asks.
    pub fn bring(&mut self, segments: Vec<Segment>) {
        for segment in segments {
            self.also(Change::Put {
                table: Table::Segments,
                key: records::segment_key(&segment.header),
                value: segment.to_bytes(),
            });
            self.brought.push(segment.header);
        }
    }

    /// Takes the sealed bodies and asks for the signatures.
    pub fn sealed(&mut self, sealed: Vec<Vec<u8>>, turn: &mut Turn<'_>) {
        let tasks = self.sealing.as_mut().map(|sealing| sealing.sealed(sealed));
        let tasks = tasks.unwrap_or_default();
        turn.out
            .effect(Purpose::Commit(Step::Sign), Effect::Sign(tasks));
    }

    /// Takes the signatures and asks for the disk.
    pub fn signed(&mut self, signatures: Vec<[u8; 64]>, switches: Switches, turn: &mut Turn<'_>) {
        let sealing = self.sealing.take();
        let segments = sealing.map(|sealing| sealing.signed(signatures));
        self.segments = segments.unwrap_or_default();
        let durability = if switches.strict_commit {
            Durability::Strict
        } else {
            Durability::Relaxed
        };
        let transaction = Transaction {
            durability,
            changes: self.changes(switches),
        };
        turn.out
            .effect(Purpose::Commit(Step::Store), Effect::Store(transaction));
    }

    /// Takes the disk's answer.
    ///
    /// # Errors
    /// The storage's fault, with everybody who waits; nothing has happened and the numbers are
    /// free again.
    pub fn stored(
        self,
        result: Result<(), StorageTrouble>,
    ) -> Result<Durable<O>, (StorageTrouble, Vec<O>)> {
        match result {
            Ok(()) => Ok(Durable {
                segments: self.segments,
                brought: self.brought,
                entries: self.runs.into_iter().flat_map(|run| run.entries).collect(),
                began_ms: self.began_ms,
                after: self.after,
                outcomes: self.outcomes,
            }),
            Err(trouble) => Err((trouble, self.outcomes)),
        }
    }

    /// Goes on from where we stood, which somebody who has written since makes impossible, and adds
    /// the segments.
    fn changes(&mut self, switches: Switches) -> Vec<Change> {
        let stand = match standing::stand(self.shop, &self.after.record()) {
            Change::Add { table, key, value } if !switches.compare_and_swap => {
                Change::Put { table, key, value }
            }
            stand => stand,
        };
        let mut changes = vec![stand];
        for segment in &self.segments {
            changes.push(Change::Add {
                table: Table::Segments,
                key: records::segment_key(&segment.header),
                value: segment.to_bytes(),
            });
        }
        changes.append(&mut self.after.opening);
        changes.append(&mut self.extra);
        changes
    }
}
