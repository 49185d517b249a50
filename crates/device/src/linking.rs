//! From a connection to a proven link: descriptions become cards, cards become proofs.

use base::card::{Card, CardKind, Description};
use base::effect::{LinkTask, SignTask, VerifyTask};
use base::frame::NO_SHOP;
use base::{Effect, KeyHandle, LinkEvent, LinkId};
use seal::pairing::CardSecrets;
use sync_core::handshake::Setup;
use sync_core::{Cards, Established, Handshake, HandshakeAction, Link, Message, Role};

use crate::Device;
use crate::api::{LinkTrouble, Notice, PairingStep, Refusal, Reply};
use crate::links::{Aim, Stage};
use crate::outbox::Turn;
use crate::purpose::Purpose;

impl Device {
    /// Takes news of a connection.
    pub(crate) fn link_event(&mut self, id: LinkId, event: LinkEvent, turn: &mut Turn<'_>) {
        if self.links.get(id).is_none() {
            return;
        }
        match event {
            LinkEvent::Described(description) => self.described(id, description, turn),
            LinkEvent::Open { local, remote } => self.opened(id, local, remote, turn),
            LinkEvent::Frame(bytes) => self.frame(id, &bytes, turn),
            LinkEvent::Down { .. } => self.link_lost(id, turn),
        }
    }

    /// Our side is described: makes our card, and shows or sends it.
    fn described(&mut self, id: LinkId, description: Description, turn: &mut Turn<'_>) {
        let (Some(me), Some(live)) = (self.me(), self.links.get_mut(id)) else {
            return;
        };
        let kind = match (live.role, &self.shop) {
            (Role::Answerer, Some(shop)) => {
                let [a, b, c, d, ..] = shop.id.0;
                CardKind::Answer([a, b, c, d])
            }
            _ => CardKind::Offer,
        };
        let secret = match live.theirs.as_ref() {
            Some(offer) => Card::answering(offer, turn.random.bytes()),
            None => Ok(turn.random.bytes()),
        };
        let Ok(secret) = secret else {
            return self.fail_link(id, Refusal::ours("the card did not fit"), turn);
        };
        let card = Card {
            kind,
            device: me,
            secret,
            description,
        };
        live.mine = Some(card.clone());
        let (request, member) = match live.aim {
            Aim::Member(member) => (live.request, Some(member)),
            _ => (live.request.take(), None),
        };
        let stage = match live.role {
            Role::Offerer => Stage::Shown,
            Role::Answerer => Stage::Connecting,
        };
        self.links.reach(id, stage, turn);
        match (card.to_text(), card.to_bytes(), member) {
            (Ok(text), _, None) => {
                if let Some(request) = request {
                    turn.out.reply(request, Reply::Card { text });
                }
            }
            (_, Ok(bytes), Some(member)) => self.send_card(member, bytes, turn),
            _ => self.fail_link(id, Refusal::ours("the card did not fit"), turn),
        }
    }

    /// Bytes can flow: both sides prove their keys.
    fn opened(&mut self, id: LinkId, local: [u8; 32], remote: [u8; 32], turn: &mut Turn<'_>) {
        let Some(keys) = self.keys else { return };
        let shops = self
            .shop
            .iter()
            .filter(|shop| shop.was_let_in())
            .map(|shop| shop.id);
        let shops = shops.collect();
        let session = self
            .shop
            .as_ref()
            .map_or(0, |shop| shop.standing.counters.session);
        let Some(live) = self.links.get(id) else {
            return;
        };
        let setup = Setup {
            role: live.role,
            keys,
            local,
            remote,
            session,
            reader: self.setup.release.reader,
            shops,
            cards: cards(live.role, live.mine.as_ref(), live.theirs.as_ref()),
            expected: live.theirs.as_ref().map(|card| card.device),
        };
        let handshake = Handshake::begin(setup, turn.random);
        let link = Link::new(turn.now.mono_ms);
        self.links
            .reach(id, Stage::Proving(Box::new((link, handshake))), turn);
        self.shake(id, turn);
    }

