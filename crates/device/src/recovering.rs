//! With the twelve words: a living device becomes the founder, so that a drowned owner's tablet
//! does not end the shop.

use base::effect::{KeyTask, PublicKeys, SignTask};
use base::{Effect, KeyHandle};
use identity::control::{Keys, Refound};

use crate::Device;
use crate::api::{Refusal, RequestId};
use crate::outbox::Turn;
use crate::purpose::Purpose;
use crate::shop::intent::Intent;

/// Which answer recovery waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// The keys that the words give.
    Words,
    /// The recovery key's signature.
    Sign,
}

/// A recovery under way.
#[derive(Debug)]
pub struct Recovering {
    request: RequestId,
    letters: String,
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
        turn: &mut Turn<'_>,
    ) -> Result<(), Refusal> {
        self.shop
            .as_ref()
            .and_then(|shop| shop.own())
            .ok_or_else(Refusal::no_shop)?;
        let letters = letters(turn.random.bytes());
        self.recovering = Some(Recovering { request, letters });
        let task = Effect::Keys(KeyTask::Recover { words });
        turn.out.effect(Purpose::Recovering(Step::Words), task);
        Ok(())
    }

    /// The words gave these keys: they must be this shop's.
    pub(crate) fn words_known(&mut self, keys: PublicKeys, turn: &mut Turn<'_>) {
        let (Some(shop), Some(recovering), Some(own)) = (&self.shop, &self.recovering, self.keys)
        else {
            return;
        };
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
        let wanted = shop.want(Some(recovering.request), Intent::Refound(refound));
        if let Err(refusal) = wanted {
            turn.out.refuse(recovering.request, refusal);
        }
    }

    /// Recovery did not work; nothing changed.
    pub(crate) fn recovery_failed(&mut self, refusal: Refusal, turn: &mut Turn<'_>) {
        let forget = Effect::Keys(KeyTask::Forget(KeyHandle::RECOVERY));
        turn.out.effect(Purpose::Nobody, forget);
        if let Some(recovering) = self.recovering.take() {
            turn.out.refuse(recovering.request, refusal);
        }
    }
}
