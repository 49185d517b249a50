//! Who works in the shop.

use device::api::{EmployeeRole, EmployeeView, Reply, Request};

use crate::corner::{Corner, OWNER};

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
