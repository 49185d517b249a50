//! Whether an entry may be applied: from the entry and the set of control entries alone.

use base::{ControlVector, EmployeeId, Entry, LogId, Stream};

use super::judge::{Member, View, covers};
use crate::role::{DeviceRole, EmployeeRole, Right};

/// What is to be done with an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// Apply it.
    Accept,
    /// Keep it until something else is there.
    Wait(Waiting),
    /// Never apply it; alike on every device.
    Reject(Rejection),
}

/// What an entry waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Waiting {
    /// Control entries that its author had seen.
    Control,
    /// Its author, whom no owner let in as far as we know.
    Author,
}

/// Why an entry is never applied.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rejection {
    /// It lies past the cut of a device that was put out.
    PutOut,
    /// The device's role does not allow it.
    DeviceRole,
    /// The employee's role did not allow it at the time.
    EmployeeRole,
}

impl Rejection {
    /// The reason in the owner's words.
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::PutOut => "written by a device after it was put out",
            Self::DeviceRole => "this kind of device may not write that",
            Self::EmployeeRole => "the employee was not allowed to do that",
        }
    }
}

pub(super) fn verdict(view: &View, log: LogId, seq: u64, entry: &Entry, needs: Right) -> Verdict {
    if !covers(view, &entry.control) {
        return Verdict::Wait(Waiting::Control);
    }
    let Some(member) = view.members.get(&log.device) else {
        return Verdict::Wait(Waiting::Author);
    };
    if member.end(log.stream).is_some_and(|end| seq > end) {
        return Verdict::Reject(Rejection::PutOut);
    }
    but_for_cuts(view, member, log, entry, needs)
}

/// The same for an entry of a member that does not lie past a cut.
pub(super) fn but_for_cuts(
    view: &View,
    member: &Member,
    log: LogId,
    entry: &Entry,
    needs: Right,
) -> Verdict {
    if !may_write(member.role, log.stream) {
        return Verdict::Reject(Rejection::DeviceRole);
    }
    // Sales, tenders and movements happened: they are never rejected for a person's rights.
    let happened = log.stream == Stream::Sales;
    if happened || employee_may(view, entry.employee, &entry.control, needs) {
        Verdict::Accept
    } else {
        Verdict::Reject(Rejection::EmployeeRole)
    }
}

/// A device's own role is the ceiling of what it can do.
const fn may_write(role: DeviceRole, stream: Stream) -> bool {
    match stream {
        Stream::Control | Stream::Office => role.reads_office(),
        Stream::Sales => matches!(
            role,
            DeviceRole::Owner | DeviceRole::Office | DeviceRole::Till | DeviceRole::Stock
        ),
        Stream::Shop => !matches!(role, DeviceRole::Relay | DeviceRole::Viewer),
    }
}

/// Judged at exactly the control vector in the entry. An entry without an employee is the
/// device's own doing, as its name and the shop's first settings are.
fn employee_may(
    view: &View,
    employee: Option<EmployeeId>,
    at: &ControlVector,
    needs: Right,
) -> bool {
    let Some(id) = employee else { return true };
    role_at(view, id, at).is_some_and(|role| role.has(needs))
}

fn role_at(view: &View, id: EmployeeId, at: &ControlVector) -> Option<EmployeeRole> {
    let changes = view.employees.get(&id)?;
    let seen = changes
        .iter()
        .rev()
        .find(|change| at.reach(change.author) >= change.seq)?;
    seen.active.then_some(seen.role)
}
