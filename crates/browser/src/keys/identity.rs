//! The device's own keys: made once, kept in the database, never readable.

use base::effect::PublicKeys;
use js_sys::{Object, Reflect, Uint8Array};
use rexie::TransactionMode;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::CryptoKey;

use super::subtle::{self, Algorithm, Pair};
use crate::error::BrowserError;
use crate::store::IndexedDb;
use crate::store::schema::{KEYS, explain};

/// A pair of pairs in the object store of keys.
#[derive(Debug, Clone, Copy)]
pub enum Record {
    /// The device's own keys.
    Own,
    /// Those with which it would go on as another device.
    Next,
}

impl Record {
    /// The key of the record. Never renamed.
    const fn key(self) -> &'static str {
        match self {
            Self::Own => "identity",
            Self::Next => "next identity",
        }
    }
}

/// The keys of a device, or those that a recovery phrase gives.
#[derive(Clone)]
pub struct Identity {
    pub(crate) signing: Pair,
    pub(crate) agreeing: Pair,
}

impl Identity {
    /// The keys of a record, made now if there are none. However many ask at once, in however many
    /// tabs, all get the same.
    ///
    /// # Errors
    /// [`BrowserError`] when the browser has no such keys or cannot store them.
    pub async fn load_or_make(store: &IndexedDb, record: Record) -> Result<Self, BrowserError> {
        if let Some(kept) = Self::load(store, record).await? {
            return Ok(kept);
        }
        let made = Self {
            signing: subtle::generate(Algorithm::Ed25519).await?,
            agreeing: subtle::generate(Algorithm::X25519).await?,
        };
        made.keep_unless_there(store, record).await
    }

    /// The keys of a record; `None` when none were made yet.
    ///
    /// # Errors
    /// [`BrowserError`] when the store cannot be read.
    pub async fn load(store: &IndexedDb, record: Record) -> Result<Option<Self>, BrowserError> {
        let transaction = store.begin(&[KEYS], TransactionMode::ReadOnly).await?;
        let keys = transaction.store(KEYS).map_err(explain)?;
        let kept = keys.get(record.key().into()).await.map_err(explain)?;
        kept.map(|kept| from_record(&kept)).transpose()
    }

    /// Makes the next keys the device's own, for good, and gives them; `None` where there are none.
    ///
    /// # Errors
    /// [`BrowserError`] when the store cannot be read or written; nothing has changed.
    pub async fn succeed(store: &IndexedDb) -> Result<Option<Self>, BrowserError> {
        let transaction = store.begin(&[KEYS], TransactionMode::ReadWrite).await?;
        let keys = transaction.store(KEYS).map_err(explain)?;
        let (own, next) = (Record::Own.key().into(), Record::Next.key());
        let Some(kept) = keys.get(next.into()).await.map_err(explain)? else {
            return Ok(None);
        };
        let succeeds = from_record(&kept)?;
        keys.put(&kept, Some(&own)).await.map_err(explain)?;
        keys.delete(next.into()).await.map_err(explain)?;
        if transaction.done().await.map_err(explain)?.is_committed() {
            Ok(Some(succeeds))
        } else {
            Err(BrowserError::Missing("room for the keys of this device"))
        }
    }

    /// Forgets the next keys where their Ed25519 key is this one.
    ///
    /// # Errors
    /// [`BrowserError`] when the store cannot be read or written; nothing has changed.
    pub async fn drop_next(store: &IndexedDb, ed25519: &[u8; 32]) -> Result<(), BrowserError> {
        let transaction = store.begin(&[KEYS], TransactionMode::ReadWrite).await?;
        let keys = transaction.store(KEYS).map_err(explain)?;
        let next = Record::Next.key();
        let Some(kept) = keys.get(next.into()).await.map_err(explain)? else {
            return Ok(());
        };
        if from_record(&kept)?.signing.public == *ed25519 {
            keys.delete(next.into()).await.map_err(explain)?;
        }
        transaction.done().await.map_err(explain).map(|_| ())
    }

    /// The public halves.
    pub const fn public(&self) -> PublicKeys {
        PublicKeys {
            ed25519: self.signing.public,
            x25519: self.agreeing.public,
        }
    }

    /// Signs with Ed25519.
    ///
    /// # Errors
    /// [`BrowserError`] when the browser cannot.
    pub async fn sign(&self, message: &[u8]) -> Result<[u8; 64], BrowserError> {
        subtle::sign(&self.signing.private, message).await
    }

    /// Only this transaction's own requests are awaited inside it, or it would end too early.
    ///
    /// It is not strict: the first commit behind it is, and flushes the same log.
    async fn keep_unless_there(
        self,
        store: &IndexedDb,
        record: Record,
    ) -> Result<Self, BrowserError> {
        let transaction = store.begin(&[KEYS], TransactionMode::ReadWrite).await?;
        let keys = transaction.store(KEYS).map_err(explain)?;
        if let Some(kept) = keys.get(record.key().into()).await.map_err(explain)? {
            return from_record(&kept);
        }
        keys.add(&self.to_record()?, Some(&record.key().into()))
            .await
            .map_err(explain)?;
        if transaction.done().await.map_err(explain)?.is_committed() {
            Ok(self)
        } else {
            Err(BrowserError::Missing("room for the keys of this device"))
        }
    }

    fn to_record(&self) -> Result<JsValue, BrowserError> {
        let record = Object::new();
        for (name, value) in [
            ("ed25519", JsValue::from(self.signing.private.clone())),
            (
                "ed25519Public",
                Uint8Array::from(&self.signing.public[..]).into(),
            ),
            ("x25519", self.agreeing.private.clone().into()),
            (
                "x25519Public",
                Uint8Array::from(&self.agreeing.public[..]).into(),
            ),
        ] {
            Reflect::set(&record, &name.into(), &value)?;
        }
        Ok(record.into())
    }
}

fn from_record(record: &JsValue) -> Result<Identity, BrowserError> {
    let pair = |private: &str, public: &str| -> Result<Pair, BrowserError> {
        let private = Reflect::get(record, &private.into())?;
        let public = Uint8Array::new(&Reflect::get(record, &public.into())?).to_vec();
        let broken = BrowserError::Missing("whole record of this device's keys");
        match (private.dyn_into::<CryptoKey>(), public.try_into()) {
            (Ok(private), Ok(public)) => Ok(Pair { private, public }),
            _ => Err(broken),
        }
    };
    Ok(Identity {
        signing: pair("ed25519", "ed25519Public")?,
        agreeing: pair("x25519", "x25519Public")?,
    })
}
