//! The branches of one log, and where they have one way.

use std::collections::BTreeMap;

use base::hash::ChainValue;
use base::limits::BRANCHES_PER_LOG_MAX;
use base::{Header, Mark};

use super::branch::Branch;
use crate::spans::Span;

/// The branches of a log by number: 0 is the trunk, which is always there.
#[derive(Debug, Clone)]
pub(super) struct Branches {
    start: ChainValue,
    trunk: Branch,
    others: Vec<Branch>,
    /// The highest number at which two branches are known to have one chain value, lower one first.
    joins: BTreeMap<(usize, usize), u64>,
}

impl Branches {
    /// A trunk that holds nothing; `start` is `c(0)` of the log.
    pub fn new(start: ChainValue) -> Self {
        Self {
            start,
            trunk: Branch::new(start),
            others: Vec::new(),
            joins: BTreeMap::new(),
        }
    }

    /// `c(0)`, which all branches share.
    pub fn start(&self) -> ChainValue {
        self.start
    }

    pub fn count(&self) -> usize {
        self.others.len() + 1
    }

    pub fn iter(&self) -> impl Iterator<Item = &Branch> {
        std::iter::once(&self.trunk).chain(&self.others)
    }

    /// A branch by its number; the trunk where there is none of that number.
    pub fn at(&self, number: usize) -> &Branch {
        let other = number.checked_sub(1).and_then(|at| self.others.get(at));
        other.unwrap_or(&self.trunk)
    }

    /// The same, to be changed.
    pub fn at_mut(&mut self, number: usize) -> &mut Branch {
        let other = number.checked_sub(1).and_then(|at| self.others.get_mut(at));
        other.unwrap_or(&mut self.trunk)
    }

    /// Adds a branch that holds nothing; gives its number.
    pub fn add(&mut self) -> usize {
        self.others.push(Branch::new(self.start));
        self.others.len()
    }

    /// Every branch, with the number up to which it is known to be the same as one of them.
    pub fn shared_with(&self, branch: usize) -> impl Iterator<Item = (&Branch, u64)> {
        let mut shared = BTreeMap::from([(branch, u64::MAX)]);
        let up_to =
            |shared: &BTreeMap<usize, u64>, it: &usize| shared.get(it).copied().unwrap_or(0);
        // What two share that share something with a third.
        for _ in 0..self.others.len() {
            for ((one, other), join) in &self.joins {
                let [first, second] = [one, other].map(|it| up_to(&shared, it));
                shared.insert(*one, first.max(second.min(*join)));
                shared.insert(*other, second.max(first.min(*join)));
            }
        }
        let numbered = self.iter().enumerate();
        numbered.map(move |(number, it)| (it, up_to(&shared, &number)))
    }

    /// Up to which number two branches are known to be one.
    pub fn shared_by(&self, one: usize, other: usize) -> u64 {
        let mut shared = self.shared_with(one);
        shared.nth(other).map_or(0, |(_, last)| last)
    }

    /// The mark at a number along a branch: where it is not known there, of another one that joins it
    /// behind that number, without a hole from there to here in either.
    pub fn mark_along(&self, branch: usize, seq: u64) -> Option<Mark> {
        let leads = |it: &Branch, from: u64, to: u64| it.spans().covers(Span::new(from, to));
        let of_other = |(other, it): (usize, &Branch)| {
            let pair = (branch.min(other), branch.max(other));
            let join = self.joins.get(&pair).copied().filter(|join| seq < *join)?;
            let proven = leads(self.at(branch), seq, join) && leads(it, seq + 1, join);
            it.mark(seq).filter(|_| proven)
        };
        let of_others = || self.iter().enumerate().find_map(of_other);
        self.at(branch).mark(seq).or_else(of_others)
    }

    /// A segment of a branch is known: sees which runs lead on from there, and where it joins others.
    pub fn settle(&mut self, place: usize, header: &Header, inside: &[(u64, Mark)]) {
        if self.others.is_empty() {
            return;
        }
        let ends = [
            (header.first - 1, header.before),
            (header.last(), header.last_chain),
        ];
        self.show(place, &ends, inside);
        // What was opened may have shown that joints are of another branch.
        if self.gather(place) || !inside.is_empty() {
            self.join_all();
        } else {
            self.join(place, &ends, inside);
        }
    }

