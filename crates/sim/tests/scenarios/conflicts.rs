//! What is written apart: both devices list what stands against each other, until it is settled.

use device::api::{ConflictView, ProductKey, Reply, Request};
use domain::catalogue::ProductFields;
use domain::fold::{Field, Object, Value};
use domain::money::Money;
use sim::NodeId;

use crate::corner::{Corner, OWNER, TILL};

#[track_caller]
fn page(corner: &mut Corner, node: NodeId, offset: u32, limit: u32) -> Vec<ConflictView> {
    match corner.ask(node, Request::Conflicts { offset, limit }) {
        Reply::Conflicts(page) => page,
        reply => panic!("{node:?} lists no conflicts: {reply:?}"),
    }
}

#[track_caller]
fn write(corner: &mut Corner, node: NodeId, fields: ProductFields) {
    let pin = corner.staff.pin.clone();
    assert!(matches!(corner.sign_in(node, &pin), Reply::SignedIn(_)));
    let which = ProductKey::Sku;
    let reply = corner.ask(node, Request::SetProduct { which, fields });
    assert!(matches!(reply, Reply::Product(_)), "{reply:?}");
}

fn price(sku: &str, price: i64) -> ProductFields {
    ProductFields {
        sku: Some(sku.into()),
        price: Some(Money(price)),
        ..ProductFields::default()
    }
}

/// Two devices that wrote other prices for two products while they were apart.
fn apart(seed: u64) -> Corner {
    let mut corner = Corner::with_tills(seed, 2, 1);
    corner.world.part(&[TILL]);
    corner.world.run_for_ms(15_000);
    for sku in ["W1", "W2"] {
        write(&mut corner, OWNER, price(sku, 150));
    }
    corner.world.run_for_ms(5_000);
    for sku in ["W1", "W2"] {
        write(&mut corner, TILL, price(sku, 170));
    }
    assert!(page(&mut corner, TILL, 0, 10).is_empty(), "they are apart");
    corner.world.unite(&[TILL]);
    corner.agree(&[OWNER, TILL]);
    corner
}

#[test]
fn two_prices_written_apart_are_listed_alike_until_one_is_written_over_both() {
    let mut corner = apart(28);
    let devices = [TILL, OWNER].map(|node| corner.device(node));
    let listed = page(&mut corner, OWNER, 0, 10);
    assert_eq!(listed, page(&mut corner, TILL, 0, 10));
    assert_eq!(listed.len(), 2);
    for conflict in &listed {
        assert!(matches!(conflict.object, Object::Product(_)));
        assert!(!conflict.name.is_empty());
        let [contested] = &conflict.fields[..] else {
            panic!("only prices were written apart: {conflict:?}");
        };
        assert_eq!(contested.field, Field::Price);
        let values: Vec<_> = contested.values.iter().map(|it| it.value.clone()).collect();
        let expected = [170, 150].map(|price| Value::Amount(Money(price)));
        assert_eq!(values, expected, "the one that counts is first");
        let by: Vec<_> = contested.values.iter().map(|it| it.device).collect();
        assert_eq!(by, devices);
        let later = contested.values[0].at_ms - contested.values[1].at_ms;
        assert!((1_000..60_000).contains(&later), "{later} ms");
    }
    assert_eq!(page(&mut corner, TILL, 0, 1), listed[..1]);
    assert_eq!(page(&mut corner, TILL, 1, 10), listed[1..]);
    assert!(page(&mut corner, TILL, 2, 10).is_empty());
    for sku in ["W1", "W2"] {
        write(&mut corner, OWNER, price(sku, 160));
    }
    corner.agree(&[OWNER, TILL]);
    for node in [OWNER, TILL] {
        assert!(page(&mut corner, node, 0, 10).is_empty(), "{node:?}");
    }
}

#[test]
fn what_was_written_apart_is_listed_after_a_restart() {
    let mut corner = apart(29);
    let listed = page(&mut corner, TILL, 0, 10);
    assert_eq!(listed.len(), 2);
    corner.world.kill(TILL);
    corner.world.start(TILL);
    corner.world.run_for_ms(10_000);
    assert_eq!(page(&mut corner, TILL, 0, 10), listed);
}
