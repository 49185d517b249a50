//! Who is a member and what is to be done with an entry: the same for one set of control entries,
//! whatever the order in which they come.

use std::collections::{BTreeMap, BTreeSet};

use base::effect::{Commitment, SEALED_SECRET_BYTES, WRAP_BYTES};
use base::hash::{ChainKey, ChainValue};
use base::limits::BRANCHES_PER_LOG_MAX;
use base::release::READER_VERSION;
use base::{ControlVector, DeviceId, EmployeeId, Entry, EpochName, LogId, ShopId, Stamp, Stream};
use identity::control::{
    Closed, Cut, EmployeeSet, Enrol, Epoch, EpochWraps, Genesis, Grant, Keys, Parent, Recipient,
    Refound, Revoke, Scope, Wrap,
};
use identity::membership::{Member, Rejection, Verdict};
use identity::role::{DeviceRole, EmployeeRole, Right};
use identity::terminal::{TerminalCode, next_letters};
use identity::{Control, Membership};

use crate::tape::Tape;

/// Devices that write: the first founds the shop.
const DEVICES: u8 = 5;
/// Control entries of one run: judging them all anew with each is what costs.
const ENTRIES_MAX: usize = 40;
/// How many of them begin a branch, at most: one log takes all of these.
const COPIES_MAX: usize = BRANCHES_PER_LOG_MAX - 1;
const CODES: [&str; 8] = ["A1", "A2", "B1", "a2", "A4294967295", "A0", "nonsense", ""];
const LETTERS: [&str; 5] = ["A", "B", "AB", "ABCDEFGHI", "a"];
const RIGHTS: [Right; 3] = [Right::Sell, Right::Catalogue, Right::Staff];

/// Control entries that devices and copies of them write, in or out of turn, having seen more or less
/// of what the others wrote. They are given in two orders. Both times the members, rights and epochs are the
/// same, so is each verdict, nothing that was judged is unjudged by what comes later, there is at
/// most one founder, and no two have one terminal code to themselves.
pub fn run(bytes: &[u8]) {
    let mut tape = Tape::new(bytes);
    let order = tape.number();
    let mut shop = Shop::founded();
    while !tape.is_used_up() && shop.written.len() < ENTRIES_MAX {
        shop.write(&mut tape);
    }
    let there = shop.given(0);
    let other = shop.given(order);
    assert_eq!(there.vector(), other.vector());
    assert_eq!(there.unread(), other.unread());
    let judged = |members: &Membership| members.judged().collect::<BTreeSet<_>>();
    assert_eq!(judged(&there), judged(&other));
    assert_eq!(there.recovery(), other.recovery());
    assert_eq!(there.epochs(), other.epochs());
    assert!(there.members().eq(other.members()));
    assert!(there.employees().eq(other.employees()));
    for n in 0..DEVICES {
        let device = keys(n).device();
        assert_eq!(there.reach(device), other.reach(device));
        assert_eq!(there.enrolment(device), other.enrolment(device));
    }
    let held = |name: EpochName| name.0[0].is_multiple_of(2);
    assert_eq!(there.writing_epoch(held), other.writing_epoch(held));
    one_founder_and_no_code_twice(&there);
    verdicts(&shop, &there, &other);
}

fn one_founder_and_no_code_twice(membership: &Membership) {
    let founders = membership.members().filter(|(_, member)| member.rank == 0);
    assert!(founders.count() <= 1);
    let sells = |(_, member): (_, &Member)| Some((member.code.clone()?, member.shares_code));
    let codes: Vec<_> = membership.members().filter_map(sells).collect();
    for (at, (code, shares)) in codes.iter().enumerate() {
        let others = codes.iter().enumerate().filter(|(place, _)| *place != at);
        let is_of_two = { others }.any(|(_, (other, _))| other == code);
        assert_eq!(is_of_two, *shares, "{code}");
    }
    let codes: Vec<_> = codes.into_iter().map(|(code, _)| code).collect();
    for letters in LETTERS {
        let next = TerminalCode::next(letters, codes.iter());
        assert!(!codes.contains(&next), "{next} is taken");
        let taken: Vec<&str> = membership
            .members()
            .filter_map(|(_, it)| it.letters.as_deref())
            .collect();
        let fresh = next_letters(letters, taken.iter().copied());
        assert!(fresh.is_none_or(|fresh| !taken.contains(&fresh.as_str())));
    }
}

