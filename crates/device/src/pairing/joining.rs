//! The newcomer's side: the shop is pinned, received, remembered, and only then told.

use base::effect::{Durability, StorageTrouble, Transaction};
use base::{DeviceId, Effect, EntryRef, LinkId, Run, ShopId, Stream, Vector};
use sync_core::replica::Standing;

use super::{Pairing, Side};
use crate::Device;
use crate::api::{Notice, PairingStep, Refusal, Reply, RequestId};
use crate::outbox::Turn;
use crate::purpose::Purpose;
use crate::starting::record_change;

/// A newcomer that has everything and remembers its shop.
#[derive(Debug)]
pub struct Joining {
    link: LinkId,
    /// Who let us in.
    peer: Option<DeviceId>,
    /// Who waits.
    request: Option<RequestId>,
}

impl Device {
    /// The newcomer learns which shop it would come into, and pins it.
    pub(crate) fn shared(
        &mut self,
        id: LinkId,
        shop: ShopId,
        vector: &Vector,
        turn: &mut Turn<'_>,
    ) {
        let Some(me) = self.me() else { return };
        let Some(pairing) = self.pairing.as_mut().filter(|pairing| pairing.link == id) else {
            return;
        };
        let Side::Newcomer { code, goal, .. } = &mut pairing.side else {
            return;
        };
        *goal = vector.clone();
        let check = PairingStep::Check {
            code: code.clone(),
            device_name: pairing.name.clone(),
            approver: false,
            suggested_terminal: None,
        };
        turn.out.notice(Notice::Pairing(check));
        self.open_shop(shop, me);
        self.begin_replica(turn);
    }

    /// We are let in: everything else comes by the ordinary way.
    pub(crate) fn admitted(&mut self, id: LinkId, entry: EntryRef, turn: &mut Turn<'_>) {
        let Some(pairing) = self.pairing.as_mut().filter(|pairing| pairing.link == id) else {
            return;
        };
        let Side::Newcomer { admitted, .. } = &mut pairing.side else {
            return;
        };
        *admitted = Some(entry);
        let Some(peer) = self.links.get(id).and_then(|live| live.peer()) else {
            return;
        };
        if let Some(replica) = &mut self.replica {
            // It has proven nothing of the shop yet; the chain back to the pinned id will.
            replica.link_up(turn.now.mono_ms, id, peer, Standing::Member);
        }
        turn.out.notice(Notice::Pairing(PairingStep::Receiving {
            done: 0,
            total: 0,
        }));
    }

    /// History is coming in on the newcomer.
    pub(crate) fn pairing_progress(
        &mut self,
        id: LinkId,
        done: u64,
        total: u64,
        turn: &mut Turn<'_>,
    ) {
        let ours = self.pairing.as_ref().is_some_and(|pairing| {
            pairing.link == id && matches!(pairing.side, Side::Newcomer { .. })
        });
        if ours {
            turn.out
                .notice(Notice::Pairing(PairingStep::Receiving { done, total }));
        }
    }

    /// The newcomer can sell once control and `shop` are there as far as the member held them. Where
    /// only a newer release can read what lets it in, it says so.
    pub(crate) fn check_joined(&mut self, turn: &mut Turn<'_>) {
        let (Some(shop), Some(pairing)) = (&self.shop, &self.pairing) else {
            return;
        };
        let Side::Newcomer {
            goal,
            admitted: Some(enrolment),
            ..
        } = &pairing.side
        else {
            return;
        };
        let has = |stream: Stream| {
            let mut logs = goal.logs().filter(|(log, _)| log.stream == stream);
            let taken = |log, run: &Run| {
                let (seq, mark) = (run.last, run.mark);
                shop.has_taken(&EntryRef { log, seq, mark })
            };
            logs.all(|(log, runs)| runs.iter().all(|run| taken(log, run)))
        };
        let has_control = has(Stream::Control) && shop.has_taken(enrolment);
        let there = has(Stream::Control) && has(Stream::Shop);
        let lacks_settings = shop.state.settings().is_none();
        let is_unread = (has_control && shop.own().is_none()) || (there && lacks_settings);
        if is_unread && shop.newer() > 0 {
            return self.fail_link(pairing.link, Refusal::shop_newer(), turn);
        }
        if !there || shop.own().is_none() || lacks_settings {
            return;
        }
        if !shop.zone_answered {
            return self.ask_zone(turn);
        }
        self.joined(turn);
    }

    /// We are in: remembers the shop, strictly.
    fn joined(&mut self, turn: &mut Turn<'_>) {
        let Some(pairing) = self.pairing.take() else {
            return;
        };
        let (Side::Newcomer { request, .. }, Some(shop)) = (pairing.side, &self.shop) else {
            return;
        };
        self.record.shop = Some(shop.id);
        let transaction = Transaction {
            durability: Durability::Strict,
            changes: vec![record_change(&self.record)],
        };
        let link = pairing.link;
        let peer = self.links.get(link).and_then(|live| live.peer());
        let joining = Joining {
            link,
            peer,
            request,
        };
        turn.out
            .effect(Purpose::Join(joining), Effect::Store(transaction));
    }

    /// The shop is remembered, and can be sold in; or it could not be, and nothing is told that a
    /// reload would undo.
    pub(crate) fn join_stored(
        &mut self,
        joining: Joining,
        result: Result<(), StorageTrouble>,
        turn: &mut Turn<'_>,
    ) {
        if let Err(trouble) = result {
            let refusal = self.not_stored(&trouble, turn);
            return self.join_failed(&joining, refusal, turn);
        }
        let Some(shop) = &mut self.shop else { return };
        shop.open = true;
        let settings = shop.state.settings();
        turn.out.notice(Notice::Pairing(PairingStep::Complete {
            device_name: shop.name_of(shop.me),
            shop_name: settings.map(|settings| settings.name).unwrap_or_default(),
        }));
        if let (Some(request), Some(device)) = (joining.request, joining.peer) {
            turn.out.reply(request, Reply::Linked { device });
        }
        let linked = joining.peer.filter(|peer| self.links.to(*peer).is_some());
        if let Some(device) = linked {
            turn.out.notice(Notice::PeerConnected(device));
        }
        self.join_meeting(turn);
        turn.out.notice(Notice::CatalogueChanged);
        turn.out.notice(Notice::StatusChanged);
    }

    /// Forgets a shop that could not be remembered. Two new cards go on from there: the owner has
    /// let us in.
    fn join_failed(&mut self, joining: &Joining, refusal: Refusal, turn: &mut Turn<'_>) {
        self.record.shop = None;
        self.record.copy_mark = None;
        self.abandon_joining();
        self.fail_link(joining.link, refusal.clone(), turn);
        if let Some(request) = joining.request {
            turn.out.refuse(request, refusal.clone());
        }
        turn.out
            .notice(Notice::Pairing(PairingStep::Failed(refusal)));
        // What was written in between still names the shop.
        self.keep_record(None, turn);
    }

    /// Forgets what came of a shop that we are not in.
    pub(super) fn abandon_joining(&mut self) {
        if self.record.shop.is_none() && self.founding.is_none() {
            self.shop = None;
            self.replica = None;
            self.restored = None;
        }
    }

    /// Whether we are the newcomer of a pairing under way.
    pub(crate) fn joining(&self) -> bool {
        let newcomer = |pairing: &Pairing| matches!(pairing.side, Side::Newcomer { .. });
        self.pairing.as_ref().is_some_and(newcomer)
    }
}
