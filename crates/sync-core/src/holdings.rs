//! What is held of every log, as runs whose chain values meet.
//!
//! Only headers are looked at. A header that contradicts what is held is another branch of its log,
//! held beside it. One that cannot be told from that is kept aside, where it can neither join nor
//! replace anything.

use std::borrow::Cow;
use std::collections::BTreeMap;

use base::hash::ChainValue;
use base::limits::{BLOCK_ENTRIES, RUNS_PER_LOG_MAX};
use base::{EntryRef, Header, LogId, Mark, Run, ShopId, Vector};

use crate::spans::{Span, Spans, total};
use crate::switches::Switches;

mod branch;
mod branches;
mod log;

pub use branch::Fit;
pub use log::Aside;
use log::HeldLog;

/// What is held of a shop.
#[derive(Debug, Clone)]
pub struct Holdings {
    shop: ShopId,
    switches: Switches,
    logs: BTreeMap<LogId, HeldLog>,
}

impl Holdings {
    /// Holds nothing yet. After a start, [`Holdings::add`] the header of every stored segment.
    pub fn new(shop: ShopId, switches: Switches) -> Self {
        Self {
            shop,
            switches,
            logs: BTreeMap::new(),
        }
    }

    /// The shop.
    pub fn shop(&self) -> ShopId {
        self.shop
    }

    /// How a segment fits what is held, without adding it.
    pub fn fits(&self, header: &Header) -> Fit {
        match self.logs.get(&header.log()) {
            Some(log) => log.fits(header, &[]),
            None => HeldLog::new(self.shop, header.log()).fits(header, &[]),
        }
    }

    /// Adds a segment that is stored; once more when somebody has opened it.
    ///
    /// `inside`: marks of entries within it, as far as somebody who could open it has computed
    /// them; they prove that it meets runs that begin or end in its middle. May be empty.
    pub fn add(&mut self, header: &Header, inside: &[(u64, Mark)]) -> Fit {
        let new = || HeldLog::new(self.shop, header.log());
        let log = self.logs.entry(header.log()).or_insert_with(new);
        log.add(header, inside, self.switches.gap_tracking)
    }

    /// The held segments whose place a segment would take: number of the first entry, mark of the
    /// end. None unless it fits what is held.
    pub fn replaced_by(&self, header: &Header, inside: &[(u64, Mark)]) -> Vec<(u64, Mark)> {
        let log = self.logs.get(&header.log());
        log.map_or_else(Vec::new, |log| log.replaced_by(header, inside))
    }

    /// The number up to which every window of [`BLOCK_ENTRIES`] is held packed: with at most one
    /// whole segment in it, or as well as its author could.
    pub fn packed(&self, log: LogId) -> u64 {
        self.logs.get(&log).map_or(0, |log| log.trunk().packed())
    }

    /// The author of a log says that what is before `reach` cannot be packed any better.
    pub fn packed_to(&mut self, log: LogId, reach: u64) {
        if let Some(held) = self.logs.get_mut(&log) {
            held.trunk_mut().packed_to(reach);
        }
    }

    /// Windows behind the number `from`, up to `reach`, that are held whole and not packed.
    pub fn loose_windows(&self, log: LogId, from: u64, reach: u64) -> impl Iterator<Item = Span> {
        let from = from.max(self.packed(log));
        let held = self.logs.get(&log);
        // Along what is held, never along numbers that somebody merely said.
        let part = move |span: Span| {
            let part = Span::new(span.first.max(from + 1), span.last.min(reach));
            (part.first <= part.last).then(|| part.blocks())
        };
        let spans = held
            .into_iter()
            .flat_map(|held| held.trunk().spans().iter());
        let is_loose = move |window: &Span| {
            let full = window.count() == u64::from(BLOCK_ENTRIES);
            full && held.is_some_and(|held| held.trunk().is_loose(*window))
        };
        spans.filter_map(part).flatten().filter(is_loose)
    }

    /// Where what is held of a log ends before which at most `holes` numbers are lacking: the highest
    /// such number of any branch, and `c` there.
    pub fn last_within(&self, log: LogId, holes: u64) -> Option<(u64, ChainValue)> {
        self.logs.get(&log)?.last_within(holes)
    }

