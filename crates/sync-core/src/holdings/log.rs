//! What is held of one log: its trunk, the branches that contradict it, and what is kept aside.
//!
//! Both branches of a fork took real money, so both are held. Which one is the trunk is a matter
//! of what came first and says nothing: nobody is told, and nothing is folded by it.

use std::borrow::Cow;

use base::hash::ChainValue;
use base::limits::{BRANCH_WINDOWS_MAX, BRANCHES_PER_LOG_MAX, FORK_RUNS_MAX};
use base::{EntryRef, Header, LogId, Mark, Run, ShopId};

use super::branch::{Branch, Fit};
use super::branches::Branches;
use crate::spans::{Span, Spans};

/// A run that nothing shows to meet what is held, or that there is no room for as a branch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Aside {
    /// Its numbers.
    pub span: Span,
    /// `c(first − 1)` as it says.
    pub before: ChainValue,
    /// `c(last)` as it says.
    pub end: ChainValue,
    /// Whether it began where a chain value of ours is known, when it came.
    met: bool,
}

/// The branches of one log, at least the trunk.
#[derive(Debug, Clone)]
pub(super) struct HeldLog {
    branches: Branches,
    aside: Vec<Aside>,
}

impl HeldLog {
    pub fn new(shop: ShopId, log: LogId) -> Self {
        Self {
            branches: Branches::new(ChainValue::start(shop, log)),
            aside: Vec::new(),
        }
    }

    /// The branch that came first: for nearly every log all that there is.
    pub fn trunk(&self) -> &Branch {
        self.branches.at(0)
    }

    pub fn trunk_mut(&mut self) -> &mut Branch {
        self.branches.at_mut(0)
    }

    pub fn is_forked(&self) -> bool {
        self.branches.count() > 1
    }

    pub fn aside(&self) -> impl Iterator<Item = &Aside> {
        self.aside.iter()
    }

    /// The branch that passes this entry.
    pub fn branch_of(&self, seq: u64, mark: Mark) -> Option<usize> {
        let passes = |branch: &Branch| branch.proof(seq) == Some(mark);
        self.branches.iter().position(passes)
    }

    /// Whether ours is known at a number, on any branch.
    fn knows(&self, seq: u64) -> bool {
        self.branches.iter().any(|it| it.proof(seq).is_some())
    }

    /// Whether ours is known at a number, and no branch of ours passes this entry.
    pub fn contradicts(&self, seq: u64, mark: Mark) -> bool {
        self.knows(seq) && self.branch_of(seq, mark).is_none()
    }

    /// The highest number up to which the ways to an entry and to the end of a run are known to be
    /// one; 0 where they are not.
    pub fn shared_by(&self, end: EntryRef, run: &Run) -> u64 {
        let one = self.branch_of(end.seq, end.mark);
        let other = self.branch_of(run.last, run.mark);
        let shared = |(one, other)| self.branches.shared_by(one, other);
        one.zip(other).map_or(0, shared).min(run.last)
    }

    /// Where the earliest held segment begins that `seq` lies in; `seq` where none is held.
    pub fn segment_start(&self, seq: u64) -> u64 {
        let starts = self.branches.iter().map(|it| it.segment_start(seq));
        starts.min().unwrap_or(seq)
    }

