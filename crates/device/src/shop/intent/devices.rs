//! What a commit says of devices: their names, and who is let in.

use base::{DeviceId, EmployeeId, LinkId};
use domain::event::{DeviceNamed, Event};
use identity::control::{Control, Enrol};
use identity::membership::Member;

use super::{Draft, Outcome};
use crate::api::{Refusal, RequestId};
use crate::shop::Shop;
use crate::succeeding::enrolments;

impl Draft {
    pub(super) fn device_name(
        &mut self,
        shop: &Shop,
        signed_in: Option<EmployeeId>,
        device: DeviceId,
        name: String,
    ) -> Result<(), Refusal> {
        let replaces = shop.state.device_name_replaced_by(device);
        let named = Event::DeviceName(DeviceNamed {
            device,
            replaces,
            name,
        });
        self.event(&named, signed_in).map(|_| ())
    }

    pub(super) fn admit(
        &mut self,
        shop: &Shop,
        signed_in: Option<EmployeeId>,
        request: Option<RequestId>,
        link: LinkId,
        enrol: Enrol,
        name: String,
    ) -> Result<(), Refusal> {
        let device = enrol.keys.device();
        let is_taken = |(other, member): (DeviceId, &Member)| {
            let code = member.code.as_ref().map(ToString::to_string);
            other != device && code.is_some() && code == enrol.code
        };
        if shop.membership.members().any(is_taken) {
            return Err(Refusal::terminal_taken());
        }
        let written = self.control(&Control::Enrol(enrol), signed_in)?;
        self.device_name(shop, signed_in, device, name)?;
        let entry = written.reference;
        self.outcomes.push(Outcome::Admitted {
            request,
            link,
            device,
            entry,
        });
        Ok(())
    }

    pub(super) fn separate(
        &mut self,
        shop: &Shop,
        signed_in: Option<EmployeeId>,
        request: Option<RequestId>,
        device: DeviceId,
    ) -> Result<(), Refusal> {
        for (enrol, name) in enrolments(shop, device)? {
            let device = enrol.keys.device();
            self.control(&Control::Enrol(enrol), signed_in)?;
            self.device_name(shop, signed_in, device, name)?;
        }
        self.done(request);
        Ok(())
    }
}
