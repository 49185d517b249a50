//! Letting a device in: two cards, one check code, one button.
//!
//! The member shares the shop's id, which the newcomer pins; both screens show the same code; the
//! owner's tap enrols the newcomer in one strict commit. Enrolment is idempotent: when the link
//! dies after the tap, two new cards go on without a second code.

pub(crate) mod admission;
mod cards;
pub(crate) mod joining;

use std::collections::{BTreeMap, BTreeSet};

use base::effect::KeyTask;
use base::{DeviceId, Effect, EmployeeId, EntryRef, EpochName, LinkId, Vector};
use identity::control::{Keys, Scope};
use identity::role::Right;
use sync_core::Message;
use sync_core::replica::Standing;

use crate::Device;
use crate::api::{Admission, Notice, PairingStep, Refusal, Reply, RequestId};
use crate::links::{Aim, Stage};
use crate::outbox::Turn;
use crate::purpose::Purpose;
use crate::shop::intent::Intent;
use admission::{check_admission, enrolment, secrets_for, suggested_code, wraps_to};

/// What pairing has come to.
#[derive(Debug)]
pub struct Pairing {
    link: LinkId,
    side: Side,
    /// What the other device calls itself.
    name: String,
}

#[derive(Debug)]
enum Side {
    /// We are the member.
    Member {
        peer: Keys,
        /// The code on both screens; `None` while nobody has to compare.
        code: Option<String>,
        /// The approval.
        admission: Option<Approved>,
        /// Whether its enrolment is being written.
        enrolling: bool,
        salt: [u8; 32],
        wraps: BTreeMap<(EpochName, Scope), Vec<u8>>,
    },
    /// We are the newcomer.
    Newcomer {
        code: String,
        request: Option<RequestId>,
        /// What the member holds: with that much we can sell.
        goal: Vector,
        /// The entry that lets us in, once the member has told of it.
        admitted: Option<EntryRef>,
    },
}

/// An approval whose secrets are being wrapped.
#[derive(Debug)]
struct Approved {
    admission: Admission,
    /// What it is given: another epoch may have begun by the time these are wrapped.
    secrets: BTreeSet<(EpochName, Scope)>,
    /// Who waits at the screen.
    request: Option<RequestId>,
    /// Who approved: somebody else may be signed in when the enrolment is written.
    by: Option<EmployeeId>,
}

impl Device {
    /// A link is proven: says who we are, and what the other side may have.
    pub(crate) fn linked(&mut self, id: LinkId, peer: DeviceId, turn: &mut Turn<'_>) {
        let standing = self.standing_of(peer);
        let member = standing == Standing::Member;
        let Some(Stage::Up(up)) = self.links.get(id).map(|live| &live.stage) else {
            return;
        };
        let established = &up.1;
        let known = self.shop.as_ref().is_some_and(|shop| {
            established
                .shops
                .iter()
                .any(|shared| shared.shop == shop.id)
        });
        // Whoever was put out is told so, and brings what it wrote before.
        if known && standing != Standing::Stranger {
            return self.returned(id, peer, turn);
        }
        let keys = Keys::from(established.keys);
        let [offerer, answerer] = established.nonces;
        let code = seal::pairing::check_code(&offerer, &answerer, &established.transcript);
        let aim = self.links.get(id).map(|live| live.aim.clone());
        match aim {
            Some(Aim::Admit { consent }) => {
                self.share(id, keys, code, consent, member, turn);
            }
            Some(Aim::Join) => {
                let request = self.links.get_mut(id).and_then(|live| live.request.take());
                let (goal, admitted) = (Vector::default(), None);
                let side = Side::Newcomer {
                    code,
                    request,
                    goal,
                    admitted,
                };
                self.pairing = Some(Pairing {
                    link: id,
                    side,
                    name: String::new(),
                });
                let introduction = Message::Introduction(self.record.name.clone());
                self.send(id, base::frame::NO_SHOP, &introduction, turn);
            }
            _ => self.fail_link(id, Refusal::card_foreign(), turn),
        }
    }

