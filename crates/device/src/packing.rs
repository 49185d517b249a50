//! Blocks: when a window of 256 entries of an own log is full, one segment takes the place of the
//! loose ones in it.
//!
//! It waits until nothing was written for a while, and does one block at a time: whoever pays never
//! queues behind it. Rows that follow each other under one epoch go into one block; nothing is ever
//! sealed anew under another.

use base::effect::{Change, Durability, Row, StorageTrouble, Table, Transaction};
use base::hash::ChainValue;
use base::limits::{EFFECT_BYTES_MAX, ENTRY_BYTES_MAX, PACK_PAUSE_MS};
use base::{Answer, DeviceId, Effect, LogId, Segment, Stream};
use sync_core::{Holdings, Range};

use crate::Device;
use crate::api::Refusal;
use crate::outbox::Turn;
use crate::purpose::Purpose;
use crate::records;
use crate::shop::Shop;
use crate::shop::batch::{PlainRun, Written};
use crate::shop::sealing::Sealing;

/// Rows that are read at a time: one may hold an entry of [`ENTRY_BYTES_MAX`].
const PAGE_ROWS: u32 = 32;

/// Streams whose own logs are packed. Of `control` there is little.
const STREAMS: [Stream; 3] = [Stream::Sales, Stream::Shop, Stream::Office];

/// When to pack next, and how far that has come.
#[derive(Debug, Default)]
pub struct Packer {
    at_work: bool,
    /// When to look for a full window, by [`base::Now::mono_ms`].
    due_ms: Option<u64>,
}

/// A block on its way. It travels with the purpose of each effect.
#[derive(Debug)]
pub struct Packing {
    range: Range,
    /// The rows that it takes the place of.
    rows: Rows,
    plains: Vec<Vec<u8>>,
    sealing: Option<Sealing>,
    chain: Vec<ChainValue>,
    block: Option<Segment>,
}

impl Packer {
    /// Something was written: it is not packed at once.
    pub fn wait(&mut self, now_ms: u64) {
        self.due_ms = Some(now_ms + PACK_PAUSE_MS);
    }

    /// When there may be something to pack.
    pub fn deadline(&self) -> Option<u64> {
        self.due_ms.filter(|_| !self.at_work)
    }

    /// Looks for the next window: at once, unless something was written meanwhile.
    fn go_on(&mut self, now_ms: u64) {
        self.at_work = false;
        self.due_ms.get_or_insert(now_ms);
    }
}

impl Device {
    /// Begins a block, when it is time and there is one to make.
    pub(crate) fn pack(&mut self, turn: &mut Turn<'_>) {
        let due = self.packer.deadline().filter(|_| self.may_pack());
        let (Some(shop), Some(replica)) = (&self.shop, &self.replica) else {
            return;
        };
        if due.is_none_or(|due| turn.now.mono_ms < due) {
            return;
        }
        self.packer.due_ms = None;
        let Some(range) = next_window(shop.me, replica.holdings()) else {
            return;
        };
        self.packer.at_work = true;
        let load = load(shop, range, range.first);
        let packing = Packing {
            range,
            rows: Rows::default(),
            plains: Vec::new(),
            sealing: None,
            chain: Vec::new(),
            block: None,
        };
        let purpose = Purpose::Packing(Box::new(packing));
        turn.out.effect(purpose, load);
    }

    /// Whether nobody is in the way of a block. A commit that is asks again when it is done.
    pub(crate) fn may_pack(&self) -> bool {
        let idle = |shop: &Shop| {
            let known = shop.standing.opening.is_empty();
            known && shop.commit.is_none() && shop.queue.is_empty()
        };
        self.ready && self.replica.is_some() && self.shop.as_ref().is_some_and(idle)
    }

    /// Goes on with a block. What cannot be packed stays as it is.
    pub(crate) fn packing_answer(
        &mut self,
        mut packing: Packing,
        answer: Answer,
        turn: &mut Turn<'_>,
    ) {
        let (Some(shop), Some(replica)) = (&mut self.shop, &mut self.replica) else {
            return;
        };
        let range = packing.range;
        let next = match answer {
            Answer::Loaded(Ok(rows)) => {
                let next = packing.rows.take(rows, range, replica.holdings());
                match next {
                    Some(next) => Some(load(shop, range, next)),
                    None => packing.open_first(shop),
                }
            }
            Answer::Opened(plains) if !plains.is_empty() => {
                let all: Option<Vec<_>> = plains.into_iter().collect();
                all.and_then(|all| {
                    packing.plains.extend(all);
                    packing.open_next(shop).or_else(|| packing.seal(shop, turn))
                })
            }
            // Fewer would make a block of nothing, and the rows that it replaces go.
            Answer::Sealed(bodies) if bodies.len() == 1 => {
                let sealing = packing.sealing.as_mut();
                sealing.map(|sealing| Effect::Sign(sealing.sealed(bodies)))
            }
            Answer::Signed(signatures) if signatures.len() == 1 => packing.store(shop, signatures),
            Answer::Stored(result) => return self.packed(packing, result, turn),
            // Disk or keys did not do what was asked: it is tried again after the next commit.
            _ => {
                self.packer.at_work = false;
                return;
            }
        };
        if let Some(effect) = next {
            turn.out.effect(Purpose::Packing(Box::new(packing)), effect);
            return;
        }
        replica.packed_to(turn.now.mono_ms, range.log, range.last);
        self.packer.go_on(turn.now.mono_ms);
    }

