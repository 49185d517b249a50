//! A device that runs twice becomes two: each machine offers keys of its own, one tap of the owner
//! lets all of them in, and each goes on as the device of its keys.
//!
//! Offers are entries of the shop, so they reach every owner's device by any road. A machine
//! changes over at a start, and only while others hold all that it sold as the device that it was.

use base::effect::{KeyTask, PublicKeys};
use base::{DeviceId, Effect, Stream};
use domain::event::DeviceSucceeds;
use identity::control::{Enrol, Keys};
use identity::membership::Member;
use identity::role::{DeviceRole, Right};
use identity::terminal::TerminalCode;

use crate::Device;
use crate::api::{Refusal, RequestId};
use crate::outbox::Turn;
use crate::pairing::admission::{BELOW_OWNERS, codes_used};
use crate::purpose::Purpose;
use crate::requests::Outcome;
use crate::shop::Shop;
use crate::shop::intent::Intent;
use crate::statements::Statements;

/// The most machines of one device that are let in.
const SUCCESSORS_MAX: usize = 4;

/// What is known of the keys with which this device would go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Succession {
    /// Nobody has asked for them.
    #[default]
    Unasked,
    /// The hands were asked, for them or to go on with them.
    Asked,
    /// They are these.
    Known(PublicKeys),
    /// Not at this start; the next one asks again.
    Over,
}

impl Device {
    /// Offers keys of its own for this machine, once it knows that its device runs twice. Devices of
    /// an owner are put out and let in anew: of two branches of what they decide only one counts.
    pub(crate) fn offer_successor(&mut self, turn: &mut Turn<'_>) {
        let Some(shop) = self.shop.as_ref().filter(|shop| shop.open) else {
            return;
        };
        let is_owner = shop.own().is_none_or(|own| own.role == DeviceRole::Owner);
        if shop.copy_mark.is_none() || is_owner {
            return;
        }
        match self.succession {
            Succession::Unasked => self.ask_succession(KeyTask::NextIdentity { but: None }, turn),
            Succession::Known(keys) => {
                let member = shop.membership.member(Keys::from(keys).device());
                if member.is_some_and(|member| member.cuts.is_some()) {
                    let but = Some(keys.ed25519);
                    self.ask_succession(KeyTask::NextIdentity { but }, turn);
                } else {
                    self.write_offer(keys);
                }
            }
            Succession::Asked | Succession::Over => {}
        }
    }

    fn ask_succession(&mut self, task: KeyTask, turn: &mut Turn<'_>) {
        self.succession = Succession::Asked;
        let purpose = match task {
            KeyTask::Succeed => Purpose::Succeed,
            _ => Purpose::NextIdentity,
        };
        turn.out.effect(purpose, Effect::Keys(task));
    }

    fn write_offer(&mut self, keys: PublicKeys) {
        let Some(shop) = &mut self.shop else { return };
        let PublicKeys { ed25519, x25519 } = keys;
        let offer = DeviceSucceeds { ed25519, x25519 };
        let is_offered = shop.state.successors(shop.me).any(|known| *known == offer);
        if !is_offered {
            // Where too much waits to be written already the next start offers it.
            let _ = shop.want(None, None, Intent::OfferSuccessor(offer));
        }
    }

    /// The hands have said with which keys this device would go on.
    pub(crate) fn next_identity_known(&mut self, keys: PublicKeys, turn: &mut Turn<'_>) {
        self.succession = Succession::Known(keys);
        if self.ready {
            self.offer_successor(turn);
        } else {
            self.settle_start(turn);
        }
    }

    /// The hands could not say: this device stays what it is, and offers something another time.
    pub(crate) fn no_next_identity(&mut self, turn: &mut Turn<'_>) {
        self.succession = if self.ready {
            Succession::Unasked
        } else {
            Succession::Over
        };
        self.settle_start(turn);
    }

    /// Goes on as another device where the owner has let it in, before anything else is done. Gives
    /// whether the start waits for that.
    pub(crate) fn succeeds_at_start(&mut self, turn: &mut Turn<'_>) -> bool {
        let Some(shop) = &self.shop else { return false };
        match self.succession {
            Succession::Unasked if has_living_successor(shop, shop.me) => {
                self.ask_succession(KeyTask::NextIdentity { but: None }, turn);
                true
            }
            Succession::Known(_) if self.may_succeed() => {
                self.ask_succession(KeyTask::Succeed, turn);
                true
            }
            Succession::Known(_) => {
                // A page that loads itself anew as soon as it may would do so again and again.
                self.succession = Succession::Over;
                false
            }
            Succession::Asked => true,
            Succession::Unasked | Succession::Over => false,
        }
    }

