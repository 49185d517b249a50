//! The store on a real IndexedDB, in a real browser.

use std::cell::Cell;

use base::effect::{Change, Durability, Query, StorageTrouble, Table, Transaction};
use futures_util::future::join_all;
use rexie::Rexie;
use wasm_bindgen_test::wasm_bindgen_test;

use super::schema::Schema;
use super::{IndexedDb, Store, contract};

/// A database that no other test of this run knows.
fn name(of: &str) -> String {
    format!("{of}-{}", js_sys::Math::random())
}

fn get(key: &[u8]) -> Query {
    let (table, key) = (Table::Heads, key.to_vec());
    Query::Get { table, key }
}

#[wasm_bindgen_test]
async fn indexed_db_holds_the_contract() {
    let count = Cell::new(0);
    let base = name("contract");
    contract::holds(async || {
        count.set(count.get() + 1);
        let name = format!("{base}-{}", count.get());
        IndexedDb::open(&name).await.unwrap()
    })
    .await;
}

/// Two tabs and many commits at once: each number is taken exactly once.
#[wasm_bindgen_test]
async fn of_many_that_add_one_key_exactly_one_wins() {
    let name = name("one-key");
    let tabs = [
        IndexedDb::open(&name).await.unwrap(),
        IndexedDb::open(&name).await.unwrap(),
    ];
    for round in 0..10_u8 {
        let take = |tab: usize, writer: u8| {
            let changes = vec![
                Change::Add {
                    table: Table::Segments,
                    key: vec![round, writer],
                    value: vec![writer],
                },
                Change::Add {
                    table: Table::Heads,
                    key: vec![round],
                    value: vec![writer],
                },
            ];
            let durability = Durability::Strict;
            let store = &tabs[tab % tabs.len()];
            async move {
                store
                    .commit(&Transaction {
                        durability,
                        changes,
                    })
                    .await
            }
        };
        let results = join_all((0..8).map(|writer| take(writer, writer as u8))).await;
        let won: Vec<_> = results.iter().filter(|result| result.is_ok()).collect();
        assert_eq!(won.len(), 1, "round {round}: {results:?}");
        let lost = results
            .iter()
            .filter(|result| **result == Err(StorageTrouble::Conflict));
        assert_eq!(lost.count(), 7);
    }
    let (table, from, to) = (Table::Segments, vec![], vec![u8::MAX]);
    let limit = u32::MAX;
    let all = Query::Range {
        table,
        from,
        to,
        limit,
    };
    // Those that lost have left nothing.
    assert_eq!(tabs[0].load(&[all]).await.unwrap()[0].len(), 10);
}

#[wasm_bindgen_test]
async fn an_upgrade_keeps_what_was_stored() {
    let name = name("upgrade");
    let old = IndexedDb::open(&name).await.unwrap();
    let (table, key, value) = (Table::Heads, b"h".to_vec(), b"kept".to_vec());
    let changes = vec![Change::Put { table, key, value }];
    let durability = Durability::Strict;
    old.commit(&Transaction {
        durability,
        changes,
    })
    .await
    .unwrap();

    let mut newer = Schema::current();
    newer.version += 1;
    newer.stores.push("of-a-newer-release");
    // The old connection is still open: it must let go by itself, or this never ends.
    let new = IndexedDb::open_as(&name, newer).await.unwrap();
    let rows = new.load(&[get(b"h")]).await.unwrap();
    assert_eq!(rows, vec![vec![(b"h".to_vec(), b"kept".to_vec())]]);

    let trouble = old.load(&[get(b"h")]).await;
    assert!(
        matches!(trouble, Err(StorageTrouble::Broken(_))),
        "{trouble:?}"
    );
    let again = IndexedDb::open(&name).await;
    assert!(
        again.is_err(),
        "an older release must not open a newer database"
    );
    new.close();
    Rexie::delete(&name).await.unwrap();
}

/// As a browser does when the disk runs full under it.
#[wasm_bindgen_test]
async fn a_connection_that_the_browser_closed_is_opened_anew() {
    let store = IndexedDb::open(&name("closed")).await.unwrap();
    for value in [b"first", b"later"] {
        store.shared.current().unwrap().writing.close();
        let (table, key, value) = (Table::Heads, b"h".to_vec(), value.to_vec());
        let changes = vec![Change::Put { table, key, value }];
        let durability = Durability::Strict;
        let transaction = Transaction {
            durability,
            changes,
        };
        assert_eq!(store.commit(&transaction).await, Ok(()));
    }
    let rows = store.load(&[get(b"h")]).await.unwrap();
    assert_eq!(rows, vec![vec![(b"h".to_vec(), b"later".to_vec())]]);
    store.close();
    let trouble = store.load(&[get(b"h")]).await;
    assert!(
        matches!(trouble, Err(StorageTrouble::Broken(_))),
        "{trouble:?}"
    );
}
