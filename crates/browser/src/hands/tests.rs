//! The hands in a real browser: what is asked is done, and answered with its number.

use std::cell::Cell;
use std::collections::BTreeMap;

use base::effect::{
    Change, Durability, KeyAnswer, LinkTask, Query, StorageTrouble, Table, Transaction,
};
use base::{LinkEvent, LinkId};
use futures_channel::mpsc;
use futures_util::StreamExt;
use wasm_bindgen_test::wasm_bindgen_test;

use super::*;
use crate::turn;

struct Bench {
    hands: BrowserHands,
    reports: mpsc::UnboundedReceiver<Report>,
}

async fn bench(name: &str) -> Bench {
    let name = format!("{name}-{}", js_sys::Math::random());
    let store = IndexedDb::open(&name).await.unwrap();
    let (sender, reports) = mpsc::unbounded();
    let inbox: Inbox = Rc::new(move |report| {
        let _ = sender.unbounded_send(report);
    });
    let hands = BrowserHands::new(store, inbox);
    Bench { hands, reports }
}

#[wasm_bindgen_test]
async fn transactions_are_done_in_the_order_given() {
    let mut bench = bench("order").await;
    // Slow and fast ones over different tables, which the browser alone would let overtake.
    for number in 0..30_u8 {
        let is_slow = number % 2 == 0;
        let durability = if is_slow {
            Durability::Strict
        } else {
            Durability::Relaxed
        };
        let table = if is_slow {
            Table::Segments
        } else {
            Table::Values
        };
        let value = vec![number; if is_slow { 200_000 } else { 1 }];
        let changes = vec![Change::Add {
            table,
            key: vec![number],
            value,
        }];
        let transaction = Transaction {
            durability,
            changes,
        };
        bench
            .hands
            .perform(EffectId(u64::from(number)), Effect::Store(transaction));
    }
    for number in 0..30 {
        let expected = Report::Answer(EffectId(number), Answer::Stored(Ok(())));
        assert_eq!(bench.reports.next().await, Some(expected));
    }
}

fn put(key: u8, durability: Durability) -> Transaction {
    let (table, value) = (Table::Segments, vec![key; 200_000]);
    let changes = vec![Change::Put {
        table,
        key: vec![key],
        value,
    }];
    Transaction {
        durability,
        changes,
    }
}

#[wasm_bindgen_test]
async fn a_sale_waits_for_no_history() {
    let mut bench = bench("lanes").await;
    for number in 0..100 {
        let store = Effect::Store(put(number, Durability::Deferred));
        bench.hands.perform(EffectId(number.into()), store);
    }
    let store = Effect::Store(put(100, Durability::Strict));
    bench.hands.perform(EffectId(100), store);
    let mut order = Vec::new();
    while order.len() < 101 {
        let Some(Report::Answer(id, Answer::Stored(Ok(())))) = bench.reports.next().await else {
            panic!("it was not stored");
        };
        order.push(id.0);
    }
    let place = order.iter().position(|id| *id == 100).unwrap();
    assert!(place <= 16, "{place} were stored before it");
    order.remove(place);
    assert!(order.is_sorted(), "{order:?}");
}

/// Something short.
fn small(key: u8, durability: Durability) -> Effect {
    let mut transaction = put(key, durability);
    if let Some(Change::Put { value, .. }) = transaction.changes.first_mut() {
        value.truncate(1);
    }
    Effect::Store(transaction)
}

async fn next_stored(bench: &mut Bench) -> u64 {
    match bench.reports.next().await {
        Some(Report::Answer(id, Answer::Stored(Ok(())))) => id.0,
        report => panic!("it was not stored: {report:?}"),
    }
}

#[wasm_bindgen_test]
async fn a_sale_does_not_wait_until_a_busy_page_lets_history_be_written() {
    let mut bench = bench("busy").await;
    let busy = Rc::new(Cell::new(true));
    let still = Rc::clone(&busy);
    spawn_local(async move {
        while still.get() {
            turn::give().await;
        }
    });
    bench
        .hands
        .perform(EffectId(0), small(0, Durability::Deferred));
    let mut order = Vec::new();
    for number in 1..3 {
        turn::round().await;
        let store = small(number, Durability::Relaxed);
        bench.hands.perform(EffectId(number.into()), store);
        order.push(next_stored(&mut bench).await);
    }
    order.push(next_stored(&mut bench).await);
    busy.set(false);
    assert_eq!(order, [1, 2, 0]);
}

