//! Keys that are renewed: whoever was put out reads nothing new, and whoever was away or comes late
//! reads everything.

use base::Segment;
use base::effect::Table;
use base::{EpochName, Stream};
use device::api::{KeysInUse, Reply, Request};
use sim::NodeId;

use crate::corner::{Corner, OTHER, OWNER, TILL};

/// A second tablet of the owner.
const TABLET: NodeId = NodeId(3);
const DAY_MS: i64 = 24 * 3_600_000;

fn keys(corner: &mut Corner, node: NodeId) -> KeysInUse {
    match corner.ask(node, Request::Status) {
        Reply::Status(status) => status.keys.expect("it holds keys"),
        reply => panic!("{node:?} has no status: {reply:?}"),
    }
}

/// The epochs that a device's sales on the disk are sealed in, in their order.
fn sealed_in(corner: &mut Corner, node: NodeId) -> Vec<EpochName> {
    let device = corner.device(node);
    let disk = corner.world.disk(node).expect("the node has a disk");
    let rows = disk.records(Table::Segments);
    let segments = rows.filter_map(|(_, value)| Segment::from_bytes(value).ok());
    let sales = |segment: &Segment| {
        segment.header.device == device && segment.header.stream == Stream::Sales
    };
    let mut sales: Vec<_> = segments.filter(sales).map(|it| it.header).collect();
    sales.sort_by_key(|header| header.first);
    let mut epochs: Vec<_> = sales.into_iter().map(|header| header.epoch).collect();
    epochs.dedup();
    epochs
}

fn sign_in(corner: &mut Corner, node: NodeId) {
    let pin = corner.staff.pin.clone();
    assert!(matches!(corner.sign_in(node, &pin), Reply::SignedIn(_)));
}

#[track_caller]
fn put_out(corner: &mut Corner, by: NodeId, node: NodeId) {
    let device = corner.device(node);
    sign_in(corner, by);
    assert_eq!(corner.ask(by, Request::PutOut(device)), Reply::Done);
}

/// It is so many days later on every clock.
fn days_pass(corner: &mut Corner, days: i64) {
    for node in corner.world.nodes() {
        corner.world.set_skew_ms(node, days * DAY_MS);
    }
    corner.world.run_for_ms(2 * 3_600_000);
}

/// Lets these nodes meet the others again, and all find each other: they try once an hour by now.
fn unite(corner: &mut Corner, nodes: &[NodeId]) {
    corner.world.unite(nodes);
    corner.world.run_for_ms(2 * 3_600_000);
}

#[test]
fn what_is_sold_after_a_device_was_put_out_is_sealed_with_keys_that_it_never_had() {
    let mut corner = Corner::with_tills(201, 3, 2);
    corner.sell(OTHER);
    corner.agree(&[OWNER, TILL, OTHER]);
    let before = keys(&mut corner, OTHER);
    assert_eq!(keys(&mut corner, TILL), before);
    put_out(&mut corner, OWNER, TILL);
    corner.world.run_for_ms(10_000);
    let after = keys(&mut corner, OTHER);
    assert_ne!(after.epoch, before.epoch);
    assert_eq!(keys(&mut corner, OWNER), after);
    corner.sell(OTHER);
    corner.agree(&[OWNER, OTHER]);
    assert_eq!(
        sealed_in(&mut corner, OTHER),
        [before.epoch, after.epoch],
        "what was sealed stays as it is"
    );
    // It hears of the entry, for it may have control, and of no way to open what follows.
    assert_eq!(keys(&mut corner, TILL), before);
    // One more that is put out renews them once more; nobody else does so meanwhile.
    corner.world.run_for_ms(3_600_000);
    assert_eq!(keys(&mut corner, OWNER), after);
    put_out(&mut corner, OWNER, OTHER);
    corner.world.run_for_ms(10_000);
    assert_ne!(keys(&mut corner, OWNER), after);
}

/// The power fails at the owner's before anything more than the putting out is on the disk.
#[test]
fn keys_are_renewed_after_a_restart_where_there_was_no_time_before() {
    let mut corner = Corner::with_tills(202, 3, 2);
    let before = keys(&mut corner, OWNER);
    corner.world.kill(OTHER);
    put_out(&mut corner, OWNER, TILL);
    corner.world.power_loss(OWNER);
    corner.world.start(OWNER);
    corner.world.run_for_ms(5_000);
    let after = keys(&mut corner, OWNER);
    assert_ne!(after, before);
    corner.world.start(OTHER);
    corner.agree(&[OWNER, OTHER]);
    assert_eq!(keys(&mut corner, OTHER), after);
}

#[test]
fn keys_are_renewed_every_thirty_days_by_one_of_two_owners() {
    let mut corner = Corner::with_tills(203, 4, 1);
    corner.let_in_tablet(OWNER, TABLET);
    corner.agree(&[OWNER, TILL, TABLET]);
    let nodes = [OWNER, TILL, TABLET];
    let before = keys(&mut corner, OWNER);
    days_pass(&mut corner, 29);
    assert_eq!(nodes.map(|node| keys(&mut corner, node)), [before; 3]);
    days_pass(&mut corner, 30);
    let after = keys(&mut corner, OWNER);
    assert!(after.since_ms >= before.since_ms + 30 * DAY_MS as u64);
    assert_eq!(nodes.map(|node| keys(&mut corner, node)), [after; 3]);
    corner.sell(TILL);
    corner.agree(&nodes);
    assert_eq!(sealed_in(&mut corner, TILL), [after.epoch]);
    // The founder's tablet is in a drawer: the other one does it, a little later.
    corner.world.kill(OWNER);
    days_pass(&mut corner, 61);
    let later = keys(&mut corner, TABLET);
    assert_ne!(later, after);
    assert_eq!(keys(&mut corner, TILL), later);
    corner.world.start(OWNER);
    corner.agree(&nodes);
    assert_eq!(keys(&mut corner, OWNER), later);
}

