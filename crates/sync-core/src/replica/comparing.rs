//! Whether we are in step with another device, and rounds of comparing that somebody waits for.

use base::limits::MESSAGE_TIMEOUT_MS;
use base::{DeviceId, LinkId, Vector};

use super::action::Action;
use super::{Peer, Replica};
use crate::delivery::Delivery;
use crate::holdings::Holdings;

/// A round of comparing with one device: both tell all that they hold, and each fetches what it
/// lacks of what the other held then. What is written meanwhile is left to whatever comes next.
#[derive(Debug)]
pub(super) struct Round {
    /// What we held when it began, as far as the other may have it.
    ours: Vector,
    /// What the other holds, once it has answered.
    pub theirs: Option<Vector>,
    /// Entries that were lacking on either side when somebody last looked.
    lacking: u64,
    /// When that became less.
    moved_ms: u64,
}

impl Round {
    fn new(ours: Vector, now_ms: u64) -> Self {
        Self {
            ours,
            theirs: None,
            lacking: u64::MAX,
            moved_ms: now_ms,
        }
    }

    /// When it has come to nothing, unless something moves.
    pub fn deadline(&self) -> u64 {
        self.moved_ms + MESSAGE_TIMEOUT_MS
    }

    /// Whether it is done; `None` while it goes on.
    fn outcome(
        &mut self,
        device: DeviceId,
        delivery: &Delivery,
        holdings: &Holdings,
        now_ms: u64,
    ) -> Option<bool> {
        let there = delivery.lacks_of(device, &self.ours, holdings);
        let here = self
            .theirs
            .as_ref()
            .map_or(u64::MAX, |theirs| holdings.lacks_of(theirs));
        let lacking = there.saturating_add(here);
        if lacking < self.lacking {
            self.lacking = lacking;
            self.moved_ms = now_ms;
        }
        if lacking == 0 {
            return Some(true);
        }
        (now_ms >= self.deadline()).then_some(false)
    }
}

impl Replica {
    /// Begins a round of comparing by one link; [`Action::Compared`] ends it. One that is under
    /// way begins anew. Gives whether there is such a link.
    #[must_use]
    pub fn compare(&mut self, now_ms: u64, link: LinkId) -> bool {
        let Some(peer) = self.peers.get_mut(&link) else {
            return false;
        };
        let mut ours = self.holdings.vector();
        ours.retain(|log| peer.may_have(log));
        peer.round = Some(Round::new(ours, now_ms));
        peer.may_help_with_all();
        self.tell_whole(link, true);
        self.settle(now_ms);
        true
    }

    /// Ends rounds that are done or have come to nothing, and tells who is in step with us.
    pub(super) fn compared(&mut self, now_ms: u64) {
        for (link, peer) in &mut self.peers {
            let (delivery, holdings) = (&self.delivery, &self.holdings);
            let device = peer.device;
            let round = peer.round.as_mut();
            if let Some(done) =
                round.and_then(|round| round.outcome(device, delivery, holdings, now_ms))
            {
                peer.round = None;
                self.actions
                    .push_back(Action::Compared { link: *link, done });
            }
            if is_in_step(peer, delivery, holdings) {
                peer.unsettled = None;
                self.actions.push_back(Action::InStep { link: *link });
            }
        }
    }
}

/// Whether a peer that was not is in step with us now. Logs are looked at one after another as far
/// as they are in step: this is asked after every input, of shops with hundreds of logs.
fn is_in_step(peer: &mut Peer, delivery: &Delivery, holdings: &Holdings) -> bool {
    if !peer.listens() {
        return false;
    }
    let Some(logs) = &mut peer.unsettled else {
        return false;
    };
    while let Some(log) = logs.first() {
        if !delivery.in_step(peer.device, *log, holdings) {
            return false;
        }
        logs.pop_first();
    }
    true
}
