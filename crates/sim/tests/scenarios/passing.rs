//! Statements travel by any road: a till learns who has its sale although the two never meet.

use device::api::{Copies, Reply, Request};
use sim::NodeId;
use sim::shop::wares;

use crate::corner::{Corner, OTHER, OWNER, TILL};

/// Where a device says that the newest sale is.
fn newest(corner: &mut Corner, node: NodeId) -> Copies {
    match corner.ask(node, wares::sales(0, 1)) {
        Reply::Sales { page, .. } => page[0].1,
        reply => panic!("{node:?} lists nothing: {reply:?}"),
    }
}

/// The till and the owner can only be reached by way of the other till.
fn in_a_row(seed: u64) -> Corner {
    let mut corner = Corner::with_tills(seed, 3, 2);
    for (from, to) in [(TILL, OWNER), (OWNER, TILL)] {
        corner.world.block(from, to);
    }
    // Until both have noticed.
    corner.world.run_for_ms(20_000);
    corner
}

#[test]
fn a_till_hears_from_another_that_the_owner_has_its_sale() {
    let mut corner = in_a_row(321);
    corner.sell(TILL);
    corner.agree(&[OWNER, TILL, OTHER]);
    corner.world.run_for_ms(10_000);
    assert_eq!(newest(&mut corner, TILL), Copies::Peers(2));
    assert_eq!(newest(&mut corner, OTHER), Copies::Peers(2));
    // It knows that still when nobody is there to tell it.
    corner.world.part(&[TILL]);
    corner.world.kill(TILL);
    corner.world.start(TILL);
    corner.world.run_for_ms(10_000);
    assert_eq!(newest(&mut corner, TILL), Copies::Peers(2));
}

#[test]
fn what_was_said_before_a_device_was_linked_is_passed_on_to_it() {
    let mut corner = in_a_row(322);
    corner.world.kill(OTHER);
    corner.sell(OWNER);
    corner.world.run_for_ms(5_000);
    assert_eq!(newest(&mut corner, OWNER), Copies::Pending);
    corner.world.start(OTHER);
    corner.agree(&[OWNER, TILL, OTHER]);
    corner.world.run_for_ms(10_000);
    assert_eq!(newest(&mut corner, OWNER), Copies::Peers(2));
}

/// What others pass on is older than what a device says itself.
#[test]
fn nothing_is_asked_for_again_for_what_is_passed_on() {
    let mut corner = Corner::with_tills(323, 3, 2);
    corner.world.run_for_ms(20_000);
    let all = [OWNER, TILL, OTHER];
    let before = all.map(|node| corner.counted(node, "duplicates"));
    for _ in 0..20 {
        corner.sell(TILL);
        corner.world.run_for_ms(700);
    }
    corner.agree(&all);
    corner.world.run_for_ms(20_000);
    for node in all {
        let Reply::Metrics(metrics) = corner.ask(node, Request::Metrics) else {
            panic!("{node:?} counts nothing");
        };
        assert_eq!(
            (metrics.traffic.resent, metrics.traffic.retries),
            (0, 0),
            "{node:?}"
        );
    }
    let after = all.map(|node| corner.counted(node, "duplicates"));
    assert_eq!(after, before);
    assert_eq!(newest(&mut corner, TILL), Copies::Peers(2));
}
