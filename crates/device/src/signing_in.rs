//! Signing in by PIN, and being signed out.

use base::EmployeeId;

use crate::Device;
use crate::api::{Notice, Refusal, Reply, RequestId};
use crate::outbox::Turn;
use crate::people;
use crate::purpose::Purpose;
use crate::requests::Outcome;

impl Device {
    /// Checks a PIN that somebody typed.
    pub(crate) fn sign_in(
        &mut self,
        id: RequestId,
        employee: EmployeeId,
        pin: String,
        turn: &mut Turn<'_>,
    ) -> Outcome {
        let shop = self.in_shop()?;
        shop.membership.employee(employee).ok_or_else(inactive)?;
        let verifier = shop.state.employee(employee).pin.ok_or_else(wrong_pin)?;
        let pepper = shop
            .state
            .settings()
            .ok_or_else(Refusal::no_shop)?
            .pin_pepper;
        let guard = self.guards.entry(employee).or_default();
        let wait_ms = guard.wait_ms(turn.now.mono_ms);
        if wait_ms > 0 {
            let seconds = wait_ms.div_ceil(1_000);
            let message = format!("Too many wrong PINs. Try again in {seconds} seconds.");
            return Err(Refusal::new("try-later", message));
        }
        // Counted when the try begins, so that many tries at once are not free.
        guard.count_wrong(turn.now.mono_ms);
        self.keep_record(None, turn);
        let purpose = Purpose::SignIn {
            request: id,
            employee,
        };
        people::hash_pin(purpose, pin, verifier.salt, pepper, turn);
        Ok(None)
    }

    /// The PIN that somebody typed has this verifier.
    pub(crate) fn pin_typed(
        &mut self,
        id: RequestId,
        employee: EmployeeId,
        verifier: &[u8; 32],
        turn: &mut Turn<'_>,
    ) {
        let Some(shop) = &self.shop else { return };
        let written = shop.state.employee(employee).pin;
        if !written.is_some_and(|written| people::matches(&written, verifier)) {
            return turn.out.refuse(id, wrong_pin());
        }
        let view = people::view(&shop.membership, &shop.state, employee);
        self.guards.entry(employee).or_default().right();
        match view.filter(|view| view.active) {
            Some(view) => {
                let then = Some((id, Reply::SignedIn(view)));
                self.signed_in_as(Some(employee), then, turn);
            }
            None => turn.out.refuse(id, inactive()),
        }
    }

    /// Tells that the staff changed, and signs out whoever may not sign in any more.
    pub(crate) fn follow_staff(&mut self, turn: &mut Turn<'_>) {
        let Some(shop) = self.shop.as_ref().filter(|_| self.ready) else {
            return;
        };
        let staff = shop.membership.employees();
        if staff.eq(self.staff.iter().copied()) {
            return;
        }
        // What the disk gives back at the start is no news.
        let news = !self.staff.is_empty();
        self.staff = shop.membership.employees().collect();
        let works_here = |id| shop.membership.employee(id).is_some();
        if self.record.employee.is_some_and(|id| !works_here(id)) {
            self.signed_in_as(None, None, turn);
        }
        if news {
            turn.out.notice(Notice::CatalogueChanged);
            turn.out.notice(Notice::StatusChanged);
        }
    }

    /// Remembers who is signed in, and answers `then` once that is kept.
    pub(crate) fn signed_in_as(
        &mut self,
        employee: Option<EmployeeId>,
        then: Option<(RequestId, Reply)>,
        turn: &mut Turn<'_>,
    ) {
        self.record.employee = employee;
        self.keep_record(then, turn);
        turn.out.notice(Notice::StatusChanged);
    }
}

fn wrong_pin() -> Refusal {
    Refusal::new("wrong-pin", "That PIN is not right.")
}

fn inactive() -> Refusal {
    Refusal::new(
        "inactive",
        "This name cannot sign in any more. Ask the owner.",
    )
}
