//! An owner's device that was copied: what either machine sold is counted, and so is what either said
//! of who is who.

use base::{DeviceId, EmployeeId};
use device::api::{NotCounted, Reply, Request, StateHash};
use identity::role::EmployeeRole;
use sim::NodeId;

use crate::corner::{Corner, OTHER as COPY, OWNER, TILL};
use crate::forks::{code_of_next_sale, copied_devices, sales, sell};

const TILL_OF_OWNER: NodeId = NodeId(3);
const TILL_OF_COPY: NodeId = NodeId(4);
const WITNESS: NodeId = NodeId(5);
const BOTH: [NodeId; 2] = [OWNER, COPY];

/// A shop whose founder's device was copied onto another machine; nobody runs but the till.
fn copied(seed: u64) -> Corner {
    let mut corner = Corner::with_tills(seed, 6, 1);
    corner.let_in(OWNER, WITNESS);
    corner.agree(&[OWNER, TILL, WITNESS]);
    corner.world.kill(WITNESS);
    corner.world.kill(OWNER);
    let image = corner.world.image(OWNER).expect("it is there");
    corner.world.restore(COPY, &image);
    corner
}

#[track_caller]
pub fn hire(corner: &mut Corner, node: NodeId, name: &str) -> EmployeeId {
    let pin = corner.staff.pin.clone();
    assert!(matches!(corner.sign_in(node, &pin), Reply::SignedIn(_)));
    let request = Request::SetEmployee {
        id: None,
        name: name.into(),
        role: EmployeeRole::Cashier,
        pin: Some("8642".into()),
    };
    match corner.ask(node, request) {
        Reply::Employee(view) => view.id,
        reply => panic!("{name} was not hired: {reply:?}"),
    }
}

pub fn employees(corner: &mut Corner, node: NodeId) -> Vec<EmployeeId> {
    match corner.ask(node, Request::Employees) {
        Reply::Employees(list) => list.into_iter().map(|view| view.id).collect(),
        reply => panic!("{node:?} knows nobody: {reply:?}"),
    }
}

/// A machine of the owner's device runs while the other one does not, lets a till in and hires
/// somebody. Both sell. Nobody of them runs in the end.
fn alone(corner: &mut Corner, machine: NodeId, till: NodeId, name: &str) -> EmployeeId {
    corner.world.start(machine);
    corner.world.run_for_ms(20_000);
    let hired = hire(corner, machine, name);
    corner.let_in(machine, till);
    corner.agree(&[machine, till]);
    sell(corner, machine, 2);
    sell(corner, till, 3);
    corner.agree(&[machine, till]);
    corner.world.kill(machine);
    corner.world.kill(till);
    hired
}

/// Either machine has gone on without the other one, and without anybody else.
fn apart(seed: u64) -> (Corner, [EmployeeId; 2]) {
    let mut corner = copied(seed);
    corner.world.kill(TILL);
    let one = alone(&mut corner, OWNER, TILL_OF_OWNER, "Ann");
    let other = alone(&mut corner, COPY, TILL_OF_COPY, "Ben");
    (corner, [one, other])
}

type Outcome = (StateHash, Vec<NotCounted>, Vec<EmployeeId>);

/// What a device makes of it, as it is and after it was started anew.
#[track_caller]
fn outcome(corner: &mut Corner, node: NodeId) -> Outcome {
    let now = |corner: &mut Corner| {
        (
            corner.state_hash(node),
            corner.not_counted(node),
            employees(corner, node),
        )
    };
    let before = now(corner);
    corner.world.kill(node);
    corner.world.start(node);
    corner.world.run_for_ms(10_000);
    assert_eq!(
        before,
        now(corner),
        "{node:?} judges otherwise after a start"
    );
    before
}

