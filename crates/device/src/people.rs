//! Who is signed in, and how a PIN is checked.

use base::effect::KeyTask;
use base::{Effect, EmployeeId};
use domain::event::PinVerifier;
use domain::fold::State;
use identity::Membership;
use identity::role::{EmployeeRole, Right};

use crate::api::{EmployeeView, Refusal, RequestId};
use crate::outbox::Turn;
use crate::purpose::Purpose;

/// An employee whose new PIN is being hashed.
#[derive(Debug)]
pub struct NewPin {
    /// Who waits.
    pub request: RequestId,
    /// Who does it: somebody else may be signed in when the hash is there.
    pub by: EmployeeId,
    /// Whom; `None` adds one.
    pub id: Option<EmployeeId>,
    /// Name.
    pub name: String,
    /// What they may do.
    pub role: EmployeeRole,
    /// Random salt of the PIN.
    pub salt: [u8; 16],
}

/// Checks the form of a PIN: 4 to 8 digits.
///
/// # Errors
/// The asker's fault.
pub fn check_pin(pin: &str) -> Result<(), Refusal> {
    domain::staff::check_pin(pin).map_err(|wrong| Refusal::new("bad-pin", wrong.to_string()))
}

/// Asks for the verifier of a PIN.
pub fn hash_pin(
    purpose: Purpose,
    pin: String,
    salt: [u8; 16],
    pepper: [u8; 32],
    turn: &mut Turn<'_>,
) {
    turn.out.effect(
        purpose,
        Effect::Keys(KeyTask::HashPin { pin, salt, pepper }),
    );
}

/// Whether a verifier is the one that was written. Compares all of it whatever differs.
pub fn matches(written: &PinVerifier, verifier: &[u8; 32]) -> bool {
    let pairs = written.verifier.iter().zip(verifier);
    pairs.fold(0, |differ, (a, b)| differ | (a ^ b)) == 0
}

/// An employee as screens show them.
pub fn view(membership: &Membership, state: &State, id: EmployeeId) -> Option<EmployeeView> {
    let found = membership.employees().find(|(other, _, _)| *other == id);
    let (_, role, active) = found?;
    let name = state.employee(id).name.unwrap_or_default();
    Some(EmployeeView {
        id,
        name,
        role,
        active,
    })
}

/// Everybody who ever worked here, in the order of their names.
pub fn views(membership: &Membership, state: &State) -> Vec<EmployeeView> {
    let ids = membership.employees().map(|(id, _, _)| id);
    let mut views: Vec<_> = ids.filter_map(|id| view(membership, state, id)).collect();
    views.sort_by(|a, b| (&a.name, a.id).cmp(&(&b.name, b.id)));
    views
}

/// Checks that somebody is signed in and may do something.
///
/// # Errors
/// The asker's fault: `not-signed-in` or `not-allowed`.
pub fn allowed(
    membership: &Membership,
    signed_in: Option<EmployeeId>,
    right: Right,
) -> Result<EmployeeId, Refusal> {
    let id = signed_in.ok_or_else(Refusal::not_signed_in)?;
    let role = membership.employee(id).ok_or_else(Refusal::not_signed_in)?;
    if role.has(right) {
        Ok(id)
    } else {
        Err(Refusal::not_allowed())
    }
}
