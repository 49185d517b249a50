//! Control that comes late, behind what was judged already: whoever was counted by the word of an
//! owner's device that was out by then counts no more, alike on every device and in any order.

use base::EmployeeId;
use device::api::{EmployeeRole, NotCounted, ProductKey, Reply, Request, StateHash};
use domain::catalogue::ProductFields;
use sim::NodeId;

use crate::corner::{Corner, OTHER as WITNESS, OWNER, TILL};

const TABLET: NodeId = NodeId(3);
const NEW: NodeId = NodeId(4);
const LAST: NodeId = NodeId(5);
const PIN: &str = "8642";

/// Who was counted on the tablet's word.
const BY_ITS_WORD: [NodeId; 3] = [TABLET, TILL, NEW];

fn sales(corner: &mut Corner, node: NodeId) -> u64 {
    match corner.ask(node, Request::Counts) {
        Reply::Counts(counts) => counts.sales,
        reply => panic!("{node:?} counts nothing: {reply:?}"),
    }
}

#[track_caller]
fn hire(corner: &mut Corner, node: NodeId) -> EmployeeId {
    let pin = corner.staff.pin.clone();
    assert!(matches!(corner.sign_in(node, &pin), Reply::SignedIn(_)));
    let request = Request::SetEmployee {
        id: None,
        name: "Bob".into(),
        role: EmployeeRole::Manager,
        pin: Some(PIN.into()),
    };
    match corner.ask(node, request) {
        Reply::Employee(view) => view.id,
        reply => panic!("Bob was not hired: {reply:?}"),
    }
}

#[track_caller]
fn add_product(corner: &mut Corner, node: NodeId, name: &str) {
    let fields = ProductFields {
        sku: Some(name.into()),
        name: Some(name.into()),
        ..ProductFields::default()
    };
    let which = ProductKey::New;
    let added = corner.ask(node, Request::SetProduct { which, fields });
    assert!(matches!(added, Reply::Product(_)), "{added:?}");
}

/// The owner puts the tablet out and is gone. The tablet and the old till have not heard of it and
/// run.
fn put_out_apart(seed: u64) -> Corner {
    let mut corner = Corner::with_tills(seed, 6, 2);
    corner.let_in_tablet(OWNER, TABLET);
    corner.agree(&[OWNER, TILL, WITNESS, TABLET]);
    let tablet = corner.device(TABLET);
    for node in [TILL, WITNESS, TABLET] {
        corner.world.kill(node);
    }
    let pin = corner.staff.pin.clone();
    assert!(matches!(corner.sign_in(OWNER, &pin), Reply::SignedIn(_)));
    assert_eq!(corner.ask(OWNER, Request::PutOut(tablet)), Reply::Done);
    corner.world.run_for_ms(10_000);
    corner.world.kill(OWNER);

    for node in [TILL, TABLET] {
        corner.world.start(node);
    }
    corner.world.run_for_ms(20_000);
    corner
}

/// The tablet hires Bob and lets a till in; Bob writes a product on the old till, everybody sells.
/// Nobody runs in the end.
fn apart(seed: u64) -> Corner {
    let mut corner = put_out_apart(seed);
    let bob = hire(&mut corner, TABLET);
    corner.let_in(TABLET, NEW);
    corner.agree(&BY_ITS_WORD);
    let pin = PIN.to_owned();
    let signed_in = corner.ask(TILL, Request::SignIn { employee: bob, pin });
    assert!(matches!(signed_in, Reply::SignedIn(_)), "{signed_in:?}");
    add_product(&mut corner, TILL, "by Bob");
    assert!(matches!(corner.try_to_sell(TILL), Reply::Sold(_)));
    for node in [TABLET, NEW] {
        corner.sell(node);
    }
    add_product(&mut corner, NEW, "by the new till");
    corner.agree(&BY_ITS_WORD);
    assert_eq!(sales(&mut corner, TILL), 3);
    for node in BY_ITS_WORD {
        corner.world.kill(node);
    }
    corner
}

/// What a device makes of it, as it is and after it was started anew.
#[track_caller]
fn outcome(corner: &mut Corner, node: NodeId) -> (StateHash, Vec<NotCounted>) {
    let before = (corner.state_hash(node), corner.not_counted(node));
    corner.world.kill(node);
    corner.world.start(node);
    corner.world.run_for_ms(10_000);
    let after = (corner.state_hash(node), corner.not_counted(node));
    assert_eq!(before, after, "{node:?} judges otherwise after a start");
    after
}