#[test]
fn whom_either_machine_let_in_is_let_in_and_all_is_counted() {
    let (mut corner, hired) = apart(381);
    let all = [OWNER, COPY, TILL, WITNESS, TILL_OF_OWNER, TILL_OF_COPY];
    for node in all {
        corner.world.start(node);
    }
    corner.agree(&all);
    for node in all {
        assert_eq!(sales(&mut corner, node), 10, "{node:?}");
        assert_eq!(corner.waiting(node), 0, "{node:?}");
        assert_eq!(corner.not_counted(node), [], "{node:?}");
        let employees = employees(&mut corner, node);
        assert!(hired.iter().all(|it| employees.contains(it)), "{node:?}");
    }
    // Either till was given the same number.
    let codes = [TILL_OF_OWNER, TILL_OF_COPY].map(|node| code_of_next_sale(&mut corner, node));
    assert_ne!(codes[0], codes[1], "two receipts with one number");
    corner.agree(&all);
    let outcomes = all.map(|node| outcome(&mut corner, node));
    assert!(outcomes.iter().all(|it| *it == outcomes[0]));
}

/// The owner is told on every device.
#[test]
fn everybody_hears_that_an_owners_device_runs_twice() {
    let (mut corner, _) = apart(382);
    let all = [OWNER, COPY, TILL, WITNESS];
    for node in all {
        corner.world.start(node);
    }
    corner.agree(&all);
    let device: DeviceId = corner.device(OWNER);
    for node in all {
        let told = copied_devices(&mut corner, node);
        assert_eq!(told, [(device, BOTH.contains(&node))], "{node:?}");
    }
}

/// Who hears of one machine first believes nothing else in the end than who hears of the other one.
#[test]
fn whichever_machine_is_heard_first_the_same_counts() {
    let mut outcomes = Vec::new();
    for (seed, order) in [(383, [OWNER, COPY]), (383, [COPY, OWNER])] {
        let (mut corner, _) = apart(seed);
        corner.world.start(WITNESS);
        for machine in order {
            corner.world.start(machine);
            corner.agree(&[machine, WITNESS]);
            corner.world.kill(machine);
        }
        corner.world.run_for_ms(20_000);
        outcomes.push(outcome(&mut corner, WITNESS));
    }
    // What the tills sold came with the machines.
    assert_eq!(outcomes[0], outcomes[1]);
    assert_eq!(outcomes[0].1, []);
}

/// Each goes on behind what it wrote itself: two machines make two branches, however often they are
/// started.
#[test]
fn machines_that_go_on_for_long_are_two_branches_still() {
    let (mut corner, _) = apart(384);
    for round in 0..10 {
        for machine in BOTH {
            corner.world.start(machine);
        }
        corner.world.start(TILL);
        corner.agree(&[OWNER, COPY, TILL]);
        for machine in BOTH {
            hire(&mut corner, machine, &format!("{round} of {machine:?}"));
        }
        corner.agree(&[OWNER, COPY, TILL]);
        for node in [OWNER, COPY, TILL] {
            corner.world.kill(node);
        }
    }
    corner.world.start(TILL);
    corner.world.run_for_ms(10_000);
    assert_eq!(corner.not_counted(TILL), []);
    assert_eq!(corner.waiting(TILL), 0);
    // The owner, those two, and two of each round.
    assert_eq!(employees(&mut corner, TILL).len(), 3 + 20);
}

/// It hears what it wrote before in control, and goes on behind that without a start: no branch comes of
/// it.
#[test]
fn what_was_put_back_and_has_heard_goes_on_where_it_was() {
    let mut corner = Corner::with_tills(385, 3, 1);
    corner.agree(&[OWNER, TILL]);
    let image = corner.world.image(OWNER).expect("it is there");
    for name in ["Ann", "Ben", "Cem"] {
        hire(&mut corner, OWNER, name);
    }
    corner.agree(&[OWNER, TILL]);
    corner.world.kill(OWNER);
    corner.world.restore(OWNER, &image);
    corner.world.start(OWNER);
    corner.agree(&[OWNER, TILL]);
    hire(&mut corner, OWNER, "Dan");
    corner.agree(&[OWNER, TILL]);
    assert_eq!(employees(&mut corner, TILL).len(), 1 + 4);
    assert_eq!(corner.counted(TILL, "forks"), 1, "of names and PINs");
}
