//! The hands in a real browser: what is asked is done, and answered with its number.

use std::collections::BTreeMap;

use base::effect::{Change, Durability, KeyAnswer, LinkTask, Query, Table};
use base::{LinkEvent, LinkId};
use wasm_bindgen_test::wasm_bindgen_test;

use super::*;

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
