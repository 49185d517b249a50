//! Entries on their way into the fold, and out of it again.

use base::hash::ChainValue;
use base::{Entry, EntryRef, Stream};
use domain::event::Event;
use domain::fold::Fact;
use identity::membership::{Rejection, Verdict};
use identity::role::Right;

use super::Shop;
use super::batch::Written;
use super::parked::Until;
use crate::api::{FoldedSale, Notice};
use crate::outbox::Turn;

/// Why an entry is never applied, in the owner's words.
type Reason = &'static str;

impl Shop {
    /// Takes an entry, and holds a sale for whoever lists the latest ones.
    pub(super) fn take_listed(
        &mut self,
        reference: EntryRef,
        chain: ChainValue,
        raw: Vec<u8>,
        turn: &mut Turn<'_>,
    ) {
        let sale = (reference.log.stream == Stream::Sales).then(|| raw.clone());
        self.take_entry(reference, raw, turn);
        if let Some(raw) = sale {
            self.hold_recent(reference, chain, raw);
        }
    }

    /// Holds a sale that counts for whoever lists the latest ones.
    fn hold_recent(&mut self, reference: EntryRef, chain: ChainValue, raw: Vec<u8>) {
        let time = self.sale_times.of(reference.log, reference.seq);
        if let Some(wall_ms) = time.filter(|_| self.counts(&reference)) {
            self.recent.hold(wall_ms, reference, chain, raw);
        }
    }

    /// Judges one entry: folds it, rejects it, or lets it wait. An entry counts once.
    pub(super) fn take_entry(&mut self, reference: EntryRef, raw: Vec<u8>, turn: &mut Turn<'_>) {
        let judged = self.has_judged(&reference);
        if judged && self.switches.deduplication {
            return;
        }
        if Entry::is_newer(&raw, self.release.reader) {
            return self.parked.park(reference, raw, Until::NewerRelease);
        }
        let (entry, event) = match read(&raw) {
            Ok(read) => read,
            Err(why) => return self.reject(reference, why),
        };
        match self.first_verdict(reference, &entry, right_for(&event)) {
            Verdict::Wait(_) => self.parked.park(reference, raw, Until::Control),
            Verdict::Reject(reason) => self.reject(reference, reason.sentence()),
            Verdict::Accept if event.stream() == reference.log.stream => {
                self.fold(reference, &entry, &event, turn);
            }
            Verdict::Accept => self.reject(reference, WRONG_LOG),
        }
    }

    /// Whether an entry counts: by the control that its author had seen, and by the cut of its log.
    fn verdict(&self, reference: EntryRef, entry: &Entry, needs: Right) -> Verdict {
        let EntryRef { log, seq, .. } = reference;
        let seen_now = (!self.switches.control_vector).then(|| Entry {
            control: self.membership.vector(),
            ..entry.clone()
        });
        let entry = seen_now.as_ref().unwrap_or(entry);
        self.membership.verdict(log, seq, entry, needs)
    }

    /// The same for what comes, whose cuts a simulator may have turned off.
    fn first_verdict(&self, reference: EntryRef, entry: &Entry, needs: Right) -> Verdict {
        match self.verdict(reference, entry, needs) {
            Verdict::Reject(Rejection::PutOut) if !self.switches.cuts => {
                let log = reference.log;
                self.membership.verdict_but_for_cuts(log, entry, needs)
            }
            verdict => verdict,
        }
    }

    /// Judges an entry once more that was judged before control told more: what counted is taken
    /// out of the fold, or what did not is taken in, or it waits again.
    ///
    /// Whatever came first, the same entries are rejected for the same reasons in the end.
    pub fn judge_again(&mut self, entry: Written, turn: &mut Turn<'_>) {
        let Written {
            reference,
            chain,
            raw,
        } = entry;
        // What cannot be read was rejected for that, whatever control says.
        let (true, Ok((entry, event))) = (self.judged.contains(&reference), read(&raw)) else {
            return;
        };
        let counted = self.judged.counts(&reference);
        let verdict = self.verdict(reference, &entry, right_for(&event));
        if counted && verdict != Verdict::Accept {
            self.unfold(reference, &entry, &event);
        }
        match verdict {
            Verdict::Wait(_) => {
                self.quarantine.remove(&reference);
                self.judged.remove(&reference);
                self.parked.park(reference, raw, Until::Control);
            }
            Verdict::Reject(reason) => self.reject(reference, reason.sentence()),
            Verdict::Accept if counted => {}
            Verdict::Accept if event.stream() == reference.log.stream => {
                self.quarantine.remove(&reference);
                self.fold(reference, &entry, &event, turn);
                self.hold_recent(reference, chain, raw);
            }
            Verdict::Accept => self.reject(reference, WRONG_LOG),
        }
    }

