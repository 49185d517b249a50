//! One branch of a log as it is held: runs none of which contradicts another.

use std::collections::{BTreeMap, BTreeSet};

use base::hash::ChainValue;
use base::{Header, Mark};

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
    /// A chain value contradicts what is held: another branch of the log begins with it.
    Fork,
    /// It overlaps a run, and no chain value tells whether they meet; or there are more branches
    /// than the bound.
    Unproven,
}

/// Runs of one branch and the chain values known of it.
#[derive(Debug, Clone)]
pub(super) struct Branch {
    start: ChainValue,
    held: Spans,
    /// Chain values where held segments begin and end, `c(first − 1)` and `c(last)`; also of those
    /// whose place a bigger one has taken that nobody has opened.
    joints: BTreeMap<u64, ChainValue>,
    /// Joints of segments whose place one has taken on trust, that nobody had opened: perhaps of
    /// another branch.
    doubted: BTreeSet<u64>,
    /// Held segments, from first to last number. None lies within another.
    segments: BTreeMap<u64, u64>,
    /// The marks of the entries of held segments that somebody has opened, by their first number:
    /// what meets one in its middle is told from a fork by them, at 8 bytes an entry.
    marks: BTreeMap<u64, Vec<Mark>>,
    /// Where the last of the windows ends that are packed, from the first on.
    packed: u64,
}

