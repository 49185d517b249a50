//! Does the tasks of effects with the keys that are held.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use base::EpochName;
use base::effect::{
    Answer, KeyAnswer, KeyHandle, KeyTask, OpenTask, SealTask, SignTask, VerifyTask,
};
use base::limits::{MEMBERS_MAX, SIGNAL_BYTES_MAX};
use futures_util::future::join_all;
use seal::SealError;
use seal::phrase::{Phrase, RecoveryKeys};
use web_sys::CryptoKey;

use super::envelope::{self, Purpose};
use super::identity::{Identity, Record};
use super::secret::Secret;
use super::subtle::{self, Algorithm};
use super::trouble::Trouble;
use crate::error::BrowserError;
use crate::random::random_bytes;
use crate::store::IndexedDb;

/// Most sales are shorter. Up to here a way to WebCrypto and back takes longer than to seal, and a cashier
/// waits for it (docs/decisions/0007); much more it seals faster, and beside us.
const SEALED_HERE_BYTES_MAX: usize = 1024;

/// Every key of a device, named by handle.
pub struct Keys {
    store: IndexedDb,
    identity: RefCell<Option<Identity>>,
    recovery: RefCell<Option<Identity>>,
    secrets: RefCell<BTreeMap<KeyHandle, Rc<Secret>>>,
    /// Public keys of others that were imported already.
    verifiers: RefCell<BTreeMap<[u8; 32], CryptoKey>>,
}

impl Keys {
    /// The keys of the device whose database this is; nothing is held yet.
    pub fn new(store: IndexedDb) -> Self {
        Self {
            store,
            identity: RefCell::default(),
            recovery: RefCell::default(),
            secrets: RefCell::default(),
            verifiers: RefCell::default(),
        }
    }

    /// Makes, wraps, unwraps or forgets. Answers [`Answer::Keys`], or [`Answer::Failed`].
    pub async fn task(&self, task: KeyTask) -> Answer {
        match self.try_task(task).await {
            Ok(answer) => Answer::Keys(answer),
            Err(Trouble::Refused(error)) => Answer::Keys(KeyAnswer::Refused(error.refusal())),
            Err(Trouble::Browser(error)) => Answer::Failed(error.to_string()),
        }
    }

    /// Seals each body. Answers [`Answer::Sealed`], or [`Answer::Failed`] for all.
    pub async fn seal(&self, tasks: Vec<SealTask>) -> Answer {
        let sealed = tasks.iter().map(async |task| {
            let secret = self.secret(task.key)?;
            if task.plain.len() <= SEALED_HERE_BYTES_MAX {
                return Ok(secret.seal(task));
            }
            let key = secret.key(task.stream).await?;
            Ok(subtle::encrypt(&key, &task.nonce, &task.aad, &task.plain).await?)
        });
        all(join_all(sealed).await, Answer::Sealed)
    }

    /// Opens each body. Answers [`Answer::Opened`], or [`Answer::Failed`] for all when a key is not
    /// held or cannot be used, which says nothing of the body.
    pub async fn open(&self, tasks: Vec<OpenTask>) -> Answer {
        let opened = tasks.iter().map(async |task| {
            let key = self.secret(task.key)?.key(task.stream).await?;
            let plain = subtle::decrypt(&key, &task.nonce, &task.aad, &task.sealed).await;
            Ok(plain.ok())
        });
        all(join_all(opened).await, Answer::Opened)
    }

    /// Signs each message. Answers [`Answer::Signed`], or [`Answer::Failed`] for all.
    pub async fn sign(&self, tasks: Vec<SignTask>) -> Answer {
        let signed = tasks.iter().map(async |task| {
            let pair = self.pair(task.key).await?;
            Ok(pair.sign(&task.message).await?)
        });
        all(join_all(signed).await, Answer::Signed)
    }

