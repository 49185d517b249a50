//! A till that runs twice becomes two, and one that was put back becomes another.

use base::DeviceId;
use device::api::{Reply, Request, Status};
use sim::NodeId;

use crate::corner::{Corner, OTHER, OWNER, TILL};
use crate::forks::{code_of_next_sale, copied, copied_devices, sales, sell};

fn status(corner: &mut Corner, node: NodeId) -> Status {
    match corner.ask(node, Request::Status) {
        Reply::Status(status) => *status,
        reply => panic!("{node:?} has no status: {reply:?}"),
    }
}

/// How many machines ask the owner to be let in as devices of their own.
fn machines(corner: &mut Corner) -> u32 {
    let copied = status(corner, OWNER).copied;
    copied.iter().map(|it| it.machines).sum()
}

/// Runs the world until something holds, ten minutes at most.
#[track_caller]
fn run_until(corner: &mut Corner, what: &str, holds: impl Fn(&mut Corner) -> bool) {
    for _ in 0..600 {
        if holds(corner) {
            return;
        }
        corner.world.run_for_ms(1_000);
    }
    panic!("not within ten minutes: {what}");
}

fn restart(corner: &mut Corner, node: NodeId) {
    corner.world.kill(node);
    corner.world.start(node);
    corner.world.run_for_ms(5_000);
}

/// Makes each machine of a device one of its own, and restarts it for that.
#[track_caller]
fn separate(corner: &mut Corner, device: DeviceId, nodes: &[NodeId]) {
    let count = nodes.len() as u32;
    run_until(corner, "each machine asks", |corner| {
        machines(corner) == count
    });
    assert_eq!(corner.ask(OWNER, Request::Separate(device)), Reply::Done);
    for node in nodes {
        run_until(corner, "it may go on as another", |corner| {
            status(corner, *node).succeeds
        });
    }
    for node in nodes {
        restart(corner, *node);
    }
}

#[test]
fn a_till_and_its_copy_go_on_as_two_devices() {
    let mut corner = copied(181);
    let before = corner.device(TILL);
    corner.world.start(OTHER);
    corner.world.run_for_ms(5_000);
    sell(&mut corner, TILL, 2);
    sell(&mut corner, OTHER, 3);
    corner.agree(&[OWNER, TILL, OTHER]);
    separate(&mut corner, before, &[TILL, OTHER]);

    let devices = [TILL, OTHER].map(|node| corner.device(node));
    assert!(devices[0] != devices[1] && !devices.contains(&before));
    let mut codes = [TILL, OTHER].map(|node| code_of_next_sale(&mut corner, node));
    codes.sort();
    assert_eq!(codes, ["A3", "A4"]);
    corner.agree(&[OWNER, TILL, OTHER]);
    assert_eq!(sales(&mut corner, OWNER), 5 + 2 + 3 + 2);
    for node in [OWNER, TILL, OTHER] {
        assert_eq!(copied_devices(&mut corner, node), [], "{node:?}");
    }

    // They stay what they are, and what they sell reaches everybody.
    for node in [TILL, OTHER] {
        restart(&mut corner, node);
    }
    assert_eq!([TILL, OTHER].map(|node| corner.device(node)), devices);
    sell(&mut corner, TILL, 1);
    sell(&mut corner, OTHER, 1);
    corner.agree(&[OWNER, TILL, OTHER]);
    assert_eq!(sales(&mut corner, OWNER), 5 + 2 + 3 + 4);
    assert_eq!(corner.world.breaches(), Vec::<String>::new());
}

/// Its own receipts would be somebody else's, and nobody would say any more that they are only here.
#[test]
fn a_copy_stays_what_it_is_while_something_it_sold_is_only_there() {
    let mut corner = copied(182);
    let before = corner.device(TILL);
    corner.world.start(OTHER);
    corner.world.run_for_ms(5_000);
    sell(&mut corner, TILL, 2);
    sell(&mut corner, OTHER, 3);
    corner.agree(&[OWNER, TILL, OTHER]);
    run_until(&mut corner, "both ask", |corner| machines(corner) == 2);
    assert_eq!(corner.ask(OWNER, Request::Separate(before)), Reply::Done);
    run_until(&mut corner, "it may go on as another", |corner| {
        status(corner, TILL).succeeds
    });
    corner.world.kill(OWNER);
    corner.world.kill(OTHER);
    sell(&mut corner, TILL, 1);
    assert!(!status(&mut corner, TILL).succeeds);
    restart(&mut corner, TILL);
    assert_eq!(corner.device(TILL), before);
    corner.world.start(OWNER);
    corner.agree(&[OWNER, TILL]);
    restart(&mut corner, TILL);
    assert_ne!(corner.device(TILL), before);
    corner.agree(&[OWNER, TILL]);
    assert_eq!(sales(&mut corner, OWNER), 5 + 2 + 3 + 1);
}

#[test]
fn a_till_that_was_put_back_goes_on_as_another_device() {
    let mut corner = Corner::with_tills(183, 2, 1);
    sell(&mut corner, TILL, 5);
    let image = corner.world.image(TILL).expect("it is there");
    sell(&mut corner, TILL, 3);
    corner.agree(&[OWNER, TILL]);
    let before = corner.device(TILL);
    corner.world.kill(TILL);
    corner.world.restore(TILL, &image);
    restart(&mut corner, TILL);
    corner.agree(&[OWNER, TILL]);
    separate(&mut corner, before, &[TILL]);
    assert_ne!(corner.device(TILL), before);
    assert_eq!(code_of_next_sale(&mut corner, TILL), "A3");
    corner.agree(&[OWNER, TILL]);
    assert_eq!(sales(&mut corner, OWNER), 5 + 3 + 1);
}

#[test]
fn a_device_that_nobody_copied_is_not_made_two() {
    let mut corner = Corner::with_tills(184, 3, 2);
    let [owner, till] = [OWNER, TILL].map(|node| corner.device(node));
    let refused =
        |corner: &mut Corner, node, device| corner.refused(node, Request::Separate(device));
    assert_eq!(refused(&mut corner, OWNER, till), "no-machine");
    assert_eq!(refused(&mut corner, OWNER, owner), "owner-device");
    let stranger = DeviceId([7; 16]);
    assert_eq!(refused(&mut corner, OWNER, stranger), "unknown-device");
    let pin = corner.staff.pin.clone();
    corner.sign_in(TILL, &pin);
    assert_eq!(refused(&mut corner, TILL, till), "not-owner-device");
}
