//! Keys by handle: performs the effects that need them.

use std::collections::BTreeMap;

use base::effect::{KeyAnswer, KeyTask, OpenTask, PublicKeys, SealTask, SignTask, VerifyTask};
use base::limits::SIGNAL_BYTES_MAX;
use base::{Answer, Effect, EpochName, KeyHandle, Random, Stream};
use identity::signature;

use super::{KeyPair, agreement};
use crate::aead;
use crate::error::SealError;
use crate::phrase::Phrase;
use crate::pin;
use crate::schedule::{self, NONCE_ONCE};

/// A pair for signatures and a pair for wraps.
#[derive(Clone)]
struct Pairs {
    ed25519_seed: [u8; 32],
    x25519: KeyPair,
}

impl Pairs {
    fn new(ed25519_seed: [u8; 32], x25519_private: [u8; 32]) -> Self {
        Self {
            ed25519_seed,
            x25519: KeyPair::from_private(x25519_private),
        }
    }

    fn of_phrase(phrase: &Phrase) -> Self {
        let keys = phrase.keys();
        Self::new(keys.ed25519_seed, keys.x25519_private)
    }

    fn public(&self) -> PublicKeys {
        let ed25519 = signature::public_key(&self.ed25519_seed);
        PublicKeys {
            ed25519,
            x25519: self.x25519.public(),
        }
    }
}

/// The keys of one device, and the hand that uses them.
///
/// All randomness comes in as an argument: a seed gives the same keys on every machine.
#[derive(Clone, Default)]
pub struct NativeKeys {
    identity: Option<Pairs>,
    next: Option<Pairs>,
    recovery: Option<Pairs>,
    secrets: BTreeMap<KeyHandle, [u8; 32]>,
}

impl core::fmt::Debug for NativeKeys {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "NativeKeys({} secrets)", self.secrets.len())
    }
}

impl NativeKeys {
    /// No keys yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Does `Keys`, `Seal`, `Open`, `Sign` and `Verify`; `None` for any other effect.
    pub fn perform(&mut self, random: &mut dyn Random, effect: &Effect) -> Option<Answer> {
        Some(match effect {
            Effect::Keys(task) => Answer::Keys(self.keys(random, task)),
            Effect::Seal(tasks) => all(tasks, |task| self.seal(task), Answer::Sealed),
            Effect::Open(tasks) => all(tasks, |task| self.open(task), Answer::Opened),
            Effect::Sign(tasks) => all(tasks, |task| self.sign(task), Answer::Signed),
            Effect::Verify(tasks) => Answer::Verified(tasks.iter().map(verify).collect()),
            _ => return None,
        })
    }

    /// Forgets all but the device's own keys, as a browser does when it is closed or killed.
    pub fn restart(&mut self) {
        self.recovery = None;
        self.secrets.clear();
    }

    /// Does one key task.
    pub fn keys(&mut self, random: &mut dyn Random, task: &KeyTask) -> KeyAnswer {
        self.try_keys(random, task)
            .unwrap_or_else(|error| KeyAnswer::Refused(error.refusal()))
    }

    fn try_keys(
        &mut self,
        random: &mut dyn Random,
        task: &KeyTask,
    ) -> Result<KeyAnswer, SealError> {
        match task {
            KeyTask::Identity => Ok(own_pairs(&mut self.identity, random)),
            KeyTask::NextIdentity { but } => {
                let usable = |next: &Pairs| Some(next.public().ed25519) != *but;
                self.next = self.next.take().filter(usable);
                Ok(own_pairs(&mut self.next, random))
            }
            KeyTask::Succeed => self.succeed(),
            KeyTask::MakeRecovery => Ok(self.make_recovery(random)),
            KeyTask::Recover { words } => {
                let public = self.hold_recovery(&Phrase::parse(words)?);
                Ok(KeyAnswer::Public(public))
            }
            KeyTask::MakeSecret { handle, salt, to } => {
                let secret = random.bytes();
                let wraps = wraps(random, &secret, salt, to)?;
                Ok(self.hold(*handle, secret, wraps))
            }
            KeyTask::Wrap { handle, salt, to } => {
                let secret = *self.secret(*handle)?;
                let wraps = wraps(random, &secret, salt, to)?;
                Ok(KeyAnswer::Held {
                    chain: schedule::chain_keys(&secret),
                    wraps,
                })
            }
            KeyTask::Unwrap {
                handle,
                by,
                salt,
                wrap,
            } => {
                let secret = agreement::unwrap(wrap, &self.pairs(*by)?.x25519, salt)?;
                Ok(self.hold(*handle, secret, Vec::new()))
            }
            KeyTask::SealSecret {
                handle,
                under,
                epoch,
            } => self.seal_secret(*handle, *under, *epoch),
            KeyTask::OpenSecret {
                handle,
                under,
                epoch,
                sealed,
            } => self.open_secret(*handle, *under, *epoch, sealed),
            KeyTask::HashPin { pin, salt, pepper } => {
                Ok(KeyAnswer::Pin(pin::verifier(pin, salt, pepper)))
            }
            KeyTask::SealTo { to, plain } => {
                if plain.len() > SIGNAL_BYTES_MAX {
                    return Err(SealError::UsMessageTooLong);
                }
                let ephemeral = KeyPair::from_private(random.bytes());
                Ok(KeyAnswer::Bytes(agreement::seal_to(plain, to, &ephemeral)?))
            }
            KeyTask::OpenSealed { sealed } => {
                let own = &self.pairs(KeyHandle::IDENTITY)?.x25519;
                Ok(KeyAnswer::Bytes(agreement::open_sealed(sealed, own)?))
            }
            KeyTask::Forget(handle) => {
                self.forget(*handle);
                Ok(KeyAnswer::Done)
            }
        }
    }

