//! What every store must do, as one suite that is run against each of them.

use base::effect::{Change, Durability, Query, Row, StorageTrouble, Table, Transaction};

use super::Store;

/// Runs the whole suite. `fresh` gives an empty store each time.
///
/// # Panics
/// When the store breaks the contract.
pub async fn holds<S: Store>(fresh: impl AsyncFn() -> S) {
    what_was_stored_is_read(&fresh().await).await;
    a_range_is_half_open_sorted_by_bytes_and_bounded(&fresh().await).await;
    a_range_is_deleted_without_its_end(&fresh().await).await;
    adding_what_is_there_changes_nothing(&fresh().await).await;
    tables_are_apart(&fresh().await).await;
    changes_happen_in_order(&fresh().await).await;
}

const EVERY: [Durability; 3] = [
    Durability::Strict,
    Durability::Relaxed,
    Durability::Deferred,
];

async fn commit<S: Store>(
    store: &S,
    durability: Durability,
    changes: &[Change],
) -> Result<(), StorageTrouble> {
    let changes = changes.to_vec();
    store
        .commit(&Transaction {
            durability,
            changes,
        })
        .await
}

async fn value<S: Store>(store: &S, table: Table, key: &[u8]) -> Option<Vec<u8>> {
    let key = key.to_vec();
    let rows = store.load(&[Query::Get { table, key }]).await.unwrap();
    rows[0].first().map(|row| row.1.clone())
}

async fn range<S: Store>(store: &S, from: &[u8], to: &[u8], limit: u32) -> Vec<Row> {
    let query = Query::Range {
        table: Table::Segments,
        from: from.to_vec(),
        to: to.to_vec(),
        limit,
    };
    store.load(&[query]).await.unwrap().remove(0)
}

fn put(table: Table, key: &[u8], value: &[u8]) -> Change {
    let (key, value) = (key.to_vec(), value.to_vec());
    Change::Put { table, key, value }
}

fn add(table: Table, key: &[u8], value: &[u8]) -> Change {
    let (key, value) = (key.to_vec(), value.to_vec());
    Change::Add { table, key, value }
}

fn delete(table: Table, key: &[u8]) -> Change {
    let key = key.to_vec();
    Change::Delete { table, key }
}

async fn what_was_stored_is_read<S: Store>(store: &S) {
    assert_eq!(store.load(&[]).await, Ok(Vec::new()));
    for durability in EVERY {
        commit(store, durability, &[]).await.unwrap();
        let long = vec![7; 100_000];
        let changes = [
            put(Table::Values, b"a", b""),
            put(Table::Values, b"long", &long),
        ];
        commit(store, durability, &changes).await.unwrap();
        assert_eq!(value(store, Table::Values, b"a").await, Some(vec![]));
        assert_eq!(value(store, Table::Values, b"long").await, Some(long));
        assert_eq!(value(store, Table::Values, b"b").await, None);
    }
}

async fn a_range_is_half_open_sorted_by_bytes_and_bounded<S: Store>(store: &S) {
    let keys: [&[u8]; 5] = [&[0], &[0, 0], &[1, 255], &[2], &[255, 1]];
    let changes: Vec<_> = keys
        .iter()
        .rev()
        .map(|key| add(Table::Segments, key, key))
        .collect();
    commit(store, Durability::Relaxed, &changes).await.unwrap();
    let found = async |from: &[u8], to: &[u8], limit| -> Vec<Vec<u8>> {
        let rows = range(store, from, to, limit).await;
        rows.into_iter().map(|row| row.0).collect()
    };
    assert_eq!(found(&[], &[255, 255], 100).await, keys);
    assert_eq!(found(&[0, 0], &[2], 100).await, keys[1..3]);
    assert_eq!(found(&[], &[255, 255], 2).await, keys[..2]);
    assert!(found(&[], &[255, 255], 0).await.is_empty());
    assert!(found(&[2], &[2], 9).await.is_empty());
    assert!(found(&[2], &[1], 9).await.is_empty());
}

async fn a_range_is_deleted_without_its_end<S: Store>(store: &S) {
    let keys: [&[u8]; 4] = [&[1], &[1, 0], &[2], &[3]];
    let mut changes: Vec<_> = keys
        .iter()
        .map(|key| put(Table::Segments, key, b"x"))
        .collect();
    changes.push(put(Table::Heads, &[1], b"x"));
    commit(store, Durability::Strict, &changes).await.unwrap();
    let delete = |from: &[u8], to: &[u8]| Change::DeleteRange {
        table: Table::Segments,
        from: from.to_vec(),
        to: to.to_vec(),
    };
    let nothing = [delete(&[2], &[2]), delete(&[3], &[1])];
    commit(store, Durability::Strict, &nothing).await.unwrap();
    assert_eq!(range(store, &[], &[9], 9).await.len(), keys.len());
    let changes = [delete(&[1, 0], &[3]), add(Table::Segments, &[2], b"new")];
    commit(store, Durability::Strict, &changes).await.unwrap();
    let left = range(store, &[], &[9], 9).await;
    let left: Vec<&[u8]> = left.iter().map(|(key, _)| key.as_slice()).collect();
    assert_eq!(left, [keys[0], keys[2], keys[3]]);
    assert_eq!(value(store, Table::Heads, &[1]).await, Some(b"x".to_vec()));
}

async fn adding_what_is_there_changes_nothing<S: Store>(store: &S) {
    for durability in EVERY {
        let _ = commit(store, durability, &[add(Table::Segments, b"s", b"first")]).await;
        let changes = [
            put(Table::Values, b"v", b"new"),
            add(Table::Segments, b"s", b"second"),
        ];
        let result = commit(store, durability, &changes).await;
        assert_eq!(result, Err(StorageTrouble::Conflict));
        assert_eq!(
            value(store, Table::Segments, b"s").await,
            Some(b"first".to_vec())
        );
        assert_eq!(value(store, Table::Values, b"v").await, None);
    }
}

async fn tables_are_apart<S: Store>(store: &S) {
    let changes = Table::ALL.map(|table| add(table, b"k", table.name().as_bytes()));
    commit(store, Durability::Strict, &changes).await.unwrap();
    let queries = Table::ALL.map(|table| Query::Get {
        table,
        key: b"k".to_vec(),
    });
    let rows = store.load(&queries).await.unwrap();
    let expected = Table::ALL.map(|table| vec![(b"k".to_vec(), table.name().as_bytes().to_vec())]);
    assert_eq!(rows, expected);
}

async fn changes_happen_in_order<S: Store>(store: &S) {
    let changes = [
        add(Table::Values, b"k", b"1"),
        delete(Table::Values, b"k"),
        add(Table::Values, b"k", b"2"),
        delete(Table::Values, b"never there"),
    ];
    commit(store, Durability::Strict, &changes).await.unwrap();
    assert_eq!(value(store, Table::Values, b"k").await, Some(b"2".to_vec()));
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;
    use crate::store::memory::Memory;

    #[test]
    fn memory_holds_the_contract() {
        let suite = holds(async || Memory::default());
        assert_eq!(suite.now_or_never(), Some(()), "memory never waits");
    }
}
