//! What a device finds on its disk when it starts.

use std::collections::BTreeSet;
use std::sync::OnceLock;

use base::effect::{Change, Durability, Table, Transaction};
use base::limits::BACKOFF_FIRST_MS;
use base::{Answer, Effect, EffectId, Input, Machine, Now, Output};
use device::Device;
use device::api::{Command, Notice, Reply, Request, RequestId};
use domain::quantity::ONE;
use domain::sale::{Basket, BasketLine, Item, Tender, TenderKind};
use sim::CryptoHands;
use sim::Hands;
use sim::disk::Disk;
use sim::random::SeededRandom;
use sim::shop::wares;

use crate::tape::{Tape, piece};

/// Effects between one input and rest: a start needs some dozens.
const EFFECTS_MAX: usize = 2_000;
/// Damages of one run.
const DAMAGES_MAX: usize = 6;
/// Sales that are on the disk.
const SALES: usize = 3;

/// The disk of a till of a small shop, on which records are changed, cut, mixed up or gone. The
/// till starts or says what it cannot read, comes to rest, answers whatever is asked, and does not
/// sell under a number that it has used, as long as it finds out where it stands.
pub fn run(bytes: &[u8]) {
    let mut tape = Tape::new(bytes);
    let mut rows = shop().rows.clone();
    for _ in 0..DAMAGES_MAX {
        if tape.is_used_up() || rows.is_empty() {
            break;
        }
        damage(&mut rows, &mut tape);
    }
    let mut till = Till::start(&rows, shop().hands.clone());
    till.rest();
    let told = till.told.iter();
    let says = |notice: &Notice| matches!(notice, Notice::Ready | Notice::StorageTrouble(_));
    assert!(told.clone().any(says), "it starts or says why not");
    till.ask(Request::Status);
    // A start that failed is tried again.
    till.now.mono_ms += 2 * BACKOFF_FIRST_MS;
    till.ask(Request::Status);
    till.ask(wares::list());
    till.ask(wares::sales(0, 9));
    let used: BTreeSet<String> = numbers(&till.told).collect();
    till.told.clear();
    till.sell();
    // A record of where the till stands that is changed and can be read all the same is believed.
    let stands = |rows: &Rows| -> Vec<_> {
        rows.iter()
            .filter(|(table, ..)| *table == Table::Heads)
            .cloned()
            .collect()
    };
    if stands(&rows) == stands(&shop().rows) {
        assert!(numbers(&till.told).all(|number| !used.contains(&number)));
    }
}

type Rows = Vec<(Table, Vec<u8>, Vec<u8>)>;

fn damage(rows: &mut Rows, tape: &mut Tape<'_>) {
    let at = tape.below(rows.len());
    let other = rows[tape.below(rows.len())].2.clone();
    let (_, key, value) = &mut rows[at];
    match tape.below(7) {
        0 => *value = tape.piece().to_vec(),
        1 => {
            let place = usize::from(tape.byte()) << 8 | usize::from(tape.byte());
            let length = value.len().max(1);
            if let Some(byte) = value.get_mut(place % length) {
                *byte ^= tape.byte().max(1);
            }
        }
        2 => value.truncate(usize::from(tape.byte())),
        3 => *value = other,
        4 => {
            let place = usize::from(tape.byte()) % key.len().max(1);
            if let Some(byte) = key.get_mut(place) {
                *byte ^= tape.byte().max(1);
            }
        }
        5 => {
            let row = (
                rows[at].0,
                rows[at].1.iter().copied().chain([tape.byte()]).collect(),
                other,
            );
            rows.push(row);
        }
        _ => {
            rows.remove(at);
        }
    }
}

/// A shop with some sales, as it lies on the disk.
struct Shop {
    rows: Rows,
    hands: Hands,
}

fn shop() -> &'static Shop {
    static SHOP: OnceLock<Shop> = OnceLock::new();
    SHOP.get_or_init(|| {
        let mut till = Till::start(&Rows::new(), Hands::fast());
        till.rest();
        till.ask(Request::CreateShop(wares::new_shop()));
        till.ask(Request::Import {
            csv: wares::catalogue(),
            dry_run: false,
        });
        for _ in 0..SALES {
            till.sell();
        }
        assert_eq!(numbers(&till.told).count(), SALES, "{:?}", till.told);
        let records = |table: Table| {
            let records = till.disk.records(table);
            records.map(move |(key, value)| (table, key.clone(), value.clone()))
        };
        let rows = Table::ALL.into_iter().flat_map(records).collect();
        Shop {
            rows,
            hands: till.hands,
        }
    })
}

