//! When control tells what puts entries in doubt that were judged, they are read from the disk
//! again, page by page, and judged by what it says now.

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
    /// Of which log the last page was full, and where the next one begins.
    next_page: Option<(LogId, u64)>,
    /// Whether a page since the first brought anything.
    any: bool,
}

/// Rows on their way to be recounted.
#[derive(Debug)]
pub enum Step {
    /// Rows of a log that begin at a number or behind it.
    Load(LogId, u64),
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
        let Some(doubt) = shop.doubts.next() else {
            self.recounter.due_ms = None;
            return;
        };
        let waits = self.recounter.due_ms.is_some_and(|due| now_ms < due);
        if self.recounter.at_work || waits {
            return;
        }
        let Some(span) = doubt.span() else { return };
        let log = doubt.log;
        let next_page = self.recounter.next_page.filter(|(of, _)| *of == log);
        self.recounter.any &= next_page.is_some();
        // The segment around the first entry may begin before it.
        let held = self.replica.as_ref().map(Replica::holdings);
        let start = || held.map_or(span.first, |held| held.segment_start(log, span.first));
        let first = next_page.map_or_else(start, |(_, first)| first);
        let query = records::page_of(shop.id, log, first, span.last, PAGE_ROWS);
        self.recounter.at_work = true;
        self.recounter.due_ms = None;
        let purpose = Purpose::Recount(Step::Load(log, first));
        turn.out.effect(purpose, Effect::Load(vec![query]));
    }

    /// Goes on with what is being recounted.
    pub(crate) fn recount_answer(&mut self, step: Step, answer: Answer, turn: &mut Turn<'_>) {
        let Some(shop) = &mut self.shop else { return };
        let recounted = match (step, answer) {
            (Step::Load(log, first), Answer::Loaded(Ok(rows))) => {
                let read = |(_, value): Row| Segment::from_bytes(&value).ok();
                let page: Vec<Row> = rows.into_iter().flatten().collect();
                let full = page.len() == PAGE_ROWS as usize;
                let rows: Vec<_> = page.into_iter().filter_map(read).collect();
                // More that begins with the last one's number may be on the next page.
                let next = rows.last().map(|row| row.header.first.max(first + 1));
                self.recounter.next_page = next.filter(|_| full).map(|next| (log, next));
                let tasks = shop.keyring.open_list(&rows);
                // What one list does not take comes again with the next page.
                let left = rows
                    .get(tasks.len())
                    .map(|row| row.header.first.max(first + 1));
                if let Some(left) = left {
                    self.recounter.next_page = Some((log, left));
                }
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
        self.recounter.any |= recounted;
        if recounted {
            turn.out.notice(Notice::StatusChanged);
            turn.out.notice(Notice::CatalogueChanged);
        }
        if self.recounter.next_page.is_none() && !self.recounter.any {
            // Not on the disk yet, or that is in trouble.
            shop.doubts.postpone();
            self.recounter.due_ms = Some(turn.now.mono_ms + STORAGE_PAUSE_MS);
        }
    }
}

/// Judges the entries of opened rows again, as far as they are in doubt; gives whether any were.
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
            if shop.doubts.settle(&entry.reference, &shop.judged) {
                shop.judge_again(entry, turn);
                any = true;
            }
        }
    }
    any
}
