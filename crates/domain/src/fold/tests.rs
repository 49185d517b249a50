//! Whatever the order, and whatever was taken out and put in again: one state.

use base::{LogId, Stream};

use super::*;
use crate::event::{
    DeviceNamed, DeviceSucceeds, EmployeeProfile, Movement, MovementReason, PinVerifier,
    ProductWritten, SaleLine, SettingsWritten,
};
use crate::money::Money;
use crate::quantity::ONE;
use crate::sale::{Tender, TenderKind};
use crate::settings::{BasisPoints, TaxMode};

/// Numbers that look random and are the same each time (SplitMix64, Steele et al. 2014).
struct Chance(u64);

impl Chance {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % end
    }

    fn shuffle<T>(&mut self, items: &mut [T]) {
        for at in (1..items.len()).rev() {
            let other = self.below(at as u64 + 1) as usize;
            items.swap(at, other);
        }
    }
}

struct Written {
    entry: EntryRef,
    stamp: Stamp,
    wall_ms: u64,
    event: Event,
}

impl Written {
    fn fact(&self) -> Fact<'_> {
        Fact {
            entry: self.entry,
            stamp: self.stamp,
            wall_ms: self.wall_ms,
            event: &self.event,
        }
    }
}

fn mark(at: u64) -> Mark {
    Mark((at + 1).to_be_bytes())
}

/// Writes that name up to two earlier or later ones, as honest and odd devices do.
fn some_marks(chance: &mut Chance, count: u64) -> Vec<Mark> {
    let mut marks: Vec<_> = (0..chance.below(3))
        .map(|_| mark(chance.below(count)))
        .collect();
    marks.sort();
    marks.dedup();
    marks
}

fn some_product(chance: &mut Chance) -> ProductId {
    ProductId {
        mark: mark(chance.below(4)),
        index: chance.below(2) as u16,
    }
}

fn some_fields(chance: &mut Chance) -> ProductFields {
    let mut some = |n: u64| (chance.below(2) == 0).then_some(n);
    ProductFields {
        name: some(0).map(|_| "Tea".into()),
        sku: some(0).map(|_| "T".into()),
        price: some(250).map(|n| Money(n as i64)),
        active: some(0).map(|_| false),
        ..ProductFields::default()
    }
}

fn some_sale(chance: &mut Chance) -> Sale {
    let line = |chance: &mut Chance| {
        let product = some_product(chance);
        let price = Money(chance.below(5_000) as i64);
        let rate = BasisPoints([0, 500, 2_200][chance.below(3) as usize]);
        SaleLine::new(
            product,
            price,
            rate,
            Quantity(1 + chance.below(3_000) as i64),
        )
    };
    Sale {
        terminal: ["A1", "A2"][chance.below(2) as usize].into(),
        counter: 1 + chance.below(20) as u32,
        business_date: BusinessDate(chance.below(3) as i32),
        offset_minutes: 330,
        tax_mode: TaxMode::Exclusive,
        lines: (0..1 + chance.below(4)).map(|_| line(chance)).collect(),
        tenders: vec![Tender {
            kind: TenderKind::Cash,
            amount: Money(100_000),
        }],
    }
}

fn some_event(chance: &mut Chance, count: u64) -> Event {
    let replaces = some_marks(chance, count);
    match chance.below(9) {
        0 => Event::Settings(SettingsWritten {
            replaces,
            fields: SettingsFields {
                name: (chance.below(2) == 0).then(|| "Corner".into()),
                day_cutoff_minutes: Some(chance.below(300) as u16),
                ..SettingsFields::default()
            },
        }),
        1 => Event::Employee(EmployeeProfile {
            employee: EmployeeId([chance.below(2) as u8; 8]),
            replaces,
            fields: EmployeeFields {
                name: Some(format!("name {}", chance.below(9))),
                pin: None,
            },
        }),
        2 => Event::DeviceName(DeviceNamed {
            device: DeviceId([chance.below(2) as u8; 16]),
            replaces,
            name: format!("till {}", chance.below(9)),
        }),
        3 | 4 => Event::Products(ProductsWritten {
            products: vec![ProductWritten {
                product: (chance.below(3) > 0).then(|| some_product(chance)),
                replaces,
                fields: some_fields(chance),
                movement: (chance.below(3) == 0).then(|| Quantity(chance.below(99) as i64)),
            }],
        }),
        5 => Event::Stock(StockMoved {
            reason: MovementReason::Adjusted,
            movements: vec![Movement {
                product: some_product(chance),
                quantity: Quantity(chance.below(9_000) as i64 - 4_500),
            }],
            note: None,
        }),
        6 => Event::DeviceSucceeds(DeviceSucceeds {
            ed25519: [chance.below(2) as u8; 32],
            x25519: [chance.below(2) as u8; 32],
        }),
        _ => Event::Sale(some_sale(chance)),
    }
}

