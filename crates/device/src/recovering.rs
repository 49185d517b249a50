//! With the twelve words: a living device becomes the founder, so that a drowned owner's tablet
//! does not end the shop.

use std::collections::BTreeMap;

use base::effect::{ChainKeys, KeyTask, PublicKeys, SignTask, WRAP_BYTES};
use base::{Effect, EpochName, KeyHandle};
use identity::control::{EpochWraps, Keys, Recipient, Refound, Scope, Wrap};

use crate::Device;
use crate::api::{Notice, Refusal, Reply, RequestId};
use crate::outbox::Turn;
use crate::purpose::Purpose;
use crate::requests::Outcome;
use crate::shop::Shop;
use crate::shop::intent::Intent;

/// Which answer recovery waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// The keys that the words give.
    Words,
    /// A secret that only the words open, held under this handle.
    Unwrap(EpochName, Scope, KeyHandle),
    /// That secret, wrapped to this device.
    Wrap(EpochName, Scope, KeyHandle),
    /// The recovery key's signature.
    Sign,
    /// The key of an attempt that wrote nothing is forgotten.
    Forget,
}

/// What the words were typed for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Goal {
    /// To make a founder of this device.
    Refound,
    /// To know that they are on paper.
    Check,
}

/// A recovery under way.
#[derive(Debug)]
pub struct Recovering {
    request: RequestId,
    goal: Goal,
    letters: String,
    /// Bound into the wraps.
    salt: [u8; 32],
    /// What it came to, once it has ended and only its key is still to be forgotten.
    ended: Option<Reply>,
    /// Secrets that are on their way to this device.
    open: usize,
    /// Secrets wrapped to this device: a founder reads what a till did not.
    wraps: BTreeMap<EpochName, Vec<Wrap>>,
}

/// Letters of a new founder. Three random ones: nobody can be asked which are free.
fn letters(random: [u8; 3]) -> String {
    random
        .iter()
        .map(|byte| char::from(b'A' + byte % 26))
        .collect()
}

impl Device {
    /// Takes the words.
    pub(crate) fn recover(
        &mut self,
        request: RequestId,
        words: String,
        goal: Goal,
        turn: &mut Turn<'_>,
    ) -> Outcome {
        self.shop
            .as_ref()
            .and_then(|shop| shop.own())
            .ok_or_else(Refusal::no_shop)?;
        if self.recovering.is_some() {
            return Err(Refusal::new("busy", "The words are being checked."));
        }
        self.recovering = Some(Recovering {
            request,
            goal,
            letters: letters(turn.random.bytes()),
            salt: turn.random.bytes(),
            ended: None,
            open: 0,
            wraps: BTreeMap::new(),
        });
        let task = Effect::Keys(KeyTask::Recover { words });
        turn.out.effect(Purpose::Recovering(Step::Words), task);
        Ok(None)
    }

    /// The words gave these keys: they must be this shop's. Asks for every secret that they open
    /// and that we do not hold.
    pub(crate) fn words_known(&mut self, keys: PublicKeys, turn: &mut Turn<'_>) {
        let Some(shop) = &self.shop else { return };
        if shop.membership.recovery() != Some(Keys::from(keys)) {
            return self.recovery_failed(
                Refusal::new(
                    "wrong-words",
                    "These are the words of another shop. Check them, word by word. Nothing was \
                     changed.",
                ),
                turn,
            );
        }
        if self.record.words_unconfirmed.take().is_some() {
            turn.out.notice(Notice::StatusChanged);
            self.keep_record(None, turn);
        }
        let (Some(shop), Some(recovering)) = (&mut self.shop, &mut self.recovering) else {
            return;
        };
        if recovering.goal == Goal::Check {
            return self.recovery_ended(Reply::Done, turn);
        }
        for (epoch, known) in shop.membership.epochs() {
            for scope in Scope::ALL {
                let Some(given) = known.wraps(Recipient::Recovery, scope).next() else {
                    continue;
                };
                if shop.keyring.secret(*epoch, scope).is_some() {
                    continue;
                }
                let handle = shop.keyring.handle();
                let task = KeyTask::Unwrap {
                    handle,
                    by: KeyHandle::RECOVERY,
                    salt: given.salt,
                    wrap: given.wrap.bytes.to_vec(),
                };
                let purpose = Purpose::Recovering(Step::Unwrap(*epoch, scope, handle));
                turn.out.effect(purpose, Effect::Keys(task));
                recovering.open += 1;
            }
        }
        self.sign_refound(turn);
    }

