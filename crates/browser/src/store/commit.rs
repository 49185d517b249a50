//! Commits: all changes in one transaction, as durable as was asked.
//!
//! All requests are issued at once, and the commit after them. IndexedDB does them in order. An
//! `add` that finds its key taken aborts the transaction, which undoes the rest.

use std::collections::{BTreeMap, BTreeSet};

use base::effect::{Change, Durability, StorageTrouble, Table, Transaction};
use js_sys::{Array, Function, JsString, Object, Promise, Reflect, Uint8Array};
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    IdbDatabase, IdbFactory, IdbKeyRange, IdbObjectStore, IdbRequest, IdbTransaction,
    IdbTransactionMode,
};

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
        mode: IdbTransactionMode,
        options: &Options,
    ) -> Result<Running, JsValue>;

    /// `IDBTransactionOptions`.
    #[wasm_bindgen(extends = Object)]
    type Options;

    #[wasm_bindgen(method, setter)]
    fn set_durability(this: &Options, word: DurabilityWord);

    /// `IDBTransaction` with its `commit`, which web-sys calls deprecated and the standard
    /// (Indexed Database API 3.0, §4.10) does not.
    #[wasm_bindgen(extends = IdbTransaction)]
    pub(super) type Running;

    #[wasm_bindgen(method, catch, js_name = objectStore)]
    fn object_store_of(this: &Running, name: &JsString) -> Result<IdbObjectStore, JsValue>;

    #[wasm_bindgen(method, catch, js_name = commit)]
    fn all_is_issued(this: &Running) -> Result<(), JsValue>;
}

/// `IDBTransactionDurability`.
#[wasm_bindgen]
#[derive(Clone, Copy)]
enum DurabilityWord {
    Strict = "strict",
    Relaxed = "relaxed",
}

thread_local! {
    /// The names of the object stores as JavaScript has them: a sale would wait for each that is
    /// made anew.
    static NAMES: BTreeMap<Table, JsString> =
        Table::ALL.into_iter().map(|table| (table, table.name().into())).collect();
}

fn name_of(table: Table) -> JsString {
    NAMES.with(|names| names[&table].clone())
}

/// Opens a connection to a database that is there, at the version that it has.
pub(super) async fn open(name: &str) -> Result<IdbDatabase, BrowserError> {
    // A worker has no window: the factory hangs on whatever the global object is.
    let factory = Reflect::get(&js_sys::global(), &"indexedDB".into())?;
    let factory: IdbFactory = factory
        .dyn_into()
        .map_err(|_| BrowserError::Missing("IndexedDB"))?;
    let request: IdbRequest = factory.open(name)?.into();
    first_of(|success, error| {
        request.set_onsuccess(Some(success));
        request.set_onerror(Some(error));
    })
    .await;
    match request.error()? {
        Some(error) => Err(JsValue::from(error).into()),
        None => Ok(request.result()?.unchecked_into()),
    }
}

/// Does a transaction that has begun.
pub(super) async fn run(
    running: &Running,
    transaction: &Transaction,
) -> Result<(), StorageTrouble> {
    if let Err(error) = issue(running, &transaction.changes) {
        // Without this the half that was issued would be committed.
        let _ = running.abort();
        return Err(error.into());
    }
    // Saves one way to the browser's process and back. A browser that cannot does it by itself.
    let _ = running.all_is_issued();
    let ended = first_of(|complete, abort| {
        running.set_oncomplete(Some(complete));
        running.set_onabort(Some(abort));
    });
    match ended.await {
        Ended::Well => Ok(()),
        Ended::Badly => Err(match running.error() {
            Some(error) => BrowserError::from(JsValue::from(error)).into(),
            None => StorageTrouble::Broken("aborted by the browser".to_owned()),
        }),
    }
}

/// Begins a transaction on that connection. `InvalidStateError`: the browser has closed it.
pub(super) fn begin(
    database: &IdbDatabase,
    transaction: &Transaction,
) -> Result<Running, BrowserError> {
    let tables: BTreeSet<Table> = transaction.changes.iter().map(Change::table).collect();
    let stores: Array = tables.into_iter().map(name_of).collect();
    let options: Options = Object::new().unchecked_into();
    options.set_durability(match transaction.durability {
        Durability::Strict => DurabilityWord::Strict,
        Durability::Relaxed | Durability::Deferred => DurabilityWord::Relaxed,
    });
    let database: &Database = database.unchecked_ref();
    Ok(database.transaction(&stores, IdbTransactionMode::Readwrite, &options)?)
}

/// Issues everything, in order.
fn issue(running: &Running, changes: &[Change]) -> Result<(), BrowserError> {
    for change in changes {
        let store = running.object_store_of(&name_of(change.table()))?;
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

/// Waits for the first of two events; `listen` is given what to call for each.
async fn first_of(listen: impl FnOnce(&Function, &Function)) -> Ended {
    let mut listen = Some(listen);
    let event = Promise::new(&mut |well, badly| {
        if let Some(listen) = listen.take() {
            listen(&well, &badly);
        }
    });
    match JsFuture::from(event).await {
        Ok(_) => Ended::Well,
        Err(_) => Ended::Badly,
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
            (Durability::Deferred, "relaxed"),
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