    /// Whether a start would make another device of this one: it was let in as what this one is, can
    /// read what it must, and others hold all that this one wrote, as its disk will say.
    pub(crate) fn may_succeed(&self) -> bool {
        let (Succession::Known(keys), Some(shop)) = (self.succession, &self.shop) else {
            return false;
        };
        let next = Keys::from(keys).device();
        let held = |epoch, scope| shop.keyring.secret(epoch, scope).is_some();
        let lacks = || shop.membership.lacking_secrets(held);
        let is_alike = |next: &Member| {
            let own = shop.own().map(|own| (own.role, own.code.is_some()));
            own == Some((next.role, next.code.is_some()))
        };
        shop.membership.living(next).is_some_and(is_alike)
            && shop.is_idle()
            && self.statements.are_kept()
            && Stream::ALL
                .into_iter()
                .all(|stream| shop.is_kept_elsewhere(stream))
            && lacks().iter().all(|lacking| lacking.device != next)
    }

    /// The hands have made the next keys ours: the start begins anew, as the device of these.
    pub(crate) fn succeeded(&mut self, keys: PublicKeys, turn: &mut Turn<'_>) {
        self.succession = Succession::Unasked;
        self.keys = Some(keys);
        self.replica = None;
        self.statements = Statements::default();
        self.begin_at_once(turn);
    }

    /// Lets the machines in that a device runs on, each as a device of its own, on a device of the
    /// owner.
    pub(crate) fn separate(
        &mut self,
        id: RequestId,
        device: DeviceId,
        machines: &[DeviceId],
    ) -> Outcome {
        let by = self.allowed(Right::Devices)?;
        let shop = self.in_shop_mut()?;
        let asking = enrolments(shop, device)?;
        let asking = asking.iter().map(|(enrol, _)| enrol.keys.device());
        if !asking.eq(machines.iter().copied()) {
            return Err(Refusal::new(
                "machines-changed",
                "Another machine has asked meanwhile. Nothing was changed: look again, and decide.",
            ));
        }
        shop.want(Some(id), Some(by), Intent::Separate(device))
            .map(|()| None)
    }
}

/// Keys with which machines of a device would go on, and nobody has let in.
pub(crate) fn offers(shop: &Shop, device: DeviceId) -> impl Iterator<Item = Keys> {
    let unknown = |keys: &Keys| shop.membership.member(keys.device()).is_none();
    offered(shop, device).filter(unknown).take(SUCCESSORS_MAX)
}

/// Whether all machines of a device go on as others, as far as is known.
pub(crate) fn is_succeeded(shop: &Shop, device: DeviceId) -> bool {
    has_living_successor(shop, device) && offers(shop, device).next().is_none()
}

fn has_living_successor(shop: &Shop, device: DeviceId) -> bool {
    offered(shop, device).any(|keys| shop.membership.living(keys.device()).is_some())
}

fn offered(shop: &Shop, device: DeviceId) -> impl Iterator<Item = Keys> {
    let keys = |next: &DeviceSucceeds| Keys {
        ed25519: next.ed25519,
        x25519: next.x25519,
    };
    shop.state.successors(device).map(keys)
}

/// What lets each machine in, with its name.
pub(crate) fn enrolments(shop: &Shop, device: DeviceId) -> Result<Vec<(Enrol, String)>, Refusal> {
    let member = shop.membership.living(device);
    let member = member.ok_or_else(Refusal::unknown_device)?;
    let own = shop.own().filter(|own| own.role == DeviceRole::Owner);
    let letters = own.and_then(|own| own.letters.as_deref());
    let letters = letters.ok_or_else(|| {
        Refusal::new(
            "not-owner-device",
            "A device that runs twice is made two on a device of the owner.",
        )
    })?;
    if member.role == DeviceRole::Owner {
        return Err(Refusal::new(
            "owner-device",
            "A device of an owner that runs twice can't be made two. Put it out, and add each of \
             the two anew.",
        ));
    }
    let mut codes = codes_used(shop);
    let name = shop.name_of(device);
    let mut enrolments = Vec::new();
    for keys in offers(shop, device) {
        let sells = member.role.sells();
        let code = sells.then(|| TerminalCode::next(letters, codes.iter()));
        let told = code.as_ref().map(ToString::to_string);
        let name = told.as_ref().map(|code| format!("{name} ({code})"));
        enrolments.push((
            Enrol {
                keys,
                role: member.role,
                rank: BELOW_OWNERS.max(member.rank),
                code: told,
                letters: None,
                // They are granted what they need, as whoever lacks something is.
                epochs: Vec::new(),
            },
            name.unwrap_or_else(|| shop.name_of(device)),
        ));
        codes.extend(code);
    }
    if enrolments.is_empty() {
        return Err(Refusal::new(
            "no-machine",
            "None of the machines that this device runs on has asked yet. Open the app on each of \
             them near this one, and try again. Nothing was changed.",
        ));
    }
    Ok(enrolments)
}