/// Each owner's tablet has a till of its own and hears nothing of the other two.
#[test]
fn two_owners_who_renew_the_keys_apart_write_with_the_same_ones_in_the_end() {
    let mut corner = Corner::with_tills(204, 4, 2);
    corner.let_in_tablet(OWNER, TABLET);
    corner.agree(&[OWNER, TILL, OTHER, TABLET]);
    corner.world.part(&[OTHER, TABLET]);
    days_pass(&mut corner, 31);
    let (here, there) = (keys(&mut corner, OWNER), keys(&mut corner, TABLET));
    assert_ne!(here.epoch, there.epoch);
    corner.sell(TILL);
    corner.sell(OTHER);
    assert_eq!(sealed_in(&mut corner, TILL), [here.epoch]);
    assert_eq!(sealed_in(&mut corner, OTHER), [there.epoch]);
    unite(&mut corner, &[OTHER, TABLET]);
    let nodes = [OWNER, TILL, OTHER, TABLET];
    corner.agree(&nodes);
    assert_eq!(nodes.map(|node| corner.waiting(node)), [0; 4]);
    let one = if here.epoch < there.epoch {
        here
    } else {
        there
    };
    assert_eq!(nodes.map(|node| keys(&mut corner, node)), [one; 4]);
    // The next one follows both: a newcomer reads what was sealed in either.
    days_pass(&mut corner, 62);
    let next = keys(&mut corner, OWNER);
    assert_ne!(next, one);
    corner.world.kill(TILL);
    corner.world.start(TILL);
    corner.agree(&nodes);
    assert_eq!(keys(&mut corner, TILL), next);
}

#[test]
fn a_till_that_was_away_across_three_renewals_sells_on_and_is_read() {
    let mut corner = Corner::with_tills(205, 3, 2);
    corner.sell(TILL);
    corner.agree(&[OWNER, TILL, OTHER]);
    let before = keys(&mut corner, TILL);
    corner.world.part(&[TILL]);
    for months in 1..=3 {
        days_pass(&mut corner, months * 31);
        corner.sell(TILL);
        corner.sell(OTHER);
    }
    let after = keys(&mut corner, OWNER);
    assert_eq!(keys(&mut corner, TILL), before, "it has not heard");
    assert_eq!(sealed_in(&mut corner, OTHER).len(), 3);
    unite(&mut corner, &[TILL]);
    corner.agree(&[OWNER, TILL, OTHER]);
    assert_eq!(corner.waiting(OWNER), 0);
    assert_eq!(keys(&mut corner, TILL), after);
    corner.sell(TILL);
    corner.agree(&[OWNER, TILL, OTHER]);
    assert_eq!(sealed_in(&mut corner, TILL), [before.epoch, after.epoch]);
}

#[test]
fn a_till_let_in_after_three_renewals_reads_everything() {
    let mut corner = Corner::with_tills(206, 3, 1);
    for months in 1..=3 {
        corner.sell(TILL);
        days_pass(&mut corner, months * 31);
    }
    corner.sell(TILL);
    assert_eq!(sealed_in(&mut corner, TILL).len(), 4);
    corner.let_in(OWNER, OTHER);
    corner.agree(&[OWNER, TILL, OTHER]);
    assert_eq!(corner.waiting(OTHER), 0);
    // After a start too, from its own disk alone.
    let hash = corner.state_hash(OTHER);
    corner.world.kill(OWNER);
    corner.world.kill(TILL);
    corner.world.kill(OTHER);
    corner.world.start(OTHER);
    corner.world.run_for_ms(10_000);
    assert_eq!(corner.state_hash(OTHER), hash);
    corner.sell(OTHER);
}

/// One owner's tablet lets a till in while the other one, which does not hear of that, renews the
/// keys: nobody has wrapped them to the till.
#[test]
fn a_till_that_was_let_in_while_keys_were_renewed_elsewhere_is_given_them() {
    let mut corner = Corner::with_tills(207, 4, 1);
    corner.let_in_tablet(OWNER, TABLET);
    corner.agree(&[OWNER, TILL, TABLET]);
    corner.world.part(&[TABLET, OTHER]);
    sign_in(&mut corner, TABLET);
    corner.let_in(TABLET, OTHER);
    corner.sell(OTHER);
    // The founder's tablet alone believes that a month has gone by.
    for node in [OWNER, TILL] {
        corner.world.set_skew_ms(node, 31 * DAY_MS);
    }
    corner.world.run_for_ms(2 * 3_600_000);
    corner.sell(TILL);
    let renewed = keys(&mut corner, OWNER);
    assert_ne!(renewed, keys(&mut corner, OTHER));
    unite(&mut corner, &[TABLET, OTHER]);
    let nodes = [OWNER, TILL, OTHER, TABLET];
    corner.agree(&nodes);
    assert_eq!(nodes.map(|node| corner.waiting(node)), [0; 4]);
    assert_eq!(nodes.map(|node| keys(&mut corner, node)), [renewed; 4]);
    corner.sell(OTHER);
    corner.agree(&nodes);
}
