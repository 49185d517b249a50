//! A device runs out of disk.

use base::limits::STORAGE_PAUSE_MS;
use base::{LogId, Stream};
use device::api::{Reply, Request};
use sim::NodeId;
use sim::disk::DiskFault;
use sim::shop::wares;

use crate::corner::{Corner, OTHER, OWNER, TILL};
use crate::forks::sales;
use crate::hostile::holds;
use crate::owner_copies::{employees, hire};

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

/// The till heard of it while its disk was full, and names it in what it sells once there is room.
/// Whoever said it does not know it any more, and nobody else has heard of it.
#[test]
fn what_a_sale_names_of_control_is_on_the_disk_with_it() {
    let mut corner = Corner::with_tills(45, 3, 1);
    corner.let_in_tablet(OWNER, OTHER);
    corner.agree(&[OWNER, TILL, OTHER]);
    let image = corner.world.image(OTHER).expect("it is there");
    corner.world.kill(OWNER);
    corner.world.set_disk_fault(TILL, DiskFault::Full);
    let hired = hire(&mut corner, OTHER, "Ann");
    corner.world.run_for_ms(5_000);
    assert!(
        employees(&mut corner, TILL).contains(&hired),
        "it has heard"
    );
    corner.world.kill(OTHER);
    corner.world.restore(OTHER, &image);

    corner.world.set_disk_fault(TILL, DiskFault::None);
    corner.sell(TILL);
    corner.world.kill(TILL);
    for node in [OWNER, TILL, OTHER] {
        corner.world.start(node);
    }
    corner.agree(&[OWNER, TILL, OTHER]);
    for node in [OWNER, TILL, OTHER] {
        assert_eq!(sales(&mut corner, node), 1, "{node:?}");
        assert_eq!(corner.waiting(node), 0, "{node:?}");
        assert!(employees(&mut corner, node).contains(&hired), "{node:?}");
    }
}

/// Nobody else has heard of it, and whoever sold it does not know it any more.
#[test]
fn what_a_full_disk_refused_is_stored_once_there_is_room() {
    let mut corner = Corner::with_tills(46, 3, 2);
    corner.agree(&[OWNER, TILL, OTHER]);
    let image = corner.world.image(TILL).expect("it is there");
    corner.world.kill(OTHER);
    corner.world.set_disk_fault(OWNER, DiskFault::Full);
    corner.sell(TILL);
    corner.world.run_for_ms(5_000);
    assert_eq!(sales(&mut corner, OWNER), 1, "it has heard");
    corner.world.kill(TILL);
    corner.world.restore(TILL, &image);

    corner.world.set_disk_fault(OWNER, DiskFault::None);
    corner.world.run_for_ms(STORAGE_PAUSE_MS + 1_000);
    corner.world.kill(OWNER);
    for node in [OWNER, TILL, OTHER] {
        corner.world.start(node);
    }
    corner.agree(&[OWNER, TILL, OTHER]);
    for node in [OWNER, TILL, OTHER] {
        assert_eq!(sales(&mut corner, node), 1, "{node:?}");
    }
}

/// Its secret comes while it is not on the disk: it counts, and nobody hears that it is kept there.
#[test]
fn what_a_full_disk_refused_is_not_held_when_its_secret_comes() {
    let mut corner = Corner::with_tills(47, 3, 2);
    corner.agree(&[OWNER, TILL, OTHER]);
    corner.heard.borrow_mut().set_locked_out(TILL, true);
    let other = corner.device(OTHER);
    assert_eq!(corner.ask(OWNER, Request::PutOut(other)), Reply::Done);
    corner.world.run_for_ms(5_000);
    corner.world.set_disk_fault(TILL, DiskFault::Full);
    corner.sell(OWNER);
    corner.world.run_for_ms(5_000);
    assert_eq!(
        corner.waiting(TILL),
        1,
        "it has come, under a key that is not there"
    );

    corner.heard.borrow_mut().set_locked_out(TILL, false);
    hire(&mut corner, OWNER, "Ann");
    corner.world.run_for_ms(5_000);
    assert_eq!(sales(&mut corner, TILL), 1);
    let log = LogId::new(corner.device(OWNER), Stream::Sales);
    assert_eq!(holds(&mut corner, TILL, log), 0);
    corner.world.set_disk_fault(TILL, DiskFault::None);
    corner.world.run_for_ms(2 * STORAGE_PAUSE_MS);
    assert_eq!(holds(&mut corner, TILL, log), 1);
    corner.world.kill(TILL);
    corner.world.start(TILL);
    corner.agree(&[OWNER, TILL]);
}
