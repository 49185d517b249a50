//! What a newcomer is given: name, role, code, letters.

use identity::control::{Enrol, EpochWraps, Keys};
use identity::role::DeviceRole;
use identity::terminal::{TerminalCode, next_letters};

use crate::api::{Admission, Refusal};

/// Checks what an owner wants to give a newcomer.
pub(super) fn check_admission(admission: &Admission) -> Result<(), Refusal> {
    let code = admission.terminal.as_deref();
    if code.is_some_and(|code| TerminalCode::parse(code).is_none()) {
        return Err(Refusal::new(
            "bad-terminal",
            "A till number is letters and a number, as A3.",
        ));
    }
    if admission.name.trim().is_empty() {
        return Err(Refusal::new("name-missing", "The new device needs a name."));
    }
    Ok(())
}

/// The next code that this owner device would give.
pub(super) fn suggested_code(shop: &crate::shop::Shop) -> Option<String> {
    let letters = shop.own()?.letters.as_deref()?;
    let taken = shop
        .membership
        .members()
        .filter_map(|(_, member)| member.code.as_ref());
    Some(TerminalCode::next(letters, taken).to_string())
}

/// The enrolment to write; `None` where another device has the code.
pub(super) fn enrolment(
    shop: &crate::shop::Shop,
    keys: Keys,
    admission: &Admission,
    epochs: Vec<EpochWraps>,
) -> Option<Enrol> {
    let own = shop.own()?;
    let role = admission.role;
    let codes = || {
        shop.membership
            .members()
            .filter_map(|(_, member)| member.code.as_ref())
    };
    let code = match admission.terminal.as_deref() {
        Some(text) => Some(TerminalCode::parse(text)?.to_string()),
        None if role.sells() => suggested_code(shop),
        None => None,
    };
    if code
        .as_ref()
        .is_some_and(|code| codes().any(|taken| taken.to_string() == *code))
    {
        return None;
    }
    let taken: Vec<&str> = shop
        .membership
        .members()
        .filter_map(|(_, member)| member.letters.as_deref())
        .collect();
    let letters = match (role, own.letters.as_deref()) {
        (DeviceRole::Owner, Some(own)) => next_letters(own, taken.into_iter()),
        _ => None,
    };
    Some(Enrol {
        keys,
        role,
        rank: own.rank + 1,
        code,
        letters,
        epochs,
    })
}
