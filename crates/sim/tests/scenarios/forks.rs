//! A till that was copied, or put back to an earlier state: what either sold is kept and counted.

use device::api::{Reply, Request};
use sim::NodeId;

use crate::corner::{Corner, OTHER, OWNER, TILL};

fn sales(corner: &mut Corner, node: NodeId) -> u64 {
    match corner.ask(node, Request::Counts) {
        Reply::Counts(counts) => counts.sales,
        reply => panic!("{node:?} counts nothing: {reply:?}"),
    }
}

fn sell(corner: &mut Corner, node: NodeId, count: u32) {
    for _ in 0..count {
        corner.sell(node);
    }
}

/// A till that has sold five times, and a copy of it on another machine.
fn copied(seed: u64) -> Corner {
    let mut corner = Corner::with_tills(seed, 3, 1);
    sell(&mut corner, TILL, 5);
    corner.agree(&[OWNER, TILL]);
    let image = corner.world.image(TILL).expect("it is there");
    corner.world.restore(OTHER, &image);
    corner
}

#[test]
fn what_a_till_and_its_copy_sell_is_kept_and_counted() {
    let mut corner = copied(171);
    corner.world.kill(OWNER);
    corner.world.start(OTHER);
    corner.world.run_for_ms(5_000);
    sell(&mut corner, TILL, 3);
    sell(&mut corner, OTHER, 4);
    corner.world.start(OWNER);
    corner.agree(&[OWNER, TILL, OTHER]);
    for node in [OWNER, TILL, OTHER] {
        assert_eq!(sales(&mut corner, node), 5 + 3 + 4, "{node:?}");
    }
    corner.world.kill(OWNER);
    corner.world.start(OWNER);
    corner.agree(&[OWNER, TILL, OTHER]);
    assert_eq!(sales(&mut corner, OWNER), 5 + 3 + 4);
}
