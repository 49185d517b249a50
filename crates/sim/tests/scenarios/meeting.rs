//! Meeting again without cards, when what passes through the meeting place comes late.

use device::api::{Notice, Reply, Request, Status};
use sim::NodeId;

use crate::corner::{Corner, OTHER, OWNER, TILL};

/// An answer and a connection take a second; a card that nobody answers is given up after thirty.
const LINKED_AGAIN_MS: u64 = 5_000;

#[test]
fn of_two_offers_that_come_at_once_the_later_one_links() {
    let mut corner = Corner::founded(1, 2);
    corner.let_in(OWNER, TILL);
    corner.heard.borrow_mut().set_late(TILL, true);
    corner.world.part(&[TILL]);
    // The owner doubts a link over which nothing comes, and offers; it loses the link, and offers
    // again.
    let lost = |notice: &Notice| matches!(notice, Notice::PeerDisconnected(_));
    corner.hear(OWNER, lost);
    corner.world.run_for_ms(2_000);
    corner.world.unite(&[TILL]);
    corner.heard.borrow_mut().set_late(TILL, false);
    corner.sell(TILL);
    let latest = corner.world.now().plus_ms(LINKED_AGAIN_MS);
    let linked = corner.world.run_until_true(latest, |world| {
        let connected = |notice: &Notice| matches!(notice, Notice::PeerConnected(_));
        world.told().iter().any(|told| connected(&told.notice))
    });
    assert!(linked, "apart: {:#?}", corner.take_told());
    corner.agree(&[OWNER, TILL]);
}

/// Whether two devices are linked, as one of them sees it.
fn is_linked(corner: &mut Corner, node: NodeId, to: NodeId) -> bool {
    let device = status(corner, to).device;
    status(corner, node).linked.contains(&device)
}

#[track_caller]
fn status(corner: &mut Corner, node: NodeId) -> Status {
    match corner.ask(node, Request::Status) {
        Reply::Status(status) => *status,
        reply => panic!("{node:?} has no status: {reply:?}"),
    }
}

#[test]
fn two_tills_that_were_let_in_apart_link_when_they_learn_of_each_other() {
    let mut corner = Corner::founded(2, 3);
    corner.let_in(OWNER, TILL);
    corner.world.run_for_ms(10_000);
    // The till sees the other one arrive and does not know yet that it was let in.
    corner.world.part(&[TILL]);
    corner.world.run_for_ms(60_000);
    corner.let_in(OWNER, OTHER);
    corner.world.run_for_ms(120_000);
    corner.world.block(TILL, OTHER);
    corner.world.block(OTHER, TILL);
    corner.world.unite(&[TILL]);
    corner.agree(&[OWNER, TILL]);
    // Now it knows. The owner leaves, and the two come into each other's reach.
    corner.world.kill(OWNER);
    corner.world.unblock(TILL, OTHER);
    corner.world.unblock(OTHER, TILL);
    corner.sell(TILL);
    corner.agree(&[TILL, OTHER]);
}

#[test]
fn a_tablet_that_wakes_is_linked_at_once_however_long_it_slept() {
    let mut corner = Corner::with_tills(3, 2, 1);
    for asleep in [TILL, OWNER] {
        corner.world.part(&[TILL]);
        corner.world.run_for_ms(4 * 3_600_000);
        corner.world.unite(&[TILL]);
        assert!(!is_linked(&mut corner, OWNER, TILL));
        assert_eq!(corner.ask(asleep, Request::Awake), Reply::Done);
        corner.world.run_for_ms(LINKED_AGAIN_MS);
        assert!(is_linked(&mut corner, OWNER, TILL), "{asleep:?} is awake");
        assert!(is_linked(&mut corner, TILL, OWNER), "{asleep:?} is awake");
    }
}

#[test]
fn two_that_wake_together_are_linked_at_once() {
    let mut corner = Corner::with_tills(4, 2, 1);
    corner.world.part(&[TILL]);
    corner.world.run_for_ms(3_600_000);
    corner.world.unite(&[TILL]);
    for awake in [TILL, OWNER] {
        corner.heard.borrow_mut().set_late(awake, true);
        corner.post(awake, Request::Awake);
    }
    // Either has offered before it hears of the other one's offer.
    corner.world.run_for_ms(1_000);
    for awake in [TILL, OWNER] {
        corner.heard.borrow_mut().set_late(awake, false);
        status(&mut corner, awake);
    }
    corner.world.run_for_ms(LINKED_AGAIN_MS);
    assert!(is_linked(&mut corner, OWNER, TILL));
    assert!(is_linked(&mut corner, TILL, OWNER));
}
