//! Devices that are put out: what was heard of them stays, what comes later is kept and not
//! counted, alike on every device.

use base::effect::{Change, Durability, Table, Transaction};
use base::{DeviceId, Stream};
use device::api::{Admission, DeviceRole, ProductKey, PutOutDevice, Reply, Request};
use domain::catalogue::ProductFields;
use sim::NodeId;
use sim::shop::wares;

use crate::corner::{Corner, OTHER, OWNER, TILL, admission};

fn sell_many(corner: &mut Corner, node: NodeId, count: u32) {
    corner.sell(node);
    for _ in 1..count {
        let sold = corner.try_to_sell(node);
        assert!(matches!(sold, Reply::Sold(_)), "{sold:?}");
    }
}

#[track_caller]
fn put_out(corner: &mut Corner, device: DeviceId) {
    let pin = corner.staff.pin.clone();
    assert!(matches!(corner.sign_in(OWNER, &pin), Reply::SignedIn(_)));
    let reply = corner.ask(OWNER, Request::PutOut(device));
    assert_eq!(reply, Reply::Done);
}

fn out(corner: &mut Corner, node: NodeId) -> Vec<PutOutDevice> {
    match corner.ask(node, Request::PutOutDevices) {
        Reply::PutOut(devices) => devices,
        reply => panic!("{node:?} does not know who is out: {reply:?}"),
    }
}

fn quarantined(corner: &mut Corner, node: NodeId) -> u64 {
    match corner.ask(node, Request::Counts) {
        Reply::Counts(counts) => counts.quarantined,
        reply => panic!("{node:?} counts nothing: {reply:?}"),
    }
}

fn restart(corner: &mut Corner, node: NodeId) {
    corner.world.kill(node);
    corner.world.start(node);
    corner.world.run_for_ms(10_000);
}

#[test]
fn a_till_that_is_put_out_sells_no_more_and_what_it_sold_stays() {
    let mut corner = Corner::with_tills(101, 3, 2);
    let till = corner.device(TILL);
    sell_many(&mut corner, TILL, 3);
    corner.agree(&[OWNER, TILL, OTHER]);
    let before = corner.state_hash(OWNER);
    put_out(&mut corner, till);
    corner.world.run_for_ms(10_000);
    // Nothing at all, be it a look at the products.
    assert_eq!(corner.refused(TILL, wares::list()), "put-out");
    for node in [OWNER, OTHER] {
        assert_eq!(corner.state_hash(node).hash, before.hash, "{node:?}");
        assert_eq!(quarantined(&mut corner, node), 0);
        let [device] = &out(&mut corner, node)[..] else {
            panic!("{node:?} knows of one");
        };
        assert_eq!((device.device, device.late), (till, 0));
        let Reply::Members(members) = corner.ask(node, Request::Members) else {
            panic!("{node:?} lists no members");
        };
        assert!(members.iter().all(|member| member.device != till));
    }
    // The others sell on, and it hears nothing of that.
    let heard = corner.state_hash(TILL).hash;
    corner.sell(OTHER);
    corner.agree(&[OWNER, OTHER]);
    assert_eq!(corner.state_hash(TILL).hash, heard);
}

