//! Who works in the shop.

use device::api::{EmployeeRole, EmployeeView, Reply, Request};
use sim::shop::wares;

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
