//! A till runs out of disk.

use device::api::Reply;
use sim::disk::DiskFault;

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

/// The counter of a receipt's number: 12 of `A3-000012·K7QD`.
fn counter(number: &str) -> u32 {
    let (_, rest) = number.split_once('-').unwrap();
    let (counter, _) = rest.split_once('·').unwrap();
    counter.parse().unwrap()
}
