//! Commits: compare and change in one transaction, as durable as was asked.
//!
//! All requests are issued at once, compares first: IndexedDB does them in order and commits by
//! itself when none is left, so nothing may be awaited in between. A compare that finds something
//! else aborts the transaction, which undoes what was issued behind it.

use std::cell::Cell;
use std::collections::BTreeSet;
use std::rc::Rc;

use base::effect::{Change, Durability, StorageTrouble, Table, Transaction};
use futures_channel::oneshot;
use gloo::events::EventListener;
use js_sys::{Array, Object, Reflect, Uint8Array};
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{EventTarget, IdbDatabase, IdbFactory, IdbRequest, IdbTransaction};

use super::read::{bytes, key_value};
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
    let mismatch = Rc::new(Cell::new(false));
    let compares = match issue(running, &transaction.changes, &mismatch) {
        Ok(compares) => compares,
        Err(error) => {
            // Without this the half that was issued would be committed.
            let _ = running.abort();
            return Err(error.into());
        }
    };
    let ended = finished(running, "complete", "abort").await;
    drop(compares);
    match (ended, running.error()) {
        _ if mismatch.get() => Err(StorageTrouble::Conflict),
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
    let tables: BTreeSet<Table> = transaction.changes.iter().map(table).collect();
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

/// Issues everything, compares first; returns what listens to the compares.
fn issue(
    running: &IdbTransaction,
    changes: &[Change],
    mismatch: &Rc<Cell<bool>>,
) -> Result<Vec<EventListener>, BrowserError> {
    let mut compares = Vec::new();
    for change in changes {
        if let Change::Compare { table, key, expect } = change {
            let request = running.object_store(table.name())?.get(&key_value(key))?;
            compares.push(compare(running, request, expect.clone(), mismatch));
        }
    }
    for change in changes {
        match change {
            Change::Compare { .. } => {}
            Change::Add { table, key, value } => {
                let store = running.object_store(table.name())?;
                store.add_with_key(&Uint8Array::from(&value[..]), &key_value(key))?;
            }
            Change::Put { table, key, value } => {
                let store = running.object_store(table.name())?;
                store.put_with_key(&Uint8Array::from(&value[..]), &key_value(key))?;
            }
            Change::Delete { table, key } => {
                running
                    .object_store(table.name())?
                    .delete(&key_value(key))?;
            }
        }
    }
    Ok(compares)
}

fn compare(
    running: &IdbTransaction,
    request: IdbRequest,
    expect: Option<Vec<u8>>,
    mismatch: &Rc<Cell<bool>>,
) -> EventListener {
    let (running, mismatch) = (running.clone(), Rc::clone(mismatch));
    let asked = request.clone();
    EventListener::once(&request, "success", move |_| {
        let found = asked.result().unwrap_or(JsValue::UNDEFINED);
        let found = (!found.is_undefined()).then(|| bytes(&found));
        // Another compare may have aborted already.
        if found != expect && !mismatch.replace(true) {
            let _ = running.abort();
        }
    })
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

const fn table(change: &Change) -> Table {
    match change {
        Change::Compare { table, .. }
        | Change::Add { table, .. }
        | Change::Put { table, .. }
        | Change::Delete { table, .. } => *table,
    }
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