    /// Checks each signature. Answers [`Answer::Verified`]; bytes that are no key count as a
    /// wrong signature. [`Answer::Failed`] for all when a key could not be taken for another reason.
    pub async fn verify(&self, tasks: Vec<VerifyTask>) -> Answer {
        let verified = tasks.iter().map(async |task| {
            let public = match self.verifier(&task.public).await {
                Ok(public) => public,
                // WebCrypto's name for bytes that are no key.
                Err(error) if error.name() == "DataError" => return Ok(false),
                Err(error) => return Err(error.into()),
            };
            let verified = subtle::verify(&public, &task.message, &task.signature).await;
            Ok(verified.unwrap_or(false))
        });
        all(join_all(verified).await, Answer::Verified)
    }

    async fn try_task(&self, task: KeyTask) -> Result<KeyAnswer, Trouble> {
        match task {
            KeyTask::Identity => {
                let identity = self.pair(KeyHandle::IDENTITY).await?;
                Ok(KeyAnswer::Public(identity.public()))
            }
            KeyTask::NextIdentity { but } => {
                if let Some(but) = but {
                    Identity::drop_next(&self.store, &but).await?;
                }
                let next = Identity::load_or_make(&self.store, Record::Next).await?;
                Ok(KeyAnswer::Public(next.public()))
            }
            KeyTask::Succeed => self.succeed().await,
            KeyTask::MakeRecovery => self.make_recovery().await,
            KeyTask::Recover { words } => {
                let recovery = self.hold_recovery(&Phrase::parse(&words)?.keys()).await?;
                Ok(KeyAnswer::Public(recovery.public()))
            }
            KeyTask::MakeSecret { handle, salt, to } => {
                let secret = Secret::random();
                let wraps = secret.wraps(&salt, &to).await?;
                Ok(self.held(handle, secret, wraps))
            }
            KeyTask::Wrap { handle, salt, to } => {
                let secret = self.secret(handle)?;
                let (chain, wraps) = (secret.chain_keys(), secret.wraps(&salt, &to).await?);
                Ok(KeyAnswer::Held { chain, wraps })
            }
            KeyTask::Unwrap {
                handle,
                by,
                salt,
                wrap,
            } => {
                let reader = self.pair(by).await?.agreeing;
                let secret = envelope::open(Purpose::Wrap(&salt), &reader, &wrap).await;
                let secret = secret.and_then(|bytes| bytes.try_into().ok());
                let secret = Secret::new(secret.ok_or(SealError::PeerSealBroken)?);
                Ok(self.held(handle, secret, Vec::new()))
            }
            KeyTask::SealSecret {
                handle,
                under,
                epoch,
            } => self.seal_secret(handle, under, epoch).await,
            KeyTask::OpenSecret {
                handle,
                under,
                epoch,
                sealed,
            } => self.open_secret(handle, under, epoch, &sealed).await,
            KeyTask::HashPin { pin, salt, pepper } => {
                Ok(KeyAnswer::Pin(seal::pin::verifier(&pin, &salt, &pepper)))
            }
            KeyTask::SealTo { to, plain } if plain.len() <= SIGNAL_BYTES_MAX => Ok(
                KeyAnswer::Bytes(envelope::seal(Purpose::Message, &to, &plain).await?),
            ),
            KeyTask::SealTo { .. } => Err(SealError::UsMessageTooLong.into()),
            KeyTask::OpenSealed { sealed } => {
                let reader = self.pair(KeyHandle::IDENTITY).await?.agreeing;
                let plain = envelope::open(Purpose::Message, &reader, &sealed).await;
                Ok(KeyAnswer::Bytes(plain.ok_or(SealError::PeerSealBroken)?))
            }
            KeyTask::Forget(handle) => {
                self.forget(handle);
                Ok(KeyAnswer::Done)
            }
        }
    }

    async fn succeed(&self) -> Result<KeyAnswer, Trouble> {
        if let Some(identity) = Identity::succeed(&self.store).await? {
            self.identity.replace(Some(identity));
        }
        let identity = self.pair(KeyHandle::IDENTITY).await?;
        Ok(KeyAnswer::Public(identity.public()))
    }

