//! What is held of one log.

use std::collections::BTreeMap;

use base::hash::ChainValue;
use base::limits::FORK_RUNS_MAX;
use base::{Header, LogId, ShopId};

use crate::spans::{Span, Spans};

/// How a segment fits what is held.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fit {
    /// It meets what is held; these parts of it are new.
    New(Vec<Span>),
    /// All of it is held.
    Duplicate,
    /// A chain value contradicts what is held: another branch of the log.
    Fork,
    /// It overlaps a run, and no chain value tells whether they meet.
    Unproven,
}

/// A run that does not meet what is held.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Aside {
    /// Its numbers.
    pub span: Span,
    /// `c(first − 1)` as it says.
    pub before: ChainValue,
    /// `c(last)` as it says.
    pub end: ChainValue,
    /// Whether a chain value contradicts ours; otherwise nothing proves either way.
    pub fork: bool,
}

/// The runs of one log and the chain values known of it.
#[derive(Debug, Clone)]
pub(super) struct HeldLog {
    start: ChainValue,
    held: Spans,
    /// Chain values where held segments begin and end: `c(first − 1)` and `c(last)`.
    joints: BTreeMap<u64, ChainValue>,
    aside: Vec<Aside>,
}

impl HeldLog {
    pub fn new(shop: ShopId, log: LogId) -> Self {
        Self {
            start: ChainValue::start(shop, log),
            held: Spans::default(),
            joints: BTreeMap::new(),
            aside: Vec::new(),
        }
    }

    pub fn spans(&self) -> &Spans {
        &self.held
    }

    pub fn aside(&self) -> impl Iterator<Item = &Aside> {
        self.aside.iter()
    }

    pub fn chain(&self, seq: u64) -> Option<ChainValue> {
        match seq {
            0 => Some(self.start),
            _ => self.joints.get(&seq).copied(),
        }
    }

    pub fn segment_start(&self, seq: u64) -> u64 {
        self.joints
            .range(..seq)
            .next_back()
            .map_or(1, |(end, _)| end + 1)
    }

    pub fn missing(&self, span: Span) -> Vec<Span> {
        let lacking = self.held.missing(span);
        if self.aside.is_empty() {
            return lacking;
        }
        let aside: Spans = self.aside.iter().map(|aside| aside.span).collect();
        lacking
            .into_iter()
            .flat_map(|span| aside.missing(span))
            .collect()
    }

    pub fn fits(&self, header: &Header, inside: &[(u64, ChainValue)]) -> Fit {
        let span = Span::new(header.first, header.last());
        let ends = [
            (header.first - 1, header.before),
            (span.last, header.last_chain),
        ];
        let told = || ends.iter().chain(inside);
        if told().any(|(seq, chain)| self.chain(*seq).is_some_and(|ours| ours != *chain)) {
            return Fit::Fork;
        }
        // Chain values that agree at a number prove every number before it. So each run must
        // agree with the segment at the last number that both have.
        let proven = |run: Span| {
            let shared = run.last.min(span.last);
            told().any(|(seq, chain)| *seq == shared && self.chain(shared) == Some(*chain))
        };
        if !self.held.touching(span).all(proven) {
            return Fit::Unproven;
        }
        match self.held.missing(span) {
            missing if missing.is_empty() => Fit::Duplicate,
            missing => Fit::New(missing),
        }
    }

    pub fn add(
        &mut self,
        header: &Header,
        inside: &[(u64, ChainValue)],
        gap_tracking: bool,
    ) -> Fit {
        let fit = self.fits(header, inside);
        let mut span = Span::new(header.first, header.last());
        match fit {
            Fit::New(_) => {
                if !gap_tracking {
                    span.first = 1;
                }
                self.held.insert(span);
                self.joints.insert(header.first - 1, header.before);
                self.joints.insert(span.last, header.last_chain);
            }
            Fit::Duplicate => {}
            Fit::Fork | Fit::Unproven => self.set_aside(Aside {
                span,
                before: header.before,
                end: header.last_chain,
                fork: fit == Fit::Fork,
            }),
        }
        fit
    }

    fn set_aside(&mut self, aside: Aside) {
        if self.aside.len() < FORK_RUNS_MAX && !self.aside.contains(&aside) {
            self.aside.push(aside);
        }
    }

    pub fn remove(&mut self, span: Span) {
        // Segments are stored whole or not at all.
        let from = self
            .joints
            .range(..span.first)
            .next_back()
            .map_or(0, |(seq, _)| *seq);
        let to = self
            .joints
            .range(span.last..)
            .next()
            .map_or(span.last, |(seq, _)| *seq);
        self.held.remove(Span::new(from + 1, to));
        let held = &self.held;
        let beside = |seq: u64| {
            held.covers(Span::new(seq.max(1), seq.max(1)))
                || held.covers(Span::new(seq + 1, seq + 1))
        };
        let outside = |seq: u64| seq < from || seq > to;
        let edge = |seq: u64| (seq == from || seq == to) && beside(seq);
        self.joints.retain(|seq, _| outside(*seq) || edge(*seq));
    }
}
