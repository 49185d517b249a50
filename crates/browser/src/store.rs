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

use std::cell::{Cell, RefCell};
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
///
/// The browser closes connections by itself when the disk runs full or fails under it. Whatever
/// is asked next opens them anew, so a till goes on as soon as there is room.
#[derive(Clone)]
pub struct IndexedDb {
    shared: Rc<Shared>,
}

struct Shared {
    name: String,
    schema: Schema,
    /// `None` once they were let go of for good.
    connections: RefCell<Option<Rc<Connections>>>,
    /// Whether the disk was full when it was last written to. Chromium does not say why it can't
    /// open a database again.
    full: Cell<bool>,
}

struct Connections {
    reading: RefCell<Option<Rexie>>,
    writing: IdbDatabase,
    /// Lets go when another tab wants to upgrade or delete the database.
    _version_change: EventListener,
}

impl IndexedDb {
    /// Opens the database, making or upgrading it first.
    ///
    /// # Errors
    /// [`BrowserError::Exception`]: `VersionError` when a newer release has upgraded it already.
    pub async fn open(name: &str) -> Result<Self, BrowserError> {
        Self::open_as(name, Schema::current()).await
    }

    async fn open_as(name: &str, schema: Schema) -> Result<Self, BrowserError> {
        let shared = Rc::new(Shared {
            name: name.to_owned(),
            schema,
            connections: RefCell::default(),
            full: Cell::default(),
        });
        let connections = shared.connect().await?;
        shared.connections.replace(Some(connections));
        Ok(Self { shared })
    }

    /// Lets go of the database. Everything asked after it is answered with trouble.
    pub fn close(&self) {
        self.shared.close();
    }

    /// Begins a transaction on the reading connection.
    pub(crate) async fn begin(
        &self,
        stores: &[&str],
        mode: rexie::TransactionMode,
    ) -> Result<rexie::Transaction, BrowserError> {
        self.on_connections(|connections| connections.begin(stores, mode))
            .await
    }

    /// Begins something on the connections, or on new ones where the browser has closed them.
    ///
    /// Nothing is awaited after `begin`: a transaction without requests would end.
    async fn on_connections<T>(
        &self,
        begin: impl Fn(&Connections) -> Result<T, BrowserError>,
    ) -> Result<T, BrowserError> {
        let connections = self.shared.current()?;
        match begin(&connections) {
            Err(error) if error.name() == "InvalidStateError" => {
                let connections = self.shared.connect().await.map_err(|error| {
                    let full = self.shared.full.get();
                    if full { BrowserError::Full } else { error }
                })?;
                // Somebody may have let go of the database meanwhile.
                self.shared.current()?;
                self.shared
                    .connections
                    .replace(Some(Rc::clone(&connections)));
                begin(&connections)
            }
            begun => begun,
        }
    }
}

impl Shared {
    async fn connect(self: &Rc<Self>) -> Result<Rc<Connections>, BrowserError> {
        let reading = self.schema.open(&self.name).await?;
        let writing = commit::open(&self.name).await?;
        let weak = Rc::downgrade(self);
        let version_change = EventListener::new(&writing, "versionchange", move |_| {
            if let Some(shared) = weak.upgrade() {
                shared.close();
            }
        });
        Ok(Rc::new(Connections {
            reading: RefCell::new(Some(reading)),
            writing,
            _version_change: version_change,
        }))
    }

    fn current(&self) -> Result<Rc<Connections>, BrowserError> {
        let connections = self.connections.borrow();
        connections
            .as_ref()
            .map(Rc::clone)
            .ok_or(BrowserError::Missing(
                "open store: another tab upgraded or deleted it",
            ))
    }

    fn close(&self) {
        let connections = self.connections.take();
        if let Some(connections) = connections {
            connections.close();
        }
    }
}

impl Connections {
    fn begin(
        &self,
        stores: &[&str],
        mode: rexie::TransactionMode,
    ) -> Result<rexie::Transaction, BrowserError> {
        let reading = self.reading.borrow();
        let reading = reading
            .as_ref()
            .ok_or(BrowserError::Missing("open store"))?;
        reading.transaction(stores, mode).map_err(schema::explain)
    }

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
        if transaction.changes.is_empty() {
            return Ok(());
        }
        let running = self
            .on_connections(|connections| commit::begin(&connections.writing, transaction))
            .await?;
        let done = commit::run(&running, transaction).await;
        self.shared.full.set(done == Err(StorageTrouble::Full));
        done
    }

    async fn load(&self, queries: &[Query]) -> Result<Vec<Vec<Row>>, StorageTrouble> {
        read::run(self, queries).await.map_err(StorageTrouble::from)
    }
}

#[cfg(all(test, target_arch = "wasm32"))]
mod tests;
