//! Who works in the shop.

use base::EmployeeId;
use device::api::{EmployeeRole, EmployeeView, Notice, ProductKey, Reply, Request};
use domain::catalogue::ProductFields;
use domain::money::Money;
use sim::NodeId;
use sim::shop::wares;
use sim::world::Told;

use crate::corner::{Corner, OWNER, TILL};

#[track_caller]
fn employees(corner: &mut Corner) -> Vec<EmployeeView> {
    match corner.ask(OWNER, Request::Employees) {
        Reply::Employees(employees) => employees,
        reply => panic!("nobody works here: {reply:?}"),
    }
}

#[test]
fn an_employee_who_is_refused_leaves_nothing_behind() {
    let mut corner = Corner::founded(42, 1);
    let before = employees(&mut corner);
    let endless = Request::SetEmployee {
        id: None,
        name: "a".repeat(100_000),
        role: EmployeeRole::Cashier,
        pin: Some("8642".into()),
    };
    let pin = corner.staff.pin.clone();
    corner.sign_in(OWNER, &pin);
    assert_eq!(corner.refused(OWNER, endless), "bad-input");
    assert_eq!(employees(&mut corner), before);
    // The next commit takes nothing of it along.
    corner.sell(OWNER);
    assert_eq!(employees(&mut corner), before);
}

#[test]
fn a_sale_is_theirs_who_pressed_pay_though_they_left_before_it_was_saved() {
    let mut corner = Corner::founded(43, 1);
    corner.sell(OWNER);
    corner.post_sales(OWNER, 2);
    corner.ask(OWNER, Request::SignOut);
    corner.world.run_for_ms(5_000);
    let Reply::Sales { page, .. } = corner.ask(OWNER, wares::sales(0, 10)) else {
        panic!("no sales are listed");
    };
    let by: Vec<_> = page.iter().map(|(sale, _)| sale.employee).collect();
    assert_eq!(by, [Some(corner.staff.employee); 3]);
}

#[track_caller]
fn add(corner: &mut Corner, name: &str, role: EmployeeRole, pin: &str) -> EmployeeId {
    let request = Request::SetEmployee {
        id: None,
        name: name.into(),
        role,
        pin: Some(pin.into()),
    };
    match corner.ask(OWNER, request) {
        Reply::Employee(view) => view.id,
        reply => panic!("{name} was not added: {reply:?}"),
    }
}

#[track_caller]
fn set_active(corner: &mut Corner, employee: EmployeeId, active: bool) {
    let reply = corner.ask(OWNER, Request::SetActive { employee, active });
    assert!(
        matches!(&reply, Reply::Employee(view) if view.active == active),
        "{reply:?}"
    );
}

fn signed_in(corner: &mut Corner, node: NodeId) -> Option<EmployeeId> {
    match corner.ask(node, Request::Status) {
        Reply::Status(status) => status.employee.map(|employee| employee.id),
        reply => panic!("{node:?} has no status: {reply:?}"),
    }
}

fn pin_of(employee: EmployeeId, pin: &str) -> Request {
    let pin = pin.into();
    Request::SignIn { employee, pin }
}

#[test]
fn who_does_not_work_here_any_more_is_signed_out_everywhere_and_stays_out() {
    let mut corner = Corner::with_tills(44, 2, 1);
    let cashier = add(&mut corner, "Mia", EmployeeRole::Cashier, "2468");
    corner.agree(&[OWNER, TILL]);
    corner.ask(TILL, pin_of(cashier, "2468"));
    assert_eq!(signed_in(&mut corner, TILL), Some(cashier));
    corner.take_told();
    set_active(&mut corner, cashier, false);
    corner.world.run_for_ms(10_000);
    let told = corner.take_told();
    let staff = |told: &Told<Notice>| told.node == TILL && told.notice == Notice::CatalogueChanged;
    assert!(told.iter().any(staff), "lists of staff are read again");
    assert_eq!(signed_in(&mut corner, TILL), None);
    assert_eq!(corner.refused(TILL, pin_of(cashier, "2468")), "inactive");
    assert!(matches!(corner.try_to_sell(TILL), Reply::Refused(_)));
    // A new name does not let anybody in again.
    let renamed = Request::SetEmployee {
        id: Some(cashier),
        name: "Mia M.".into(),
        role: EmployeeRole::Stock,
        pin: None,
    };
    assert!(matches!(corner.ask(OWNER, renamed), Reply::Employee(view) if !view.active));
    corner.world.kill(TILL);
    corner.world.start(TILL);
    corner.world.run_for_ms(10_000);
    assert_eq!(corner.refused(TILL, pin_of(cashier, "2468")), "inactive");
    set_active(&mut corner, cashier, true);
    corner.agree(&[OWNER, TILL]);
    assert_eq!(
        signed_in(&mut corner, TILL),
        None,
        "nobody is signed in unasked"
    );
    let reply = corner.ask(TILL, pin_of(cashier, "2468"));
    assert!(matches!(reply, Reply::SignedIn(_)), "{reply:?}");
}

