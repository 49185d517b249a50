//! What the device wants done and said, in order, and what each effect was for.

use std::collections::{BTreeMap, VecDeque};

use base::{DeviceId, Effect, EffectId, Now, Output, Random};

use crate::api::{FoldedSale, Notice, Refusal, Reply, RequestId};
use crate::purpose::Purpose;

/// Effects and notices that wait to be taken, and the purposes of effects in flight.
#[derive(Default)]
pub struct Outbox {
    next: u64,
    outputs: VecDeque<Output<Notice>>,
    in_flight: BTreeMap<EffectId, Purpose>,
}

impl Outbox {
    /// Asks for an effect and remembers what it is for.
    pub fn effect(&mut self, purpose: Purpose, effect: Effect) {
        let id = self.number();
        self.in_flight.insert(id, purpose);
        self.outputs.push_back(Output::Effect(id, effect));
    }

    /// Asks for an effect whose outcome comes as events, not as an answer.
    pub fn order(&mut self, effect: Effect) {
        let id = self.number();
        self.outputs.push_back(Output::Effect(id, effect));
    }

    /// Tells whoever watches.
    pub fn notice(&mut self, notice: Notice) {
        // A hundred changes in one turn are one change for a screen.
        let quiet = matches!(notice, Notice::StatusChanged | Notice::CatalogueChanged);
        let told = |output: &Output<Notice>| matches!(output, Output::Notice(n) if *n == notice);
        if !(quiet && self.outputs.iter().any(told)) {
            self.outputs.push_back(Output::Notice(notice));
        }
    }

    /// Tells of a sale that was folded; with the one before it, if that was the same till's.
    pub fn sale(&mut self, device: DeviceId, sale: FoldedSale) {
        if let Some(Output::Notice(Notice::Sales { device: of, sales })) = self.outputs.back_mut()
            && *of == device
        {
            return sales.push(sale);
        }
        let sales = vec![sale];
        self.notice(Notice::Sales { device, sales });
    }

    /// Answers a request.
    pub fn reply(&mut self, id: RequestId, reply: Reply) {
        self.outputs
            .push_back(Output::Notice(Notice::Reply(id, reply)));
    }

    /// Answers a request with why it was not done.
    pub fn refuse(&mut self, id: RequestId, refusal: Refusal) {
        self.reply(id, Reply::Refused(refusal));
    }

    /// What an answered effect was for; `None` for numbers that nobody waits for.
    pub fn purpose(&mut self, id: EffectId) -> Option<Purpose> {
        self.in_flight.remove(&id)
    }

    /// Nobody waits for what is in flight any more.
    pub fn forget_purposes(&mut self) {
        self.in_flight.clear();
    }

    /// The next thing to hand out.
    pub fn take(&mut self) -> Option<Output<Notice>> {
        self.outputs.pop_front()
    }

    fn number(&mut self) -> EffectId {
        let id = EffectId(self.next);
        self.next += 1;
        id
    }
}

/// What every step of the device is given: the moment, randomness, and where to put its wishes.
pub struct Turn<'a> {
    /// The moment.
    pub now: Now,
    /// Randomness.
    pub random: &'a mut dyn Random,
    /// Where effects and notices go.
    pub out: &'a mut Outbox,
}