    /// The words opened a secret: wraps it to this device.
    pub(crate) fn secret_recovered(
        &mut self,
        (epoch, scope, handle): (EpochName, Scope, KeyHandle),
        chain: &ChainKeys,
        turn: &mut Turn<'_>,
    ) {
        let (Some(recovering), Some(own)) = (&self.recovering, self.keys) else {
            return;
        };
        let right = |shop: &Shop| shop.membership.is_secret_of(epoch, scope, chain);
        if !self.shop.as_ref().is_some_and(right) {
            // Somebody wrapped another one to the words.
            return self.secret_wrapped((epoch, scope, handle), None, turn);
        }
        let task = KeyTask::Wrap {
            handle,
            salt: recovering.salt,
            to: vec![own.x25519],
        };
        let purpose = Purpose::Recovering(Step::Wrap(epoch, scope, handle));
        turn.out.effect(purpose, Effect::Keys(task));
    }

    /// A secret is wrapped to this device, or it could not be: then only it stays closed.
    pub(crate) fn secret_wrapped(
        &mut self,
        (epoch, scope, handle): (EpochName, Scope, KeyHandle),
        wrap: Option<Vec<u8>>,
        turn: &mut Turn<'_>,
    ) {
        let forget = Effect::Keys(KeyTask::Forget(handle));
        turn.out.effect(Purpose::Nobody, forget);
        let (Some(recovering), Some(me)) = (&mut self.recovering, self.keys) else {
            return;
        };
        recovering.open = recovering.open.saturating_sub(1);
        let bytes: Option<[u8; WRAP_BYTES]> = wrap.and_then(|wrap| wrap.try_into().ok());
        if let Some(bytes) = bytes {
            let to = Recipient::Device(Keys::from(me).device());
            let wraps = recovering.wraps.entry(epoch).or_default();
            wraps.push(Wrap { to, scope, bytes });
        }
        self.sign_refound(turn);
    }

    /// Asks for the recovery key's signature, once nothing else needs that key.
    fn sign_refound(&self, turn: &mut Turn<'_>) {
        let (Some(shop), Some(recovering), Some(own)) = (&self.shop, &self.recovering, self.keys)
        else {
            return;
        };
        if recovering.open > 0 {
            return;
        }
        let message = Refound::signed_bytes(shop.id, &own.into(), &recovering.letters);
        let task = SignTask {
            key: KeyHandle::RECOVERY,
            message,
        };
        turn.out
            .effect(Purpose::Recovering(Step::Sign), Effect::Sign(vec![task]));
    }

    /// The recovery key has signed: writes it.
    pub(crate) fn refound_signed(&mut self, signature: [u8; 64], turn: &mut Turn<'_>) {
        let forget = Effect::Keys(KeyTask::Forget(KeyHandle::RECOVERY));
        turn.out.effect(Purpose::Nobody, forget);
        let (Some(shop), Some(recovering), Some(own)) =
            (&mut self.shop, self.recovering.take(), self.keys)
        else {
            return;
        };
        let refound = Refound {
            keys: own.into(),
            letters: recovering.letters,
            signature,
        };
        let epochs = EpochWraps::bound_to(recovering.salt, recovering.wraps);
        let wanted = shop.want(
            Some(recovering.request),
            self.record.employee,
            Intent::Refound(refound, epochs),
        );
        if let Err(refusal) = wanted {
            turn.out.refuse(recovering.request, refusal);
        }
    }

    /// Recovery did not work; nothing changed.
    pub(crate) fn recovery_failed(&mut self, refusal: Refusal, turn: &mut Turn<'_>) {
        self.recovery_ended(Reply::Refused(refusal), turn);
    }

    /// Nothing is to be written. The key is forgotten before anybody may try again, or that would
    /// take the next one's along: answers come in any order.
    fn recovery_ended(&mut self, reply: Reply, turn: &mut Turn<'_>) {
        if let Some(recovering) = &mut self.recovering {
            recovering.ended = Some(reply);
            let forget = Effect::Keys(KeyTask::Forget(KeyHandle::RECOVERY));
            turn.out.effect(Purpose::Recovering(Step::Forget), forget);
        }
    }

    /// The key of an attempt that wrote nothing is forgotten.
    pub(crate) fn recovery_forgotten(&mut self, turn: &mut Turn<'_>) {
        if let Some(recovering) = self.recovering.take()
            && let Some(reply) = recovering.ended
        {
            turn.out.reply(recovering.request, reply);
        }
    }
}
