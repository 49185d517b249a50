//! The store: does a machine's [`Transaction`]s and [`Query`]s.
//!
//! Two connections to one database: `rexie` makes the schema and reads; changes go through a
//! connection of our own, because `rexie` has no durability option and does not tell why a
//! transaction was aborted, and a full disk must be told from a broken one.

pub mod commit;
#[cfg(any(test, feature = "memory"))]
pub mod contract;
#[cfg(any(test, feature = "memory"))]
pub mod memory;
pub mod read;
pub mod schema;

use std::cell::RefCell;
use std::rc::Rc;

use base::effect::{Query, Row, StorageTrouble, Transaction};
use gloo::events::EventListener;
use rexie::Rexie;
use web_sys::IdbDatabase;

use crate::error::BrowserError;
use schema::Schema;

/// Where records are kept. One suite, [`contract`], holds for every implementation.
#[expect(
    async_fn_in_trait,
    reason = "a page has one thread: futures need not be Send"
)]
pub trait Store {
    /// Does all changes or none; returns when they are as durable as was asked.
    ///
    /// # Errors
    /// [`StorageTrouble`]; nothing of the transaction has happened then.
    async fn commit(&self, transaction: &Transaction) -> Result<(), StorageTrouble>;

    /// Answers every query, in order, from one state of the store.
    ///
    /// # Errors
    /// [`StorageTrouble::Broken`].
    async fn load(&self, queries: &[Query]) -> Result<Vec<Vec<Row>>, StorageTrouble>;
}

/// The store of one device in this browser's IndexedDB. Clones share the connections.
#[derive(Clone)]
pub struct IndexedDb {
    connections: Rc<Connections>,
}

struct Connections {
    reading: RefCell<Option<Rexie>>,
    writing: IdbDatabase,
    /// Lets go when another tab wants to upgrade or delete the database.
    version_change: RefCell<Option<EventListener>>,
}

impl IndexedDb {
    /// Opens the database, making or upgrading it first.
    ///
    /// # Errors
    /// [`BrowserError::Exception`]: `VersionError` when a newer release has upgraded it already.
    pub async fn open(name: &str) -> Result<Self, BrowserError> {
        Self::open_as(name, &Schema::current()).await
    }

    async fn open_as(name: &str, schema: &Schema) -> Result<Self, BrowserError> {
        let reading = schema.open(name).await?;
        let writing = commit::open(name).await?;
        let connections = Rc::new(Connections {
            reading: RefCell::new(Some(reading)),
            writing,
            version_change: RefCell::new(None),
        });
        let weak = Rc::downgrade(&connections);
        let listener = EventListener::new(&connections.writing, "versionchange", move |_| {
            if let Some(connections) = weak.upgrade() {
                connections.close();
            }
        });
        connections.version_change.replace(Some(listener));
        Ok(Self { connections })
    }

    /// Lets go of the database. Everything asked after it is answered with trouble.
    pub fn close(&self) {
        self.connections.close();
    }

    /// Begins a transaction on the reading connection.
    pub(crate) fn begin(
        &self,
        stores: &[&str],
        mode: rexie::TransactionMode,
    ) -> Result<rexie::Transaction, BrowserError> {
        let reading = self.connections.reading.borrow();
        let reading = reading.as_ref().ok_or(BrowserError::Missing(
            "open store: another tab upgraded or deleted it",
        ))?;
        reading.transaction(stores, mode).map_err(schema::explain)
    }
}

impl Connections {
    fn close(&self) {
        self.writing.close();
        if let Some(reading) = self.reading.take() {
            reading.close();
        }
    }
}

impl Drop for Connections {
    fn drop(&mut self) {
        self.close();
    }
}

impl Store for IndexedDb {
    async fn commit(&self, transaction: &Transaction) -> Result<(), StorageTrouble> {
        commit::run(&self.connections.writing, transaction).await
    }

    async fn load(&self, queries: &[Query]) -> Result<Vec<Vec<Row>>, StorageTrouble> {
        read::run(self, queries).await.map_err(StorageTrouble::from)
    }
}

#[cfg(all(test, target_arch = "wasm32"))]
mod tests;