#[test]
fn whoever_brings_it_first_the_same_counts_in_the_end() {
    let orders = [
        [OWNER, TABLET, TILL],
        [OWNER, TILL, TABLET],
        [TABLET, OWNER, TILL],
        [TABLET, TILL, OWNER],
        [TILL, OWNER, TABLET],
        [TILL, TABLET, OWNER],
    ];
    let mut outcomes = Vec::new();
    for order in orders {
        let mut corner = apart(601);
        corner.world.start(WITNESS);
        for node in order {
            corner.world.start(node);
            corner.world.run_for_ms(60_000);
            corner.world.kill(node);
        }
        for node in [OWNER, TILL] {
            corner.world.start(node);
        }
        corner.agree(&[OWNER, TILL, WITNESS]);
        corner.world.run_for_ms(30_000);
        for node in [WITNESS, OWNER, TILL] {
            outcomes.push((order, node, outcome(&mut corner, node)));
        }
    }
    let (_, _, first) = &outcomes[0];
    for (order, node, outcome) in &outcomes {
        assert_eq!(outcome, first, "{node:?} after {order:?}");
    }
    let (late, unallowed) = (
        "written by a device after it was put out",
        "the employee was not allowed to do that",
    );
    let mut why: Vec<_> = first.1.iter().map(|run| (run.topic, run.why)).collect();
    why.sort_unstable();
    let expected = [
        ("inventory", unallowed),
        ("inventory", late),
        ("transaction", late),
    ];
    assert_eq!(why, expected);
}

/// What it sold happened, and waits until an owner's device that is in lets it in.
#[test]
fn a_till_let_in_by_a_device_that_was_out_is_let_in_again_and_all_it_sold_counts() {
    let mut corner = apart(602);
    for node in [TILL, WITNESS, NEW] {
        corner.world.start(node);
    }
    corner.agree(&[TILL, WITNESS, NEW]);
    corner.world.start(OWNER);
    corner.world.run_for_ms(60_000);
    corner.agree(&[OWNER, TILL, WITNESS]);
    assert_eq!(sales(&mut corner, TILL), 1, "Bob's own");
    corner.let_in(OWNER, NEW);
    corner.agree(&[OWNER, TILL, WITNESS, NEW]);
    assert_eq!(sales(&mut corner, TILL), 2);
    corner.sell(NEW);
    corner.agree(&[OWNER, TILL, WITNESS, NEW]);
    assert_eq!(sales(&mut corner, OWNER), 3);
}

/// It becomes an owner's device by the word of one that was out, renews the keys, and is no member
/// in the end. What the till sold meanwhile names its control and is sealed under its keys.
#[test]
fn what_was_sold_by_the_word_of_a_device_that_never_was_a_member_counts() {
    let mut corner = put_out_apart(603);
    let pin = corner.staff.pin.clone();
    assert!(matches!(corner.sign_in(TABLET, &pin), Reply::SignedIn(_)));
    corner.let_in_tablet(TABLET, NEW);
    corner.let_in(TABLET, LAST);
    corner.agree(&[TABLET, TILL, NEW, LAST]);
    let last = corner.device(LAST);
    assert!(matches!(corner.sign_in(NEW, &pin), Reply::SignedIn(_)));
    assert_eq!(corner.ask(NEW, Request::PutOut(last)), Reply::Done);
    corner.world.run_for_ms(30_000);
    corner.sell(TILL);
    corner.agree(&[TABLET, TILL, NEW]);
    for node in [TABLET, TILL, NEW, LAST] {
        corner.world.kill(node);
    }
    for node in [OWNER, WITNESS, TILL] {
        corner.world.start(node);
    }
    corner.agree(&[OWNER, WITNESS, TILL]);
    corner.world.run_for_ms(60_000);
    for node in [OWNER, WITNESS, TILL] {
        assert_eq!(sales(&mut corner, node), 1, "{node:?}");
        outcome(&mut corner, node);
        assert_eq!(sales(&mut corner, node), 1, "{node:?} after a start");
    }
    corner.sell(TILL);
    corner.agree(&[OWNER, WITNESS, TILL]);
    assert_eq!(sales(&mut corner, OWNER), 2);
}