    /// The numbers that are held along one branch, back from its end.
    pub fn path(&self, branch: usize) -> Cow<'_, Spans> {
        if !self.is_forked() {
            return Cow::Borrowed(self.trunk().spans());
        }
        let parts = self.branches.shared_with(branch);
        Cow::Owned(
            parts
                .flat_map(|(it, last)| it.spans().up_to(last))
                .collect(),
        )
    }

    /// The numbers that a branch holds and none before it.
    pub fn own(&self, branch: usize) -> Cow<'_, Spans> {
        if branch == 0 {
            return Cow::Borrowed(self.trunk().spans());
        }
        let mut own = self.branches.at(branch).spans().clone();
        for (before, last) in self.branches.shared_with(branch).take(branch) {
            before.spans().up_to(last).for_each(|span| own.remove(span));
        }
        Cow::Owned(own)
    }

    /// Every branch by its number, with the numbers that it holds and none before it.
    pub fn owned(&self) -> impl Iterator<Item = (usize, Cow<'_, Spans>)> {
        (0..self.branches.count()).map(|branch| (branch, self.own(branch)))
    }

    /// What is held, as runs seen from their ends.
    pub fn runs(&self) -> Vec<Run> {
        let of = |(branch, own): (usize, Cow<'_, Spans>)| {
            let run = |span: Span| {
                let mark = self.branches.mark_along(branch, span.last)?;
                Some(Run {
                    first: span.first,
                    last: span.last,
                    mark,
                })
            };
            own.iter().filter_map(run).collect::<Vec<_>>()
        };
        let mut runs: Vec<Run> = self.owned().flat_map(of).collect();
        runs.sort_unstable();
        runs
    }

    /// Whether these are the runs that are held, of a log without branches.
    pub fn is_told(&self, runs: &[Run]) -> bool {
        let spans = self.trunk().spans();
        let same = |(span, run): (Span, &Run)| {
            let end = || self.trunk().mark(span.last) == Some(run.mark);
            (span.first, span.last) == (run.first, run.last) && end()
        };
        !self.is_forked() && spans.len() == runs.len() && spans.iter().zip(runs).all(same)
    }

    /// Which numbers of a branch these runs of somebody else's hold. Runs that end where ours is not
    /// known are taken to be of it.
    pub fn held_by(&self, branch: usize, runs: &[Run]) -> Spans {
        let part = |run: &Run| {
            let last = match self.branch_of(run.last, run.mark) {
                Some(of) if of == branch => run.last,
                Some(of) => self.branches.shared_by(branch, of),
                None if self.knows(run.last) => 0,
                None => run.last,
            };
            let span = Span::new(run.first, run.last.min(last));
            (span.first <= span.last).then_some(span)
        };
        runs.iter().filter_map(part).collect()
    }

    /// How many entries of a run of somebody else's are not held.
    pub fn lacks(&self, run: &Run) -> u64 {
        let span = Span::new(run.first, run.last);
        match self.branch_of(run.last, run.mark) {
            Some(branch) => span.count() - self.path(branch).count_in(span),
            None if self.knows(run.last) => span.count(),
            None => span.count() - self.trunk().spans().count_in(span),
        }
    }

    /// What to ask for of a run of somebody else's, in a log of which there are several branches:
    /// what is lacking along it, window by window, highest first, until chain values meet.
    pub fn needs(&self, run: &Run) -> Vec<Span> {
        let span = Span::new(run.first, run.last);
        // What somebody claims may be beyond all reason.
        let windows = |missing: Vec<Span>| {
            let highest_first = missing.into_iter().rev();
            let windows = highest_first.flat_map(|it| it.blocks().rev());
            windows.take(BRANCH_WINDOWS_MAX)
        };
        if let Some(branch) = self.branch_of(run.last, run.mark) {
            return windows(self.path(branch).missing(span)).collect();
        }
        let held = || self.branches.iter().flat_map(|it| it.spans().iter());
        let beyond = held().collect::<Spans>().missing(span);
        if !beyond.is_empty() {
            return windows(beyond).collect();
        }
        // It may lead on from a branch that ends within it. What comes shows.
        let ends = held()
            .map(|held| held.last)
            .filter(|last| *last < span.last);
        let first = ends
            .max()
            .map_or(span.first, |last| span.first.max(last + 1));
        windows(vec![Span::new(first, span.last)]).take(1).collect()
    }

    pub fn missing(&self, span: Span) -> Vec<Span> {
        let lacking = self.trunk().spans().missing(span);
        if self.aside.is_empty() {
            return lacking;
        }
        let aside: Spans = self.aside.iter().map(|aside| aside.span).collect();
        lacking
            .into_iter()
            .flat_map(|span| aside.missing(span))
            .collect()
    }

    pub fn fits(&self, header: &Header, inside: &[(u64, Mark)]) -> Fit {
        self.place(header, inside).1
    }

    /// Where a segment belongs, and how it fits there; nowhere where a new branch begins with it, or
    /// nothing shows where it belongs.
    fn place(&self, header: &Header, inside: &[(u64, Mark)]) -> (Option<usize>, Fit) {
        let trunk = self.trunk().fits(header, inside);
        if !self.is_forked() {
            let place = (!matches!(trunk, Fit::Fork | Fit::Unproven)).then_some(0);
            return (place, trunk);
        }
        if trunk == Fit::Duplicate {
            return (Some(0), trunk);
        }
        // What touches none of its runs is not known to be of a branch.
        let span = Span::new(header.first, header.last());
        let (mut fitting, mut unproven) = (None, trunk == Fit::Unproven);
        for (number, branch) in self.branches.iter().enumerate().skip(1) {
            match branch.fits(header, inside) {
                // It is there, wherever else it might belong.
                Fit::Duplicate => return (Some(number), Fit::Duplicate),
                Fit::Fork => {}
                Fit::Unproven => unproven = true,
                fit if branch.touches(span) => {
                    fitting.get_or_insert((Some(number), fit));
                }
                _ => {}
            }
        }
        let is_trunks = matches!(trunk, Fit::New(_) | Fit::Packs) && self.trunk().touches(span);
        match (fitting, trunk) {
            (Some(fitting), _) => fitting,
            (None, fit) if is_trunks => (Some(0), fit),
            // It may be of one of them: then it is no branch of its own, and not the trunk's.
            (None, _) if unproven => (None, Fit::Unproven),
            (None, Fit::Fork) => (None, Fit::Fork),
            (None, fit) => (Some(0), fit),
        }
    }

    pub fn replaced_by(&self, header: &Header, inside: &[(u64, Mark)]) -> Vec<(u64, Mark)> {
        let (place, _) = self.place(header, inside);
        place.map_or_else(Vec::new, |it| {
            self.branches.at(it).replaced_by(header, inside)
        })
    }

    /// Whether a segment lies within a bigger one that is held and was opened, and brings nothing.
    pub fn is_needless(&self, header: &Header) -> bool {
        self.branches
            .iter()
            .any(|branch| branch.is_within_opened(header))
    }

    pub fn add(&mut self, header: &Header, inside: &[(u64, Mark)], gap_tracking: bool) -> Fit {
        let (place, fit) = self.place(header, inside);
        let place = match (place, &fit) {
            // All branches of a log begin with one chain value.
            (None, Fit::Fork)
                if self.branches.count() < BRANCHES_PER_LOG_MAX
                    && (header.first > 1 || header.before == self.branches.start()) =>
            {
                Some(self.branches.add())
            }
            (place, _) => place,
        };
        let Some(place) = place else {
            self.set_aside(header);
            return Fit::Unproven;
        };
        if fit == Fit::Duplicate {
            self.branches.at_mut(place).learn(header, inside);
        } else {
            self.branches
                .at_mut(place)
                .take(header, inside, gap_tracking);
        }
        let (span, end) = (Span::new(header.first, header.last()), header.last_chain);
        self.aside
            .retain(|aside| (aside.span, aside.end) != (span, end));
        if fit != Fit::Duplicate {
            self.reconsider();
        }
        self.branches.settle(place, header, inside);
        fit
    }

    /// What has been set aside because nothing showed that it meets, and begins behind ours since,
    /// is lacking again: brought once more, it may meet.
    fn reconsider(&mut self) {
        let mut aside = std::mem::take(&mut self.aside);
        aside.retain(|it| it.met || !self.begins_behind_ours(it.span.first, &it.before));
        self.aside = aside;
    }

    fn begins_behind_ours(&self, first: u64, before: &ChainValue) -> bool {
        let mut branches = self.branches.iter();
        branches.any(|branch| branch.begins_behind_ours(first, before))
    }

    fn set_aside(&mut self, header: &Header) {
        let aside = Aside {
            span: Span::new(header.first, header.last()),
            before: header.before,
            end: header.last_chain,
            met: self.begins_behind_ours(header.first, &header.before),
        };
        if self.aside.len() < FORK_RUNS_MAX && !self.aside.contains(&aside) {
            self.aside.push(aside);
        }
    }

    /// Takes out a held segment.
    pub fn remove(&mut self, header: &Header) {
        let of_it = |branch: &Branch| branch.has_segment(header);
        let number = self.branches.iter().position(of_it);
        if let Some(number) = number {
            let span = Span::new(header.first, header.last());
            self.branches.at_mut(number).remove(span);
            self.branches.resettle();
        }
    }

    /// Where what is held ends before which at most `holes` numbers are lacking, on the branch that
    /// goes furthest so.
    pub fn last_within(&self, holes: u64) -> Option<(u64, ChainValue)> {
        let ends = (0..self.branches.count()).filter_map(|branch| {
            let mut count = 0;
            let path = self.path(branch);
            let near = path.iter().filter_map(|run| {
                count += run.count();
                (run.last - count <= holes).then_some(run.last)
            });
            let last = near.last()?;
            let chain = self.branches.iter().find_map(|it| it.chain(last));
            Some((last, self.branches.at(branch).chain(last).or(chain)?))
        });
        ends.max_by_key(|(last, chain)| (*last, chain.0))
    }
}
