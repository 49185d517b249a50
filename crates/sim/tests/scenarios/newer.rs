//! Devices of two releases in one shop.

use base::release::READER_VERSION;
use base::{ControlVector, EmployeeId, Entry, Release, Stamp};
use device::api::{Notice, ProductKey, Reply, Request, Status};
use domain::catalogue::ProductFields;
use domain::event::{KIND_PRODUCTS, KIND_SALE};
use domain::money::Money;
use identity::Control;
use identity::control::{EmployeeSet, KIND_EMPLOYEE};
use identity::role::EmployeeRole;
use sim::NodeId;

use crate::corner::{Corner, OTHER, OWNER, TILL, admission};
use crate::forge;

const NEWCOMER: NodeId = NodeId(3);
/// Whoever is hired.
const NAME: &str = "Mia";
const PIN: &str = "2468";
/// One that writes prices, sales and roles as older ones cannot read them.
const NEXT: Release = Release {
    reader: READER_VERSION + 1,
    changed: &[KIND_PRODUCTS, KIND_SALE, KIND_EMPLOYEE],
};

#[track_caller]
fn status(corner: &mut Corner, node: NodeId) -> Status {
    match corner.ask(node, Request::Status) {
        Reply::Status(status) => *status,
        reply => panic!("{node:?} has no status: {reply:?}"),
    }
}

fn entry(min_reader: u16, payload: Vec<u8>) -> Vec<u8> {
    let set = EmployeeSet {
        id: None,
        role: EmployeeRole::Manager,
        active: true,
    };
    let control = Control::Employee(set);
    Entry {
        kind: control.kind(),
        min_reader,
        stamp: Stamp::new(1, 0),
        wall_ms: None,
        employee: None,
        control: ControlVector::default(),
        payload: if payload.is_empty() {
            control.encode()
        } else {
            payload
        },
        salt: None,
    }
    .to_raw()
}

#[test]
fn control_of_a_newer_release_waits_everywhere_and_accuses_nobody() {
    let mut corner = Corner::with_tills(31, 4, 2);
    let before = corner.state_hash(OWNER);
    let newer = entry(READER_VERSION + 1, b"of a shape to come".to_vec());
    let later = entry(READER_VERSION, Vec::new());
    let written = forge::control(&mut corner, TILL, &[newer, later]);
    corner.world.kill(TILL);
    corner.world.run_for_ms(15_000);
    corner.take_told();
    let link = forge::a_link(&corner, OWNER);
    forge::bring(&mut corner, OWNER, link, 0, &forge::live(&written[..1]));
    corner.world.run_for_ms(2_000);
    forge::bring(&mut corner, OWNER, link, 1, &forge::live(&written[1..]));
    corner.world.run_for_ms(20_000);
    let accused =
        |told: &sim::world::Told<Notice>| matches!(told.notice, Notice::LinkTrouble { .. });
    let accusations: Vec<_> = corner.take_told().into_iter().filter(accused).collect();
    assert_eq!(accusations, []);
    let other = corner.device(OTHER);
    assert_eq!(status(&mut corner, OWNER).linked, [other]);
    check_waits(&mut corner, &[OWNER, OTHER], &written, &before);
    for node in [OWNER, OTHER] {
        corner.world.kill(node);
        corner.world.start(node);
        corner.world.run_for_ms(30_000);
    }
    check_waits(&mut corner, &[OWNER, OTHER], &written, &before);

    corner.let_in(OWNER, NEWCOMER);
    corner.sell(OTHER);
    corner.agree(&[OWNER, OTHER, NEWCOMER]);
    assert_eq!(status(&mut corner, NEWCOMER).newer, 2);
    assert_eq!(corner.world.breaches(), Vec::<String>::new());
}

/// The segments are on every disk, wait there, and have changed nothing.
#[track_caller]
fn check_waits(
    corner: &mut Corner,
    nodes: &[NodeId],
    written: &[base::Segment],
    before: &device::api::StateHash,
) {
    for node in nodes {
        let kept = forge::segments(corner, *node);
        assert!(written.iter().all(|segment| kept.contains(segment)));
        let status = status(corner, *node);
        assert_eq!((status.newer, status.quarantined), (2, 0), "{node:?}");
        assert_eq!(corner.state_hash(*node), *before);
    }
}

#[test]
fn control_that_breaks_a_rule_does_nothing_and_accuses_nobody() {
    let mut corner = Corner::with_tills(32, 3, 2);
    let broken = entry(READER_VERSION, b"no employee".to_vec());
    let next = entry(READER_VERSION, Vec::new());
    let written = forge::control(&mut corner, TILL, &[broken, next]);
    corner.world.kill(TILL);
    corner.world.run_for_ms(15_000);
    corner.take_told();
    let link = forge::a_link(&corner, OWNER);
    // The second is there first: what comes before it is on its way.
    forge::bring(&mut corner, OWNER, link, 0, &forge::live(&written[1..]));
    corner.world.run_for_ms(2_000);
    forge::bring(&mut corner, OWNER, link, 1, &forge::live(&written[..1]));
    corner.agree(&[OWNER, OTHER]);
    let till = written[0].header.log();
    let judged = corner.state_hash(OTHER).judged;
    assert!(
        judged
            .iter()
            .any(|run| run.log == till.to_string() && run.last == 2)
    );
    let status = status(&mut corner, OWNER);
    assert_eq!((status.newer, status.waiting), (0, 0));
    let accused =
        |told: &sim::world::Told<Notice>| matches!(told.notice, Notice::LinkTrouble { .. });
    assert!(!corner.take_told().iter().any(accused));
    assert_eq!(corner.counted(OWNER, "segments_refused"), 0);
}