/// What every device of the shop, and a stranger, might have written at each point.
fn verdicts(shop: &Shop, there: &Membership, other: &Membership) {
    let vectors = [ControlVector::default(), there.vector(), shop.all_seen()];
    let people: Vec<_> = there.employees().map(|(id, ..)| Some(id)).take(3).collect();
    for n in 0..=DEVICES {
        for (stream, seq) in Stream::ALL.into_iter().zip([1, 3, 9, u64::MAX / 2]) {
            let log = LogId::new(keys(n).device(), stream);
            for (employee, needs) in people.iter().chain([&None]).zip(RIGHTS.iter().cycle()) {
                for control in &vectors {
                    let control = control.clone();
                    let entry = Entry {
                        control,
                        employee: *employee,
                        ..crate::segment::example()
                    };
                    let verdict = there.verdict(log, seq, &entry, *needs);
                    assert_eq!(verdict, other.verdict(log, seq, &entry, *needs));
                    fits_its_cut(there, log, &entry, *needs, verdict);
                }
            }
        }
    }
}

fn fits_its_cut(
    membership: &Membership,
    log: LogId,
    entry: &Entry,
    needs: Right,
    verdict: Verdict,
) {
    let cut_apart = membership.verdict_but_for_cuts(log, entry, needs);
    let put_out = Verdict::Reject(Rejection::PutOut);
    assert_ne!(cut_apart, put_out);
    match verdict {
        Verdict::Wait(_) => {}
        verdict if verdict == put_out => assert!(membership.living(log.device).is_none()),
        verdict => assert_eq!(verdict, cut_apart),
    }
}

fn keys(n: u8) -> Keys {
    Keys {
        ed25519: [n + 1; 32],
        x25519: [n + 101; 32],
    }
}

/// A control entry that a device wrote.
#[derive(Clone)]
struct Written {
    device: DeviceId,
    seq: u64,
    before: ChainValue,
    chain: ChainValue,
    raw: Vec<u8>,
}

/// Control entries as devices write them.
struct Shop {
    id: ShopId,
    written: Vec<Written>,
    /// The highest number of each log.
    reach: BTreeMap<DeviceId, u64>,
    copies: usize,
    /// What names what was written: epochs, employees.
    marks: Vec<[u8; 8]>,
}

impl Shop {
    fn founded() -> Self {
        let recovery = keys(200 - 101);
        let genesis = Control::Genesis(Genesis {
            founder: keys(0),
            recovery,
            salt: [0; 16],
        });
        let raw = entry(&genesis, Stamp::new(1, 0), ControlVector::default()).to_raw();
        let id = ShopId::of_genesis(&raw);
        let mut shop = Self {
            id,
            written: Vec::new(),
            reach: BTreeMap::new(),
            copies: 0,
            marks: Vec::new(),
        };
        shop.add(0, None, raw);
        shop
    }

    /// Adds what a device wrote behind an entry of its own, or at the beginning of its log.
    fn add(&mut self, author: u8, behind: Option<Written>, raw: Vec<u8>) {
        let device = keys(author).device();
        let start = ChainValue::start(self.id, LogId::new(device, Stream::Control));
        let before = behind.as_ref().map_or(start, |it| it.chain);
        let seq = behind.map_or(0, |it| it.seq) + 1;
        let chain = before.next(&ChainKey::Control, &raw);
        if self.written.iter().any(|it| it.chain == chain) {
            return;
        }
        let reach = self.reach.entry(device).or_insert(0);
        *reach = seq.max(*reach);
        self.marks.push(chain.mark().0);
        self.written.push(Written {
            device,
            seq,
            before,
            chain,
            raw,
        });
    }

    /// What a device wrote last, or a copy of it that ends earlier.
    fn behind(&mut self, author: u8, is_copy: bool, tape: &mut Tape<'_>) -> Option<Written> {
        let device = keys(author).device();
        let own = self.written.iter().filter(|it| it.device == device);
        let own: Vec<_> = own.cloned().collect();
        if !is_copy || own.is_empty() || self.copies >= COPIES_MAX {
            return own.last().cloned();
        }
        self.copies += 1;
        own.get(tape.below(own.len() + 1)).cloned()
    }

