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

/// Which devices machines ask the owner to be.
fn machines(corner: &mut Corner) -> Vec<DeviceId> {
    let copied = status(corner, OWNER).copied.into_iter();
    copied.flat_map(|it| it.machines).collect()
}

/// The owner taps the button as it is shown now.
fn tap(corner: &mut Corner, device: DeviceId) -> Reply {
    let machines = machines(corner);
    corner.ask(OWNER, Request::Separate { device, machines })
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

/// A till that sold five times, and two more since it was copied, and its copy, which sold three.
fn both_have_sold(seed: u64) -> (Corner, DeviceId) {
    let mut corner = copied(seed);
    let device = corner.device(TILL);
    corner.world.start(OTHER);
    corner.world.run_for_ms(5_000);
    sell(&mut corner, TILL, 2);
    sell(&mut corner, OTHER, 3);
    corner.agree(&[OWNER, TILL, OTHER]);
    (corner, device)
}

/// Waits until so many machines ask.
#[track_caller]
fn wait_for_machines(corner: &mut Corner, count: usize) {
    run_until(corner, "each machine asks", |corner| {
        machines(corner).len() == count
    });
}

/// Makes each machine of a device one of its own, and restarts it for that.
#[track_caller]
fn separate(corner: &mut Corner, device: DeviceId, nodes: &[NodeId]) {
    wait_for_machines(corner, nodes.len());
    assert_eq!(tap(corner, device), Reply::Done);
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
    let (mut corner, before) = both_have_sold(181);
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
    let (mut corner, before) = both_have_sold(182);
    wait_for_machines(&mut corner, 2);
    assert_eq!(tap(&mut corner, before), Reply::Done);
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
    // What the others said is on its disk then.
    corner.world.run_for_ms(5_000);
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
    let refused = |corner: &mut Corner, node, device| {
        corner.refused(
            node,
            Request::Separate {
                device,
                machines: Vec::new(),
            },
        )
    };
    assert_eq!(refused(&mut corner, OWNER, till), "no-machine");
    assert_eq!(refused(&mut corner, OWNER, owner), "owner-device");
    let stranger = DeviceId([7; 16]);
    assert_eq!(refused(&mut corner, OWNER, stranger), "unknown-device");
    let pin = corner.staff.pin.clone();
    corner.sign_in(TILL, &pin);
    assert_eq!(refused(&mut corner, TILL, till), "not-owner-device");
}

/// What the screen showed is what is let in.
#[test]
fn a_machine_that_asked_since_the_owner_looked_is_not_let_in_unseen() {
    let (mut corner, device) = both_have_sold(185);
    wait_for_machines(&mut corner, 2);
    let machines = vec![machines(&mut corner)[0]];
    let request = Request::Separate { device, machines };
    assert_eq!(corner.refused(OWNER, request), "machines-changed");
    assert_eq!(status(&mut corner, OWNER).copied[0].machines.len(), 2);
}

/// Which of two owners' devices counts shows only when each has heard of the other: by then receipts
/// were printed under the code that does not.
#[test]
fn a_till_number_that_receipts_were_printed_under_is_given_to_nobody_else() {
    const NEWCOMER: NodeId = NodeId(3);
    let mut corner = Corner::with_tills(186, 4, 1);
    corner.let_in_tablet(OWNER, OTHER);
    sell(&mut corner, TILL, 5);
    let image = corner.world.image(TILL).expect("it is there");
    sell(&mut corner, TILL, 3);
    corner.agree(&[OWNER, TILL, OTHER]);
    corner.world.kill(TILL);
    corner.world.restore(TILL, &image);
    restart(&mut corner, TILL);
    let device = corner.device(TILL);
    run_until(&mut corner, "it asks everybody", |corner| {
        [OWNER, OTHER].iter().all(|node| {
            let copied = status(corner, *node).copied;
            copied.iter().any(|it| it.machines.len() == 1)
        })
    });
    corner.world.kill(TILL);
    let machines = machines(&mut corner);
    let request = Request::Separate { device, machines };
    corner.world.kill(OWNER);
    let pin = corner.staff.pin.clone();
    corner.sign_in(OTHER, &pin);
    assert_eq!(corner.ask(OTHER, request.clone()), Reply::Done);
    corner.world.kill(OTHER);
    corner.world.start(OWNER);
    corner.world.run_for_ms(5_000);
    assert_eq!(corner.ask(OWNER, request), Reply::Done);
    corner.world.start(TILL);
    run_until(&mut corner, "it may go on as another", |corner| {
        status(corner, TILL).succeeds
    });
    restart(&mut corner, TILL);
    assert_eq!(code_of_next_sale(&mut corner, TILL), "A4");
    corner.world.start(OTHER);
    corner.agree(&[OWNER, TILL, OTHER]);
    assert_eq!(code_of_next_sale(&mut corner, TILL), "B1");
    corner.let_in(OWNER, NEWCOMER);
    assert_eq!(code_of_next_sale(&mut corner, NEWCOMER), "A5");
}

/// Somebody who puts out the new row in place of the old one has not lost the machine.
#[test]
fn a_machine_whose_new_device_was_put_out_asks_to_be_another() {
    let (mut corner, device) = both_have_sold(187);
    wait_for_machines(&mut corner, 2);
    let first = machines(&mut corner);
    assert_eq!(tap(&mut corner, device), Reply::Done);
    for next in first {
        assert_eq!(corner.ask(OWNER, Request::PutOut(next)), Reply::Done);
    }
    separate(&mut corner, device, &[TILL, OTHER]);
    let mut codes = [TILL, OTHER].map(|node| code_of_next_sale(&mut corner, node));
    codes.sort();
    assert_eq!(codes, ["A5", "A6"]);
    corner.agree(&[OWNER, TILL, OTHER]);
    assert_eq!(sales(&mut corner, OWNER), 5 + 2 + 3 + 2);
}