/// Hires somebody on the owner's tablet.
#[track_caller]
fn hire(corner: &mut Corner) -> EmployeeId {
    let hire = Request::SetEmployee {
        id: None,
        name: NAME.into(),
        role: EmployeeRole::Manager,
        pin: Some(PIN.into()),
    };
    match corner.ask(OWNER, hire) {
        Reply::Employee(view) => view.id,
        reply => panic!("nobody was hired: {reply:?}"),
    }
}

/// Sets the price of a ware, minor units.
#[track_caller]
fn set_price(corner: &mut Corner, node: NodeId, minor: i64) {
    let fields = ProductFields {
        sku: Some("W1".into()),
        price: Some(Money(minor)),
        ..ProductFields::default()
    };
    let which = ProductKey::Sku;
    let reply = corner.ask(node, Request::SetProduct { which, fields });
    assert!(matches!(reply, Reply::Product(_)), "{reply:?}");
}

/// The price of that ware, minor units.
#[track_caller]
fn price(corner: &mut Corner, node: NodeId) -> i64 {
    match corner.ask(node, Request::Lookup { code: "W1".into() }) {
        Reply::Found(Some(ware)) => ware.price.expect("it has one").0,
        reply => panic!("{node:?} does not find it: {reply:?}"),
    }
}

#[test]
fn an_older_till_passes_on_what_it_cannot_read_and_applies_it_after_its_update() {
    let mut corner = Corner::with_tills(33, 3, 2);
    for newer in [OWNER, OTHER] {
        corner.world.update(newer, NEXT);
    }
    // The two meet by the older till alone.
    corner.world.block(OWNER, OTHER);
    corner.world.block(OTHER, OWNER);
    corner.world.cut(OWNER, OTHER);
    let (before, price_before) = (corner.state_hash(TILL), price(&mut corner, TILL));

    let employee = hire(&mut corner);
    set_price(&mut corner, OWNER, 777);
    corner.sell(OWNER);
    corner.sell(OTHER);
    corner.agree(&[OWNER, OTHER]);
    assert_eq!(price(&mut corner, OTHER), 777);
    let status_before = status(&mut corner, TILL);
    // The role, the price and two sales; the name of whoever was hired waits for the role.
    assert_eq!((status_before.newer, status_before.quarantined), (4, 0));
    assert_eq!(corner.state_hash(TILL), before);

    // It sells on, and what it sells the others read.
    corner.sell(TILL);
    corner.agree(&[OWNER, OTHER]);
    let agreed = corner.state_hash(OTHER);
    assert_eq!(price(&mut corner, TILL), price_before);

    // Nobody is left to ask.
    corner.world.kill(OWNER);
    corner.world.kill(OTHER);
    corner.world.update(TILL, NEXT);
    assert_eq!(corner.state_hash(TILL), agreed);
    let status_after = status(&mut corner, TILL);
    assert_eq!((status_after.newer, status_after.waiting), (0, 0));
    assert_eq!(price(&mut corner, TILL), 777);
    let pin = PIN.into();
    let reply = corner.ask(TILL, Request::SignIn { employee, pin });
    assert!(matches!(reply, Reply::SignedIn(view) if view.name == NAME));
    assert_eq!(corner.world.breaches(), Vec::<String>::new());
}

#[test]
fn a_device_that_cannot_read_what_lets_it_in_says_so_and_joins_after_its_update() {
    let mut corner = Corner::with_tills(34, 4, 2);
    corner.world.update(OWNER, NEXT);
    hire(&mut corner);
    let card = corner.offer(NEWCOMER);
    let consent = Some(admission());
    let card = corner.card(OWNER, Request::Answer { card, consent });
    assert_eq!(
        corner.refused(NEWCOMER, Request::Accept { card }),
        "shop-newer"
    );
    assert_eq!(status(&mut corner, NEWCOMER).shop, None);

    corner.world.update(NEWCOMER, NEXT);
    corner.let_in(OWNER, NEWCOMER);
    corner.sell(NEWCOMER);
    corner.agree(&[OWNER, NEWCOMER]);
    for older in [TILL, OTHER] {
        corner.world.update(older, NEXT);
    }
    corner.agree(&[OWNER, TILL, OTHER, NEWCOMER]);
    assert_eq!(corner.world.breaches(), Vec::<String>::new());
}