    /// Everything that anybody has written.
    fn all_seen(&self) -> ControlVector {
        ControlVector(
            self.reach
                .iter()
                .map(|(device, seq)| (*device, *seq))
                .collect(),
        )
    }

    /// Somebody writes what the tape says. Four bytes make an ordinary entry.
    fn write(&mut self, tape: &mut Tape<'_>) {
        let author = u8::try_from(tape.below(usize::from(DEVICES))).unwrap_or_default();
        let how = tape.byte();
        // Stamps are near each other and often equal.
        let stamp = Stamp::new(u64::from(how >> 4), 0);
        let seen = self.seen(how & 3, tape);
        let raw = match (how >> 2) & 3 {
            // Bytes that nobody can read.
            3 if tape.flag() => tape.piece().to_vec(),
            // Something that only a newer release can.
            3 => Entry {
                min_reader: READER_VERSION + u16::from(tape.flag()),
                kind: 8,
                ..entry(&self.control(tape), stamp, seen)
            }
            .to_raw(),
            _ => entry(&self.control(tape), stamp, seen).to_raw(),
        };
        let behind = self.behind(author, (how >> 2) & 3 == 2, tape);
        self.add(author, behind, raw);
    }

    /// What an author had seen: all, nothing, a part, or more than there is.
    fn seen(&self, how: u8, tape: &mut Tape<'_>) -> ControlVector {
        match how {
            0 | 1 => self.all_seen(),
            2 => ControlVector::default(),
            _ => {
                let device = keys(u8::try_from(tape.below(usize::from(DEVICES))).unwrap_or(0));
                let seq = u64::from(tape.byte());
                ControlVector(vec![(device.device(), seq)])
            }
        }
    }

    fn control(&self, tape: &mut Tape<'_>) -> Control {
        let keys = |tape: &mut Tape<'_>| keys(tape.byte() % DEVICES);
        let marks = |tape: &mut Tape<'_>| {
            let mark = self.marks.get(tape.below(ENTRIES_MAX));
            mark.copied().unwrap_or([9; 8])
        };
        match tape.below(12) {
            0 | 1 => Control::Enrol(enrolment(keys(tape), tape)),
            2 => {
                let device = keys(tape).device();
                let cuts = (0..tape.below(3)).map(|_| cut(tape)).collect();
                Control::Revoke(Revoke { device, cuts })
            }
            3 => {
                let letters = tape.pick(&LETTERS).to_owned();
                Control::Refound(Refound {
                    keys: keys(tape),
                    letters,
                    signature: [4; 64],
                })
            }
            4 | 5 => {
                let id = tape.flag().then(|| EmployeeId(marks(tape)));
                let role = tape.pick(&EmployeeRole::ALL);
                Control::Employee(EmployeeSet {
                    id,
                    role,
                    active: !tape.flag(),
                })
            }
            6 | 7 => {
                let parent = |_| Parent {
                    epoch: EpochName(marks(tape)),
                    secrets: vec![0; 2 * SEALED_SECRET_BYTES],
                };
                let parents = (0..1).map(parent).collect();
                Control::Epoch(Epoch {
                    salt: [5; 32],
                    wraps: wraps(keys(tape)),
                    parents,
                    shop: Commitment([1; 16]),
                    office: Commitment([2; 16]),
                })
            }
            8 => {
                let (epoch, wraps) = (EpochName(marks(tape)), wraps(keys(tape)));
                let epochs = vec![EpochWraps {
                    epoch,
                    salt: [6; 32],
                    wraps,
                }];
                Control::Grant(Grant {
                    device: keys(tape).device(),
                    epochs,
                })
            }
            9 => Control::Closed(Closed {
                successor: tape.flag().then(|| keys(tape)),
            }),
            // A second beginning.
            10 => {
                let (founder, recovery) = (keys(tape), keys(tape));
                Control::Genesis(Genesis {
                    founder,
                    recovery,
                    salt: [tape.byte(); 16],
                })
            }
            _ => Control::Unknown(40),
        }
    }

    /// The members, from the entries in one of the orders in which each follows one that is there.
    fn given(&self, mut order: u64) -> Membership {
        let mut membership = Membership::new(self.id, READER_VERSION);
        let mut waiting: Vec<_> = self.written.iter().collect();
        while !waiting.is_empty() {
            let next = |it: &Written| {
                it.seq == 1 || membership.has(it.device, it.seq - 1, it.before.mark())
            };
            let ready: Vec<_> = (0..waiting.len()).filter(|at| next(waiting[*at])).collect();
            let chosen = ready[usize::try_from(order % ready.len() as u64).unwrap_or(0)];
            order = order.rotate_right(7) ^ order >> 3;
            let it = waiting.remove(chosen);
            let before = membership.vector();
            let mut insert = |seq| membership.insert(it.device, seq, it.chain, it.raw.clone());
            assert_eq!(insert(it.seq), Ok(true));
            assert_eq!(insert(it.seq), Ok(false));
            assert!(insert(it.seq + 1).is_err(), "it follows nothing there");
            assert!(membership.vector().covers(&before));
        }
        membership
    }
}