    /// Takes out a held segment that turned out not to be stored.
    pub fn remove(&mut self, header: &Header) {
        if let Some(held) = self.logs.get_mut(&header.log()) {
            held.remove(header);
        }
    }

    /// The highest number up to which nothing of `log` is missing; 0 when even the first is.
    pub fn contiguous(&self, log: LogId) -> u64 {
        let first = self
            .logs
            .get(&log)
            .and_then(|held| held.trunk().spans().iter().next());
        first.filter(|run| run.first == 1).map_or(0, |run| run.last)
    }

    /// The highest number that is held of `log`, holes before it or not; 0 when nothing is.
    pub fn last(&self, log: LogId) -> u64 {
        let last = self
            .logs
            .get(&log)
            .and_then(|held| held.trunk().spans().iter().next_back());
        last.map_or(0, |run| run.last)
    }

    /// The chain value at a number, where a held segment begins behind it or ends with it.
    pub fn chain(&self, log: LogId, seq: u64) -> Option<ChainValue> {
        self.logs.get(&log).and_then(|held| held.trunk().chain(seq))
    }

    /// The mark at a number: the beginning of its chain value. Known also within held segments
    /// that were opened.
    pub fn mark(&self, log: LogId, seq: u64) -> Option<Mark> {
        self.logs.get(&log).and_then(|held| held.trunk().mark(seq))
    }

    /// Whether an entry is known to be on a branch that is held.
    pub fn has(&self, log: LogId, seq: u64, mark: Mark) -> bool {
        let log = self.logs.get(&log);
        log.is_some_and(|log| log.branch_of(seq, mark).is_some())
    }

    /// Whether ours is known at the number of an entry, and no branch of ours passes it.
    pub fn contradicts(&self, log: LogId, seq: u64, mark: Mark) -> bool {
        let log = self.logs.get(&log);
        log.is_some_and(|log| log.contradicts(seq, mark))
    }

    /// The highest number up to which the ways to an entry and to the end of a run of its log are
    /// known to be one; 0 where they are not.
    pub fn shared_by(&self, end: EntryRef, run: &Run) -> u64 {
        let log = self.logs.get(&end.log);
        log.map_or(0, |log| log.shared_by(end, run))
    }

    /// Whether several branches of a log are held.
    pub fn is_forked(&self, log: LogId) -> bool {
        self.logs.get(&log).is_some_and(HeldLog::is_forked)
    }

    /// Logs of which several branches are held.
    pub fn forked(&self) -> impl Iterator<Item = LogId> {
        let forked = self.logs.iter().filter(|(_, held)| held.is_forked());
        forked.map(|(log, _)| *log)
    }

    /// What to ask for of a run of somebody else's, in a log that has branches: what is lacking along
    /// it, window by window, highest first, until chain values meet.
    pub fn needs(&self, log: LogId, run: &Run) -> Vec<Span> {
        let none = || HeldLog::new(self.shop, log);
        self.logs
            .get(&log)
            .map_or_else(|| none().needs(run), |held| held.needs(run))
    }