    /// A member is linked that had been let in before. Whoever answered its card is told: nobody
    /// has to approve anything.
    fn returned(&mut self, id: LinkId, peer: DeviceId, turn: &mut Turn<'_>) {
        let member = self.standing_of(peer) == Standing::Member;
        let answered = self.links.get(id).map(|live| &live.aim);
        let answered = answered.filter(|_| member);
        if let (Some(Aim::Admit { .. }), Some(shop)) = (answered, &self.shop) {
            let settings = shop.state.settings();
            turn.out.notice(Notice::Pairing(PairingStep::Complete {
                device_name: shop.name_of(peer),
                shop_name: settings.map(|settings| settings.name).unwrap_or_default(),
            }));
        }
        self.rejoined(id, peer, turn);
    }

    /// A member is linked, or somebody who was one.
    fn rejoined(&mut self, id: LinkId, peer: DeviceId, turn: &mut Turn<'_>) {
        let request = self.links.get_mut(id).and_then(|live| live.request.take());
        let standing = self.standing_of(peer);
        if let Some(replica) = &mut self.replica {
            replica.link_up(turn.now.mono_ms, id, peer, standing);
        }
        if let Some(request) = request {
            turn.out.reply(request, Reply::Linked { device: peer });
        }
        // Where it could not be written before, it is now.
        self.offer_successor(turn);
        turn.out.notice(Notice::PeerConnected(peer));
        turn.out.notice(Notice::StatusChanged);
    }

    /// Shares the shop with a newcomer: its id and what is needed to sell.
    fn share(
        &mut self,
        id: LinkId,
        peer: Keys,
        code: String,
        consent: Option<Admission>,
        member: bool,
        turn: &mut Turn<'_>,
    ) {
        let (Some(shop), Some(replica)) = (&self.shop, &self.replica) else {
            return;
        };
        let message = Message::Share {
            shop: shop.id,
            vector: replica.holdings().vector(),
        };
        let name = shop
            .state
            .device_name(shop.me)
            .unwrap_or_default()
            .to_owned();
        let enrolled = shop.enrolment_of(peer.device());
        self.send(id, base::frame::NO_SHOP, &Message::Introduction(name), turn);
        self.send(id, base::frame::NO_SHOP, &message, turn);
        if let (true, Some(entry)) = (member, enrolled) {
            // Let in before; only the link had died.
            self.send(id, base::frame::NO_SHOP, &Message::Admitted(entry), turn);
            return self.returned(id, peer.device(), turn);
        }
        let salt = turn.random.bytes();
        let (code, wraps) = (Some(code), BTreeMap::new());
        let side = Side::Member {
            peer,
            code,
            admission: None,
            enrolling: false,
            salt,
            wraps,
        };
        self.pairing = Some(Pairing {
            link: id,
            side,
            name: String::new(),
        });
        if let Some(consent) = consent
            && let Err(refusal) = self.approve(consent, None, turn)
        {
            self.fail_link(id, refusal, turn);
        }
    }

    /// What the other device calls itself.
    pub(crate) fn introduced(&mut self, id: LinkId, name: String, turn: &mut Turn<'_>) {
        let suggested = self.shop.as_ref().and_then(suggested_code);
        let Some(pairing) = self.pairing.as_mut().filter(|pairing| pairing.link == id) else {
            return;
        };
        pairing.name = name;
        if let Side::Member {
            code: Some(code),
            admission: None,
            ..
        } = &pairing.side
        {
            turn.out.notice(Notice::Pairing(PairingStep::Check {
                code: code.clone(),
                device_name: pairing.name.clone(),
                approver: true,
                suggested_terminal: suggested,
            }));
        }
    }