/// A till at rest between what it is asked.
struct Till {
    device: Device,
    disk: Disk,
    hands: Hands,
    random: SeededRandom,
    now: Now,
    told: Vec<Notice>,
    is_ready: bool,
    asked: u64,
}

impl Till {
    fn start(rows: &Rows, mut hands: Hands) -> Self {
        hands.restart();
        let mut disk = Disk::default();
        let put = |(table, key, value): &(Table, Vec<u8>, Vec<u8>)| Change::Put {
            table: *table,
            key: key.clone(),
            value: value.clone(),
        };
        let changes = rows.iter().map(put).collect();
        let written = disk.commit(Transaction {
            durability: Durability::Strict,
            changes,
        });
        assert_eq!(written, Ok(()));
        Self {
            device: Device::default(),
            disk,
            hands,
            random: SeededRandom::new(1, "inputs", 0),
            now: Now {
                wall_ms: 1_780_000_000_000,
                mono_ms: 1_000,
            },
            told: Vec::new(),
            is_ready: false,
            asked: 0,
        }
    }

    /// Does what the device asks for until it asks for nothing.
    fn rest(&mut self) {
        for _ in 0..EFFECTS_MAX {
            match self.device.poll() {
                Some(Output::Effect(id, effect)) => self.perform(id, &effect),
                Some(Output::Notice(notice)) => {
                    self.is_ready |= notice == Notice::Ready;
                    self.told.push(notice);
                }
                // What is behind goes on at once; everything else has time.
                None if self
                    .device
                    .deadline()
                    .is_some_and(|due| due <= self.now.mono_ms) =>
                {
                    self.now.mono_ms += 1;
                    self.device
                        .handle(self.now, &mut self.random, Input::Timeout);
                }
                None => return,
            }
        }
        panic!("it does not come to rest");
    }

    fn perform(&mut self, id: EffectId, effect: &Effect) {
        let answer = match effect {
            Effect::Store(transaction) => Answer::Stored(self.disk.commit(transaction.clone())),
            Effect::Load(queries) => Answer::Loaded(self.disk.load(queries)),
            Effect::Link(..) | Effect::Signal(_) => return,
            other => match self.hands.perform(&mut self.random, other) {
                Some(answer) => answer,
                None => Answer::Failed("these hands cannot do it".into()),
            },
        };
        self.device
            .handle(self.now, &mut self.random, Input::Answer(id, answer));
    }

    /// Asks, and sees that there is an answer. Before the start only the status is told at once.
    fn ask(&mut self, request: Request) {
        self.asked += 1;
        let id = RequestId(self.asked);
        let is_due = self.is_ready || request == Request::Status;
        self.now.mono_ms += 10;
        self.now.wall_ms += 10;
        let command = Input::Command(Command { id, request });
        self.device.handle(self.now, &mut self.random, command);
        self.rest();
        let answers = |notice: &Notice| matches!(notice, Notice::Reply(to, _) if *to == id);
        let count = self.told.iter().filter(|notice| answers(notice)).count();
        assert!(
            count == 1 || count == 0 && !is_due,
            "one answer: {:?}",
            self.told
        );
    }

    fn sell(&mut self) {
        let item = Item::Code("W1".into());
        let lines = vec![BasketLine {
            item,
            quantity: ONE,
        }];
        let amount = domain::money::Money(1_000);
        let tenders = vec![Tender {
            kind: TenderKind::Cash,
            amount,
        }];
        self.ask(Request::Sell(Basket { lines, tenders }));
    }
}

/// The receipt numbers that were said, without their check.
fn numbers(told: &[Notice]) -> impl Iterator<Item = String> {
    let said = told.iter().flat_map(|notice| match notice {
        Notice::Reply(_, Reply::Sold(receipt)) => vec![receipt.number.clone()],
        Notice::Reply(_, Reply::Sales { page, .. }) => {
            page.iter().map(|(sale, _)| sale.number.clone()).collect()
        }
        _ => Vec::new(),
    });
    said.map(|number| number.split('·').next().unwrap_or_default().to_owned())
}

/// Every record: emptied, changed in a byte, cut, or gone; some mixed up.
pub fn seeds() -> Vec<Vec<u8>> {
    let count = u8::try_from(shop().rows.len()).expect("it is a small shop");
    let each = (0..count).flat_map(|at| {
        let empty = [vec![at, 0, 0], piece(b"")].concat();
        [
            empty,
            vec![at, 0, 1, 0, 40, 1],
            vec![at, 0, 2, 60],
            vec![at, 0, 6],
        ]
    });
    let mixed = (0..count).map(|at| vec![at, (at + 1) % count, 3]);
    let twice = (0..count).map(|at| vec![at, at, 5, 1]);
    each.chain(mixed).chain(twice).collect()
}
