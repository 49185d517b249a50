//! Telling others what is held, by vectors, and with whom we are linked.
//!
//! Soon where somebody may hear of it only by way of us, and now and then where the author is linked
//! with it, and brings it itself.

use std::collections::{BTreeMap, BTreeSet};

use base::limits::{ANNOUNCE_INTERVAL_MS, ANNOUNCE_LATER_MS, NEIGHBOURS_TOLD_MS};
use base::machine::Channel;
use base::{DeviceId, LinkId, LogId, Stream};

use super::{Peer, Replica};
use crate::message::Message;

/// When to tell what.
#[derive(Debug, Default)]
pub(super) struct Telling {
    /// What others may hear of by way of us alone.
    pub soon_ms: Option<u64>,
    /// Everything that changed.
    pub later_ms: Option<u64>,
    /// With whom we are linked.
    pub neighbours_ms: Option<u64>,
}

impl Replica {
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
        let (mut soon, me) = (false, self.me);
        for peer in self.peers.values_mut().filter(|peer| peer.may_have(log)) {
            peer.untold.insert(log);
            peer.unsettle([log]);
            soon |= peer.hears_by_us(me, log);
        }
        if log.device != self.me {
            self.unstated(now_ms, log);
        }
        self.packed_further(now_ms, log);
        if soon {
            self.tell_soon(now_ms);
        }
        if !self.peers.is_empty() {
            self.tell_later(now_ms);
        }
    }

    /// More of a log may be packed: whoever holds it loose can fetch that.
    pub(super) fn packed_further(&mut self, now_ms: u64, log: LogId) {
        let reach = self.holdings.packed(log);
        let mut any = false;
        let peers = self.peers.values_mut();
        for peer in peers.filter(|peer| reach > 0 && peer.lacks_word_of(log, reach)) {
            peer.untold_blocks.insert(log);
            any = true;
        }
        if any {
            self.tell_soon(now_ms);
        }
    }

    fn tell_soon(&mut self, now_ms: u64) {
        let pace = self.pace(ANNOUNCE_INTERVAL_MS);
        self.telling.soon_ms.get_or_insert(now_ms + pace);
    }

    fn tell_later(&mut self, now_ms: u64) {
        let due = now_ms + ANNOUNCE_LATER_MS;
        self.telling.later_ms.get_or_insert(due);
    }

    /// Other devices are linked with us than before.
    pub(super) fn neighbours_changed(&mut self, now_ms: u64) {
        let due = now_ms + NEIGHBOURS_TOLD_MS;
        self.telling.neighbours_ms.get_or_insert(due);
    }

    pub(super) fn tell(&mut self, now_ms: u64) {
        let is_due = |due: &mut u64| *due <= now_ms;
        let me = self.me;
        if self.telling.soon_ms.take_if(is_due).is_some() {
            let waits = |peer: &Peer| {
                let by_us = |log: &LogId| peer.hears_by_us(me, *log);
                !peer.untold_blocks.is_empty() || peer.untold.iter().any(by_us)
            };
            self.announce(waits);
        }
        if self.telling.later_ms.take_if(is_due).is_some() {
            self.announce(Peer::is_behind);
        }
        if self.telling.neighbours_ms.take_if(is_due).is_some() {
            self.tell_neighbours();
        }
        self.state(now_ms);
    }

    /// Tells these peers all that changed since they were told.
    fn announce(&mut self, waits: impl Fn(&Peer) -> bool) {
        let ready = self
            .peers
            .iter()
            .filter(|(_, peer)| peer.ready && waits(peer));
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

    /// A peer tells with whom it is linked. Of whoever is not among them any more it hears by way of
    /// us.
    pub(super) fn linked(&mut self, now_ms: u64, link: LinkId, with: BTreeSet<DeviceId>) {
        let Some(peer) = self.peers.get_mut(&link) else {
            return;
        };
        let lost = !peer.linked_with.is_subset(&with);
        peer.linked_with = with;
        if lost {
            self.pass_on_all(now_ms, link);
            self.tell_soon(now_ms);
        }
    }

    /// Tells members with whom we are linked, where they were told otherwise.
    fn tell_neighbours(&mut self) {
        let members = || {
            let peers = self.peers.iter();
            peers.filter(|(_, peer)| peer.listens())
        };
        let linked: BTreeSet<DeviceId> = members().map(|(_, peer)| peer.device).collect();
        let links: Vec<LinkId> = members()
            .filter(|(_, peer)| peer.told_neighbours != linked)
            .map(|(link, _)| *link)
            .collect();
        for link in links {
            if let Some(peer) = self.peers.get_mut(&link) {
                peer.told_neighbours.clone_from(&linked);
            }
            let linked = linked.iter().copied().collect();
            self.send(link, Channel::Control, Message::Linked(linked));
        }
    }

    /// How many entries of ours wait for a device, per stream. What its author brings it itself does
    /// not wait here.
    pub fn lacks(&self, member: DeviceId) -> BTreeMap<Stream, u64> {
        let mut peers = self.peers.values();
        let peer = peers.find(|peer| peer.device == member);
        let by_us = |log| peer.is_none_or(|peer| peer.hears_by_us(self.me, log));
        self.delivery.lacks(member, &self.holdings, by_us)
    }
}
