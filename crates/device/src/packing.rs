//! Blocks: when a window of 256 entries of an own log is full, one segment takes the place of the
//! loose ones in it.
//!
//! It waits until nothing was written for a while, and does one block at a time: whoever pays never
//! queues behind it. Rows that follow each other under one epoch go into one block; nothing is ever
//! sealed anew under another.

use base::effect::{Change, Durability, Row, StorageTrouble, Table, Transaction};
use base::hash::ChainValue;
use base::limits::{BLOCK_BYTES_MAX, PACK_PAUSE_MS};
use base::{Answer, DeviceId, Effect, Header, LogId, Segment, Stream};
use sync_core::{Holdings, Range, Span};

use crate::Device;
use crate::merging::{Group, Merging, Step};
use crate::outbox::Turn;
use crate::purpose::Purpose;
use crate::records;
use crate::shop::Shop;

/// Rows that are read at a time: one may hold an entry of a megabyte.
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
    stage: Stage,
}

#[derive(Debug)]
enum Stage {
    /// The rows of the window are read.
    Reading(Group),
    /// They become one.
    Merging(Merging),
    /// The block takes their place on the disk.
    Storing {
        header: Header,
        chain: Vec<ChainValue>,
    },
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
        let group = Group::new(BLOCK_BYTES_MAX);
        let next = match shop.at_hand(range, usize::MAX) {
            Some(page) => {
                let page = page.into_iter().cloned().collect();
                read(group, page, None, range, shop, turn)
            }
            None => Some((Stage::Reading(group), load(shop, range, range.first))),
        };
        self.go_on_packing(range, next, turn);
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
    pub(crate) fn packing_answer(&mut self, packing: Packing, answer: Answer, turn: &mut Turn<'_>) {
        let (Some(shop), Some(replica)) = (&mut self.shop, &mut self.replica) else {
            return;
        };
        let Packing { range, stage } = packing;
        let next = match (stage, answer) {
            (Stage::Reading(group), Answer::Loaded(Ok(rows))) => {
                let (page, after) = in_window(rows, range, replica.holdings());
                read(group, page, after, range, shop, turn)
            }
            (Stage::Merging(mut merging), answer) => match merging.answer(answer, shop, turn) {
                Step::Ask(effect) => Some((Stage::Merging(merging), effect)),
                Step::Done(block) => Some(store(&block, &merging, shop)),
                Step::Never => None,
                Step::NotNow => {
                    self.packer.at_work = false;
                    return;
                }
            },
            (Stage::Storing { header, chain }, Answer::Stored(result)) => {
                return self.packed(&header, &chain, result, turn);
            }
            // The disk did not do what was asked: it is tried again after the next commit.
            _ => {
                self.packer.at_work = false;
                return;
            }
        };
        self.go_on_packing(range, next, turn);
    }

    /// Does what is next for a window; nothing is where it cannot be packed any better.
    fn go_on_packing(&mut self, range: Range, next: Option<(Stage, Effect)>, turn: &mut Turn<'_>) {
        if let Some((stage, effect)) = next {
            let packing = Packing { range, stage };
            turn.out.effect(Purpose::Packing(Box::new(packing)), effect);
            return;
        }
        if let Some(replica) = &mut self.replica {
            replica.packed_to(turn.now.mono_ms, range.log, range.last);
        }
        self.packer.go_on(turn.now.mono_ms);
    }

    fn packed(
        &mut self,
        header: &Header,
        chain: &[ChainValue],
        result: Result<(), StorageTrouble>,
        turn: &mut Turn<'_>,
    ) {
        let (Some(shop), Some(replica)) = (&mut self.shop, &mut self.replica) else {
            return;
        };
        match result {
            Ok(()) => {
                let span = Span::new(header.first, header.last());
                shop.loose.packed(Range::new(header.log(), span));
                replica.packed(turn.now.mono_ms, header, chain);
                self.count("blocks", 1);
                self.packer.go_on(turn.now.mono_ms);
            }
            Err(trouble) => {
                // The loose ones are there still. It is tried again after the next commit.
                self.packer.at_work = false;
                self.not_stored(&trouble, turn);
            }
        }
    }
}

/// The rows of a window on a page that was read, of two branches those of the one that came first;
/// and where the next page begins, if there may be one.
fn in_window(
    rows: Vec<Vec<Row>>,
    range: Range,
    holdings: &Holdings,
) -> (Vec<Segment>, Option<u64>) {
    let page: Vec<Row> = rows.into_iter().flatten().collect();
    let is_full = page.len() == PAGE_ROWS as usize;
    let read = |(_, value): Row| Segment::from_bytes(&value).ok();
    let mut page: Vec<Segment> = page.into_iter().filter_map(read).collect();
    let after = page.last().map(|row| row.header.first + 1);
    let end = |row: &Segment| Some(row.header.last_chain.mark());
    let is_ours = |row: &Segment| holdings.mark(range.log, row.header.last()) == end(row);
    page.retain(|row| is_ours(row) && row.header.last() <= range.last);
    (page, after.filter(|_| is_full))
}

/// Takes rows of a window, up to those that make a block. Asks for more from `after` on where there
/// are such.
fn read(
    mut group: Group,
    page: Vec<Segment>,
    after: Option<u64>,
    range: Range,
    shop: &Shop,
    turn: &mut Turn<'_>,
) -> Option<(Stage, Effect)> {
    for row in page {
        let mut next = Some(row);
        while let Some(row) = next.take() {
            let Err(row) = group.add(row) else { break };
            if let Some(rows) = group.take(2) {
                return merge(rows, shop, turn);
            }
            group.take_first();
            next = Some(*row);
        }
    }
    if let Some(after) = after {
        return Some((Stage::Reading(group), load(shop, range, after)));
    }
    loop {
        if let Some(rows) = group.take(2) {
            return merge(rows, shop, turn);
        }
        group.take_first()?;
    }
}

fn merge(rows: Vec<Segment>, shop: &Shop, turn: &mut Turn<'_>) -> Option<(Stage, Effect)> {
    let (merging, effect) = Merging::begin(rows, shop, turn).ok()?;
    Some((Stage::Merging(merging), effect))
}

/// Asks the disk to keep the block in place of the rows. Deferred: whichever of the two a power cut
/// leaves holds the same entries, and rows of others may still be on their way there.
fn store(block: &Segment, merging: &Merging, shop: &Shop) -> (Stage, Effect) {
    let put = Change::Put {
        table: Table::Segments,
        key: records::segment_key(&block.header),
        value: block.to_bytes(),
    };
    let rows = merging.rows().iter();
    let keys = rows.map(|row| records::segment_key(&row.header)).collect();
    let changes = std::iter::once(put).chain(shop.remove_rows(keys)).collect();
    let stage = Stage::Storing {
        header: block.header.clone(),
        chain: merging.chain().to_vec(),
    };
    let transaction = Transaction {
        durability: Durability::Deferred,
        changes,
    };
    (stage, Effect::Store(transaction))
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
