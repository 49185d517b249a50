//! The branches of one log, and where they have one way.

use std::collections::BTreeMap;

use base::hash::ChainValue;
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

    /// A segment of a branch is known: sees which runs lead on from there, and where it joins others.
    pub fn settle(&mut self, place: usize, header: &Header, inside: &[(u64, Mark)]) {
        if self.others.is_empty() {
            return;
        }
        if self.gather(place) {
            self.join_all();
        } else {
            self.join(place, header, inside);
        }
    }

    /// Something is not held any more.
    pub fn resettle(&mut self) {
        if !self.others.is_empty() {
            self.gather(0);
            self.join_all();
        }
    }

    /// Runs elsewhere that lead on from a branch, or to it, belong to it. Gives whether anything
    /// moved.
    fn gather(&mut self, place: usize) -> bool {
        let mut moved = false;
        while let Some((other, run)) = self.leads_on(place) {
            let part = self.at_mut(other).split_off(run);
            self.at_mut(place).merge(part);
            moved = true;
        }
        moved |= self.others.iter().any(|it| it.spans().is_empty());
        self.others.retain(|it| !it.spans().is_empty());
        if self.trunk.spans().is_empty() && !self.others.is_empty() {
            self.trunk = self.others.remove(0);
            moved = true;
        }
        moved
    }

    /// A run of another branch that leads on from a branch, or to it.
    fn leads_on(&self, place: usize) -> Option<(usize, Span)> {
        let target = self.at(place);
        let others = self.iter().enumerate().filter(|(it, _)| *it != place);
        { others }.find_map(|(other, from)| {
            let mut runs = from.spans().iter();
            let run = runs.find(|run| target.is_led_on_by(from, *run))?;
            Some((other, run))
        })
    }

    /// Sees where a branch joins others by what is known of a segment of it.
    fn join(&mut self, place: usize, header: &Header, inside: &[(u64, Mark)]) {
        let ends = [
            (header.first - 1, header.before),
            (header.last(), header.last_chain),
        ];
        let joins = self.iter().enumerate().filter_map(|(other, branch)| {
            let same = branch.agreeing(&ends, inside).filter(|_| other != place);
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