    fn fold(&mut self, reference: EntryRef, entry: &Entry, event: &Event, turn: &mut Turn<'_>) {
        let fact = fact(reference, entry, event);
        self.state.apply(&fact);
        self.judged.count(&reference);
        self.standing
            .ground
            .clock
            .observe(turn.now.wall_ms, entry.stamp);
        if matches!(event, Event::Sale(_)) {
            let EntryRef { log, seq, .. } = reference;
            self.sale_times.add(log, seq, fact.wall_ms);
            if log.device == self.me && seq <= self.standing.head(log.stream) {
                // What goes beyond our head was sold by a copy of this device, or before its disk was
                // put back.
                self.own_sales.insert(seq, fact.wall_ms);
            }
        }
        match event {
            // What the disk gives back at the start is no news.
            _ if !self.open => {}
            Event::Sale(sale) => {
                let id = domain::sale::SaleId(reference);
                let total = sale.totals().payable;
                let (device, sale) = (reference.log.device, FoldedSale { id, total });
                if device == self.me {
                    // Scripts count what they sell.
                    let sales = vec![sale];
                    turn.out.notice(Notice::Sales { device, sales });
                } else {
                    turn.out.sale(device, sale);
                }
            }
            _ => {
                turn.out.notice(Notice::CatalogueChanged);
                let (device, products) = (reference.log.device, products_in(event));
                if device != self.me && products > 0 {
                    turn.out
                        .notice(Notice::InventoryReceived { device, products });
                }
            }
        }
    }

    /// Takes an entry out of the fold that was in it.
    fn unfold(&mut self, reference: EntryRef, entry: &Entry, event: &Event) {
        let EntryRef { log, seq, .. } = reference;
        self.state.undo(&fact(reference, entry, event));
        if matches!(event, Event::Sale(_)) {
            self.sale_times.take(log, seq, entry.wall_ms());
            self.recent.forget(&reference);
            if log.device == self.me {
                self.own_sales.remove(seq);
            }
        }
    }

    fn reject(&mut self, reference: EntryRef, why: Reason) {
        self.judged.reject(&reference);
        self.quarantine.insert(reference, why);
    }
}

const WRONG_LOG: Reason = "stands in the wrong log";

fn read(raw: &[u8]) -> Result<(Entry, Event), Reason> {
    let entry = Entry::from_raw(raw).map_err(|_| "not a readable entry")?;
    let event = Event::decode(entry.kind, &entry.payload);
    let event = event.map_err(|_| "breaks a rule of its kind")?;
    Ok((entry, event))
}

fn fact<'a>(reference: EntryRef, entry: &Entry, event: &'a Event) -> Fact<'a> {
    Fact {
        entry: reference,
        stamp: entry.stamp,
        wall_ms: entry.wall_ms(),
        event,
    }
}

/// What a person needs a role for to write an event.
const fn right_for(event: &Event) -> Right {
    match event {
        Event::Sale(_) => Right::Sell,
        Event::Stock(_) => Right::Stock,
        Event::Products(_) | Event::Unknown(_) => Right::Catalogue,
        Event::Employee(_) => Right::Staff,
        Event::DeviceName(_) | Event::DeviceSucceeds(_) => Right::Devices,
        Event::Settings(_) => Right::Settings,
    }
}

/// Of how many products an event tells what they are or how many there are.
fn products_in(event: &Event) -> u32 {
    match event {
        Event::Products(written) => written.products.len() as u32,
        Event::Stock(_) => 1,
        _ => 0,
    }
}
