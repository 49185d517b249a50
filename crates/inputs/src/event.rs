//! Events of the shop, and what they come to.

use base::{DeviceId, EmployeeId, EntryRef, LogId, Malformed, Mark, Stamp};
use domain::catalogue::{ProductFields, ProductId, Unit};
use domain::event::{
    DeviceNamed, DeviceSucceeds, EmployeeFields, EmployeeProfile, Event, Movement, MovementReason,
    PinVerifier, ProductWritten, ProductsWritten, Sale, SaleLine, SettingsFields, SettingsWritten,
    StockMoved,
};
use domain::fold::{Fact, Scope, State};
use domain::money::{Currency, Money};
use domain::quantity::Quantity;
use domain::sale::{Tender, TenderKind};
use domain::settings::{BasisPoints, BusinessDate, TaxMode, TaxRate};

use crate::tape::{Tape, piece};

/// The lowest kind of an event.
const KIND_MIN: u16 = 64;
/// Events of one run.
const EVENTS_MAX: usize = 24;

/// Events one after another, each a kind and a piece. What is read can be written and reads the
/// same again. Folded forwards, backwards and with some taken out again they come to one state,
/// which comes back from its checkpoint. The same bytes as a checkpoint are none, or one that is read
/// alike for ever.
pub fn run(bytes: &[u8]) {
    if let Ok(read) = State::from_checkpoint(bytes) {
        let again = State::from_checkpoint(&read.to_checkpoint()).expect("ours can be read");
        assert_eq!(again.hash(Scope::Shop), read.hash(Scope::Shop));
        let products = read.catalogue().products();
        assert!(products.count() <= bytes.len());
    }
    let mut tape = Tape::new(bytes);
    let mut events = Vec::new();
    while !tape.is_used_up() && events.len() < EVENTS_MAX {
        let kind = KIND_MIN + u16::from(tape.byte() % 10);
        if let Some(event) = read(kind, tape.piece()) {
            events.push(event);
        }
    }
    let facts: Vec<_> = events
        .iter()
        .zip(1..)
        .map(|(event, at)| fact(event, at))
        .collect();
    let (mut there, mut back, mut twice) = (State::default(), State::default(), State::default());
    facts.iter().for_each(|fact| there.apply(fact));
    facts.iter().rev().for_each(|fact| back.apply(fact));
    facts.iter().for_each(|fact| twice.apply(fact));
    facts.iter().step_by(2).for_each(|fact| twice.undo(fact));
    facts.iter().step_by(2).for_each(|fact| twice.apply(fact));
    let hash = there.hash(Scope::Shop);
    assert_eq!(hash, back.hash(Scope::Shop), "in any order");
    assert_eq!(hash, twice.hash(Scope::Shop), "taken out and put in again");
    let checkpoint = there.to_checkpoint();
    let restored = State::from_checkpoint(&checkpoint).expect("ours can be read");
    assert_eq!(restored.to_checkpoint(), checkpoint);
    assert_eq!(restored.hash(Scope::Shop), hash);
    looked_at(&there);
    facts.iter().for_each(|fact| there.undo(fact));
    assert_eq!(there.hash(Scope::Shop), State::default().hash(Scope::Shop));
}

fn read(kind: u16, payload: &[u8]) -> Option<Event> {
    let event = Event::decode(kind, payload).ok()?;
    match event.encode() {
        Ok((written, bytes)) => {
            assert_eq!(written, kind);
            assert_eq!(Event::decode(kind, &bytes).as_ref(), Ok(&event));
        }
        Err(error) => assert!(matches!(
            (error, &event),
            (Malformed::Rule(_), Event::Unknown(_))
        )),
    }
    if let Event::Sale(sale) = &event {
        let totals = sale.totals();
        let lines = Money::checked_sum(sale.lines.iter().map(SaleLine::total));
        assert!(lines.is_some() && totals.payable >= Money::ZERO);
        let _ = (sale.change(), sale.cash());
    }
    Some(event)
}

fn fact(event: &Event, at: u8) -> Fact<'_> {
    let log = LogId::new(DeviceId([1 + at % 3; 16]), event.stream());
    Fact {
        entry: EntryRef {
            log,
            seq: u64::from(at),
            mark: mark(at),
        },
        // Stamps that are equal and that run backwards.
        stamp: Stamp::new(u64::from(at % 5), 0),
        wall_ms: u64::from(at) << 40,
        event,
    }
}

fn mark(at: u8) -> Mark {
    Mark([at; 8])
}

fn looked_at(state: &State) {
    let settings = state.settings();
    assert!(settings.is_none_or(|settings| state.timezone() == Some(&settings.timezone)));
    for product in state.catalogue().products() {
        assert_eq!(
            state.catalogue().product(product.id).as_ref(),
            Some(&product)
        );
        for code in &product.barcodes {
            assert!(state.catalogue().lookup(code).is_some(), "{code}");
        }
        let (count, found) = state.catalogue().search(&product.name, 0, 5);
        assert!(found.len() <= count);
        let write = state.product_write(Some(product.id), ProductFields::default());
        assert!(write.replaces.is_empty());
    }
    let (first, last) = (BusinessDate(i32::MIN), BusinessDate(i32::MAX));
    for (day, sales) in state.days(first, last) {
        assert_eq!(state.day(day), Some(sales));
    }
    assert_eq!(state.in_conflict().count(), state.conflicts());
}

