//! A stand-in for cryptography: the same shapes and the same failures, made of SHA-256.
//!
//! | real | here |
//! |---|---|
//! | key pair | public key = hash of the private one |
//! | signature | two hashes of public key and message |
//! | sealed body | the body in clear, and a tag that hashes key, nonce, header and body |
//! | wrap, message | a random number, the bytes in clear, and a tag that hashes the recipient too |
//! | sealed secret | the secret in clear, and a tag that hashes the one that opens it too |
//! | PIN verifier | a hash |

use std::collections::BTreeMap;

use base::effect::{KeyAnswer, KeyTask, OpenTask, PublicKeys, SealTask, SignTask, VerifyTask};
use base::hash::sha256;
use base::limits::SIGNAL_BYTES_MAX;
use base::{Answer, Effect, EpochName, KeyHandle, Random, Stream};
use seal::phrase::Phrase;
use seal::{SealError, schedule};

const TAG_PUBLIC: &[u8] = b"tillmesh simulator public\0";
const TAG_SIGNATURE: &[u8] = b"tillmesh simulator signature\0";
const TAG_BODY: &[u8] = b"tillmesh simulator body\0";
const TAG_WRAP: &[u8] = b"tillmesh simulator wrap\0";
const TAG_MESSAGE: &[u8] = b"tillmesh simulator message\0";
const TAG_PARENT: &[u8] = b"tillmesh simulator parent\0";
const TAG_PIN: &[u8] = b"tillmesh simulator pin\0";

type Tag = [u8; 16];

/// The keys of one device.
#[derive(Debug, Clone, Default)]
pub(super) struct FastKeys {
    identity: Option<PublicKeys>,
    next: Option<PublicKeys>,
    recovery: Option<PublicKeys>,
    secrets: BTreeMap<KeyHandle, [u8; 32]>,
}

impl FastKeys {
    /// Does `Keys`, `Seal`, `Open`, `Sign` and `Verify`; `None` for any other effect.
    pub fn perform(&mut self, random: &mut dyn Random, effect: &Effect) -> Option<Answer> {
        Some(match effect {
            Effect::Keys(task) => Answer::Keys(
                self.keys(random, task)
                    .unwrap_or_else(|error| KeyAnswer::Refused(error.refusal())),
            ),
            Effect::Seal(tasks) => all(tasks, |task| self.seal(task), Answer::Sealed),
            Effect::Open(tasks) => all(tasks, |task| self.open(task), Answer::Opened),
            Effect::Sign(tasks) => all(tasks, |task| self.sign(task), Answer::Signed),
            Effect::Verify(tasks) => Answer::Verified(tasks.iter().map(verify).collect()),
            _ => return None,
        })
    }

    /// Forgets all but the device's own keys.
    pub fn restart(&mut self) {
        self.recovery = None;
        self.secrets.clear();
    }