impl Branch {
    /// Holds nothing; `start` is `c(0)` of its log.
    pub fn new(start: ChainValue) -> Self {
        Self {
            start,
            held: Spans::default(),
            joints: BTreeMap::new(),
            doubted: BTreeSet::new(),
            segments: BTreeMap::new(),
            marks: BTreeMap::new(),
            packed: 0,
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

    /// The same where it proves that what comes before it is of this branch.
    pub fn proof(&self, seq: u64) -> Option<Mark> {
        let is_doubted = self.doubted.contains(&seq) && !self.is_edge(seq);
        self.mark(seq).filter(|_| !is_doubted)
    }

    /// Whether a chain value is ours at a number; `None` where ours is not known.
    pub fn agrees(&self, seq: u64, chain: &ChainValue) -> Option<bool> {
        match self.chain(seq) {
            Some(ours) => Some(ours == *chain),
            None => self.mark(seq).map(|ours| ours == chain.mark()),
        }
    }

    /// The numbers at which the ends of a segment, and what is known within it, are as ours.
    pub fn agreeing<'a>(
        &'a self,
        ends: &'a [(u64, ChainValue)],
        inside: &'a [(u64, Mark)],
    ) -> impl Iterator<Item = u64> + 'a {
        let ends = ends
            .iter()
            .filter(|(seq, chain)| self.agrees(*seq, chain) == Some(true));
        let inside = inside
            .iter()
            .filter(|(seq, mark)| self.mark(*seq) == Some(*mark));
        ends.map(|(seq, _)| *seq).chain(inside.map(|(seq, _)| *seq))
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

    pub fn replaced_by(&self, header: &Header, inside: &[(u64, Mark)]) -> Vec<(u64, Mark)> {
        let span = Span::new(header.first, header.last());
        if !matches!(self.fits(header, inside), Fit::New(_) | Fit::Packs) {
            return Vec::new();
        }
        let key = |segment: Span| Some((segment.first, self.mark(segment.last)?));
        self.within(span).filter_map(key).collect()
    }

    pub fn fits(&self, header: &Header, inside: &[(u64, Mark)]) -> Fit {
        let span = Span::new(header.first, header.last());
        let ends = [
            (header.first - 1, header.before),
            (span.last, header.last_chain),
        ];
        // Chain values that agree at a number prove every number before it. What says otherwise there
        // and ends no held segment is of one whose place was taken on trust by one of another branch.
        let agreed = self.agreeing(&ends, inside).max();
        let agreed = agreed.filter(|_| !inside.is_empty()).unwrap_or(0);
        let counts = |seq: u64| seq >= agreed || self.is_edge(seq) || self.chain(seq).is_none();
        let other = |seq: u64, mark: Mark| self.mark(seq).is_some_and(|ours| ours != mark);
        let forks = ends
            .iter()
            .any(|(seq, chain)| counts(*seq) && self.agrees(*seq, chain) == Some(false))
            || inside
                .iter()
                .any(|(seq, mark)| other(*seq, *mark) && counts(*seq));
        if forks {
            return Fit::Fork;
        }
        // So each run must agree with the segment at the last number that both have.
        let is_held = self.held.covers(span);
        let proves = |seq| (is_held && seq == span.last) || self.proof(seq).is_some();
        let proven = |run: Span| {
            let shared = run.last.min(span.last);
            let mut agreeing = self.agreeing(&ends, inside);
            agreeing.any(|seq| seq == shared && proves(seq))
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

    /// Whether this very segment is held.
    pub fn has_segment(&self, header: &Header) -> bool {
        self.segments.get(&header.first) == Some(&header.last())
            && self.chain(header.last()) == Some(header.last_chain)
    }

    /// Whether a bigger segment is held that was opened and has the entries of this one.
    pub fn is_within_opened(&self, header: &Header) -> bool {
        let first = self.segment_start(header.first);
        let last = usize::try_from(header.last().saturating_sub(first));
        let marks = self.marks.get(&first).filter(|_| !self.has_segment(header));
        let same =
            |(marks, last): (&Vec<Mark>, usize)| marks.get(last) == Some(&header.last_chain.mark());
        marks.zip(last.ok()).is_some_and(same)
    }

    /// Takes a segment that fits.
    pub fn take(&mut self, header: &Header, inside: &[(u64, Mark)], gap_tracking: bool) {
        let span = Span::new(header.first, header.last());
        let first = if gap_tracking { span.first } else { 1 };
        let proven = self.run_to(span.last, header.last_chain.mark());
        self.held.insert(Span::new(first, span.last));
        self.joints.insert(span.first - 1, header.before);
        self.joints.insert(span.last, header.last_chain);
        let replaced: Vec<_> = self.within(span).collect();
        for segment in replaced {
            let is_proven = proven.is_some_and(|run| run.first <= segment.first);
            if inside.is_empty() && !is_proven {
                self.doubted.extend([segment.first - 1, segment.last]);
            }
            self.forget(segment);
        }
        self.doubted.remove(&(span.first - 1));
        self.doubted.remove(&span.last);
        self.segments.insert(span.first, span.last);
        self.learn(header, inside);
        self.see_packed();
    }

    /// The held run that is known to lead to an entry: what of it lies before that is of one branch
    /// with it.
    fn run_to(&self, seq: u64, mark: Mark) -> Option<Span> {
        let mut runs = self.held.touching(Span::new(seq, seq));
        let run = runs.find(|run| run.first <= seq && seq <= run.last)?;
        (self.proof(seq) == Some(mark)).then_some(run)
    }

    /// Takes note of the marks of a held segment's entries, in order, once all are known.
    pub fn learn(&mut self, header: &Header, inside: &[(u64, Mark)]) {
        let end = inside.last().map(|(_, mark)| *mark);
        let whole = inside.len() == header.count as usize && end == Some(header.last_chain.mark());
        if header.count <= 1 || !whole || !self.has_segment(header) {
            return;
        }
        let marks = inside.iter().map(|(_, mark)| *mark).collect();
        self.marks.insert(header.first, marks);
        self.drop_joints_within(Span::new(header.first, header.last()));
    }

    /// Joints within opened segments say nothing that their marks do not.
    fn drop_joints_within(&mut self, span: Span) {
        let within = self.joints.range(span.first..span.last);
        let is_opened = |seq: u64| self.marks.contains_key(&self.segment_start(seq));
        let known: Vec<u64> = within
            .map(|(seq, _)| *seq)
            .filter(|seq| !self.is_edge(*seq) && is_opened(*seq))
            .collect();
        for seq in known {
            self.joints.remove(&seq);
            self.doubted.remove(&seq);
        }
    }

    /// Whether an entry with this number is held.
    pub fn holds(&self, seq: u64) -> bool {
        seq > 0 && self.held.covers(Span::new(seq, seq))
    }

    /// Takes note of chain values within what is held.
    pub fn passes(&mut self, joints: Vec<(u64, ChainValue)>) {
        for (seq, chain) in joints {
            self.joints.insert(seq, chain);
            self.doubted.remove(&seq);
        }
    }

    pub fn begins_behind_ours(&self, first: u64, before: &ChainValue) -> bool {
        self.agrees(first - 1, before) == Some(true)
    }

    /// Whether a span overlaps a held run, or lies beside one.
    pub fn touches(&self, span: Span) -> bool {
        self.held.touching(span).next().is_some()
    }

    /// The run of this branch from which a run of another one leads on, or to which it leads.
    pub fn met_by(&self, other: &Self, run: Span) -> Option<Span> {
        let meets = |held: &Span| {
            let shared = run.last.min(held.last);
            let ours = self.proof(shared);
            ours.is_some() && ours == other.proof(shared)
        };
        self.held.touching(run).find(meets)
    }

    /// What is known of it, number by number, in no order; some twice.
    fn known(&self) -> impl Iterator<Item = (u64, Mark)> {
        let joints = self.joints.iter().map(|(seq, chain)| (*seq, chain.mark()));
        let marks = self.marks.iter();
        let inside = marks.flat_map(|(first, marks)| (*first..).zip(marks.iter().copied()));
        joints.chain(inside)
    }

    /// Whether another branch is known to be elsewhere at a number where this one is known.
    pub fn contradicts(&self, other: &Self) -> bool {
        other
            .known()
            .any(|(seq, mark)| self.mark(seq).is_some_and(|ours| ours != mark))
    }

    /// The highest number at which both are known to have one chain value.
    pub fn joins(&self, other: &Self) -> Option<u64> {
        let same = self
            .known()
            .filter(|(seq, mark)| [other, self].map(|it| it.proof(*seq)) == [Some(*mark); 2]);
        same.map(|(seq, _)| seq).max()
    }

    /// Takes one run out, with all that is known of it.
    pub fn split_off(&mut self, run: Span) -> Self {
        let mut part = Self::new(self.start);
        part.held.insert(run);
        self.held.remove(run);
        let of: Vec<Span> = self.within(run).collect();
        for segment in of {
            if let Some(marks) = self.marks.remove(&segment.first) {
                part.marks.insert(segment.first, marks);
            }
            self.segments.remove(&segment.first);
            part.segments.insert(segment.first, segment.last);
        }
        let joints = self.joints.range(run.first - 1..=run.last);
        part.joints = joints.map(|(seq, chain)| (*seq, *chain)).collect();
        let doubted = self.doubted.range(run.first - 1..=run.last);
        part.doubted = doubted.copied().collect();
        self.forget_joints(run);
        self.unpack(run.first);
        part
    }

    /// Takes in what another branch held that meets this one.
    pub fn merge(&mut self, part: Self) {
        let runs: Vec<Span> = part.held.iter().collect();
        part.held.iter().for_each(|span| self.held.insert(span));
        for (seq, chain) in part.joints {
            let is_doubted = part.doubted.contains(&seq);
            if self.proof(seq).is_some() || (is_doubted && self.mark(seq).is_some()) {
                continue;
            }
            self.joints.insert(seq, chain);
            if is_doubted {
                self.doubted.insert(seq);
            } else {
                self.doubted.remove(&seq);
            }
        }
        for (first, last) in part.segments {
            let span = Span::new(first, last);
            let covered = self
                .around(span)
                .any(|it| it.first <= first && last <= it.last);
            if !covered {
                let within: Vec<Span> = self.within(span).collect();
                within.into_iter().for_each(|it| self.forget(it));
                self.segments.insert(first, last);
                if let Some(marks) = part.marks.get(&first) {
                    self.marks.insert(first, marks.clone());
                }
            }
        }
        for run in runs {
            self.drop_joints_within(run);
        }
        self.see_packed();
    }

    fn forget(&mut self, segment: Span) {
        self.segments.remove(&segment.first);
        self.marks.remove(&segment.first);
    }

    /// Takes out a held segment. What others bring of it is there still.
    pub fn remove(&mut self, segment: Span) {
        self.forget(segment);
        self.held.remove(segment);
        self.unpack(segment.first);
        let others: Vec<Span> = self.around(segment).collect();
        others.into_iter().for_each(|it| self.held.insert(it));
        self.forget_joints(segment);
    }

    /// What begins at a number is not packed any more.
    fn unpack(&mut self, first: u64) {
        let window = Span::window_after(0).count();
        self.packed = self.packed.min((first - 1) / window * window);
    }

    /// Forgets chain values of what is not held any more.
    fn forget_joints(&mut self, gone: Span) {
        let held = &self.held;
        let beside = |seq: u64| {
            held.covers(Span::new(seq.max(1), seq.max(1)))
                || held.covers(Span::new(seq + 1, seq + 1))
        };
        let outside = |seq: u64| seq + 1 < gone.first || seq > gone.last;
        self.joints.retain(|seq, _| outside(*seq) || beside(*seq));
        self.doubted.retain(|seq| self.joints.contains_key(seq));
    }
}