    /// Does what the handshake of a link wants.
    fn shake(&mut self, id: LinkId, turn: &mut Turn<'_>) {
        loop {
            let Some(Stage::Proving(proving)) = self.links.get_mut(id).map(|live| &mut live.stage)
            else {
                return;
            };
            let (link, handshake) = &mut **proving;
            match handshake.poll() {
                None => return,
                Some(HandshakeAction::Send(message)) => {
                    // A handshake message is far below what a link carries.
                    let _ = link.send(message.channel(), NO_SHOP, &message);
                }
                Some(HandshakeAction::Sign(message)) => {
                    let task = SignTask {
                        key: KeyHandle::IDENTITY,
                        message,
                    };
                    turn.out
                        .effect(Purpose::HandshakeSign(id), Effect::Sign(vec![task]));
                }
                Some(HandshakeAction::Verify {
                    public,
                    message,
                    signature,
                }) => {
                    let task = VerifyTask {
                        public,
                        message,
                        signature,
                    };
                    turn.out
                        .effect(Purpose::HandshakeVerify(id), Effect::Verify(vec![task]));
                }
                Some(HandshakeAction::Established(established)) => {
                    return self.proven(id, *established, turn);
                }
            }
        }
    }

    /// Takes our signature for a handshake.
    pub(crate) fn handshake_signed(&mut self, id: LinkId, by: [u8; 64], turn: &mut Turn<'_>) {
        if let Some(Stage::Proving(proving)) = self.links.get_mut(id).map(|live| &mut live.stage) {
            proving.1.signed(by);
            self.shake(id, turn);
        }
    }

    /// Takes the verdict on the other side's signature.
    pub(crate) fn handshake_verified(&mut self, id: LinkId, right: bool, turn: &mut Turn<'_>) {
        let Some(Stage::Proving(proving)) = self.links.get_mut(id).map(|live| &mut live.stage)
        else {
            return;
        };
        match proving.1.verified(right) {
            Ok(()) => self.shake(id, turn),
            Err(_) => self.reject_link(id, LinkTrouble::Unproven, turn),
        }
    }

    /// Takes a frame.
    fn frame(&mut self, id: LinkId, bytes: &[u8], turn: &mut Turn<'_>) {
        let Some(live) = self.links.get_mut(id) else {
            return;
        };
        let Some(link) = live.link() else { return };
        let incoming = match link.take(bytes, turn.now) {
            Ok(Some(incoming)) => incoming,
            Ok(None) => return,
            Err(_) => return self.reject_link(id, LinkTrouble::Unreadable, turn),
        };
        if let Some(peer) = live.peer() {
            self.heard.insert(peer, turn.now.wall_ms);
            return self.message(id, peer, incoming.channel, incoming.message, turn);
        }
        let Stage::Proving(proving) = &mut live.stage else {
            return;
        };
        match proving.1.message(incoming.shop, incoming.message) {
            Ok(()) => self.shake(id, turn),
            Err(_) => self.reject_link(id, LinkTrouble::Unproven, turn),
        }
    }

    /// Both sides are proven. An older connection to the same device makes room.
    fn proven(&mut self, id: LinkId, established: Established, turn: &mut Turn<'_>) {
        let early: Vec<(u16, Message)> = established.early.clone();
        let peer = established.peer;
        let old = self.links.to(peer);
        let Some(live_stage) = self.links.get_mut(id).map(|live| &mut live.stage) else {
            return;
        };
        if let Stage::Proving(proving) = std::mem::replace(live_stage, Stage::Describing) {
            *live_stage = Stage::Up(Box::new((proving.0, established)));
        }
        if let Some(old) = old {
            self.close_link(old, turn);
        }
        self.heard.insert(peer, turn.now.wall_ms);
        self.meeting.linked(peer);
        self.linked(id, peer, turn);
        for (_, message) in early {
            self.message(id, peer, message.channel(), message, turn);
        }
    }

    /// Closes a connection because of what came over it, and says so.
    pub(crate) fn reject_link(&mut self, id: LinkId, trouble: LinkTrouble, turn: &mut Turn<'_>) {
        self.accuse(id, trouble, turn);
        self.fail_link(id, Refusal::not_proven(), turn);
    }

    /// Says what a member sent that was not taken. Of newcomers pairing tells.
    pub(crate) fn accuse(&mut self, id: LinkId, trouble: LinkTrouble, turn: &mut Turn<'_>) {
        let intended = self.links.get(id).and_then(|live| live.intended());
        if let (Some(device), Some(shop)) = (intended, &self.shop)
            && self.is_member(device)
        {
            let name = shop.name_of(device);
            turn.out.notice(Notice::LinkTrouble {
                device,
                name,
                trouble,
            });
        }
    }

