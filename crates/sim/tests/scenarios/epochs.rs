//! Keys that are renewed: whoever was put out reads nothing new, and whoever was away or comes late
//! reads everything.

use base::Segment;
use base::effect::Table;
use base::release::READER_VERSION;
use base::{EpochName, Stream};
use device::api::{KeysInUse, Reply, Request};
use identity::control::{Control, Reading};
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

/// The segments of a stream on a node's disk.
fn segments(corner: &Corner, node: NodeId, stream: Stream) -> Vec<Segment> {
    let disk = corner.world.disk(node).expect("the node has a disk");
    let rows = disk.records(Table::Segments);
    let segments = rows.filter_map(|(_, value)| Segment::from_bytes(value).ok());
    segments.filter(|it| it.header.stream == stream).collect()
}

/// How many epochs have begun in all, as a node knows.
fn begun(corner: &Corner, node: NodeId) -> usize {
    let segments = segments(corner, node, Stream::Control).into_iter();
    let entries = segments.flat_map(|it| seal::body::expand(&it.body, it.header.count).unwrap());
    let epoch = |raw: &Vec<u8>| {
        matches!(
            Reading::of(raw, READER_VERSION).control(),
            Some(Control::Epoch(_))
        )
    };
    entries.filter(epoch).count()
}

/// The epochs that a device's sales on the disk are sealed in, in their order.
fn sealed_in(corner: &mut Corner, node: NodeId) -> Vec<EpochName> {
    let device = corner.device(node);
    let sales = segments(corner, node, Stream::Sales).into_iter();
    let sales = sales.filter(|segment| segment.header.device == device);
    let mut sales: Vec<_> = sales.map(|it| it.header).collect();
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
    // A turn later: another owner's device may have done so meanwhile.
    corner.world.run_for_ms(10_000);
    assert_eq!(keys(&mut corner, OWNER), before);
    corner.world.run_for_ms(20_000);
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
    assert_eq!(begun(&corner, TILL), 2, "each once");
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
    corner.world.run_for_ms(3_600_000);
    assert_eq!(keys(&mut corner, OWNER), later);
    assert_eq!(begun(&corner, TILL), 3);
}

/// Each owner's tablet has a till of its own and hears nothing of the other two.
#[test]
fn two_owners_who_renew_the_keys_apart_write_with_the_same_ones_in_the_end() {
    let mut corner = Corner::with_tills(204, 5, 2);
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
    // A newcomer reads what was sealed in either, and one that comes when the next one follows both.
    let newcomer = NodeId(4);
    days_pass(&mut corner, 62);
    let next = keys(&mut corner, OWNER);
    assert_ne!(next, one);
    sign_in(&mut corner, OWNER);
    corner.let_in(OWNER, newcomer);
    corner.agree(&[OWNER, TILL, OTHER, TABLET, newcomer]);
    assert_eq!(corner.waiting(newcomer), 0);
    assert_eq!(keys(&mut corner, newcomer), next);
}

#[test]
fn a_till_that_is_let_in_between_two_that_were_begun_apart_is_given_both() {
    let mut corner = Corner::with_tills(208, 4, 1);
    corner.let_in_tablet(OWNER, TABLET);
    corner.agree(&[OWNER, TILL, TABLET]);
    corner.world.part(&[TABLET]);
    days_pass(&mut corner, 31);
    let (here, there) = (keys(&mut corner, OWNER), keys(&mut corner, TABLET));
    assert_ne!(here.epoch, there.epoch);
    corner.sell(TILL);
    corner.sell(TABLET);
    unite(&mut corner, &[TABLET]);
    sign_in(&mut corner, OWNER);
    corner.let_in(OWNER, OTHER);
    corner.agree(&[OWNER, TILL, OTHER, TABLET]);
    assert_eq!(corner.waiting(OTHER), 0);
}

/// The tablet was put out, has not heard of it, and renews the keys; so does the till beside it not
/// hear, and sells with them.
#[test]
fn what_a_till_sold_with_the_keys_of_a_tablet_that_was_out_is_read() {
    let mut corner = Corner::with_tills(209, 4, 2);
    corner.let_in_tablet(OWNER, TABLET);
    corner.agree(&[OWNER, TILL, OTHER, TABLET]);
    corner.world.part(&[OTHER, TABLET]);
    put_out(&mut corner, OWNER, TABLET);
    days_pass(&mut corner, 31);
    let theirs = keys(&mut corner, OTHER);
    assert_eq!(keys(&mut corner, TABLET), theirs);
    corner.sell(OTHER);
    assert_eq!(sealed_in(&mut corner, OTHER), [theirs.epoch]);
    unite(&mut corner, &[OTHER, TABLET]);
    let nodes = [OWNER, TILL, OTHER];
    corner.agree(&nodes);
    assert_eq!(nodes.map(|node| corner.waiting(node)), [0; 3]);
    let renewed = keys(&mut corner, OWNER);
    assert_ne!(renewed.epoch, theirs.epoch);
    assert_eq!(nodes.map(|node| keys(&mut corner, node)), [renewed; 3]);
    let hash = corner.state_hash(OTHER);
    corner.world.kill(OTHER);
    corner.world.start(OTHER);
    corner.world.run_for_ms(10_000);
    assert_eq!(corner.state_hash(OTHER), hash, "from its own disk");
    corner.sell(OTHER);
    corner.agree(&nodes);
}

/// A tablet that was let in by one owner's device while the other renewed the keys holds the old
/// ones alone, and they are old: what it begins follows these.
#[test]
fn a_tablet_that_lacks_the_newest_keys_goes_on_from_those_that_it_has() {
    let mut corner = Corner::with_tills(210, 5, 1);
    let second = NodeId(4);
    corner.let_in_tablet(OWNER, TABLET);
    corner.agree(&[OWNER, TILL, TABLET]);
    corner.sell(TILL);
    corner.agree(&[OWNER, TILL, TABLET]);
    // The first two are apart; one renews the keys, the other lets a tablet in.
    corner.world.part(&[TABLET, second]);
    sign_in(&mut corner, TABLET);
    corner.let_in_tablet(TABLET, second);
    corner.world.run_for_ms(30_000);
    corner.world.kill(TABLET);
    for node in [OWNER, TILL] {
        corner.world.set_skew_ms(node, 31 * DAY_MS);
    }
    corner.world.run_for_ms(2 * 3_600_000);
    let renewed = keys(&mut corner, OWNER);
    corner.sell(TILL);
    // For the new tablet, too, a month has gone by.
    corner.world.kill(OWNER);
    corner.world.kill(TILL);
    unite(&mut corner, &[TABLET, second]);
    days_pass(&mut corner, 32);
    let own = keys(&mut corner, second);
    assert_ne!(own.epoch, renewed.epoch);
    assert_eq!(begun(&corner, second), 2, "it begins one, and is content");
    sign_in(&mut corner, second);
    corner.let_in(second, OTHER);
    for node in [OWNER, TILL, TABLET] {
        corner.world.start(node);
    }
    corner.world.run_for_ms(2 * 3_600_000);
    let nodes = [OWNER, TILL, TABLET, OTHER, second];
    corner.agree(&nodes);
    assert_eq!(nodes.map(|node| corner.waiting(node)), [0; 5]);
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
