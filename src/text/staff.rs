//! Who works here, and signing in.

use device::api::EmployeeRole;

pub const WHO: &str = "Who is selling?";
pub const SOMEBODY_ELSE: &str = "Somebody else";
pub const SIGN_OUT: &str = "Sign out";
pub const NOBODY_TITLE: &str = "Nobody can sign in yet";
pub const NOBODY: &str =
    "The staff list comes from the owner's device. Link it, and it will be here.";

pub const TITLE: &str = "Staff";
pub const ADD: &str = "Add an employee";
pub const EDIT: &str = "Change employee";
pub const NAME: &str = "Name";
pub const ROLE: &str = "Role";
pub const PIN: &str = "PIN, 4 to 8 digits";
pub const NEW_PIN_NOTE: &str = "Leave empty to keep the present one.";
pub const NEED_NAME: &str = "Give a name.";
pub const NEED_PIN: &str = "The PIN needs 4 to 8 digits.";
pub const INACTIVE: &str = "cannot sign in";

pub const LEFT: &str = "No longer works here";
pub const BACK_AGAIN: &str = "Works here again";
pub const END_ACCESS: &str = "End the access";
pub const KEEP_ACCESS: &str = "Leave it as it is";

/// What ending somebody's access means.
pub fn leaving(name: &str) -> String {
    format!(
        "{name} will not be able to sign in any more, and is signed out on each device as soon as \
         it hears of it. Their sales stay."
    )
}

pub fn pin_of(name: &str) -> String {
    format!("PIN of {name}")
}

/// What people call an employee's role.
pub fn role_name(role: EmployeeRole) -> &'static str {
    match role {
        EmployeeRole::Owner => "Owner",
        EmployeeRole::Manager => "Manager",
        EmployeeRole::Cashier => "Cashier",
        EmployeeRole::Stock => "Stock",
    }
}
