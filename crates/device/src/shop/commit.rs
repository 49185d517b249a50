//! One commit at a time: from entries to segments on the disk.
//!
//! Seal → Sign → Store, strict. Numbers are taken when a commit begins and given back when it
//! fails; nothing is sent, shown as paid or printed before `Stored`. Intentions that arrive
//! meanwhile share the next commit.

use base::cbor;
use base::effect::{Change, Durability, SealTask, SignTask, StorageTrouble, Table, Transaction};
use base::hash;
use base::limits::EFFECT_ITEMS_MAX;
use base::segment::SEGMENT_VERSION;
use base::{Effect, EpochName, Header, KeyHandle, Segment, ShopId, Stream};

use crate::outbox::Turn;
use crate::purpose::Purpose;
use crate::records::{self, Counters, StandingRecord, standing};
use crate::shop::batch::{Ground, PlainRun, Written};
use crate::shop::keyring::Keyring;

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
    headers: Vec<Header>,
    bodies: Vec<Vec<u8>>,
    segments: Vec<Segment>,
    /// When it began, by [`base::Now::mono_ms`].
    began_ms: u64,
    /// Where clock, heads and counters stand when it succeeds.
    pub after: Standing,
    extra: Vec<Change>,
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
    /// As the store keeps it.
    fn record(&self) -> StandingRecord {
        StandingRecord {
            counters: self.counters,
            heads: self.ground.heads.clone(),
        }
    }
}

/// What a finished commit leaves behind.
#[derive(Debug)]
pub struct Durable<O> {
    /// Its segments.
    pub segments: Vec<Segment>,
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
    /// More than [`EFFECT_ITEMS_MAX`] runs are not sealed in one go; an import of a big catalogue
    /// is cut by the caller.
    pub fn begin(
        mut after: Standing,
        runs: Vec<PlainRun>,
        outcomes: Vec<O>,
        epoch: EpochName,
        keyring: &Keyring,
        turn: &mut Turn<'_>,
    ) -> Option<Self> {
        debug_assert!(runs.len() <= EFFECT_ITEMS_MAX);
        after.counters.commit += 1;
        let shop = after.ground.shop;
        let mut headers = Vec::new();
        let mut bodies = Vec::new();
        let mut seals = Vec::new();
        for run in &runs {
            let plain = seal::body::compress(run.entries.iter().map(|entry| entry.raw.as_slice()));
            let stream = run.log.stream;
            let sealed = stream != Stream::Control;
            let last = run.entries.last()?;
            let header = Header {
                version: SEGMENT_VERSION,
                shop,
                device: run.log.device,
                stream,
                first: run.first,
                count: run.entries.len() as u32,
                epoch: if sealed { epoch } else { EpochName::NONE },
                before: run.before,
                last_chain: last.chain,
                nonce: if sealed { turn.random.bytes() } else { [0; 12] },
                body_hash: None,
            };
            if sealed {
                let key = keyring.sealing(epoch, stream)?.handle;
                let (nonce, aad) = (header.nonce, header.aad());
                seals.push(SealTask {
                    key,
                    stream,
                    nonce,
                    aad,
                    plain,
                });
                bodies.push(Vec::new());
            } else {
                bodies.push(plain);
            }
            headers.push(header);
        }
        turn.out
            .effect(Purpose::Commit(Step::Seal), Effect::Seal(seals));
        let (segments, extra) = (Vec::new(), Vec::new());
        Some(Self {
            shop,
            runs,
            headers,
            bodies,
            segments,
            began_ms: turn.now.mono_ms,
            after,
            extra,
            outcomes,
        })
    }

    /// Adds a change to the transaction, to happen together with the entries or not at all.
    pub fn also(&mut self, change: Change) {
        self.extra.push(change);
    }

    /// Takes the sealed bodies and asks for the signatures.
    pub fn sealed(&mut self, sealed: Vec<Vec<u8>>, turn: &mut Turn<'_>) {
        let mut sealed = sealed.into_iter();
        for (header, body) in self.headers.iter_mut().zip(&mut self.bodies) {
            if header.stream != Stream::Control {
                *body = sealed.next().unwrap_or_default();
            }
            header.body_hash = Some(hash::sha256(&[body]).0);
        }
        let sign = |header: &Header| SignTask {
            key: KeyHandle::IDENTITY,
            message: Header::signed_bytes(&cbor::encode(header)),
        };
        let tasks = self.headers.iter().map(sign).collect();
        turn.out
            .effect(Purpose::Commit(Step::Sign), Effect::Sign(tasks));
    }

    /// Takes the signatures and asks for the disk.
    pub fn signed(&mut self, signatures: Vec<[u8; 64]>, turn: &mut Turn<'_>) {
        let headers = std::mem::take(&mut self.headers);
        let bodies = std::mem::take(&mut self.bodies);
        let parts = headers.into_iter().zip(signatures).zip(bodies);
        self.segments = parts
            .map(|((header, signature), body)| Segment::new(header, signature, body))
            .collect();
        let transaction = Transaction {
            durability: Durability::Strict,
            changes: self.changes(),
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
    fn changes(&mut self) -> Vec<Change> {
        let mut changes = vec![standing::stand(self.shop, &self.after.record())];
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
