//! What is held of one log.

use std::collections::BTreeMap;

use base::hash::ChainValue;
use base::limits::FORK_RUNS_MAX;
use base::{Header, LogId, Mark, ShopId};

use crate::spans::{Span, Spans};

/// How a segment fits what is held.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fit {
    /// It meets what is held; these parts of it are new.
    New(Vec<Span>),
    /// All of it is held.
    Duplicate,
    /// All of it is held, in several segments: it takes their place.
    Packs,
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
    /// Whether it began where a chain value of ours is known, when it came.
    met: bool,
}

/// The runs of one log and the chain values known of it.
#[derive(Debug, Clone)]
pub(super) struct HeldLog {
    start: ChainValue,
    held: Spans,
    /// Chain values where held segments begin and end, `c(first − 1)` and `c(last)`; also of those
    /// whose place a bigger one has taken that nobody has opened.
    joints: BTreeMap<u64, ChainValue>,
    /// Held segments, from first to last number. None lies within another.
    segments: BTreeMap<u64, u64>,
    /// The marks of the entries of held segments that somebody has opened, by their first number:
    /// what meets one in its middle is told from a fork by them, at 8 bytes an entry.
    marks: BTreeMap<u64, Vec<Mark>>,
    /// Where the last of the windows ends that are packed, from the first on.
    packed: u64,
    aside: Vec<Aside>,
}

impl HeldLog {
    pub fn new(shop: ShopId, log: LogId) -> Self {
        Self {
            start: ChainValue::start(shop, log),
            held: Spans::default(),
            joints: BTreeMap::new(),
            segments: BTreeMap::new(),
            marks: BTreeMap::new(),
            packed: 0,
            aside: Vec::new(),
        }
    }

    pub fn spans(&self) -> &Spans {
        &self.held
    }

    pub fn packed(&self) -> u64 {
        self.packed
    }

    /// Takes the author's word that what is before `reach` cannot be packed any better.
    pub fn packed_to(&mut self, reach: u64) {
        self.packed = self.packed.max(reach);
        self.see_packed();
    }

    /// Goes on over windows that are held with at most one whole segment in them.
    fn see_packed(&mut self) {
        loop {
            let window = Span::window_after(self.packed);
            if !self.held.covers(window) || self.is_loose(window) {
                return;
            }
            self.packed = window.last;
        }
    }