/// One of each kind; writes that replace each other; a day's sales.
pub fn seeds() -> Vec<Vec<u8>> {
    let seed = |events: &[Event]| -> Vec<u8> {
        let one = |event: &Event| {
            let (kind, payload) = event.encode().expect("it keeps the rules");
            let kind = u8::try_from(kind - KIND_MIN).expect("kinds are near");
            [vec![kind], piece(&payload)].concat()
        };
        events.iter().flat_map(one).collect()
    };
    let all = examples();
    let mut seeds: Vec<_> = all
        .iter()
        .map(|event| seed(std::slice::from_ref(event)))
        .collect();
    seeds.push(seed(&all));
    let mut state = State::default();
    for (event, at) in all.iter().zip(1..) {
        state.apply(&fact(event, at));
    }
    seeds.push(state.to_checkpoint());
    seeds.push(seed(&[
        all[1].clone(),
        all[1].clone(),
        all[5].clone(),
        all[5].clone(),
    ]));
    seeds
}

fn examples() -> Vec<Event> {
    vec![
        settings(),
        products(),
        employee(),
        device_name(),
        successor(),
        sale(),
        stock(),
    ]
}

fn product(at: u8) -> ProductId {
    ProductId {
        mark: mark(at),
        index: 0,
    }
}

fn settings() -> Event {
    let rate = TaxRate {
        id: 1,
        name: "GST".into(),
        rate: BasisPoints(500),
        default: true,
    };
    let fields = SettingsFields {
        name: Some("Corner".into()),
        currency: Currency::from_code("INR"),
        timezone: Some("Asia/Kolkata".into()),
        tax_mode: Some(TaxMode::Exclusive),
        tax_rates: Some(vec![rate]),
        day_cutoff_minutes: Some(240),
        pin_pepper: Some([8; 32]),
    };
    let replaces = vec![mark(7)];
    Event::Settings(SettingsWritten { replaces, fields })
}

/// One that is added and one that is changed.
fn products() -> Event {
    let milk = ProductFields {
        sku: Some("M1".into()),
        barcodes: Some(vec!["73513537".into()]),
        name: Some("Milk".into()),
        price: Some(Money(250)),
        tax_rate: Some(1),
        unit: Some(Unit::Litre),
        active: Some(true),
    };
    let dearer = ProductFields {
        price: Some(Money(260)),
        ..ProductFields::default()
    };
    let write = |product, replaces, fields, movement| ProductWritten {
        product,
        replaces,
        fields,
        movement,
    };
    let added = write(None, vec![], milk, Some(Quantity(5_000)));
    let changed = write(Some(product(2)), vec![mark(2), mark(9)], dearer, None);
    let products = vec![added, changed];
    Event::Products(ProductsWritten { products })
}

fn employee() -> Event {
    let pin = PinVerifier {
        salt: [1; 16],
        verifier: [2; 32],
    };
    Event::Employee(EmployeeProfile {
        employee: EmployeeId([3; 8]),
        replaces: vec![],
        fields: EmployeeFields {
            name: Some("Asha".into()),
            pin: Some(pin),
        },
    })
}

fn device_name() -> Event {
    Event::DeviceName(DeviceNamed {
        device: DeviceId([5; 16]),
        replaces: vec![mark(4)],
        name: "Till 2".into(),
    })
}

fn successor() -> Event {
    Event::DeviceSucceeds(DeviceSucceeds {
        ed25519: [7; 32],
        x25519: [8; 32],
    })
}

fn sale() -> Event {
    let lines = vec![
        SaleLine::new(product(2), Money(250), BasisPoints(500), Quantity(1_000)),
        SaleLine::new(product(5), Money(899), BasisPoints(0), Quantity(742)),
    ];
    Event::Sale(Sale {
        terminal: "A3".into(),
        counter: 123,
        business_date: BusinessDate(20_778),
        offset_minutes: 330,
        tax_mode: TaxMode::Inclusive,
        lines,
        tenders: vec![Tender {
            kind: TenderKind::Cash,
            amount: Money(1_000),
        }],
    })
}

fn stock() -> Event {
    let movement = Movement {
        product: product(2),
        quantity: Quantity(-2_000),
    };
    Event::Stock(StockMoved {
        reason: MovementReason::Received,
        note: Some("delivery".into()),
        movements: vec![movement],
    })
}

#[cfg(test)]
mod tests {
    use base::Stream;

    use super::*;

    #[test]
    fn sales_and_stock_are_of_one_stream_and_the_rest_of_another() {
        let streams: Vec<_> = examples().iter().map(Event::stream).collect();
        assert_eq!(streams[..5], [Stream::Shop; 5]);
        assert_eq!(streams[5..], [Stream::Sales; 2]);
    }
}
