//! What a newcomer is given: name, role, code, letters.

use std::collections::BTreeMap;

use base::{DeviceId, EpochName, KeyHandle};
use identity::control::{Enrol, EpochWraps, Keys, Recipient, Scope, Wrap};
use identity::role::DeviceRole;
use identity::terminal::{TerminalCode, next_letters};

use crate::api::{Admission, Refusal};
use crate::shop::Shop;

/// The rank of devices that are not an owner's: lower is higher.
pub(crate) const BELOW_OWNERS: u32 = 1 << 16;

/// Checks what an owner wants to give a newcomer.
pub(super) fn check_admission(shop: &Shop, admission: &Admission) -> Result<(), Refusal> {
    if admission.role.scopes().is_empty() {
        return Err(Refusal::new(
            "bad-role",
            "A device that only forwards can't be added by this release. Nothing was changed.",
        ));
    }
    if let Some(code) = wanted_code(admission) {
        let Some(code) = TerminalCode::parse(code) else {
            return Err(Refusal::new(
                "bad-terminal",
                "A till number is letters and a number, as A3.",
            ));
        };
        // Another owner's device may give the same one, out of our sight.
        let own = shop.own().and_then(|own| own.letters.as_deref());
        if own != Some(code.letters.as_str()) {
            let letters = own.unwrap_or_default();
            let message = format!(
                "This device gives till numbers that begin with {letters}; others are another \
                 owner device's to give. Nothing was changed."
            );
            return Err(Refusal::new("bad-terminal", message));
        }
    }
    if admission.name.trim().is_empty() {
        return Err(Refusal::new("name-missing", "The new device needs a name."));
    }
    Ok(())
}

/// The code that an owner chose. Devices that do not sell have none.
fn wanted_code(admission: &Admission) -> Option<&str> {
    let code = admission.terminal.as_deref();
    code.filter(|_| admission.role.sells())
}

/// The next code that this owner device would give.
pub(super) fn suggested_code(shop: &Shop) -> Option<String> {
    let letters = shop.own()?.letters.as_deref()?;
    let used = codes_used(shop);
    Some(TerminalCode::next(letters, used.iter()).to_string())
}

/// Codes that members have, and those under which anybody has ever numbered a receipt: a member's
/// code is another one where two owners' devices have let it in, once each has heard of the other.
pub(crate) fn codes_used(shop: &Shop) -> Vec<TerminalCode> {
    let members = shop.membership.members();
    let given = members.filter_map(|(_, member)| member.code.clone());
    let printed = shop.state.terminals().filter_map(TerminalCode::parse);
    given.chain(printed).collect()
}

/// The secrets that a newcomer of a role is given, with our handles: of the newest epochs, which open
/// all others that we read.
///
/// # Errors
/// We lack one ourselves.
pub(super) fn secrets_for(
    shop: &Shop,
    role: DeviceRole,
) -> Result<BTreeMap<(EpochName, Scope), KeyHandle>, Refusal> {
    let held = |epoch, scope| shop.keyring.secret(epoch, scope).is_some();
    let mut secrets = BTreeMap::new();
    for scope in role.scopes() {
        let newest = shop.membership.newest_epochs(*scope, held);
        if newest.is_empty() {
            return Err(Refusal::ours("no key to share"));
        }
        for epoch in newest {
            let secret = shop.keyring.secret(epoch, *scope);
            secrets.extend(secret.map(|secret| ((epoch, *scope), secret.handle)));
        }
    }
    Ok(secrets)
}

/// The secrets that were wrapped to a newcomer, as its enrolment holds them.
pub(super) fn wraps_to(
    device: DeviceId,
    salt: [u8; 32],
    wrapped: &BTreeMap<(EpochName, Scope), Vec<u8>>,
) -> Vec<EpochWraps> {
    let to = Recipient::Device(device);
    let mut epochs: BTreeMap<EpochName, Vec<Wrap>> = BTreeMap::new();
    for ((epoch, scope), bytes) in wrapped {
        if let Ok(bytes) = bytes.as_slice().try_into() {
            let scope = *scope;
            let wraps = epochs.entry(*epoch).or_default();
            wraps.push(Wrap { to, scope, bytes });
        }
    }
    EpochWraps::bound_to(salt, epochs)
}

/// The enrolment to write; `None` where another device has the code.
pub(super) fn enrolment(
    shop: &Shop,
    keys: Keys,
    admission: &Admission,
    epochs: Vec<EpochWraps>,
) -> Option<Enrol> {
    let own = shop.own()?;
    let role = admission.role;
    let code = match wanted_code(admission) {
        Some(text) => Some(TerminalCode::parse(text)?.to_string()),
        None if role.sells() => suggested_code(shop),
        None => None,
    };
    if code.as_ref().is_some_and(|code| {
        codes_used(shop)
            .iter()
            .any(|used| used.to_string() == *code)
    }) {
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
    // Each owner's device lets in others below it; whatever else there is stands below all of
    // them, so that any of them can put it out.
    let rank = match role {
        DeviceRole::Owner => own.rank.saturating_add(1),
        _ => BELOW_OWNERS.max(own.rank.saturating_add(1)),
    };
    Some(Enrol {
        keys,
        role,
        rank,
        code,
        letters,
        epochs,
    })
}