    /// "Codes match: add this till." Whoever asked is answered later, unless it is refused at once.
    ///
    /// # Errors
    /// Why nobody is let in.
    pub(crate) fn approve(
        &mut self,
        admission: Admission,
        request: Option<RequestId>,
        turn: &mut Turn<'_>,
    ) -> Result<(), Refusal> {
        // Whoever taps now may be another than the owner who took the card.
        if request.is_some() {
            self.allowed(Right::Devices)?;
        }
        let (Some(shop), Some(pairing)) = (&self.shop, &mut self.pairing) else {
            return Err(Refusal::not_pairing());
        };
        check_admission(shop, &admission)?;
        let link = pairing.link;
        let Side::Member {
            peer,
            admission: waiting,
            enrolling,
            salt,
            wraps,
            ..
        } = &mut pairing.side
        else {
            return Err(Refusal::not_pairing());
        };
        if waiting.is_some() || *enrolling {
            return Err(Refusal::new("busy", "This device is being added already."));
        }
        // What an approval before it was refused has left behind.
        wraps.clear();
        let secrets = secrets_for(shop, admission.role)?;
        for ((epoch, scope), handle) in &secrets {
            let task = KeyTask::Wrap {
                handle: *handle,
                salt: *salt,
                to: vec![peer.x25519],
            };
            let (epoch, scope) = (*epoch, *scope);
            let purpose = Purpose::WrapFor { link, epoch, scope };
            turn.out.effect(purpose, Effect::Keys(task));
        }
        let by = self.record.employee;
        *waiting = Some(Approved {
            admission,
            secrets: secrets.into_keys().collect(),
            request,
            by,
        });
        Ok(())
    }

    /// A secret is wrapped to the newcomer; once all are, the enrolment is written.
    pub(crate) fn wrapped(
        &mut self,
        link: LinkId,
        (epoch, scope): (EpochName, Scope),
        wraps: Vec<Vec<u8>>,
        turn: &mut Turn<'_>,
    ) {
        let (Some(shop), Some(pairing)) = (&mut self.shop, &mut self.pairing) else {
            return;
        };
        let Side::Member {
            peer,
            admission,
            enrolling,
            salt,
            wraps: held,
            ..
        } = &mut pairing.side
        else {
            return;
        };
        if pairing.link != link {
            return;
        }
        // One that comes late, for an approval that was refused, is none of this one's.
        let wanted = admission.as_ref().map(|approved| &approved.secrets);
        let Some(wanted) = wanted.filter(|wanted| wanted.contains(&(epoch, scope))) else {
            return;
        };
        let wrap = wraps.into_iter().next().filter(|wrap| !wrap.is_empty());
        let Some(wrap) = wrap else {
            return self.wrap_failed(link, turn);
        };
        held.insert((epoch, scope), wrap);
        if held.len() != wanted.len() {
            return;
        }
        let Some(Approved {
            admission,
            request,
            by,
            ..
        }) = admission.take()
        else {
            return;
        };
        let epochs = wraps_to(peer.device(), *salt, held);
        let keys = *peer;
        let Some(enrol) = enrolment(shop, keys, &admission, epochs) else {
            return self.not_admitted(link, request, Refusal::terminal_taken(), turn);
        };
        let wanted = shop.want(
            request,
            by,
            Intent::Admit {
                link,
                enrol,
                name: admission.name,
            },
        );
        match wanted {
            Ok(()) => *enrolling = true,
            Err(refusal) => self.not_admitted(link, request, refusal, turn),
        }
    }

    /// A secret could not be wrapped: nobody is let in, and whoever approved is told.
    pub(crate) fn wrap_failed(&mut self, link: LinkId, turn: &mut Turn<'_>) {
        let pairing = self.pairing.as_mut().filter(|pairing| pairing.link == link);
        let Some(Side::Member {
            admission, wraps, ..
        }) = pairing.map(|pairing| &mut pairing.side)
        else {
            return;
        };
        wraps.clear();
        let refusal = Refusal::ours("a key could not be shared");
        if let Some(Approved { request, .. }) = admission.take() {
            self.not_admitted(link, request, refusal, turn);
        }
    }

