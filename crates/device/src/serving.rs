//! What a peer asked for, as read from the store. What lies loose in a log of our own we put
//! together for it: then it checks one signature in place of many, and less travels.
//!
//! One at a time, and never beside a commit: whoever pays goes first, and rows go as they are then.

use std::collections::VecDeque;

use base::limits::{CREDIT_FIRST_BYTES, MERGE_ROWS_MIN, MERGED_BYTES_MAX, MERGES_WAITING_MAX};
use base::{Answer, Effect, Header, LogId, Mark, Segment};
use sync_core::Range;
use sync_core::replica::{ReadId, Rows};

use crate::Device;
use crate::merging::{Group, Merging, Step};
use crate::outbox::Turn;
use crate::purpose::Purpose;
use crate::records;
use crate::shop::Shop;

/// Rows that wait to be put together, and what was lately.
#[derive(Debug, Default)]
pub struct Server {
    waiting: VecDeque<Serving>,
    at_work: bool,
    made: Made,
}

/// Rows on their way to whoever asked for them.
#[derive(Debug)]
pub struct Serving {
    read: ReadId,
    left: VecDeque<Segment>,
    group: Group,
    ready: Rows,
    merging: Option<Merging>,
}

/// Which entries a segment holds.
#[derive(Debug, PartialEq, Eq)]
struct Key {
    log: LogId,
    first: u64,
    last: u64,
    end: Mark,
}

/// What was put together lately: when many peers come back at once they ask for the same.
#[derive(Debug, Default)]
struct Made {
    segments: VecDeque<(Key, Vec<u8>)>,
    bytes: usize,
}

impl Device {
    /// Reads what a peer asked for, which is at hand where we wrote it lately.
    pub(crate) fn read(&mut self, read: ReadId, range: Range, rows: u32, turn: &mut Turn<'_>) {
        let Some(shop) = &self.shop else { return };
        match shop.at_hand(range, rows as usize) {
            Some(page) => {
                let page = page.into_iter().map(Segment::to_bytes).collect();
                self.served(read, Ok(page), turn);
                self.put_together(turn);
            }
            None => {
                let query = records::page_of(shop.id, range.log, range.first, range.last, rows);
                turn.out
                    .effect(Purpose::Serve(read), Effect::Load(vec![query]));
            }
        }
    }

    /// Takes the rows that a peer asked for; `Err` where the store could not read them.
    pub(crate) fn served(
        &mut self,
        read: ReadId,
        rows: Result<Vec<Vec<u8>>, ()>,
        turn: &mut Turn<'_>,
    ) {
        let room = self.server.waiting.len() < MERGES_WAITING_MAX && self.is_idle();
        let segments = rows.as_ref().ok().filter(|_| room);
        let segments = segments.and_then(|rows| self.own_segments(rows));
        match (rows, segments) {
            (Ok(rows), Some(left)) => {
                let ready = Rows {
                    segments: Vec::new(),
                    ..Rows::as_read(rows)
                };
                self.server.waiting.push_back(Serving {
                    read,
                    left,
                    group: Group::new(CREDIT_FIRST_BYTES as usize),
                    ready,
                    merging: None,
                });
            }
            // Others' rows go as they are, and damaged ones are for the replica to tell.
            (rows, _) => self.serve(read, rows.map(Rows::as_read), turn),
        }
    }

    /// Puts together what waits for it.
    pub(crate) fn put_together(&mut self, turn: &mut Turn<'_>) {
        while !self.server.at_work
            && let Some(serving) = self.server.waiting.pop_front()
        {
            self.serve_next(serving, turn);
        }
    }

    /// Goes on with what is put together for a peer. What cannot be goes as it is.
    pub(crate) fn serving_answer(
        &mut self,
        mut serving: Serving,
        answer: Answer,
        turn: &mut Turn<'_>,
    ) {
        self.server.at_work = false;
        let (Some(shop), Some(mut merging)) = (&self.shop, serving.merging.take()) else {
            return;
        };
        match merging.answer(answer, shop, turn) {
            Step::Ask(effect) => {
                serving.merging = Some(merging);
                self.server.at_work = true;
                turn.out.effect(Purpose::Serving(Box::new(serving)), effect);
                return;
            }
            Step::Done(segment) => {
                let bytes = segment.to_bytes();
                self.server.made.keep(&segment, bytes.clone());
                serving.ready.segments.push(bytes);
                self.count("merged", 1);
            }
            Step::Never | Step::NotNow => serving.pass(&merging.into_rows()),
        }
        self.server.waiting.push_front(serving);
    }