    fn keys(&mut self, random: &mut dyn Random, task: &KeyTask) -> Result<KeyAnswer, SealError> {
        match task {
            KeyTask::Identity => Ok(own_keys(&mut self.identity, random)),
            KeyTask::NextIdentity { but } => Ok(self.next_identity(*but, random)),
            KeyTask::Succeed => self.succeed(),
            KeyTask::MakeRecovery => {
                let phrase = Phrase::from_entropy(random.bytes());
                let public = self.hold_recovery(&phrase);
                let words = phrase.words();
                Ok(KeyAnswer::Phrase { words, public })
            }
            KeyTask::Recover { words } => {
                let phrase = Phrase::parse(words)?;
                Ok(KeyAnswer::Public(self.hold_recovery(&phrase)))
            }
            KeyTask::MakeSecret { handle, salt, to } => {
                let secret = random.bytes();
                self.secrets.insert(*handle, secret);
                Ok(held(&secret, wraps(random, &secret, salt, to)))
            }
            KeyTask::Wrap { handle, salt, to } => {
                let secret = *self.secret(*handle)?;
                Ok(held(&secret, wraps(random, &secret, salt, to)))
            }
            KeyTask::Unwrap {
                handle,
                by,
                salt,
                wrap,
            } => {
                let secret = opened(TAG_WRAP, salt, &self.public(*by)?.x25519, wrap)?;
                let secret = secret.try_into().map_err(|_| SealError::PeerSealBroken)?;
                self.secrets.insert(*handle, secret);
                Ok(held(&secret, Vec::new()))
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
                let hash = sha256(&[TAG_PIN, salt, pepper, pin.as_bytes()]);
                Ok(KeyAnswer::Pin(hash.0))
            }
            KeyTask::SealTo { plain, .. } if plain.len() > SIGNAL_BYTES_MAX => {
                Err(SealError::UsMessageTooLong)
            }
            KeyTask::SealTo { to, plain } => {
                let message = closed(random, TAG_MESSAGE, &[], to, plain);
                Ok(KeyAnswer::Bytes(message))
            }
            KeyTask::OpenSealed { sealed } => {
                let own = self.public(KeyHandle::IDENTITY)?.x25519;
                Ok(KeyAnswer::Bytes(opened(TAG_MESSAGE, &[], &own, sealed)?))
            }
            KeyTask::Forget(handle) => {
                if *handle == KeyHandle::RECOVERY {
                    self.recovery = None;
                }
                self.secrets.remove(handle);
                Ok(KeyAnswer::Done)
            }
        }
    }

    fn next_identity(&mut self, but: Option<[u8; 32]>, random: &mut dyn Random) -> KeyAnswer {
        self.next = self.next.filter(|next| Some(next.ed25519) != but);
        own_keys(&mut self.next, random)
    }

    fn succeed(&mut self) -> Result<KeyAnswer, SealError> {
        self.identity = self.next.take().or(self.identity);
        Ok(KeyAnswer::Public(*self.public(KeyHandle::IDENTITY)?))
    }

    fn seal_secret(
        &self,
        handle: KeyHandle,
        under: KeyHandle,
        epoch: EpochName,
    ) -> Result<KeyAnswer, SealError> {
        let secret = self.secret(handle)?;
        let tag = parent_tag(self.secret(under)?, epoch, secret);
        Ok(KeyAnswer::Bytes([secret.as_slice(), &tag].concat()))
    }

    fn open_secret(
        &mut self,
        handle: KeyHandle,
        under: KeyHandle,
        epoch: EpochName,
        sealed: &[u8],
    ) -> Result<KeyAnswer, SealError> {
        let under = self.secret(under)?;
        let read = sealed.split_last_chunk();
        let read = read.filter(|(secret, found)| parent_tag(under, epoch, secret) == **found);
        let secret = read.and_then(|(secret, _)| secret.try_into().ok());
        let secret: [u8; 32] = secret.ok_or(SealError::PeerSealBroken)?;
        self.secrets.insert(handle, secret);
        Ok(held(&secret, Vec::new()))
    }

    fn hold_recovery(&mut self, phrase: &Phrase) -> PublicKeys {
        let keys = phrase.keys();
        let public = public_keys(&keys.ed25519_seed, &keys.x25519_private);
        *self.recovery.insert(public)
    }

    fn secret(&self, handle: KeyHandle) -> Result<&[u8; 32], SealError> {
        self.secrets.get(&handle).ok_or(SealError::UsKeyNotHeld)
    }

    fn public(&self, handle: KeyHandle) -> Result<&PublicKeys, SealError> {
        let public = match handle {
            KeyHandle::IDENTITY => self.identity.as_ref(),
            KeyHandle::RECOVERY => self.recovery.as_ref(),
            _ => None,
        };
        public.ok_or(SealError::UsKeyNotHeld)
    }

    fn body_tag(
        &self,
        key: KeyHandle,
        stream: Stream,
        nonce: &[u8; 12],
        aad: &[u8],
        plain: &[u8],
    ) -> Result<Tag, SealError> {
        if stream == Stream::Control {
            return Err(SealError::UsKeyNotHeld);
        }
        let secret = self.secret(key)?;
        let head = [stream.number()];
        let hashes = [sha256(&[aad]).0, sha256(&[plain]).0];
        Ok(sha256(&[TAG_BODY, secret, &head, nonce, &hashes[0], &hashes[1]]).first())
    }