    fn packed(
        &mut self,
        packing: Packing,
        result: Result<(), StorageTrouble>,
        turn: &mut Turn<'_>,
    ) {
        let (Some(replica), Some(block)) = (&mut self.replica, packing.block) else {
            return;
        };
        match result {
            Ok(()) => {
                replica.packed(turn.now.mono_ms, &block.header, &packing.chain);
                self.count("blocks", 1);
                self.packer.go_on(turn.now.mono_ms);
            }
            Err(trouble) => {
                // The loose ones are there still. It is tried again after the next commit.
                self.packer.at_work = false;
                self.trouble(&Refusal::storage(&trouble), turn);
            }
        }
    }
}

impl Packing {
    /// The first list of rows to open; `None` when there is nothing to put together.
    fn open_first(&self, shop: &Shop) -> Option<Effect> {
        let several = self.rows.group.len() > 1;
        several.then(|| self.open_next(shop)).flatten()
    }

    /// The next list of rows to open; `None` when all are.
    fn open_next(&self, shop: &Shop) -> Option<Effect> {
        let next = self.rows.group.iter().skip(self.plains.len());
        let tasks = shop.keyring.open_list(next);
        (!tasks.is_empty()).then_some(Effect::Open(tasks))
    }

    /// Asks for the block to be sealed; `None` when the rows do not make one.
    fn seal(&mut self, shop: &Shop, turn: &mut Turn<'_>) -> Option<Effect> {
        let rows = &self.rows.group;
        let first = &rows.first()?.header;
        // All of them, or none: the block takes the place of each.
        if self.plains.len() != rows.len() {
            return None;
        }
        let mut entries = Vec::new();
        for (row, plain) in rows.iter().zip(&self.plains) {
            entries.extend(shop.keyring.read(&row.header, plain)?);
        }
        let bytes: usize = entries.iter().map(|entry: &Written| entry.raw.len()).sum();
        if bytes > ENTRY_BYTES_MAX {
            return None;
        }
        self.chain = entries.iter().map(|entry| entry.chain).collect();
        let run = PlainRun::of(first.log(), first.first, first.before, entries);
        let (sealing, tasks) =
            Sealing::begin(shop.id, &[run], first.epoch, &shop.keyring, turn.random)?;
        self.sealing = Some(sealing);
        self.plains.clear();
        Some(Effect::Seal(tasks))
    }

    /// Asks the disk to keep the block in place of the rows. Relaxed: whichever of the two a power
    /// cut leaves holds the same entries.
    fn store(&mut self, shop: &Shop, signatures: Vec<[u8; 64]>) -> Option<Effect> {
        let block = self.sealing.take()?.signed(signatures).pop()?;
        let put = Change::Put {
            table: Table::Segments,
            key: records::segment_key(&block.header),
            value: block.to_bytes(),
        };
        let rows = self.rows.group.iter();
        let keys = rows.map(|row| records::segment_key(&row.header)).collect();
        let changes = std::iter::once(put).chain(shop.remove_rows(keys)).collect();
        self.block = Some(block);
        Some(Effect::Store(Transaction {
            durability: Durability::Relaxed,
            changes,
        }))
    }
}

/// The next full window of which several segments are held.
fn next_window(me: DeviceId, holdings: &Holdings) -> Option<Range> {
    STREAMS.into_iter().find_map(|stream| {
        let log = LogId::new(me, stream);
        let mut windows = holdings.loose_windows(log, 0, holdings.contiguous(log));
        windows.next().map(|window| Range::new(log, window))
    })
}

/// Asks for the next rows of a window, those that begin at `first` or behind it.
fn load(shop: &Shop, range: Range, first: u64) -> Effect {
    let query = records::page_of(shop.id, range.log, first, range.last, PAGE_ROWS);
    Effect::Load(vec![query])
}

/// The first rows of a window that follow each other under one epoch, several of them where there
/// are such.
#[derive(Debug, Default)]
struct Rows {
    group: Vec<Segment>,
    bytes: usize,
}

impl Rows {
    /// Takes a page of rows. Gives where the next page begins; `None` when no more are needed.
    fn take(&mut self, answers: Vec<Vec<Row>>, range: Range, holdings: &Holdings) -> Option<u64> {
        let page: Vec<Row> = answers.into_iter().flatten().collect();
        let full = page.len() == PAGE_ROWS as usize;
        let mut next = None;
        let read = |(_, value): Row| Segment::from_bytes(&value).ok();
        for row in page.into_iter().filter_map(read) {
            next = Some(row.header.first + 1);
            if !self.add(row, range, holdings) {
                return None;
            }
        }
        next.filter(|_| full)
    }

    /// Adds a row to the group, or begins another one with it; `false` when the group is done with.
    /// Of two branches ours counts.
    fn add(&mut self, row: Segment, range: Range, holdings: &Holdings) -> bool {
        let header = &row.header;
        let ours = holdings.mark(range.log, header.last()) == Some(header.last_chain.mark());
        if !ours || header.last() > range.last {
            return true;
        }
        let follows = self.group.last().is_some_and(|before| {
            let before = &before.header;
            before.last_chain == header.before
                && before.last() + 1 == header.first
                && before.epoch == header.epoch
                && self.bytes + row.body.len() <= EFFECT_BYTES_MAX / 2
        });
        if !follows {
            if self.group.len() > 1 {
                return false;
            }
            self.group.clear();
            self.bytes = 0;
        }
        self.bytes += row.body.len();
        self.group.push(row);
        true
    }
}