fn some_history(chance: &mut Chance, count: u64) -> Vec<Written> {
    let written = |at: u64| {
        let event = some_event(chance, count);
        Written {
            entry: EntryRef {
                log: LogId::new(DeviceId([chance.below(3) as u8; 16]), event.stream()),
                // Numbers that come twice are forks.
                seq: 1 + chance.below(count),
                mark: mark(at),
            },
            stamp: Stamp(chance.below(count)),
            wall_ms: chance.below(3 * 86_400_000),
            event,
        }
    };
    (0..count).map(written).collect()
}

fn folded<'a>(history: impl IntoIterator<Item = &'a Written>) -> State {
    let mut state = State::default();
    for written in history {
        state.apply(&written.fact());
    }
    state
}

/// The state but for how fresh it is.
fn bytes(state: &State) -> Vec<u8> {
    let mut state = state.clone();
    state.latest.clear();
    state.to_checkpoint()
}

#[test]
fn any_order_comes_to_the_same_state() {
    for seed in 0..200 {
        let mut chance = Chance(seed);
        let history = some_history(&mut chance, 40);
        let expected = folded(&history);
        let mut order: Vec<_> = history.iter().collect();
        chance.shuffle(&mut order);
        let state = folded(order);
        assert_eq!(bytes(&state), bytes(&expected), "seed {seed}");
        assert_eq!(
            state.hash(Scope::Shop),
            expected.hash(Scope::Shop),
            "seed {seed}"
        );
        assert_eq!(names(&state), names(&expected), "seed {seed}");
    }
}

/// What the indexes find, which are not part of the hash.
fn names(state: &State) -> Vec<ProductId> {
    let (_, page) = state.catalogue().search("", 0, usize::MAX);
    let found = state.catalogue().lookup("T").map(|product| product.id);
    page.iter().map(|product| product.id).chain(found).collect()
}

#[test]
fn what_was_taken_out_again_leaves_no_trace() {
    for seed in 0..200 {
        let mut chance = Chance(seed);
        let history = some_history(&mut chance, 40);
        let expected = folded(history.iter().step_by(2));
        // Each odd fact goes in at some point and out at a later one.
        let mut steps: Vec<(u64, bool, &Written)> = Vec::new();
        for (at, written) in history.iter().enumerate() {
            let first = chance.below(1_000);
            steps.push((first, true, written));
            if at % 2 == 1 {
                steps.push((first + 1 + chance.below(1_000), false, written));
            }
        }
        steps.sort_by_key(|(moment, _, _)| *moment);
        let mut state = State::default();
        for (_, apply, written) in steps {
            match apply {
                true => state.apply(&written.fact()),
                false => state.undo(&written.fact()),
            }
        }
        assert_eq!(bytes(&state), bytes(&expected), "seed {seed}");
        assert_eq!(names(&state), names(&expected), "seed {seed}");
    }
}

#[test]
fn taking_everything_out_leaves_nothing() {
    let history = some_history(&mut Chance(5), 60);
    let mut state = folded(&history);
    for written in &history {
        state.undo(&written.fact());
    }
    assert_eq!(bytes(&state), bytes(&State::default()));
    assert_eq!(state.hash(Scope::Shop), State::default().hash(Scope::Shop));
}

/// Adds one minor unit to the first price or one thousandth to the first movement.
fn nudge(event: &mut Event) -> bool {
    match event {
        Event::Sale(sale) => {
            let line = sale.lines[0];
            let price = Money(line.price.0 + 1);
            sale.lines[0] = SaleLine::new(line.product(), price, line.rate, ONE);
            true
        }
        Event::Products(written) => match &mut written.products[0].fields.price {
            Some(price) => {
                price.0 += 1;
                true
            }
            None => false,
        },
        Event::Stock(moved) => {
            moved.movements[0].quantity.0 += 1;
            true
        }
        _ => false,
    }
}

