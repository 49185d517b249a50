//! A device runs out of disk.

use device::api::Reply;
use sim::NodeId;
use sim::disk::DiskFault;
use sim::shop::wares;

use crate::corner::{Corner, OWNER, TILL};

#[test]
fn a_full_disk_sells_nothing_uses_no_number_and_goes_on_when_there_is_room() {
    let mut corner = Corner::with_tills(1, 2, 1);
    let first = corner.sell(TILL);
    corner.agree(&[OWNER, TILL]);
    let before = corner.state_hash(TILL);
    corner.world.set_disk_fault(TILL, DiskFault::Full);
    for _ in 0..3 {
        let reply = corner.try_to_sell(TILL);
        assert!(
            matches!(&reply, Reply::Refused(refusal) if refusal.code == "disk-full"),
            "{reply:?}"
        );
    }
    assert_eq!(corner.state_hash(TILL), before);
    corner.world.set_disk_fault(TILL, DiskFault::None);
    let second = corner.sell(TILL);
    assert_eq!(counter(&second.number), counter(&first.number) + 1);
    corner.agree(&[OWNER, TILL]);
}

#[test]
fn a_sale_that_is_counted_is_listed_even_before_the_disk_has_it() {
    let mut corner = Corner::with_tills(1, 2, 1);
    corner.world.set_disk_fault(OWNER, DiskFault::Full);
    let receipt = corner.sell(TILL);
    corner.agree(&[OWNER, TILL]);
    assert_eq!(listed(&mut corner, OWNER), [receipt.number]);
}

/// The receipt numbers that a device lists, which are as many as it counts.
#[track_caller]
fn listed(corner: &mut Corner, node: NodeId) -> Vec<String> {
    match corner.ask(node, wares::sales(0, 100)) {
        Reply::Sales { total, page } => {
            assert_eq!(total as usize, page.len());
            page.into_iter().map(|(sale, _)| sale.number).collect()
        }
        reply => panic!("{node:?} lists nothing: {reply:?}"),
    }
}

/// The counter of a receipt's number: 12 of `A3-000012·K7QD`.
fn counter(number: &str) -> u32 {
    let (_, rest) = number.split_once('-').unwrap();
    let (counter, _) = rest.split_once('·').unwrap();
    counter.parse().unwrap()
}