/// The owner has heard of 100 sales when it puts the till out; the other till has heard of 300,
/// the cut lies within a block there.
#[test]
fn what_came_too_late_is_rejected_alike_everywhere_whichever_came_first() {
    let mut corner = Corner::with_tills(102, 3, 2);
    let till = corner.device(TILL);
    sell_many(&mut corner, TILL, 100);
    corner.agree(&[OWNER, TILL, OTHER]);
    let heard = corner.state_hash(OWNER).hash;
    corner.world.kill(OWNER);
    sell_many(&mut corner, TILL, 200);
    corner.agree(&[TILL, OTHER]);
    let all = corner.state_hash(OTHER).hash;
    corner.world.kill(TILL);
    corner.world.kill(OTHER);
    corner.world.start(OWNER);
    corner.world.run_for_ms(10_000);
    put_out(&mut corner, till);

    corner.world.start(OTHER);
    corner.agree(&[OWNER, OTHER]);
    corner.world.run_for_ms(60_000);
    for node in [OWNER, OTHER, OWNER, OTHER] {
        assert_eq!(corner.state_hash(node).hash, heard, "{node:?}");
        assert_eq!(quarantined(&mut corner, node), 200, "{node:?}");
        let [late] = &corner.not_counted(node)[..] else {
            panic!("{node:?} tells of other runs");
        };
        let run = (late.device, late.topic, late.first, late.last);
        assert_eq!(run, (till, "transaction", 101, 300), "{node:?}");
        assert_eq!(late.why, "written by a device after it was put out");
        assert_eq!(out(&mut corner, node)[0].late, 200, "{node:?}");
        restart(&mut corner, node);
    }

    // The owner lets them count after all.
    put_out(&mut corner, till);
    corner.agree(&[OWNER, OTHER]);
    for node in [OWNER, OTHER, OWNER, OTHER] {
        assert_eq!(corner.state_hash(node).hash, all, "{node:?}");
        assert_eq!(quarantined(&mut corner, node), 0, "{node:?}");
        assert_eq!(out(&mut corner, node)[0].late, 0, "{node:?}");
        restart(&mut corner, node);
    }
    let again = corner.refused(OWNER, Request::PutOut(till));
    assert_eq!(again, "already-out");
}

#[test]
fn a_till_that_was_away_when_it_was_put_out_hears_of_it_and_brings_what_it_sold() {
    let mut corner = Corner::with_tills(104, 2, 1);
    let till = corner.device(TILL);
    sell_many(&mut corner, TILL, 4);
    corner.agree(&[OWNER, TILL]);
    let heard = corner.state_hash(OWNER).hash;
    corner.world.kill(OWNER);
    sell_many(&mut corner, TILL, 3);
    let all = corner.state_hash(TILL).hash;
    corner.world.kill(TILL);
    corner.world.start(OWNER);
    corner.world.run_for_ms(10_000);
    put_out(&mut corner, till);
    corner.world.start(TILL);
    corner.world.run_for_ms(60_000);
    assert_eq!(corner.refused(TILL, wares::list()), "put-out");
    assert_eq!(out(&mut corner, OWNER)[0].late, 3);
    assert_eq!(corner.state_hash(OWNER).hash, heard);
    // What it sold and nobody counts it does not count itself.
    assert_eq!(corner.state_hash(TILL).hash, heard);
    restart(&mut corner, TILL);
    put_out(&mut corner, till);
    corner.agree(&[OWNER, TILL]);
    assert_eq!(corner.state_hash(TILL).hash, all);
    assert_eq!(corner.refused(TILL, wares::list()), "put-out");
}

/// A tablet that has the newest sales and lacks older ones puts the till out: what it has stays.
#[test]
fn what_was_counted_stays_counted_though_older_sales_are_lacking() {
    let mut corner = Corner::with_tills(105, 3, 2);
    let till = corner.device(TILL);
    corner.world.part(&[OWNER]);
    sell_many(&mut corner, TILL, 4);
    corner.agree(&[TILL, OTHER]);
    corner.world.unite(&[OWNER]);
    corner.agree(&[OWNER, TILL, OTHER]);
    let all = corner.state_hash(OWNER).hash;
    // The first of them turns out to be damaged on the owner's disk, and nobody is there to ask.
    corner.world.kill(TILL);
    corner.world.kill(OTHER);
    corner.world.kill(OWNER);
    let shop_key = |key: &Vec<u8>| key[16] == Stream::Sales.number();
    let disk = corner.world.disk_mut(OWNER).expect("it has one");
    let first = disk.records(Table::Segments).find(|(key, _)| shop_key(key));
    let (table, key) = (Table::Segments, first.expect("it holds sales").0.clone());
    let changes = vec![Change::Delete { table, key }];
    let durability = Durability::Strict;
    disk.commit(Transaction {
        durability,
        changes,
    })
    .unwrap();
    corner.world.start(OWNER);
    corner.world.run_for_ms(10_000);
    put_out(&mut corner, till);
    let Reply::Counts(counts) = corner.ask(OWNER, Request::Counts) else {
        panic!("the owner counts nothing");
    };
    assert_eq!((counts.sales, counts.quarantined), (3, 0));
    corner.world.start(OTHER);
    corner.agree(&[OWNER, OTHER]);
    assert_eq!(corner.state_hash(OWNER).hash, all);
}