#[test]
fn the_hash_notices_one_minor_unit_wherever_it_is() {
    let mut history = some_history(&mut Chance(3), 60);
    // Whole pieces, so that a minor unit of the price is one of the total as well.
    for written in &mut history {
        if let Event::Sale(sale) = &mut written.event {
            let line = sale.lines[0];
            sale.lines[0] = SaleLine::new(line.product(), line.price, line.rate, ONE);
        }
    }
    let before = folded(&history).hash(Scope::Shop);
    let mut nudged = 0;
    for at in 0..history.len() {
        let event = history[at].event.clone();
        if nudge(&mut history[at].event) {
            nudged += 1;
            assert_ne!(folded(&history).hash(Scope::Shop), before, "event {at}");
            history[at].event = event;
        }
    }
    assert!(nudged > 20, "{nudged} events have an amount");
}

#[test]
fn a_checkpoint_is_the_state() {
    let state = folded(&some_history(&mut Chance(11), 60));
    let read = State::from_checkpoint(&state.to_checkpoint()).unwrap();
    assert_eq!(read.to_checkpoint(), state.to_checkpoint());
    assert_eq!(read.hash(Scope::Shop), state.hash(Scope::Shop));
    assert_eq!(names(&read), names(&state));
    let mut bytes = state.to_checkpoint();
    bytes[1] ^= 1;
    assert!(State::from_checkpoint(&bytes).is_err());
}

#[test]
fn golden_hash_of_a_state_and_its_checkpoint() {
    let state = folded(&some_history(&mut Chance(1), 40));
    let checkpoint = base::hash::sha256(&[&state.to_checkpoint()]);
    let hex = |bytes: &[u8]| data_encoding::HEXLOWER.encode(&bytes[..8]);
    assert_eq!(hex(&state.hash(Scope::Shop)), "a9c263d133be5e6d");
    assert_eq!(hex(&checkpoint.0), "ff94f1f522d73306");
}

#[test]
fn the_receipt_numbers_of_a_terminal_and_its_latest_sale_are_known() {
    let mut state = State::default();
    let mut history = some_history(&mut Chance(2), 1);
    let mut sale = some_sale(&mut Chance(3));
    sale.terminal = "A1".into();
    sale.counter = 41;
    history[0].event = Event::Sale(sale);
    state.apply(&history[0].fact());
    assert_eq!(state.receipts("A1").and_then(Numbers::highest), Some(41));
    assert!(state.receipts("A2").is_none());
    assert_eq!(state.latest_sale_ms("A1"), Some(history[0].wall_ms));
}

#[test]
fn two_names_given_apart_are_one_conflict_until_a_third_replaces_both() {
    let mut state = State::default();
    let named = |at: u64, replaces: Vec<Mark>, name: &str| Written {
        entry: EntryRef {
            log: LogId::new(DeviceId([1; 16]), Stream::Shop),
            seq: at,
            mark: mark(at),
        },
        stamp: Stamp(at),
        wall_ms: 0,
        event: Event::DeviceName(DeviceNamed {
            device: DeviceId([9; 16]),
            replaces,
            name: name.into(),
        }),
    };
    state.apply(&named(1, vec![], "Front").fact());
    state.apply(&named(2, vec![], "Back").fact());
    assert_eq!(state.device_name(DeviceId([9; 16])), Some("Back"));
    assert_eq!(state.conflicts(), 1);
    let replaces = state.device_name_replaced_by(DeviceId([9; 16]));
    assert_eq!(replaces, [mark(1), mark(2)]);
    state.apply(&named(3, replaces, "Front").fact());
    assert_eq!(state.conflicts(), 0);
    assert_eq!(state.device_name(DeviceId([9; 16])), Some("Front"));
}

/// A history in which no two writes of a price are of the same one.
fn some_prices(chance: &mut Chance) -> Vec<Written> {
    let mut history = some_history(chance, 40);
    for (amount, written) in (0..).zip(&mut history) {
        if let Event::Products(written) = &mut written.event {
            written.products[0].fields.price = Some(Money(amount));
        }
    }
    history
}

/// The objects in conflict, found by a walk over all of them.
fn walked(state: &State) -> Vec<Object> {
    let (products, _) = state.catalogue.parts();
    let products = products.keys().copied().map(Object::Product);
    let employees = state.employees.keys().copied().map(Object::Employee);
    let devices = state.device_names.keys().copied().map(Object::DeviceName);
    let objects = products.chain(employees).chain(devices);
    let objects = objects.chain([Object::Settings]);
    let in_conflict = |object: &Object| !state.contested(*object).is_empty();
    objects.filter(in_conflict).collect()
}