    /// Whether nobody waits for a commit.
    fn is_idle(&self) -> bool {
        let idle = |shop: &Shop| shop.commit.is_none() && shop.queue.is_empty();
        self.shop.as_ref().is_some_and(idle)
    }

    /// The rows of an own log, where there are enough of them; none where one cannot be read.
    fn own_segments(&self, rows: &[Vec<u8>]) -> Option<VecDeque<Segment>> {
        if rows.len() < MERGE_ROWS_MIN {
            return None;
        }
        let me = self.shop.as_ref()?.me;
        let read = |bytes: &Vec<u8>| Segment::from_bytes(bytes).ok();
        let ours = rows
            .iter()
            .map(|bytes| read(bytes).filter(|it| it.header.device == me));
        ours.collect()
    }

    fn serve_next(&mut self, mut serving: Serving, turn: &mut Turn<'_>) {
        let replica = self.replica.as_ref();
        if replica.is_none_or(|replica| !replica.waits_for(serving.read)) {
            return;
        }
        while let Some(rows) = serving.next() {
            if let Some(made) = self.server.made.get(&rows) {
                serving.ready.segments.push(made);
                continue;
            }
            let shop = self.shop.as_ref().filter(|_| self.is_idle());
            let begun = match shop {
                Some(shop) => Merging::begin(rows, shop, turn),
                None => Err(rows),
            };
            match begun {
                Ok((merging, effect)) => {
                    serving.merging = Some(merging);
                    self.server.at_work = true;
                    turn.out.effect(Purpose::Serving(Box::new(serving)), effect);
                    return;
                }
                Err(rows) => serving.pass(&rows),
            }
        }
        self.serve(serving.read, Ok(serving.ready), turn);
    }

    fn serve(&mut self, read: ReadId, rows: Result<Rows, ()>, turn: &mut Turn<'_>) {
        if let Some(replica) = &mut self.replica {
            replica.loaded(turn.now.mono_ms, read, rows);
        }
    }
}

impl Serving {
    /// The next rows that are worth putting together; those before them go as they are. None when
    /// no more are left.
    fn next(&mut self) -> Option<Vec<Segment>> {
        loop {
            while let Some(row) = self.left.pop_front() {
                if let Err(row) = self.group.add(row) {
                    self.left.push_front(*row);
                    break;
                }
            }
            if let Some(rows) = self.group.take(MERGE_ROWS_MIN) {
                return Some(rows);
            }
            let row = self.group.take_first()?;
            self.pass(&[row]);
        }
    }

    /// These go as they are.
    fn pass(&mut self, rows: &[Segment]) {
        let bytes = rows.iter().map(Segment::to_bytes);
        self.ready.segments.extend(bytes);
    }
}

impl Made {
    /// What was made of these rows.
    fn get(&self, rows: &[Segment]) -> Option<Vec<u8>> {
        let (first, last) = (rows.first()?, rows.last()?);
        let key = Key::of(&first.header, &last.header);
        let made = self.segments.iter().find(|(made, _)| *made == key);
        made.map(|(_, bytes)| bytes.clone())
    }

    /// Keeps what was made; lets go of the oldest beyond the bound.
    fn keep(&mut self, segment: &Segment, bytes: Vec<u8>) {
        self.bytes += bytes.len();
        let key = Key::of(&segment.header, &segment.header);
        self.segments.push_back((key, bytes));
        while self.bytes > MERGED_BYTES_MAX
            && let Some((_, gone)) = self.segments.pop_front()
        {
            self.bytes -= gone.len();
        }
    }
}

impl Key {
    fn of(first: &Header, last: &Header) -> Self {
        let (log, end) = (first.log(), last.last_chain.mark());
        Self {
            log,
            first: first.first,
            last: last.last(),
            end,
        }
    }
}