    /// What somebody holds of what we do, by the runs that it told, branch by branch: our numbers,
    /// each once, and those that it holds.
    pub(crate) fn beside<'a>(
        &'a self,
        log: LogId,
        told: &'a [Run],
    ) -> impl Iterator<Item = (Cow<'a, Spans>, Spans)> {
        let held = self.logs.get(&log).into_iter();
        held.flat_map(move |held| {
            let both = move |(branch, own)| (own, held.held_by(branch, told));
            held.owned().map(both)
        })
    }

    /// Which numbers of one of our runs somebody holds, by the runs that it told.
    pub(crate) fn held_of(&self, log: LogId, run: &Run, told: &[Run]) -> Spans {
        let none = || HeldLog::new(self.shop, log).held_by(0, told);
        self.logs.get(&log).map_or_else(none, |held| {
            let branch = held.branch_of(run.last, run.mark).unwrap_or(0);
            held.held_by(branch, told)
        })
    }

    /// Whether a stored segment lies within a bigger one that is held: it brings nothing.
    pub fn is_needless(&self, header: &Header) -> bool {
        let log = self.logs.get(&header.log());
        log.is_some_and(|log| log.is_needless(header))
    }

    /// Number of the first entry of the held segment that `seq` lies in; `seq` where none is held.
    pub fn segment_start(&self, log: LogId, seq: u64) -> u64 {
        self.logs
            .get(&log)
            .map_or(seq, |held| held.segment_start(seq))
    }

    /// The parts of `span` that are neither held nor kept aside.
    pub fn missing(&self, log: LogId, span: Span) -> Vec<Span> {
        match self.logs.get(&log) {
            Some(held) => held.missing(span),
            None => vec![span],
        }
    }

    /// How many entries of `span` are held.
    pub fn count_in(&self, log: LogId, span: Span) -> u64 {
        self.logs
            .get(&log)
            .map_or(0, |held| held.trunk().spans().count_in(span))
    }

    /// How many entries of these runs of a log are not held.
    pub fn lacks_in(&self, log: LogId, runs: &[Run]) -> u64 {
        let held = self.logs.get(&log);
        let lacking = |run: &Run| held.map_or(run.count(), |held| held.lacks(run));
        total(runs.iter().map(lacking))
    }

    /// Whether somebody's runs of a log are just ours, end by end.
    pub fn is_told(&self, log: LogId, runs: &[Run]) -> bool {
        let held = self.logs.get(&log);
        held.map_or(runs.is_empty(), |held| held.is_told(runs))
    }

    /// How many entries of a vector are not held.
    pub fn lacks_of(&self, vector: &Vector) -> u64 {
        total(vector.logs().map(|(log, runs)| self.lacks_in(log, runs)))
    }

    /// Every log of which something is held, with its runs.
    pub fn logs(&self) -> impl Iterator<Item = (LogId, &Spans)> {
        self.logs
            .iter()
            .map(|(log, held)| (*log, held.trunk().spans()))
    }

    /// What is held of a log; `None` when nothing ever was.
    pub fn spans(&self, log: LogId) -> Option<&Spans> {
        self.logs.get(&log).map(|held| held.trunk().spans())
    }

    /// How many entries are held in all.
    pub fn entries(&self) -> u64 {
        let held = self.logs.values().flat_map(HeldLog::owned);
        held.map(|(_, own)| own.count()).sum()
    }

    /// The vector to tell others.
    pub fn vector(&self) -> Vector {
        self.vector_of(self.logs.keys())
    }

    /// The vector of some logs; those of which nothing is held are left out.
    pub fn vector_of<'a>(&self, logs: impl IntoIterator<Item = &'a LogId>) -> Vector {
        let mut vector = self.runs_of(logs);
        let told: Vec<LogId> = vector.logs().map(|(log, _)| log).collect();
        for log in told {
            vector.set_blocks(log, self.packed(log));
        }
        vector
    }

    /// The same without a word of blocks, as statements have it: how it is packed makes nothing
    /// safer.
    pub fn runs_of<'a>(&self, logs: impl IntoIterator<Item = &'a LogId>) -> Vector {
        let runs = |log: &LogId| Some((*log, self.runs(*log)?));
        logs.into_iter().filter_map(runs).collect()
    }

    fn runs(&self, log: LogId) -> Option<Vec<Run>> {
        // Holes beyond the bound are not told: claiming less than is held costs a transfer,
        // a longer list would be refused.
        let mut runs = self.logs.get(&log)?.runs();
        runs.truncate(RUNS_PER_LOG_MAX);
        (!runs.is_empty()).then_some(runs)
    }

    /// How many runs of a log are kept aside.
    pub fn aside_of(&self, log: LogId) -> usize {
        self.logs.get(&log).map_or(0, |held| held.aside().count())
    }

    /// Runs that are kept aside because they do not meet what is held.
    pub fn aside(&self) -> impl Iterator<Item = (LogId, &Aside)> {
        self.logs
            .iter()
            .flat_map(|(log, held)| held.aside().map(move |aside| (*log, aside)))
    }
}

#[cfg(test)]
mod tests;