#[test]
fn conflicts_are_known_without_a_walk_over_all_objects() {
    let mut seen = BTreeSet::new();
    for seed in 0..100 {
        let mut chance = Chance(seed);
        let history = some_prices(&mut chance);
        let mut state = State::default();
        let mut applied = vec![false; history.len()];
        for _ in 0..150 {
            let at = chance.below(40) as usize;
            let fact = history[at].fact();
            applied[at] = !applied[at];
            match applied[at] {
                true => state.apply(&fact),
                false => state.undo(&fact),
            }
            let kept: Vec<_> = state.in_conflict().collect();
            assert_eq!(kept, walked(&state), "seed {seed}");
            assert_eq!(state.conflicts(), kept.len(), "seed {seed}");
            seen.extend(kept);
        }
        let read = State::from_checkpoint(&state.to_checkpoint()).unwrap();
        assert!(read.in_conflict().eq(state.in_conflict()), "seed {seed}");
    }
    assert!(seen.len() > 8, "objects of every kind were: {seen:?}");
    assert!(seen.contains(&Object::Settings));
}

#[test]
fn what_stands_against_each_other_is_what_is_in_conflict() {
    let mut seen = BTreeSet::new();
    for seed in 0..100 {
        let state = folded(&some_prices(&mut Chance(seed)));
        for object in state.in_conflict() {
            let contested = state.contested(object);
            assert!(!contested.is_empty(), "seed {seed}: {object:?}");
            for Contested { field, values } in contested {
                assert!(values.len() > 1, "seed {seed}: {object:?}, {field:?}");
                assert!(values.iter().any(|it| it.value != values[0].value));
                let order: Vec<_> = values.iter().map(|it| (it.stamp, it.mark)).collect();
                assert!(order.is_sorted_by(|a, b| a > b), "the latest is first");
                let (Object::Product(id), Field::Price) = (object, field) else {
                    continue;
                };
                let register = state.catalogue().register(id).unwrap();
                let price = register.winner(|f| f.price.as_ref()).copied();
                assert_eq!(Some(&values[0].value), price.map(Value::Amount).as_ref());
                seen.insert(object);
            }
        }
        let quiet = ProductId {
            mark: mark(99),
            index: 0,
        };
        assert_eq!(state.contested(Object::Product(quiet)), []);
    }
    assert!(seen.len() > 3, "prices stood against each other");
}

/// The first entry of a device of its own.
fn first_of(at: u64, event: Event) -> Written {
    Written {
        entry: EntryRef {
            log: LogId::new(DeviceId([at as u8; 16]), Stream::Shop),
            seq: 1,
            mark: mark(at),
        },
        stamp: Stamp(at),
        wall_ms: 0,
        event,
    }
}

#[test]
fn what_was_written_apart_and_is_the_same_is_no_conflict() {
    let named = |at: u64, name: &str| {
        let device = DeviceId([9; 16]);
        let (replaces, name) = (vec![], name.into());
        first_of(
            at,
            Event::DeviceName(DeviceNamed {
                device,
                replaces,
                name,
            }),
        )
    };
    let [first, same, other] = [named(1, "Front"), named(2, "Front"), named(3, "Back")];
    let mut state = folded([&first, &same]);
    assert_eq!(state.conflicts(), 0);
    state.apply(&other.fact());
    assert_eq!(state.conflicts(), 1);
    state.undo(&other.fact());
    assert_eq!(state.conflicts(), 0);
}

#[test]
fn no_secret_of_an_employee_is_among_what_stands_against_each_other() {
    let mut state = State::default();
    let set = |at: u64| {
        let pin = Some(PinVerifier {
            salt: [at as u8; 16],
            verifier: [at as u8; 32],
        });
        first_of(
            at,
            Event::Employee(EmployeeProfile {
                employee: EmployeeId([1; 8]),
                replaces: vec![],
                fields: EmployeeFields { name: None, pin },
            }),
        )
    };
    state.apply(&set(1).fact());
    state.apply(&set(2).fact());
    let [contested] = &state.contested(Object::Employee(EmployeeId([1; 8])))[..] else {
        panic!("the PIN is in conflict");
    };
    assert_eq!(contested.field, Field::Pin);
    let values: Vec<_> = contested.values.iter().map(|it| &it.value).collect();
    assert_eq!(values, [&Value::Secret, &Value::Secret]);
}