    /// Closes a connection for a reason that somebody at the screen should know.
    pub(crate) fn fail_link(&mut self, id: LinkId, refusal: Refusal, turn: &mut Turn<'_>) {
        let Some(live) = self.links.close(id, turn) else {
            return;
        };
        self.gone(id, &live, turn);
        if let Some(request) = live.request {
            turn.out.refuse(request, refusal.clone());
        }
        self.pairing_failed(id, refusal, turn);
    }

    /// A connection broke by itself.
    pub(crate) fn link_lost(&mut self, id: LinkId, turn: &mut Turn<'_>) {
        let Some(live) = self.links.forget(id) else {
            return;
        };
        self.gone(id, &live, turn);
        if let Some(request) = live.request {
            turn.out.refuse(request, Refusal::link_lost());
        }
        self.pairing_failed(id, Refusal::link_lost(), turn);
    }

    /// Closes a connection that nobody waits for.
    pub(crate) fn close_link(&mut self, id: LinkId, turn: &mut Turn<'_>) {
        if let Some(live) = self.links.close(id, turn) {
            self.gone(id, &live, turn);
        }
    }

    fn gone(&mut self, id: LinkId, live: &crate::links::Live, turn: &mut Turn<'_>) {
        if let Some(replica) = &mut self.replica {
            for (channel, beginning) in live.begun() {
                replica.broken_off(turn.now.mono_ms, id, channel, beginning);
            }
            replica.link_down(turn.now.mono_ms, id);
        }
        for request in &live.comparing {
            turn.out.refuse(*request, Refusal::link_lost());
        }
        if let Some(device) = live.intended().filter(|it| self.links.to(*it).is_none()) {
            self.meeting.lost(device, turn);
        }
        if let Some(peer) = live.peer()
            && self.links.to(peer).is_none()
        {
            turn.out.notice(Notice::PeerDisconnected(peer));
            turn.out.notice(Notice::StatusChanged);
        }
    }

    /// Closes connections that took too long, and sends heartbeats.
    pub(crate) fn expire_links(&mut self, turn: &mut Turn<'_>) {
        for id in self.links.expired(turn.now.mono_ms) {
            let shown =
                matches!(self.links.get(id), Some(live) if matches!(live.stage, Stage::Shown));
            let refusal = if shown {
                self.links.lapse_card(id);
                Refusal::card_expired()
            } else {
                Refusal::link_lost()
            };
            self.fail_link(id, refusal, turn);
            self.tell_of_lapsed_card(shown, turn);
        }
        for id in self.links.ids() {
            let Some(link) = self.links.get_mut(id).and_then(|live| live.link()) else {
                continue;
            };
            if link.tick(turn.now.mono_ms).is_err() {
                turn.out.order(Effect::Link(id, LinkTask::Close));
                self.link_lost(id, turn);
            }
        }
    }

    /// Says that the card on the screen is of no use any more, when it was the last one.
    fn tell_of_lapsed_card(&self, shown: bool, turn: &mut Turn<'_>) {
        if shown && self.links.card_lapsed() && self.links.shown().next().is_none() {
            let failed = PairingStep::Failed(Refusal::card_expired());
            turn.out.notice(Notice::Pairing(failed));
        }
    }

    /// Sends a message over a proven link.
    pub(crate) fn send(&mut self, id: LinkId, shop: u16, message: &Message, turn: &mut Turn<'_>) {
        let Some(link) = self.links.get_mut(id).and_then(|live| live.link()) else {
            return;
        };
        if link.send(message.channel(), shop, message).is_err() {
            self.fail_link(id, Refusal::ours("a message was too long"), turn);
        }
    }
}

/// What both sides bind their proofs to.
fn cards(role: Role, mine: Option<&Card>, theirs: Option<&Card>) -> Option<Cards> {
    let (offer, answer) = match role {
        Role::Offerer => (mine?, theirs?),
        Role::Answerer => (theirs?, mine?),
    };
    let secrets = CardSecrets {
        offer: offer.secret,
        answer: answer.secret,
    };
    let hash = |card: &Card| Some(base::hash::sha256(&[&card.to_bytes().ok()?]).0);
    Some(Cards {
        offer: hash(offer)?,
        answer: hash(answer)?,
        proof_key: secrets.proof_key(),
    })
}