    async fn make_recovery(&self) -> Result<KeyAnswer, Trouble> {
        let phrase = Phrase::from_entropy(random_bytes());
        let public = self.hold_recovery(&phrase.keys()).await?.public();
        let words = phrase.words();
        Ok(KeyAnswer::Phrase { words, public })
    }

    async fn seal_secret(
        &self,
        handle: KeyHandle,
        under: KeyHandle,
        epoch: EpochName,
    ) -> Result<KeyAnswer, Trouble> {
        let under = self.secret(under)?;
        let sealed = self.secret(handle)?.sealed_under(&under, epoch).await?;
        Ok(KeyAnswer::Bytes(sealed))
    }

    async fn open_secret(
        &self,
        handle: KeyHandle,
        under: KeyHandle,
        epoch: EpochName,
        sealed: &[u8],
    ) -> Result<KeyAnswer, Trouble> {
        let under = self.secret(under)?;
        let secret = Secret::opened(&under, epoch, sealed).await?;
        Ok(self.held(handle, secret, Vec::new()))
    }

    fn held(&self, handle: KeyHandle, secret: Secret, wraps: Vec<Vec<u8>>) -> KeyAnswer {
        let chain = secret.chain_keys();
        self.secrets.borrow_mut().insert(handle, Rc::new(secret));
        KeyAnswer::Held { chain, wraps }
    }

    async fn hold_recovery(&self, keys: &RecoveryKeys) -> Result<Identity, BrowserError> {
        let recovery = Identity {
            signing: subtle::from_seed(Algorithm::Ed25519, &keys.ed25519_seed).await?,
            agreeing: subtle::from_seed(Algorithm::X25519, &keys.x25519_private).await?,
        };
        self.recovery.replace(Some(recovery.clone()));
        Ok(recovery)
    }

    fn secret(&self, handle: KeyHandle) -> Result<Rc<Secret>, Trouble> {
        let secrets = self.secrets.borrow();
        Ok(Rc::clone(
            secrets.get(&handle).ok_or(SealError::UsKeyNotHeld)?,
        ))
    }

    /// The pair of keys under a handle that names one.
    async fn pair(&self, handle: KeyHandle) -> Result<Identity, Trouble> {
        if handle == KeyHandle::RECOVERY {
            return Ok(self
                .recovery
                .borrow()
                .clone()
                .ok_or(SealError::UsKeyNotHeld)?);
        }
        if handle != KeyHandle::IDENTITY {
            return Err(SealError::UsKeyNotHeld.into());
        }
        let known = self.identity.borrow().clone();
        if let Some(identity) = known {
            return Ok(identity);
        }
        let identity = Identity::load_or_make(&self.store, Record::Own).await?;
        self.identity.replace(Some(identity.clone()));
        Ok(identity)
    }

    async fn verifier(&self, public: &[u8; 32]) -> Result<CryptoKey, BrowserError> {
        let known = self.verifiers.borrow().get(public).cloned();
        if let Some(key) = known {
            return Ok(key);
        }
        let key = subtle::verifier(public).await?;
        let mut verifiers = self.verifiers.borrow_mut();
        if verifiers.len() >= MEMBERS_MAX {
            verifiers.clear();
        }
        verifiers.insert(*public, key.clone());
        Ok(key)
    }

    fn forget(&self, handle: KeyHandle) {
        if handle == KeyHandle::RECOVERY {
            self.recovery.replace(None);
        }
        self.secrets.borrow_mut().remove(&handle);
    }
}

/// The answer for a list that is done as a whole or not at all.
fn all<T>(done: Vec<Result<T, Trouble>>, answer: impl FnOnce(Vec<T>) -> Answer) -> Answer {
    match done.into_iter().collect::<Result<Vec<T>, Trouble>>() {
        Ok(items) => answer(items),
        Err(Trouble::Refused(error)) => Answer::Failed(error.to_string()),
        Err(Trouble::Browser(error)) => Answer::Failed(error.to_string()),
    }
}
