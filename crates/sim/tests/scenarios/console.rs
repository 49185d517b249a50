//! What scripts can ask: what waits for whom, clocks, rounds of comparing, counters, settings.

use base::DeviceId;
use device::api::{Member, Metrics, Notice, ProductKey, Reply, Request, Status, WaitingFor};
use domain::catalogue::ProductFields;
use domain::money::Money;
use sim::NodeId;
use sim::disk::DiskFault;
use sim::world::Told;

use crate::corner::{Corner, OTHER, OWNER, TILL};

#[track_caller]
fn waiting_for(corner: &mut Corner, node: NodeId, topic: &str) -> WaitingFor {
    let Reply::Waiting(list) = corner.ask(node, Request::Waiting) else {
        panic!("{node:?} does not say what waits");
    };
    let found = list.into_iter().find(|waiting| waiting.topic == topic);
    found.expect("something waits")
}

#[test]
fn what_waits_for_a_till_says_since_when_it_is_safe_elsewhere() {
    let mut corner = Corner::with_tills(21, 3, 2);
    corner.world.kill(OTHER);
    corner.world.run_for_ms(15_000);
    corner.world.part(&[TILL]);
    corner.world.run_for_ms(15_000);
    corner.sell(TILL);
    let Reply::Waiting(list) = corner.ask(TILL, Request::Waiting) else {
        panic!("the till does not say what waits");
    };
    assert_eq!(list.len(), 2, "for the owner and for the other till");
    for waiting in &list {
        assert_eq!((waiting.topic, waiting.entries), ("transaction", 1));
        assert_eq!(waiting.peer_acked_at_ms, None, "it is only here");
    }
    corner.world.unite(&[TILL]);
    corner.agree(&[OWNER, TILL]);
    corner.world.run_for_ms(1_000);
    let waiting = waiting_for(&mut corner, TILL, "transaction");
    let (made, acked) = (waiting.created_at_ms, waiting.peer_acked_at_ms);
    assert!(made.is_some() && acked >= made, "{made:?} {acked:?}");
    corner.world.kill(TILL);
    corner.world.start(TILL);
    corner.world.run_for_ms(5_000);
    let after = waiting_for(&mut corner, TILL, "transaction");
    assert!(after.peer_acked_at_ms >= acked, "kept across a restart");
    // Of a sale that others made nothing is known but that they made it.
    let elsewhere = waiting_for(&mut corner, OWNER, "transaction");
    assert_eq!(elsewhere.peer_acked_at_ms, None);
}

#[track_caller]
fn status(corner: &mut Corner, node: NodeId) -> Status {
    match corner.ask(node, Request::Status) {
        Reply::Status(status) => *status,
        reply => panic!("{node:?} has no status: {reply:?}"),
    }
}

#[test]
fn two_devices_know_how_far_their_clocks_are_apart() {
    let mut corner = Corner::with_tills(22, 2, 1);
    let skew_ms = status(&mut corner, TILL).clock_skew_ms.unwrap();
    assert!(skew_ms.abs() < 1_000, "{skew_ms}");
    corner.world.set_skew_ms(TILL, 90_000);
    corner.world.run_for_ms(30_000);
    for (node, expected_ms) in [(TILL, 90_000), (OWNER, -90_000)] {
        let skew_ms = status(&mut corner, node).clock_skew_ms.unwrap();
        assert!((skew_ms - expected_ms).abs() < 1_000, "{node:?} {skew_ms}");
    }
    corner.world.part(&[TILL]);
    corner.world.run_for_ms(15_000);
    assert_eq!(status(&mut corner, TILL).clock_skew_ms, None, "alone");
}

#[track_caller]
fn member(corner: &mut Corner, node: NodeId, device: DeviceId) -> Member {
    let Reply::Members(list) = corner.ask(node, Request::Members) else {
        panic!("{node:?} does not know who is in the shop");
    };
    let found = list.into_iter().find(|member| member.device == device);
    found.expect("it is a member")
}

#[track_caller]
fn metrics(corner: &mut Corner, node: NodeId) -> Metrics {
    match corner.ask(node, Request::Metrics) {
        Reply::Metrics(metrics) => *metrics,
        reply => panic!("{node:?} counts nothing: {reply:?}"),
    }
}

#[test]
fn a_round_with_one_device_is_done_when_both_are_in_step() {
    let mut corner = Corner::with_tills(23, 3, 2);
    let owner = status(&mut corner, OWNER).device;
    let till = status(&mut corner, TILL).device;
    corner.sell(TILL);
    assert_eq!(corner.ask(OWNER, Request::SyncWith(till)), Reply::Done);
    let sales = |reply| match reply {
        Reply::Counts(counts) => counts.sales,
        reply => panic!("no counts: {reply:?}"),
    };
    assert_eq!(sales(corner.ask(OWNER, Request::Counts)), 1);
    let synced = member(&mut corner, OWNER, till).last_sync_ms.unwrap();
    assert!(member(&mut corner, TILL, owner).last_sync_ms.is_some());
    corner.world.part(&[TILL]);
    corner.world.run_for_ms(60_000);
    let code = corner.refused(OWNER, Request::SyncWith(till));
    assert_eq!(code, "not-linked");
    assert_eq!(
        corner.refused(OWNER, Request::SyncWith(owner)),
        "not-linked"
    );
    let after = member(&mut corner, OWNER, till).last_sync_ms.unwrap();
    assert!(synced <= after && after < synced + 30_000, "alone since");
    corner.world.unite(&[TILL]);
    corner.agree(&[OWNER, TILL, OTHER]);
    assert!(member(&mut corner, OWNER, till).last_sync_ms.unwrap() > after);
}

