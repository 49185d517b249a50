//! Durable statements: when one is to be made of what, and for whom.
//!
//! Whoever wrote something waits to hear that it is safe elsewhere: it is told at once. Everybody
//! else is told now and then, of all that changed since: else words would grow with the square of a
//! shop. A link that is new is told everything.

use std::collections::BTreeSet;

use base::limits::{LINKS_TOLD_AT_ONCE, STATEMENT_INTERVAL_MS, STATEMENT_LATER_MS};
use base::machine::Channel;
use base::{LinkId, LogId, Vector};

use super::action::Action;
use super::{Peer, Replica};
use crate::message::Message;

/// What is to be stated, and to whom.
#[derive(Debug, Default)]
pub(super) struct Stating {
    /// Logs that changed since their authors, who are linked, were told.
    authors: BTreeSet<LogId>,
    /// Links on which nothing was stated yet.
    fresh: BTreeSet<LinkId>,
    /// When the first of these came to be.
    since_ms: Option<u64>,
    /// Logs that changed since everybody was told.
    everybody: BTreeSet<LogId>,
    /// When everybody is to be told.
    later_ms: Option<u64>,
    /// When authors were last told.
    last_ms: Option<u64>,
    /// Whether more was on its way then.
    of_a_part: bool,
}

impl Stating {
    /// A link is gone.
    pub fn forget(&mut self, link: LinkId) {
        self.fresh.remove(&link);
    }
}

impl Replica {
    /// A durable statement that [`Action::StatementDue`] asked for is signed.
    pub fn statement_made(&mut self, now_ms: u64, bytes: &[u8], runs: &Vector, to: &[LinkId]) {
        let as_stated = |log: &LogId| {
            let stated = runs.runs(*log);
            !stated.is_empty() && self.holdings.runs_of([log]).runs(*log) == stated
        };
        let mut links = Vec::new();
        for (link, peer) in &mut self.peers {
            if to.contains(link) && peer.listens() {
                // A statement tells what a vector would, and is believed by others too.
                peer.untold.retain(|log| !as_stated(log));
                links.push(*link);
            }
        }
        for link in links {
            self.send(link, Channel::Control, Message::Statement(bytes.to_vec()));
        }
        self.settle(now_ms);
    }

    /// A statement that was asked for could not be made: it is asked for once more.
    pub fn statement_failed(&mut self, now_ms: u64, runs: &Vector, to: &[LinkId]) {
        for link in to {
            if self.peers.contains_key(link) {
                self.state_all(now_ms, *link);
            }
        }
        for (log, _) in runs.logs() {
            self.unstated(now_ms, log);
        }
        self.stating.last_ms = Some(now_ms + STATEMENT_LATER_MS);
        self.stating.of_a_part = false;
    }

    /// Something of a log that somebody else wrote is held since.
    pub(super) fn unstated(&mut self, now_ms: u64, log: LogId) {
        let wrote = |peer: &Peer| peer.device == log.device && peer.listens();
        if self.peers.values().any(wrote) {
            self.stating.authors.insert(log);
            self.stating.since_ms.get_or_insert(now_ms);
        }
        self.stating.everybody.insert(log);
        self.stating
            .later_ms
            .get_or_insert(now_ms + STATEMENT_LATER_MS);
    }

    /// A link is ready that nothing was stated on.
    pub(super) fn state_all(&mut self, now_ms: u64, link: LinkId) {
        self.stating.fresh.insert(link);
        self.stating.since_ms.get_or_insert(now_ms);
    }

    /// When a statement may be made.
    pub(super) fn statement_due_ms(&self) -> Option<u64> {
        let due = self.soon_ms().into_iter().chain(self.stating.later_ms);
        let heard = self.peers.values().any(Peer::listens);
        due.min().filter(|_| heard)
    }

    /// When those hear one who wait for it. While more is on its way it waits a little: whoever brings
    /// much wants to hear of all of it at once, and does as soon as all of it is here.
    fn soon_ms(&self) -> Option<u64> {
        let stating = &self.stating;
        if stating.authors.is_empty() && stating.fresh.is_empty() {
            return None;
        }
        let more = self.is_more_on_its_way();
        let last_ms = stating.last_ms.filter(|_| more || !stating.of_a_part);
        let earliest = last_ms.map_or(0, |last| last + self.pace(STATEMENT_INTERVAL_MS));
        let since = stating.since_ms.filter(|_| more);
        let latest = since.map_or(0, |since| since + STATEMENT_INTERVAL_MS);
        Some(earliest.max(latest))
    }

    fn is_more_on_its_way(&self) -> bool {
        let brings = |peer: &Peer| !peer.asked.is_empty();
        // What is set aside waits for something else, and has given its credit back.
        self.arriving.values().any(|it| it.bytes > 0) || self.peers.values().any(brings)
    }

    pub(super) fn state(&mut self, now_ms: u64) {
        if self.statement_due_ms().is_none_or(|due| now_ms < due) {
            return;
        }
        let is_due = |due: &mut u64| *due <= now_ms;
        if self.stating.later_ms.take_if(is_due).is_some() {
            self.state_to_everybody();
        }
        if self.soon_ms().is_some_and(|due| due <= now_ms) {
            self.state_to_those_who_wait();
            self.stating.last_ms = Some(now_ms);
            self.stating.of_a_part = self.is_more_on_its_way();
            self.stating.since_ms = None;
        }
    }

    fn state_to_everybody(&mut self) {
        let logs = std::mem::take(&mut self.stating.everybody);
        let untold = std::mem::take(&mut self.stating.authors);
        // Who was told of its own already has nothing new to hear, if there is nothing else.
        let is_new = |peer: &Peer, log: &LogId| log.device != peer.device || untold.contains(log);
        let fresh = self.stating.fresh.clone();
        self.ask_for_statement(&logs, |link, peer| {
            let waits = !fresh.contains(&link) && logs.iter().any(|log| is_new(peer, log));
            peer.listens() && waits
        });
        self.stating.authors = untold.difference(&logs).copied().collect();
    }

    fn state_to_those_who_wait(&mut self) {
        let fresh = std::mem::take(&mut self.stating.fresh);
        if !fresh.is_empty() {
            let others = self.holdings.logs().map(|(log, _)| log);
            let others = others.filter(|log| log.device != self.me).collect();
            self.ask_for_statement(&others, |link, peer| {
                fresh.contains(&link) && peer.listens()
            });
        }
        let logs = std::mem::take(&mut self.stating.authors);
        let authors: BTreeSet<_> = logs.iter().map(|log| log.device).collect();
        self.ask_for_statement(&logs, |link, peer| {
            authors.contains(&peer.device) && !fresh.contains(&link) && peer.listens()
        });
    }

    /// Asks for a statement of these logs for the links that it is for.
    fn ask_for_statement(&mut self, logs: &BTreeSet<LogId>, hears: impl Fn(LinkId, &Peer) -> bool) {
        let hear = self.peers.iter().filter(|(link, peer)| hears(**link, peer));
        let to: Vec<LinkId> = hear.map(|(link, _)| *link).collect();
        let runs = self.holdings.runs_of(logs);
        if !to.is_empty() && runs.logs().next().is_some() {
            self.actions.push_back(Action::StatementDue { runs, to });
        }
    }

    /// How long to wait between words to those who wait for them, where a few are told after
    /// `interval_ms`: who is linked with many speaks more seldom, and of more at a time.
    pub(super) fn pace(&self, interval_ms: u64) -> u64 {
        interval_ms * self.peers.len().div_ceil(LINKS_TOLD_AT_ONCE).max(1) as u64
    }
}
