//! What scripts can ask: what waits for whom, clocks, rounds of comparing, counters, settings.

use device::api::{Reply, Request, Status, WaitingFor};
use sim::NodeId;

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
