//! Reads: every query of a list in one transaction, all requests under way at once.

use std::collections::BTreeSet;

use base::effect::{Query, Row, Table};
use futures_util::future::{join, join_all};
use js_sys::Uint8Array;
use rexie::{KeyRange, Store, TransactionMode};
use wasm_bindgen::JsValue;

use super::{IndexedDb, schema};
use crate::error::BrowserError;

pub(super) async fn run(
    store: &IndexedDb,
    queries: &[Query],
) -> Result<Vec<Vec<Row>>, BrowserError> {
    let names: BTreeSet<&str> = queries.iter().map(|query| table(query).name()).collect();
    let names: Vec<&str> = names.into_iter().collect();
    if names.is_empty() {
        return Ok(Vec::new());
    }
    let transaction = store.begin(&names, TransactionMode::ReadOnly).await?;
    let answers = queries.iter().map(|query| {
        let store = transaction.store(table(query).name());
        async move { one(&store.map_err(schema::explain)?, query).await }
    });
    join_all(answers).await.into_iter().collect()
}

async fn one(store: &Store, query: &Query) -> Result<Vec<Row>, BrowserError> {
    match query {
        Query::Get { key, .. } => {
            let value = store.get(key_value(key)).await.map_err(schema::explain)?;
            Ok(value
                .map(|value| (key.clone(), bytes(&value)))
                .into_iter()
                .collect())
        }
        Query::Range {
            from, to, limit, ..
        } => range(store, from, to, *limit).await,
    }
}

async fn range(
    store: &Store,
    from: &[u8],
    to: &[u8],
    limit: u32,
) -> Result<Vec<Row>, BrowserError> {
    // IndexedDB throws on an empty range and takes a limit of 0 for none.
    if from >= to || limit == 0 {
        return Ok(Vec::new());
    }
    let bounds = || {
        KeyRange::bound(&key_value(from), &key_value(to), Some(false), Some(true))
            .map_err(|error| schema::explain(rexie::Error::IdbError(error)))
    };
    let keys = store.get_all_keys(Some(bounds()?), Some(limit));
    let values = store.get_all(Some(bounds()?), Some(limit));
    let (keys, values) = join(keys, values).await;
    let keys = keys.map_err(schema::explain)?;
    let values = values.map_err(schema::explain)?;
    let rows = keys.iter().zip(&values);
    Ok(rows
        .map(|(key, value)| (bytes(key), bytes(value)))
        .collect())
}

const fn table(query: &Query) -> Table {
    match query {
        Query::Get { table, .. } | Query::Range { table, .. } => *table,
    }
}

/// A binary key: IndexedDB sorts these by bytes, as the memory does.
pub(super) fn key_value(key: &[u8]) -> JsValue {
    Uint8Array::from(key).into()
}

/// The bytes of a stored value (a `Uint8Array`) or of a key (an `ArrayBuffer`).
pub(super) fn bytes(value: &JsValue) -> Vec<u8> {
    Uint8Array::new(value).to_vec()
}