#[wasm_bindgen_test]
async fn a_sale_goes_before_much_history_that_has_not_begun() {
    let mut bench = bench("much").await;
    let parts = (0..40).map(|key| put(key, Durability::Deferred));
    let much = Transaction {
        durability: Durability::Deferred,
        changes: parts.flat_map(|part| part.changes).collect(),
    };
    bench.hands.perform(EffectId(0), Effect::Store(much));
    // It was taken, and waits for the browser.
    turn::round().await;
    bench
        .hands
        .perform(EffectId(1), small(1, Durability::Strict));
    let order = [next_stored(&mut bench).await, next_stored(&mut bench).await];
    assert_eq!(order, [1, 0]);
}

#[wasm_bindgen_test]
async fn of_deferred_ones_that_go_together_only_what_the_store_does_not_take_fails() {
    let mut bench = bench("together").await;
    let taken = Change::Add {
        table: Table::Values,
        key: vec![1],
        value: vec![1],
    };
    for number in 0..3 {
        let mut transaction = put(number, Durability::Deferred);
        if number < 2 {
            // The second one finds its key taken.
            transaction.changes.push(taken.clone());
        }
        let store = Effect::Store(transaction);
        bench.hands.perform(EffectId(number.into()), store);
    }
    for (number, expected) in [Ok(()), Err(StorageTrouble::Conflict), Ok(())]
        .into_iter()
        .enumerate()
    {
        let expected = Report::Answer(EffectId(number as u64), Answer::Stored(expected));
        assert_eq!(bench.reports.next().await, Some(expected));
    }
}

#[wasm_bindgen_test]
async fn every_kind_of_effect_is_answered_with_its_number() {
    let mut bench = bench("kinds").await;
    let query = Query::Get {
        table: Table::Heads,
        key: vec![1],
    };
    let zone = Effect::Zone {
        name: "Asia/Kolkata".into(),
        around_ms: 1_780_272_000_000,
    };
    let effects = [
        Effect::Keys(KeyTask::Identity),
        Effect::Load(vec![query]),
        zone,
        Effect::Seal(Vec::new()),
        Effect::Open(Vec::new()),
        Effect::Sign(Vec::new()),
        Effect::Verify(Vec::new()),
    ];
    let count = effects.len();
    for (number, effect) in effects.into_iter().enumerate() {
        bench.hands.perform(EffectId(number as u64), effect);
    }
    let mut answers = BTreeMap::new();
    for _ in 0..count {
        match bench.reports.next().await {
            Some(Report::Answer(id, answer)) => answers.insert(id.0, answer),
            other => panic!("{other:?}"),
        };
    }
    assert!(matches!(answers[&0], Answer::Keys(KeyAnswer::Public(_))));
    assert_eq!(answers[&1], Answer::Loaded(Ok(vec![Vec::new()])));
    assert!(matches!(&answers[&2], Answer::Zone(Some(offsets)) if offsets[0].1 == 330));
    assert_eq!(answers[&3], Answer::Sealed(Vec::new()));
    assert_eq!(answers[&4], Answer::Opened(Vec::new()));
    assert_eq!(answers[&5], Answer::Signed(Vec::new()));
    assert_eq!(answers[&6], Answer::Verified(Vec::new()));
}

#[wasm_bindgen_test]
async fn links_report_by_their_own_number() {
    let mut bench = bench("link").await;
    bench
        .hands
        .perform(EffectId(1), Effect::Link(LinkId(5), LinkTask::Offer));
    let report = bench.reports.next().await;
    assert!(
        matches!(
            report,
            Some(Report::Link(LinkId(5), LinkEvent::Described(_)))
        ),
        "{report:?}"
    );
    bench.hands.stop();
}