    /// Whether a window is held in several segments.
    pub fn is_loose(&self, window: Span) -> bool {
        self.held.covers(window) && self.within(window).nth(1).is_some()
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

    /// The mark at a number: of a joint, or within a segment that was opened.
    pub fn mark(&self, seq: u64) -> Option<Mark> {
        if let Some(chain) = self.chain(seq) {
            return Some(chain.mark());
        }
        let first = self.segment_start(seq);
        let at = usize::try_from(seq.checked_sub(first)?).ok()?;
        self.marks.get(&first)?.get(at).copied()
    }

    /// Whether a chain value is ours at a number; `None` where ours is not known.
    fn agrees(&self, seq: u64, chain: &ChainValue) -> Option<bool> {
        match self.chain(seq) {
            Some(ours) => Some(ours == *chain),
            None => self.mark(seq).map(|ours| ours == chain.mark()),
        }
    }

    /// Takes note of the chain values of a held segment's entries, in order.
    fn opened(&mut self, header: &Header, chain: &[ChainValue]) {
        let held = self.segments.get(&header.first) == Some(&header.last())
            && self.chain(header.last()) == Some(header.last_chain);
        let whole =
            chain.len() == header.count as usize && chain.last() == Some(&header.last_chain);
        if held && whole && header.count > 1 {
            let marks = chain.iter().map(ChainValue::mark).collect();
            self.marks.insert(header.first, marks);
            let within = self.joints.range(header.first..header.last());
            let within = within
                .map(|(seq, _)| *seq)
                .filter(|seq| !self.is_edge(*seq));
            let known: Vec<u64> = within.collect();
            for seq in known {
                self.joints.remove(&seq);
            }
        }
    }

    /// Whether a held segment ends with `seq`, or one begins behind it.
    fn is_edge(&self, seq: u64) -> bool {
        let mut around = self.around(Span::new(seq, seq));
        self.segments.contains_key(&(seq + 1)) || around.any(|segment| segment.last == seq)
    }

    pub fn segment_start(&self, seq: u64) -> u64 {
        let before = self.segments.range(..=seq).next_back();
        let around = before.filter(|(_, last)| **last >= seq);
        around.map_or(seq, |(first, _)| *first)
    }

    pub fn within(&self, span: Span) -> impl Iterator<Item = Span> {
        let inside = self.segments.range(span.first..=span.last);
        let inside = inside.filter(move |(_, last)| **last <= span.last);
        inside.map(|(first, last)| Span::new(*first, *last))
    }

    fn around(&self, span: Span) -> impl Iterator<Item = Span> {
        // Later ones end later, too.
        let begun = self.segments.range(..=span.last).rev();
        let overlapping = begun.take_while(move |(_, last)| **last >= span.first);
        overlapping.map(|(first, last)| Span::new(*first, *last))
    }

    pub fn replaced_by(&self, header: &Header, inside: &[(u64, ChainValue)]) -> Vec<(u64, Mark)> {
        let span = Span::new(header.first, header.last());
        if !matches!(self.fits(header, inside), Fit::New(_) | Fit::Packs) {
            return Vec::new();
        }
        let key = |segment: Span| Some((segment.first, self.mark(segment.last)?));
        self.within(span).filter_map(key).collect()
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
        if told().any(|(seq, chain)| self.agrees(*seq, chain) == Some(false)) {
            return Fit::Fork;
        }
        // Chain values that agree at a number prove every number before it. So each run must
        // agree with the segment at the last number that both have.
        let proven = |run: Span| {
            let shared = run.last.min(span.last);
            told().any(|(seq, chain)| *seq == shared && self.agrees(shared, chain) == Some(true))
        };
        let takes_all = || inside.is_empty() && self.takes_on_trust(header);
        if !self.held.touching(span).all(proven) && !takes_all() {
            return Fit::Unproven;
        }
        match self.held.missing(span) {
            missing if !missing.is_empty() => Fit::New(missing),
            _ if self.within(span).nth(1).is_some() => Fit::Packs,
            _ => Fit::Duplicate,
        }
    }

    /// Whether a segment that nobody has opened meets what is held where it begins, and covers
    /// whatever of it it overlaps. Who cannot open it must pass it on all the same; whoever can
    /// finds out then.
    fn takes_on_trust(&self, header: &Header) -> bool {
        let span = Span::new(header.first, header.last());
        let mut overlapped = self.around(span);
        self.begins_behind_ours(header.first, &header.before)
            && overlapped.all(|it| span.first <= it.first && it.last <= span.last)
    }

    /// Whether a segment lies within a bigger one that is held, and brings nothing.
    pub fn is_needless(&self, header: &Header) -> bool {
        self.segments.get(&header.first) != Some(&header.last())
            && self.fits(header, &[]) == Fit::Duplicate
    }

    pub fn add(
        &mut self,
        header: &Header,
        inside: &[(u64, ChainValue)],
        gap_tracking: bool,
    ) -> Fit {
        let fit = self.fits(header, inside);
        let span = Span::new(header.first, header.last());
        match fit {
            Fit::New(_) | Fit::Packs => {
                let first = if gap_tracking { span.first } else { 1 };
                self.held.insert(Span::new(first, span.last));
                self.joints.insert(span.first - 1, header.before);
                self.joints.insert(span.last, header.last_chain);
                let replaced: Vec<_> = self.within(span).collect();
                for segment in replaced {
                    self.forget(segment);
                }
                self.segments.insert(span.first, span.last);
                self.settle(header, inside);
                self.see_packed();
                self.reconsider();
            }
            Fit::Duplicate => self.settle(header, inside),
            Fit::Fork | Fit::Unproven => self.set_aside(Aside {
                span,
                before: header.before,
                end: header.last_chain,
                fork: fit == Fit::Fork,
                met: self.begins_behind_ours(header.first, &header.before),
            }),
        }
        fit
    }

    /// A segment is held: what is known of its inside is kept, and it is aside no more.
    fn settle(&mut self, header: &Header, inside: &[(u64, ChainValue)]) {
        let chain: Vec<_> = inside.iter().map(|(_, chain)| *chain).collect();
        self.opened(header, &chain);
        let span = Span::new(header.first, header.last());
        self.aside
            .retain(|aside| (aside.span, aside.end) != (span, header.last_chain));
    }

    /// What has been set aside because nothing showed that it meets, and begins behind ours since, is
    /// lacking again: brought once more, it may meet.
    fn reconsider(&mut self) {
        let mut aside = std::mem::take(&mut self.aside);
        aside.retain(|it| it.fork || it.met || !self.begins_behind_ours(it.span.first, &it.before));
        self.aside = aside;
    }

    fn begins_behind_ours(&self, first: u64, before: &ChainValue) -> bool {
        self.agrees(first - 1, before) == Some(true)
    }

    fn forget(&mut self, segment: Span) {
        self.segments.remove(&segment.first);
        self.marks.remove(&segment.first);
    }

    fn set_aside(&mut self, aside: Aside) {
        if self.aside.len() < FORK_RUNS_MAX && !self.aside.contains(&aside) {
            self.aside.push(aside);
        }
    }

    pub fn remove(&mut self, span: Span) {
        // Segments are stored whole or not at all.
        let gone: Vec<Span> = self.around(span).collect();
        let whole = gone.iter().fold(span, |whole, segment| {
            Span::new(whole.first.min(segment.first), whole.last.max(segment.last))
        });
        for segment in gone {
            self.forget(segment);
        }
        self.held.remove(whole);
        let window = Span::window_after(0).count();
        self.packed = self.packed.min((whole.first - 1) / window * window);
        // What others bring of it is there still.
        let others: Vec<Span> = self.around(whole).collect();
        others.into_iter().for_each(|it| self.held.insert(it));
        let held = &self.held;
        let beside = |seq: u64| {
            held.covers(Span::new(seq.max(1), seq.max(1)))
                || held.covers(Span::new(seq + 1, seq + 1))
        };
        let outside = |seq: u64| seq + 1 < whole.first || seq > whole.last;
        self.joints.retain(|seq, _| outside(*seq) || beside(*seq));
    }
}
