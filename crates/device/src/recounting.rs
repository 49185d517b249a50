//! When control moves a cut, exactly the entries that it moved over are taken out of the fold, or
//! into it: they are read from the disk again, page by page.

use base::effect::Row;
use base::limits::STORAGE_PAUSE_MS;
use base::{Answer, Effect, LogId, Segment};
use sync_core::Replica;

use crate::Device;
use crate::api::Notice;
use crate::outbox::Turn;
use crate::purpose::Purpose;
use crate::records;
use crate::shop::Shop;

/// Rows that are read at a time.
const PAGE_ROWS: u32 = 16;

/// Whether somebody is recounting, and when to try again.
#[derive(Debug, Default)]
pub struct Recounter {
    at_work: bool,
    /// When to look again for what was not on the disk yet, by [`base::Now::mono_ms`].
    due_ms: Option<u64>,
}

/// Rows on their way to be recounted.
#[derive(Debug)]
pub enum Step {
    /// Rows of a log.
    Load(LogId),
    /// Bodies of these.
    Open(Vec<Segment>),
}

impl Recounter {
    /// When something that was not there may be there.
    pub fn deadline(&self) -> Option<u64> {
        self.due_ms
    }
}

impl Device {
    /// Reads what is to be recounted next, unless that is under way.
    pub(crate) fn recount(&mut self, turn: &mut Turn<'_>) {
        let now_ms = turn.now.mono_ms;
        let Some(shop) = self.shop.as_ref().filter(|_| self.ready) else {
            return;
        };
        let Some(moved) = shop.cuts.next() else {
            self.recounter.due_ms = None;
            return;
        };
        let waits = self.recounter.due_ms.is_some_and(|due| now_ms < due);
        if self.recounter.at_work || waits {
            return;
        }
        let Some(span) = moved.span() else { return };
        // The segment around the first entry may begin before it.
        let held = self.replica.as_ref().map(Replica::holdings);
        let first = held.map_or(span.first, |held| held.segment_start(moved.log, span.first));
        let query = records::page_of(shop.id, moved.log, first, span.last, PAGE_ROWS);
        self.recounter.at_work = true;
        self.recounter.due_ms = None;
        let purpose = Purpose::Recount(Step::Load(moved.log));
        turn.out.effect(purpose, Effect::Load(vec![query]));
    }

    /// Goes on with what is being recounted.
    pub(crate) fn recount_answer(&mut self, step: Step, answer: Answer, turn: &mut Turn<'_>) {
        let Some(shop) = &mut self.shop else { return };
        let recounted = match (step, answer) {
            (Step::Load(log), Answer::Loaded(Ok(rows))) => {
                let held = self.replica.as_ref().map(Replica::holdings);
                let ours = |segment: &Segment| {
                    let (last, end) = (segment.header.last(), segment.header.last_chain.mark());
                    held.is_some_and(|held| held.has(log, last, end))
                };
                let read = |(_, value): Row| Segment::from_bytes(&value).ok();
                let rows = rows.into_iter().flatten().filter_map(read);
                let rows: Vec<_> = rows.filter(ours).collect();
                let tasks = shop.keyring.open_list(&rows);
                if !tasks.is_empty() {
                    let purpose = Purpose::Recount(Step::Open(rows));
                    turn.out.effect(purpose, Effect::Open(tasks));
                    return;
                }
                false
            }
            (Step::Open(rows), Answer::Opened(plains)) => recount(shop, &rows, plains, turn),
            _ => false,
        };
        self.recounter.at_work = false;
        if recounted {
            turn.out.notice(Notice::StatusChanged);
            turn.out.notice(Notice::CatalogueChanged);
        } else {
            // Not on the disk yet, or that is in trouble.
            shop.cuts.postpone();
            self.recounter.due_ms = Some(turn.now.mono_ms + STORAGE_PAUSE_MS);
        }
    }
}

/// Recounts the entries of opened rows, as far as they are to be; gives whether any were.
fn recount(
    shop: &mut Shop,
    rows: &[Segment],
    plains: Vec<Option<Vec<u8>>>,
    turn: &mut Turn<'_>,
) -> bool {
    let mut any = false;
    for (row, plain) in rows.iter().zip(plains) {
        let entries = plain.and_then(|plain| shop.keyring.read(&row.header, &plain));
        for entry in entries.into_iter().flatten() {
            let Some(count) = shop.cuts.next().map(|moved| moved.count) else {
                return any;
            };
            if shop.cuts.done(&entry.reference) {
                shop.recount(entry, count, turn);
                any = true;
            }
        }
    }
    any
}