    fn seal(&self, task: &SealTask) -> Result<Vec<u8>, SealError> {
        let tag = self.body_tag(task.key, task.stream, &task.nonce, &task.aad, &task.plain)?;
        Ok([task.plain.as_slice(), &tag].concat())
    }

    fn open(&self, task: &OpenTask) -> Result<Option<Vec<u8>>, SealError> {
        self.secret(task.key)?;
        let Some((plain, found)) = task.sealed.split_last_chunk() else {
            return Ok(None);
        };
        let tag = self.body_tag(task.key, task.stream, &task.nonce, &task.aad, plain)?;
        Ok((tag == *found).then(|| plain.to_vec()))
    }

    fn sign(&self, task: &SignTask) -> Result<[u8; 64], SealError> {
        Ok(signature(&self.public(task.key)?.ed25519, &task.message))
    }
}

/// The keys that are kept there, made now if there are none.
fn own_keys(kept: &mut Option<PublicKeys>, random: &mut dyn Random) -> KeyAnswer {
    let make = || public_keys(&random.bytes(), &random.bytes());
    KeyAnswer::Public(*kept.get_or_insert_with(make))
}

fn public_keys(ed25519_seed: &[u8; 32], x25519_private: &[u8; 32]) -> PublicKeys {
    PublicKeys {
        ed25519: sha256(&[TAG_PUBLIC, ed25519_seed]).0,
        x25519: sha256(&[TAG_PUBLIC, x25519_private]).0,
    }
}

fn signature(public: &[u8; 32], message: &[u8]) -> [u8; 64] {
    let first = sha256(&[TAG_SIGNATURE, public, message]).0;
    let second = sha256(&[TAG_SIGNATURE, &first]).0;
    let mut both = [0; 64];
    both[..32].copy_from_slice(&first);
    both[32..].copy_from_slice(&second);
    both
}

fn verify(task: &VerifyTask) -> bool {
    signature(&task.public, &task.message) == task.signature
}

fn held(secret: &[u8; 32], wraps: Vec<Vec<u8>>) -> KeyAnswer {
    let chain = schedule::chain_keys(secret);
    KeyAnswer::Held { chain, wraps }
}

fn wraps(
    random: &mut dyn Random,
    secret: &[u8; 32],
    salt: &[u8; 32],
    to: &[[u8; 32]],
) -> Vec<Vec<u8>> {
    let mut wrap = |recipient| closed(random, TAG_WRAP, salt, recipient, secret);
    to.iter().map(&mut wrap).collect()
}

/// A random number, `plain`, a tag: as long as the real thing.
fn closed(
    random: &mut dyn Random,
    purpose: &[u8],
    salt: &[u8],
    recipient: &[u8; 32],
    plain: &[u8],
) -> Vec<u8> {
    let number = random.bytes::<32>();
    let tag = closing_tag(purpose, salt, recipient, &number, plain);
    [number.as_slice(), plain, &tag].concat()
}

fn opened(
    purpose: &[u8],
    salt: &[u8],
    recipient: &[u8; 32],
    closed: &[u8],
) -> Result<Vec<u8>, SealError> {
    let broken = SealError::PeerSealBroken;
    let (number, rest) = closed.split_first_chunk().ok_or(broken.clone())?;
    let (plain, found) = rest.split_last_chunk().ok_or(broken.clone())?;
    if closing_tag(purpose, salt, recipient, number, plain) == *found {
        Ok(plain.to_vec())
    } else {
        Err(broken)
    }
}

fn parent_tag(under: &[u8; 32], epoch: EpochName, secret: &[u8]) -> Tag {
    sha256(&[TAG_PARENT, under, &epoch.0, secret]).first()
}

/// `salt` is of one length for each purpose, so nothing can slip from one part to the next.
fn closing_tag(
    purpose: &[u8],
    salt: &[u8],
    recipient: &[u8; 32],
    number: &[u8; 32],
    plain: &[u8],
) -> Tag {
    sha256(&[purpose, salt, recipient, number, plain]).first()
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