fn entry(control: &Control, stamp: Stamp, seen: ControlVector) -> Entry {
    Entry {
        kind: control.kind(),
        min_reader: 1,
        stamp,
        wall_ms: None,
        employee: None,
        control: seen,
        payload: control.encode(),
        salt: None,
    }
}

fn enrolment(keys: Keys, tape: &mut Tape<'_>) -> Enrol {
    let optional = |tape: &mut Tape<'_>, from: &[&str]| {
        let text = tape.pick(from).to_owned();
        (!text.is_empty()).then_some(text)
    };
    Enrol {
        keys,
        role: tape.pick(&DeviceRole::ALL),
        rank: u32::from(tape.byte() % 4),
        code: optional(tape, &CODES),
        letters: optional(tape, &LETTERS),
        epochs: Vec::new(),
    }
}

fn cut(tape: &mut Tape<'_>) -> Cut {
    let stream = tape.pick(&Stream::ALL);
    Cut {
        stream,
        seq: u64::from(tape.byte() % 12),
        chain: ChainValue([1; 32]),
    }
}

fn wraps(to: Keys) -> Vec<Wrap> {
    let to = [Recipient::Device(to.device()), Recipient::Recovery];
    let wrap = |to| Wrap {
        to,
        scope: Scope::Shop,
        bytes: [3; WRAP_BYTES],
    };
    to.map(wrap).into()
}

/// A shop that grows, one whose founder is replaced, one in which everybody speaks at once, one
/// with what nobody and what only a newer release can read.
pub fn seeds() -> Vec<Vec<u8>> {
    let order = |n: u8| vec![n; 8];
    let enrol = |author, device, role, rank, code| vec![author, 0, 0, device, role, rank, code, 1];
    let owner = enrol(0, 1, 0, 1, 2);
    let till = enrol(0, 2, 2, 2, 1);
    let by_owner = enrol(1, 3, 2, 3, 0);
    let revoke = vec![1, 0x30, 2, 3, 1, 1, 5];
    let refound = vec![2, 0x20, 3, 1, 2];
    let employee = vec![0, 0x10, 4, 0, 2, 0];
    let epoch = vec![0, 0x10, 6, 0, 1];
    let highest = enrol(0, 4, 2, 3, 4);
    let void = [vec![0, 12, 1], crate::tape::piece(b"not an entry")].concat();
    let newer = vec![3, 12, 0, 11, 1];
    let together: Vec<u8> = (0..DEVICES)
        .flat_map(|n| vec![n, 0x12, 0, (n + 1) % DEVICES, 0, 3, n, 0])
        .collect();
    vec![
        [
            order(1),
            owner.clone(),
            till.clone(),
            by_owner.clone(),
            employee.clone(),
        ]
        .concat(),
        [
            order(2),
            owner.clone(),
            till.clone(),
            by_owner,
            revoke,
            epoch,
            refound,
        ]
        .concat(),
        [order(3), owner.clone(), together].concat(),
        [order(4), till, void, newer, employee, highest, owner].concat(),
    ]
}