    /// A newcomer is not let in after all. Whoever approved is told; where the consent was given
    /// beforehand nobody asks, and the newcomer would wait for ever: its link ends.
    pub(crate) fn not_admitted(
        &mut self,
        link: LinkId,
        request: Option<RequestId>,
        refusal: Refusal,
        turn: &mut Turn<'_>,
    ) {
        let pairing = self.pairing.as_mut().filter(|pairing| pairing.link == link);
        if let Some(Side::Member { enrolling, .. }) = pairing.map(|pairing| &mut pairing.side) {
            *enrolling = false;
        }
        match request {
            Some(request) => turn.out.refuse(request, refusal),
            None if self.links.get(link).is_some() => self.fail_link(link, refusal, turn),
            None => {}
        }
    }

    /// The newcomer's enrolment is durable: tells it, and opens the shop to it.
    pub(crate) fn enrolled(
        &mut self,
        request: Option<RequestId>,
        link: LinkId,
        device: DeviceId,
        entry: EntryRef,
        turn: &mut Turn<'_>,
    ) {
        if let Some(request) = request {
            turn.out.reply(request, Reply::Done);
        }
        let name = self
            .pairing
            .take_if(|pairing| pairing.link == link)
            .map(|pairing| pairing.name)
            .unwrap_or_default();
        let Some(shop) = &self.shop else { return };
        let shop_name = shop
            .state
            .settings()
            .map(|settings| settings.name)
            .unwrap_or_default();
        let given = shop
            .state
            .device_name(device)
            .map(str::to_owned)
            .unwrap_or(name);
        let done = PairingStep::Complete {
            device_name: given,
            shop_name,
        };
        turn.out.notice(Notice::Pairing(done));
        if self
            .links
            .get(link)
            .is_some_and(|live| live.peer() == Some(device))
        {
            self.send(link, base::frame::NO_SHOP, &Message::Admitted(entry), turn);
            self.rejoined(link, device, turn);
        }
    }

    /// The link of a pairing is gone. A newcomer forgets what it had received: nothing of it is
    /// used before it is whole.
    pub(crate) fn pairing_failed(&mut self, id: LinkId, refusal: Refusal, turn: &mut Turn<'_>) {
        let Some(pairing) = self.pairing.take_if(|pairing| pairing.link == id) else {
            return;
        };
        let request = match pairing.side {
            Side::Newcomer { request, .. } => {
                self.abandon_joining();
                request
            }
            Side::Member { admission, .. } => admission.and_then(|approved| approved.request),
        };
        if let Some(request) = request {
            turn.out.refuse(request, refusal.clone());
        }
        turn.out
            .notice(Notice::Pairing(PairingStep::Failed(refusal)));
    }

    /// Gives up whatever pairing is under way.
    pub(crate) fn cancel_pairing(&mut self, turn: &mut Turn<'_>) {
        let by_hand: Vec<_> = self
            .links
            .iter()
            .filter(|(_, live)| live.peer().is_none() && !matches!(live.aim, Aim::Member(_)))
            .map(|(id, _)| id)
            .collect();
        let paired = self.pairing.as_ref().map(|pairing| pairing.link);
        for id in by_hand.into_iter().chain(paired) {
            self.fail_link(id, Refusal::new("cancelled", "Pairing was stopped."), turn);
        }
    }

    /// What a device may have from us and bring to us.
    pub(crate) fn standing_of(&self, device: DeviceId) -> Standing {
        let Some(shop) = &self.shop else {
            return Standing::Stranger;
        };
        match shop.membership.member(device) {
            Some(member) if member.cuts.is_none() => Standing::Member,
            Some(_) => Standing::PutOut,
            // The member that lets us in is known once its control is here. On the member's side a
            // stranger is a stranger, whoever else is being let in.
            None if self.joining() => Standing::Member,
            None => Standing::Stranger,
        }
    }
}
