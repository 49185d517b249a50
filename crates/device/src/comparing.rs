//! Rounds of comparing with one device that a script waits for.

use base::limits::COMMANDS_WAITING_MAX;
use base::{DeviceId, LinkId};

use crate::Device;
use crate::api::{Refusal, Reply, RequestId};
use crate::outbox::Turn;
use crate::requests::Outcome;

impl Device {
    /// Compares with everybody linked.
    pub(crate) fn sync_now(&mut self, mono_ms: u64) -> Outcome {
        if let Some(replica) = &mut self.replica {
            replica.compare_all(mono_ms);
        }
        Ok(Some(Reply::Done))
    }

    /// Begins a round with one linked device; the request is answered when it ends.
    pub(crate) fn sync_with(
        &mut self,
        request: RequestId,
        device: DeviceId,
        turn: &mut Turn<'_>,
    ) -> Outcome {
        let link = self.links.to(device).filter(|_| self.is_member(device));
        let (Some(link), Some(replica)) = (link, &mut self.replica) else {
            return Err(Refusal::not_linked());
        };
        if !replica.compare(turn.now.mono_ms, link) {
            return Err(Refusal::not_linked());
        }
        let waiting = self.links.get_mut(link).map(|live| &mut live.comparing);
        let Some(waiting) = waiting.filter(|waiting| waiting.len() < COMMANDS_WAITING_MAX) else {
            return Err(Refusal::new(
                "busy",
                "Too many wait for this device already.",
            ));
        };
        waiting.push(request);
        Ok(None)
    }

    /// A round has ended: answers whoever waits for it.
    pub(crate) fn compared(&mut self, link: LinkId, done: bool, turn: &mut Turn<'_>) {
        let Some(live) = self.links.get_mut(link) else {
            return;
        };
        for request in std::mem::take(&mut live.comparing) {
            let reply = match done {
                true => Reply::Done,
                false => Reply::Refused(Refusal::out_of_step()),
            };
            turn.out.reply(request, reply);
        }
    }
}