    /// A segment that fits a branch passes these entries: where the branch holds what nobody has
    /// opened, and another one passes them too, it is seen to pass there as well.
    fn show(&mut self, place: usize, ends: &[(u64, ChainValue)], inside: &[(u64, Mark)]) {
        let ours = self.at(place);
        let unknown = |seq: u64| ours.mark(seq).is_none() && ours.holds(seq);
        let other = |seq: u64, chain: &ChainValue| {
            let mut others = self.iter();
            others.any(|it| it.agrees(seq, chain) == Some(true))
        };
        let ends = ends.iter().copied();
        let ends = ends.filter(|(seq, chain)| unknown(*seq) && other(*seq, chain));
        let inside = inside.iter().filter_map(|(seq, mark)| {
            let mut others = self.iter().filter_map(|it| it.chain(*seq));
            let same = others.find(|chain| chain.mark() == *mark)?;
            unknown(*seq).then_some((*seq, same))
        });
        let joints: Vec<_> = ends.chain(inside).collect();
        self.at_mut(place).passes(joints);
    }

    /// Something is not held any more.
    pub fn resettle(&mut self) {
        if !self.others.is_empty() {
            self.gather(0);
            self.join_all();
        }
    }

    /// Runs elsewhere that lead on from a branch, or to it, belong together with it. Gives whether
    /// anything moved.
    fn gather(&mut self, place: usize) -> bool {
        let mut moved = false;
        let mut places = vec![place];
        while let Some(place) = places.pop() {
            while let Some((held, other, run)) = self.leads_on(place) {
                let united = self.unite((place, held), (other, run));
                places.extend(Some(united).filter(|it| *it != place));
                moved = true;
            }
        }
        moved |= self.others.iter().any(|it| it.spans().is_empty());
        self.others.retain(|it| !it.spans().is_empty());
        if self.trunk.spans().is_empty() && !self.others.is_empty() {
            self.trunk = self.others.remove(0);
            moved = true;
        }
        moved
    }

    /// A run of a branch, and one of another branch that leads on from it, or to it.
    fn leads_on(&self, place: usize) -> Option<(Span, usize, Span)> {
        let target = self.at(place);
        let others = self.iter().enumerate().filter(|(it, _)| *it != place);
        { others }.find_map(|(other, from)| {
            let mut runs = from.spans().iter();
            runs.find_map(|run| Some((target.met_by(from, run)?, other, run)))
        })
    }

    /// Makes two runs one that meet. It goes where it contradicts nothing: what lies before a hole
    /// may be of another branch than what was held behind it. Gives where it went.
    fn unite(&mut self, (place, held): (usize, Span), (other, run): (usize, Span)) -> usize {
        let mut part = self.at_mut(place).split_off(held);
        part.merge(self.at_mut(other).split_off(run));
        let mut either = [place, other].into_iter();
        let fits = either.find(|it| !self.at(*it).contradicts(&part));
        let is_full = self.count() >= BRANCHES_PER_LOG_MAX;
        let to = fits.unwrap_or_else(|| if is_full { place } else { self.add() });
        self.at_mut(to).merge(part);
        to
    }

    /// Sees where a branch joins others by what is known of a segment of it.
    fn join(&mut self, place: usize, ends: &[(u64, ChainValue)], inside: &[(u64, Mark)]) {
        let joins = self.iter().enumerate().filter_map(|(other, branch)| {
            let same = branch.agreeing(ends, inside).filter(|_| other != place);
            let last = same.max()?;
            Some(((place.min(other), place.max(other)), last))
        });
        for (pair, last) in joins.collect::<Vec<_>>() {
            let join = self.joins.entry(pair).or_default();
            *join = last.max(*join);
        }
    }

    /// Sees where all branches join.
    fn join_all(&mut self) {
        let mut joins = BTreeMap::new();
        for (number, branch) in self.iter().enumerate() {
            for (other, before) in self.iter().enumerate().take(number) {
                joins.extend(branch.joins(before).map(|join| ((other, number), join)));
            }
        }
        self.joins = joins;
    }
}
