//! Commits: all changes in one transaction, as durable as was asked.
//!
//! All requests are issued at once, and the commit after them. IndexedDB does them in order. An
//! `add` that finds its key taken aborts the transaction, which undoes the rest.

use std::cell::Cell;
use std::collections::BTreeSet;
use std::rc::Rc;

use base::effect::{Change, Durability, StorageTrouble, Table, Transaction};
use futures_channel::oneshot;
use gloo::events::EventListener;
use js_sys::{Array, Object, Reflect, Uint8Array};
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{EventTarget, IdbDatabase, IdbFactory, IdbKeyRange, IdbRequest, IdbTransaction};

use super::read::key_value;
use crate::error::BrowserError;

#[wasm_bindgen]
extern "C" {
    /// `IDBDatabase` with the transaction options that web-sys still calls unstable.
    #[wasm_bindgen(extends = IdbDatabase)]
    type Database;

    #[wasm_bindgen(method, catch)]
    fn transaction(
        this: &Database,
        stores: &Array,
        mode: &str,
        options: &Object,
    ) -> Result<IdbTransaction, JsValue>;

    /// `IDBTransaction` with its `commit`, which web-sys calls deprecated and the standard
    /// (Indexed Database API 3.0, §4.10) does not.
    #[wasm_bindgen(extends = IdbTransaction)]
    type Issued;

    #[wasm_bindgen(method, catch)]
    fn commit(this: &Issued) -> Result<(), JsValue>;
}

/// Opens a connection to a database that is there, at the version that it has.
pub(super) async fn open(name: &str) -> Result<IdbDatabase, BrowserError> {
    // A worker has no window: the factory hangs on whatever the global object is.
    let factory = Reflect::get(&js_sys::global(), &"indexedDB".into())?;
    let factory: IdbFactory = factory
        .dyn_into()
        .map_err(|_| BrowserError::Missing("IndexedDB"))?;
    let request: IdbRequest = factory.open(name)?.into();
    finished(&request, "success", "error").await;
    match request.error()? {
        Some(error) => Err(JsValue::from(error).into()),
        None => Ok(request.result()?.unchecked_into()),
    }
}

/// Does a transaction that has begun.
pub(super) async fn run(
    running: &IdbTransaction,
    transaction: &Transaction,
) -> Result<(), StorageTrouble> {
    if let Err(error) = issue(running, &transaction.changes) {
        // Without this the half that was issued would be committed.
        let _ = running.abort();
        return Err(error.into());
    }
    // Saves one way to the browser's process and back. A browser that cannot does it by itself.
    let issued: &Issued = running.unchecked_ref();
    let _ = issued.commit();
    match (
        finished(running, "complete", "abort").await,
        running.error(),
    ) {
        (Ended::Well, _) => Ok(()),
        (Ended::Badly, Some(error)) => Err(BrowserError::from(JsValue::from(error)).into()),
        (Ended::Badly, None) => Err(StorageTrouble::Broken("aborted by the browser".to_owned())),
    }
}

/// Begins a transaction on that connection. `InvalidStateError`: the browser has closed it.
pub(super) fn begin(
    database: &IdbDatabase,
    transaction: &Transaction,
) -> Result<IdbTransaction, BrowserError> {
    let tables: BTreeSet<Table> = transaction.changes.iter().map(Change::table).collect();
    let stores: Array = tables
        .into_iter()
        .map(|t| JsValue::from(t.name()))
        .collect();
    let durability = match transaction.durability {
        Durability::Strict => "strict",
        Durability::Relaxed => "relaxed",
    };
    let options = Object::new();
    Reflect::set(&options, &"durability".into(), &durability.into())?;
    let database: &Database = database.unchecked_ref();
    Ok(database.transaction(&stores, "readwrite", &options)?)
}

/// Issues everything, in order.
fn issue(running: &IdbTransaction, changes: &[Change]) -> Result<(), BrowserError> {
    for change in changes {
        let store = running.object_store(change.table().name())?;
        match change {
            Change::Add { key, value, .. } => {
                store.add_with_key(&Uint8Array::from(&value[..]), &key_value(key))?;
            }
            Change::Put { key, value, .. } => {
                store.put_with_key(&Uint8Array::from(&value[..]), &key_value(key))?;
            }
            Change::Delete { key, .. } => {
                store.delete(&key_value(key))?;
            }
            // IndexedDB throws on an empty range.
            Change::DeleteRange { from, to, .. } if from < to => {
                let (from, to) = (key_value(from), key_value(to));
                let range =
                    IdbKeyRange::bound_with_lower_open_and_upper_open(&from, &to, false, true)?;
                store.delete(&range)?;
            }
            Change::DeleteRange { .. } => {}
        }
    }
    Ok(())
}

#[derive(Clone, Copy)]
enum Ended {
    Well,
    Badly,
}

/// Waits for the first of two events.
async fn finished(target: &EventTarget, well: &'static str, badly: &'static str) -> Ended {
    let (sender, receiver) = oneshot::channel();
    let sender = Rc::new(Cell::new(Some(sender)));
    let listen = |name: &'static str, ended| {
        let sender = Rc::clone(&sender);
        EventListener::once(target, name, move |_| {
            if let Some(sender) = sender.take() {
                let _ = sender.send(ended);
            }
        })
    };
    let _listeners = [listen(well, Ended::Well), listen(badly, Ended::Badly)];
    receiver.await.unwrap_or(Ended::Badly)
}

#[cfg(all(test, target_arch = "wasm32"))]
mod tests {
    use wasm_bindgen_test::wasm_bindgen_test;

    use super::*;
    use crate::store::IndexedDb;

    #[wasm_bindgen_test]
    async fn a_transaction_is_as_durable_as_was_asked() {
        let name = format!("durability-{}", js_sys::Math::random());
        let _made = IndexedDb::open(&name).await.unwrap();
        let database = open(&name).await.unwrap();
        for (durability, word) in [
            (Durability::Strict, "strict"),
            (Durability::Relaxed, "relaxed"),
        ] {
            let (table, key) = (Table::Values, vec![1]);
            let changes = vec![Change::Delete { table, key }];
            let transaction = Transaction {
                durability,
                changes,
            };
            let running = begin(&database, &transaction).unwrap();
            let found = Reflect::get(&running, &"durability".into()).unwrap();
            assert_eq!(found, JsValue::from(word));
        }
    }
}