/// An owner's device that was put out wrote products, and somebody lets its late sales count: its
/// late products and whom it let in still do not.
#[test]
fn late_sales_count_when_the_owner_says_so_and_nothing_else_does() {
    let mut corner = Corner::with_tills(106, 3, 1);
    let pin = corner.staff.pin.clone();
    let offer = corner.offer(OTHER);
    let consent = Admission {
        role: DeviceRole::Owner,
        ..admission()
    };
    let card = offer;
    let answer = corner.card(
        OWNER,
        Request::Answer {
            card,
            consent: Some(consent),
        },
    );
    let linked = corner.ask(OTHER, Request::Accept { card: answer });
    assert!(matches!(linked, Reply::Linked { .. }), "{linked:?}");
    corner.agree(&[OWNER, TILL, OTHER]);
    let phone = corner.device(OTHER);
    corner.world.kill(OWNER);
    corner.world.kill(TILL);
    corner.sell(OTHER);
    let (which, fields) = (
        ProductKey::New,
        ProductFields {
            sku: Some("S1".into()),
            name: Some("Smuggled".into()),
            ..ProductFields::default()
        },
    );
    let added = corner.ask(OTHER, Request::SetProduct { which, fields });
    assert!(matches!(added, Reply::Product(_)), "{added:?}");
    corner.world.kill(OTHER);
    corner.world.start(OWNER);
    corner.world.run_for_ms(10_000);
    let before = corner.state_hash(OWNER).hash;
    put_out(&mut corner, phone);
    corner.world.start(OTHER);
    corner.world.run_for_ms(60_000);
    assert_eq!(corner.state_hash(OWNER).hash, before);
    assert_eq!(out(&mut corner, OWNER)[0].late, 1);
    assert!(matches!(corner.sign_in(OWNER, &pin), Reply::SignedIn(_)));
    put_out(&mut corner, phone);
    corner.world.run_for_ms(10_000);
    let Reply::Products { total, .. } = corner.ask(OWNER, wares::list()) else {
        panic!("the owner lists no products");
    };
    assert_eq!(total, 40, "and no smuggled one");
    let Reply::Counts(counts) = corner.ask(OWNER, Request::Counts) else {
        panic!("the owner counts nothing");
    };
    assert_eq!((counts.sales, counts.quarantined), (1, 1));
}

#[test]
fn only_an_owners_device_puts_out_and_only_what_stands_below_it() {
    let mut corner = Corner::with_tills(103, 2, 1);
    let (owner, till) = (corner.device(OWNER), corner.device(TILL));
    let asked = |corner: &mut Corner, node, device| corner.refused(node, Request::PutOut(device));
    assert_eq!(asked(&mut corner, TILL, till), "not-signed-in");
    let pin = corner.staff.pin.clone();
    for node in [OWNER, TILL] {
        assert!(matches!(corner.sign_in(node, &pin), Reply::SignedIn(_)));
    }
    assert_eq!(asked(&mut corner, TILL, owner), "not-owner-device");
    assert_eq!(asked(&mut corner, OWNER, owner), "own-device");
    assert_eq!(
        asked(&mut corner, OWNER, DeviceId([7; 16])),
        "unknown-device"
    );
    corner.sell(TILL);
}