#[test]
fn a_round_whose_link_breaks_is_refused() {
    let mut corner = Corner::with_tills(24, 2, 1);
    let till = status(&mut corner, TILL).device;
    corner.world.block(TILL, OWNER);
    let round = corner.post(OWNER, Request::SyncWith(till));
    let refused = |notice: &Notice| {
        matches!(notice, Notice::Reply(of, Reply::Refused(why))
            if *of == round && why.code == "link-lost")
    };
    corner.hear(OWNER, refused);
}

#[test]
fn a_round_with_a_device_that_cannot_store_comes_to_an_end() {
    let mut corner = Corner::with_tills(32, 2, 1);
    let owner = status(&mut corner, OWNER).device;
    corner.world.set_disk_fault(OWNER, DiskFault::Full);
    corner.sell(TILL);
    let round = corner.post(TILL, Request::SyncWith(owner));
    let refused = |notice: &Notice| {
        matches!(notice, Notice::Reply(of, Reply::Refused(why))
            if *of == round && why.code == "out-of-step")
    };
    corner.hear(TILL, refused);
    corner.world.set_disk_fault(OWNER, DiskFault::None);
    corner.world.run_for_ms(10_000);
    assert_eq!(corner.ask(TILL, Request::SyncWith(owner)), Reply::Done);
    assert_eq!(corner.ask(TILL, Request::Waiting), Reply::Waiting(vec![]));
}

#[test]
fn what_is_counted_is_counted_in_all_and_per_link() {
    let mut corner = Corner::with_tills(25, 3, 2);
    let till = status(&mut corner, TILL).device;
    let before = metrics(&mut corner, OWNER);
    corner.sell(TILL);
    corner.agree(&[OWNER, TILL, OTHER]);
    corner.world.cut(OWNER, TILL);
    corner.world.run_for_ms(10_000);
    let after = metrics(&mut corner, OWNER);
    let to_till = |all: &Metrics| all.links.iter().find(|(to, _)| *to == till).unwrap().1;
    assert!(to_till(&after).bytes_in > to_till(&before).bytes_in);
    assert!(to_till(&after).frames_out > to_till(&before).frames_out);
    let bytes = after.links.iter().map(|(_, link)| link.bytes_in);
    assert!(bytes.sum::<u64>() <= after.traffic.bytes_in);
    assert_eq!(after.traffic.resent, 0, "nothing of ours was lost");
    let commits = |all: &Metrics| all.commit_times.counts.iter().sum::<u64>();
    let sold = metrics(&mut corner, TILL);
    assert_eq!(commits(&sold), corner.counted(TILL, "commits"));
    assert_eq!(commits(&sold), 1);
}

/// Gives a product another price.
fn reprice(corner: &mut Corner, node: NodeId, price: i64) {
    let pin = corner.staff.pin.clone();
    assert!(matches!(corner.sign_in(node, &pin), Reply::SignedIn(_)));
    let fields = ProductFields {
        sku: Some("W1".into()),
        price: Some(Money(price)),
        ..ProductFields::default()
    };
    let reply = corner.ask(
        node,
        Request::SetProduct {
            which: ProductKey::Sku,
            fields,
        },
    );
    assert!(matches!(reply, Reply::Product(_)), "{reply:?}");
}

#[test]
fn prices_of_another_device_are_told_of_and_ones_own_are_not() {
    let mut corner = Corner::with_tills(27, 2, 1);
    corner.take_told();
    reprice(&mut corner, OWNER, 150);
    corner.agree(&[OWNER, TILL]);
    let told = corner.take_told();
    let inventory = told.iter().filter_map(|told| match told.notice {
        Notice::InventoryReceived { products, .. } => Some((told.node, products)),
        _ => None,
    });
    assert_eq!(inventory.collect::<Vec<_>>(), [(TILL, 1)]);
}

#[test]
fn two_prices_written_apart_are_told_of_once_on_both_devices() {
    let mut corner = Corner::with_tills(26, 2, 1);
    corner.take_told();
    corner.world.part(&[TILL]);
    corner.world.run_for_ms(15_000);
    reprice(&mut corner, OWNER, 150);
    reprice(&mut corner, TILL, 170);
    corner.world.unite(&[TILL]);
    corner.agree(&[OWNER, TILL]);
    corner.sell(TILL);
    corner.agree(&[OWNER, TILL]);
    let told = corner.take_told();
    for node in [OWNER, TILL] {
        let heard = told.iter().filter(|told| told.node == node);
        let conflicts = heard.filter_map(|told| match told.notice {
            Notice::ConflictsDetected { conflicts } => Some(conflicts),
            _ => None,
        });
        assert_eq!(conflicts.collect::<Vec<_>>(), [1], "{node:?}");
    }
    corner.world.kill(TILL);
    corner.world.start(TILL);
    corner.world.run_for_ms(10_000);
    let again = corner.take_told();
    let detected = |told: &Told<Notice>| matches!(told.notice, Notice::ConflictsDetected { .. });
    assert!(!again.iter().any(detected), "an old one is no news");
}