#[test]
fn one_owner_who_can_sign_in_always_remains() {
    let mut corner = Corner::with_tills(45, 2, 1);
    let owner = corner.staff.employee;
    let off = |employee| Request::SetActive {
        employee,
        active: false,
    };
    let demote = |id| Request::SetEmployee {
        id: Some(id),
        name: "Somebody".into(),
        role: EmployeeRole::Manager,
        pin: None,
    };
    add(&mut corner, "Mia", EmployeeRole::Cashier, "2468");
    assert_eq!(corner.refused(OWNER, off(owner)), "last-owner");
    assert_eq!(corner.refused(OWNER, demote(owner)), "last-owner");
    let other = add(&mut corner, "Ada", EmployeeRole::Owner, "1357");
    // Both at once: whichever comes second is the only one left.
    corner.post(OWNER, off(other));
    assert_eq!(corner.refused(OWNER, off(owner)), "last-owner");
    set_active(&mut corner, other, true);
    set_active(&mut corner, owner, false);
    assert_eq!(signed_in(&mut corner, OWNER), None);
    assert_eq!(corner.refused(OWNER, off(other)), "not-signed-in");
    corner.ask(OWNER, pin_of(other, "1357"));
    set_active(&mut corner, owner, true);
}

#[test]
fn what_waits_behind_a_refused_change_of_staff_is_saved_at_once() {
    let mut corner = Corner::founded(48, 1);
    let owner = corner.staff.employee;
    let other = add(&mut corner, "Ada", EmployeeRole::Owner, "1357");
    let off = |employee| Request::SetActive {
        employee,
        active: false,
    };
    let tea = ProductFields {
        name: Some("Tea".into()),
        price: Some(Money(250)),
        ..ProductFields::default()
    };
    let (which, fields) = (ProductKey::New, tea);
    // While the first is saved the others wait; the second leaves no owner.
    corner.post(OWNER, off(other));
    let refused = corner.post(OWNER, off(owner));
    let behind = corner.post(OWNER, Request::SetProduct { which, fields });
    corner.world.run_for_ms(2_000);
    let told = corner.take_told();
    let answered = |wanted: &dyn Fn(&Notice) -> bool| told.iter().any(|told| wanted(&told.notice));
    assert!(
        answered(
            &|notice| matches!(notice, Notice::Reply(of, Reply::Refused(why)) if *of == refused && why.code == "last-owner")
        ),
        "{told:#?}"
    );
    assert!(
        answered(&|notice| matches!(notice, Notice::Reply(of, Reply::Product(_)) if *of == behind)),
        "{told:#?}"
    );
}

#[test]
fn only_an_owner_on_an_owners_device_ends_somebodys_access() {
    let mut corner = Corner::with_tills(46, 2, 1);
    let cashier = add(&mut corner, "Mia", EmployeeRole::Cashier, "2468");
    corner.agree(&[OWNER, TILL]);
    let off = || Request::SetActive {
        employee: cashier,
        active: false,
    };
    assert_eq!(corner.refused(TILL, off()), "not-signed-in");
    let pin = corner.staff.pin.clone();
    corner.sign_in(TILL, &pin);
    assert_eq!(corner.refused(TILL, off()), "not-owner-device");
    corner.ask(OWNER, pin_of(cashier, "2468"));
    assert_eq!(corner.refused(OWNER, off()), "not-allowed");
    corner.sign_in(OWNER, &pin);
    let nobody = Request::SetActive {
        employee: EmployeeId([7; 8]),
        active: false,
    };
    assert_eq!(corner.refused(OWNER, nobody), "unknown-employee");
}

#[test]
fn the_days_numbers_are_not_for_a_cashier() {
    let mut corner = Corner::founded(47, 1);
    let today = || Request::Today { day: None };
    let cashier = add(&mut corner, "Mia", EmployeeRole::Cashier, "2468");
    assert!(matches!(corner.ask(OWNER, today()), Reply::Today { .. }));
    corner.ask(OWNER, pin_of(cashier, "2468"));
    assert_eq!(corner.refused(OWNER, today()), "not-allowed");
    corner.ask(OWNER, Request::SignOut);
    assert_eq!(corner.refused(OWNER, today()), "not-signed-in");
}
