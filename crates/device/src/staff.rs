//! Adding and changing employees, on the owner's device.

use base::EmployeeId;
use identity::role::{DeviceRole, EmployeeRole, Right};

use crate::Device;
use crate::api::{Refusal, Reply, RequestId};
use crate::outbox::Turn;
use crate::people::{self, NewPin};
use crate::purpose::Purpose;
use crate::requests::Outcome;
use crate::shop::intent::Intent;

impl Device {
    /// Adds an employee or changes one.
    pub(crate) fn set_employee(
        &mut self,
        request: RequestId,
        id: Option<EmployeeId>,
        (name, role, pin): (String, EmployeeRole, Option<String>),
        turn: &mut Turn<'_>,
    ) -> Outcome {
        let by = self.may_change_staff()?;
        let shop = self.in_shop_mut()?;
        if name.trim().is_empty() {
            return Err(Refusal::new("name-missing", "An employee needs a name."));
        }
        let Some(pin) = pin else {
            if id.is_none() {
                return Err(Refusal::new("bad-pin", "Somebody new needs a PIN."));
            }
            let intent = Intent::Employee {
                id,
                name,
                role,
                pin: None,
            };
            return shop.want(Some(request), Some(by), intent).map(|()| None);
        };
        people::check_pin(&pin)?;
        let pepper = shop
            .state
            .settings()
            .ok_or_else(Refusal::no_shop)?
            .pin_pepper;
        let salt = turn.random.bytes();
        let new = NewPin {
            request,
            by,
            id,
            name,
            role,
            salt,
        };
        people::hash_pin(Purpose::NewPin(Box::new(new)), pin, salt, pepper, turn);
        Ok(None)
    }

    /// Ends somebody's access, or gives it back.
    pub(crate) fn set_active(
        &mut self,
        request: RequestId,
        employee: EmployeeId,
        active: bool,
    ) -> Outcome {
        let by = self.may_change_staff()?;
        let shop = self.in_shop_mut()?;
        let view = people::view(&shop.membership, &shop.state, employee);
        let view = view.ok_or_else(Refusal::unknown_employee)?;
        if view.active == active {
            return Ok(Some(Reply::Employee(view)));
        }
        let intent = Intent::Active { employee, active };
        shop.want(Some(request), Some(by), intent).map(|()| None)
    }

    /// Checks that staff may be changed here and now. Only an owner's device writes it.
    fn may_change_staff(&self) -> Result<EmployeeId, Refusal> {
        let by = self.allowed(Right::Staff)?;
        let own = self.in_shop()?.own();
        if own.is_some_and(|own| own.role != DeviceRole::Owner) {
            return Err(Refusal::new(
                "not-owner-device",
                "Employees are added and changed on the owner's device.",
            ));
        }
        Ok(by)
    }
}