    fn seal_secret(
        &self,
        handle: KeyHandle,
        under: KeyHandle,
        epoch: EpochName,
    ) -> Result<KeyAnswer, SealError> {
        let key = schedule::parent_key(self.secret(under)?, epoch);
        let sealed = aead::seal(&key, &NONCE_ONCE, &[], self.secret(handle)?);
        Ok(KeyAnswer::Bytes(sealed))
    }

    fn open_secret(
        &mut self,
        handle: KeyHandle,
        under: KeyHandle,
        epoch: EpochName,
        sealed: &[u8],
    ) -> Result<KeyAnswer, SealError> {
        let key = schedule::parent_key(self.secret(under)?, epoch);
        let secret = aead::open(&key, &NONCE_ONCE, &[], sealed)?;
        let secret = secret.try_into().map_err(|_| SealError::PeerSealBroken)?;
        Ok(self.hold(handle, secret, Vec::new()))
    }

    /// The device's own keys stay: only clearing the browser's data removes them.
    fn forget(&mut self, handle: KeyHandle) {
        if handle == KeyHandle::RECOVERY {
            self.recovery = None;
        }
        self.secrets.remove(&handle);
    }

    fn succeed(&mut self) -> Result<KeyAnswer, SealError> {
        self.identity = self.next.take().or(self.identity.take());
        Ok(KeyAnswer::Public(self.pairs(KeyHandle::IDENTITY)?.public()))
    }

    fn make_recovery(&mut self, random: &mut dyn Random) -> KeyAnswer {
        let phrase = Phrase::from_entropy(random.bytes());
        let public = self.hold_recovery(&phrase);
        KeyAnswer::Phrase {
            words: phrase.words(),
            public,
        }
    }

    fn hold_recovery(&mut self, phrase: &Phrase) -> PublicKeys {
        self.recovery.insert(Pairs::of_phrase(phrase)).public()
    }

    fn hold(&mut self, handle: KeyHandle, secret: [u8; 32], wraps: Vec<Vec<u8>>) -> KeyAnswer {
        self.secrets.insert(handle, secret);
        KeyAnswer::Held {
            chain: schedule::chain_keys(&secret),
            wraps,
        }
    }

    fn secret(&self, handle: KeyHandle) -> Result<&[u8; 32], SealError> {
        self.secrets.get(&handle).ok_or(SealError::UsKeyNotHeld)
    }

    fn pairs(&self, handle: KeyHandle) -> Result<&Pairs, SealError> {
        let pairs = match handle {
            KeyHandle::IDENTITY => self.identity.as_ref(),
            KeyHandle::RECOVERY => self.recovery.as_ref(),
            _ => None,
        };
        pairs.ok_or(SealError::UsKeyNotHeld)
    }

    fn segment_key(&self, handle: KeyHandle, stream: Stream) -> Result<[u8; 32], SealError> {
        match stream {
            // Control is signed, not sealed: whoever asks has mixed something up.
            Stream::Control => Err(SealError::UsKeyNotHeld),
            _ => Ok(schedule::segment_key(self.secret(handle)?, stream)),
        }
    }

    fn seal(&self, task: &SealTask) -> Result<Vec<u8>, SealError> {
        let key = self.segment_key(task.key, task.stream)?;
        Ok(aead::seal(&key, &task.nonce, &task.aad, &task.plain))
    }

    fn open(&self, task: &OpenTask) -> Result<Option<Vec<u8>>, SealError> {
        let key = self.segment_key(task.key, task.stream)?;
        Ok(aead::open(&key, &task.nonce, &task.aad, &task.sealed).ok())
    }

    fn sign(&self, task: &SignTask) -> Result<[u8; 64], SealError> {
        Ok(signature::sign(
            &self.pairs(task.key)?.ed25519_seed,
            &task.message,
        ))
    }
}

fn verify(task: &VerifyTask) -> bool {
    signature::verify(&task.public, &task.message, &task.signature)
}

fn wraps(
    random: &mut dyn Random,
    secret: &[u8; 32],
    salt: &[u8; 32],
    to: &[[u8; 32]],
) -> Result<Vec<Vec<u8>>, SealError> {
    let mut wrap = |recipient| {
        let ephemeral = KeyPair::from_private(random.bytes());
        match agreement::wrap(secret, recipient, salt, &ephemeral) {
            // The others get theirs all the same.
            Err(SealError::PeerBadKey) => Ok(Vec::new()),
            wrapped => wrapped,
        }
    };
    to.iter().map(&mut wrap).collect()
}

/// The pairs that are kept there, made now if there are none.
fn own_pairs(kept: &mut Option<Pairs>, random: &mut dyn Random) -> KeyAnswer {
    let make = || Pairs::new(random.bytes(), random.bytes());
    KeyAnswer::Public(kept.get_or_insert_with(make).public())
}

/// Sealing, opening and signing answer for the whole list: a key that is missing is our own fault.
fn all<T, A>(
    tasks: &[T],
    one: impl Fn(&T) -> Result<A, SealError>,
    answer: impl Fn(Vec<A>) -> Answer,
) -> Answer {
    match tasks.iter().map(one).collect() {
        Ok(items) => answer(items),
        Err(error) => Answer::Failed(error.to_string()),
    }
}

#[cfg(test)]
mod tests;
