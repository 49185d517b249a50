//! Telling others what is held: vectors and statements.

use base::limits::{ANNOUNCE_INTERVAL_MS, LINKS_TOLD_AT_ONCE, STATEMENT_INTERVAL_MS};
use base::machine::Channel;
use base::{LinkId, LogId, Vector};

use super::Replica;
use super::action::{Action, Standing};
use crate::message::Message;

impl Replica {
    /// A durable statement that [`Action::StatementDue`] asked for is signed.
    pub fn statement_made(&mut self, now_ms: u64, bytes: &[u8], runs: &Vector) {
        let as_stated = |log: &LogId| {
            let stated = runs.runs(*log);
            !stated.is_empty() && self.holdings.runs_of([log]).runs(*log) == stated
        };
        let mut links = Vec::new();
        for (link, peer) in &mut self.peers {
            if peer.ready && peer.standing == Standing::Member {
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

    /// Sends a link everything that we hold and it may have.
    pub(super) fn tell_all(&mut self, link: LinkId) {
        self.tell_whole(link, false);
    }

    /// The same; `asks` for all that the other end holds in return.
    pub(super) fn tell_whole(&mut self, link: LinkId, asks: bool) {
        let Some(peer) = self.peers.get_mut(&link) else {
            return;
        };
        peer.untold.clear();
        peer.untold_blocks.clear();
        let mut vector = self.holdings.vector();
        vector.retain(|log| peer.may_have(log));
        peer.is_told(&vector);
        self.send(
            link,
            Channel::Control,
            Message::Vector {
                vector,
                whole: true,
                asks,
            },
        );
    }

    /// What is held of a log has changed.
    pub(super) fn changed(&mut self, now_ms: u64, log: LogId) {
        for peer in self.peers.values_mut().filter(|peer| peer.may_have(log)) {
            peer.untold.insert(log);
            peer.unsettle([log]);
        }
        if log.device != self.me {
            self.unstated.insert(log);
            self.unstated_ms.get_or_insert(now_ms);
        }
        self.packed_further(now_ms, log);
        let pace = self.pace(ANNOUNCE_INTERVAL_MS);
        if !self.peers.is_empty() {
            self.announce_ms.get_or_insert(now_ms + pace);
        }
    }

    /// More of a log may be packed: whoever holds it loose can fetch that.
    pub(super) fn packed_further(&mut self, now_ms: u64, log: LogId) {
        let reach = self.holdings.packed(log);
        let pace = self.pace(ANNOUNCE_INTERVAL_MS);
        let peers = self.peers.values_mut();
        for peer in peers.filter(|peer| reach > 0 && peer.lacks_word_of(log, reach)) {
            peer.untold_blocks.insert(log);
            self.announce_ms.get_or_insert(now_ms + pace);
        }
    }

    pub(super) fn tell(&mut self, now_ms: u64) {
        if self.announce_ms.is_some_and(|due| now_ms >= due) {
            self.announce_ms = None;
            self.announce();
        }
        if self.statement_due_ms().is_some_and(|due| now_ms >= due) {
            self.statement_ms = Some(now_ms);
            self.unstated_ms = None;
            let logs = std::mem::take(&mut self.unstated);
            let runs = self.holdings.runs_of(&logs);
            self.actions.push_back(Action::StatementDue { runs });
        }
    }

    fn announce(&mut self) {
        let ready = self
            .peers
            .iter()
            .filter(|(_, peer)| peer.ready && peer.is_behind());
        let links: Vec<LinkId> = ready.map(|(link, _)| *link).collect();
        for link in links {
            let Some(peer) = self.peers.get_mut(&link) else {
                continue;
            };
            let mut logs = std::mem::take(&mut peer.untold);
            logs.append(&mut peer.untold_blocks);
            let mut vector = self.holdings.vector_of(&logs);
            for log in logs {
                // Of a log that was lost altogether nothing is held any more.
                vector.mention(log);
            }
            vector.retain(|log| peer.may_have(log));
            peer.is_told(&vector);
            self.send(
                link,
                Channel::Control,
                Message::Vector {
                    vector,
                    whole: false,
                    asks: false,
                },
            );
        }
    }

    /// When a statement may be made: something changed, and somebody is there to hear it. While more
    /// is on its way it waits a little: whoever brings much wants to hear of all of it at once.
    pub(super) fn statement_due_ms(&self) -> Option<u64> {
        let heard = |peer: &super::Peer| peer.ready && peer.standing == Standing::Member;
        let due = !self.unstated.is_empty() && self.peers.values().any(heard);
        let earliest = self
            .statement_ms
            .map_or(0, |last| last + self.pace(STATEMENT_INTERVAL_MS));
        let brings = |peer: &super::Peer| !peer.asked.is_empty();
        // What is set aside waits for something else, and has given its credit back.
        let more = self.arriving.values().any(|it| it.bytes > 0) || self.peers.values().any(brings);
        let since = self.unstated_ms.filter(|_| more);
        let latest = since.map_or(0, |since| since + STATEMENT_INTERVAL_MS);
        due.then(|| earliest.max(latest))
    }

    /// How long to wait between words to everybody linked, where a few are told after `interval_ms`:
    /// who is linked with many speaks more seldom, and of more at a time.
    fn pace(&self, interval_ms: u64) -> u64 {
        interval_ms * self.peers.len().div_ceil(LINKS_TOLD_AT_ONCE).max(1) as u64
    }
}
