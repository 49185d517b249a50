use base::hash::ChainKey;
use base::release::READER_VERSION;
use base::{EmployeeId, Stamp};

use super::*;
use crate::control::{EmployeeSet, Enrol, Genesis, Revoke};
use crate::role::DeviceRole;
use crate::terminal::TerminalCode;

mod copies;
mod epochs;
mod unread;

fn keys(n: u8) -> Keys {
    Keys {
        ed25519: [n; 32],
        x25519: [n; 32],
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

/// Writes control entries as devices would, and remembers them in the order of writing.
struct Shop {
    id: ShopId,
    written: Vec<Written>,
    /// The highest number of each log.
    reach: BTreeMap<DeviceId, u64>,
    clock: u64,
}

impl Shop {
    fn founded() -> Self {
        let genesis = Genesis {
            founder: keys(1),
            recovery: keys(9),
            salt: [0; 16],
        };
        let id = ShopId::of_genesis(&raw(1, &Control::Genesis(genesis.clone()), &[]));
        let mut shop = Self {
            id,
            written: Vec::new(),
            reach: BTreeMap::new(),
            clock: 0,
        };
        shop.write(1, Control::Genesis(genesis));
        shop
    }

    /// Device `author` writes, having seen everything that was written before.
    fn write(&mut self, author: u8, control: Control) -> EmployeeId {
        let seen: Vec<_> = self.reach.iter().map(|(d, s)| (*d, *s)).collect();
        self.write_having_seen(author, control, &seen)
    }

    fn write_having_seen(
        &mut self,
        author: u8,
        control: Control,
        seen: &[(DeviceId, u64)],
    ) -> EmployeeId {
        self.clock += 1;
        let device = keys(author).device();
        let mut own = self.written.iter().rev();
        let last = own.find(|it| it.device == device).cloned();
        let raw = raw(self.clock, &control, seen);
        EmployeeId(self.add(author, last.as_ref(), raw).chain.mark().0)
    }

    /// Adds what a device wrote behind an entry of its own, or at the beginning of its log.
    fn add(&mut self, author: u8, behind: Option<&Written>, raw: Vec<u8>) -> Written {
        let device = keys(author).device();
        let start = ChainValue::start(self.id, LogId::new(device, Stream::Control));
        let before = behind.map_or(start, |it| it.chain);
        let written = Written {
            device,
            seq: behind.map_or(0, |it| it.seq) + 1,
            before,
            chain: before.next(&ChainKey::Control, &raw),
            raw,
        };
        let reach = self.reach.entry(device).or_insert(0);
        *reach = written.seq.max(*reach);
        self.written.push(written.clone());
        written
    }

    fn enrol(&mut self, author: u8, device: u8, role: DeviceRole, rank: u32, code: &str) {
        let (code, letters) = (Some(code.into()), None);
        let epochs = Vec::new();
        let enrol = Enrol {
            keys: keys(device),
            role,
            rank,
            code,
            letters,
            epochs,
        };
        self.write(author, Control::Enrol(enrol));
    }

    fn members(&self) -> Membership {
        let order: Vec<usize> = (0..self.written.len()).collect();
        self.members_in(&order)
    }

    /// Feeds the entries in `order`, as far as each log is without a gap, until all are in.
    fn members_in(&self, order: &[usize]) -> Membership {
        let mut membership = Membership::new(self.id, READER_VERSION);
        for _ in order {
            for at in order {
                let it = &self.written[*at];
                let before = it.before.mark();
                if it.seq == 1 || membership.has(it.device, it.seq - 1, before) {
                    insert(&mut membership, it).unwrap();
                }
            }
        }
        membership
    }
}

fn insert(membership: &mut Membership, it: &Written) -> Result<bool, IdentityError> {
    membership.insert(it.device, it.seq, it.chain, it.raw.clone())
}

/// Inserts what comes next on the first branch of a device's log.
fn append(
    membership: &mut Membership,
    device: DeviceId,
    raw: Vec<u8>,
) -> Result<bool, IdentityError> {
    let start = ChainValue::start(membership.shop(), LogId::new(device, Stream::Control));
    let last = membership.last_behind(device, 0, start.mark());
    let (seq, before) = last.unwrap_or((0, start));
    membership.insert(device, seq + 1, before.next(&ChainKey::Control, &raw), raw)
}

fn raw(clock: u64, control: &Control, seen: &[(DeviceId, u64)]) -> Vec<u8> {
    Entry {
        kind: control.kind(),
        min_reader: 1,
        stamp: Stamp::new(clock, 0),
        wall_ms: None,
        employee: None,
        control: ControlVector(seen.to_vec()),
        payload: control.encode(),
        salt: None,
    }
    .to_raw()
}

fn sale(control: ControlVector, employee: Option<EmployeeId>) -> Entry {
    let stamp = Stamp::new(99, 0);
    Entry {
        kind: 70,
        min_reader: 1,
        stamp,
        wall_ms: None,
        employee,
        control,
        payload: vec![],
        salt: None,
    }
}

#[test]
fn the_founder_lets_devices_in_and_their_codes_are_kept() {
    let mut shop = Shop::founded();
    shop.enrol(1, 2, DeviceRole::Till, 2, "A2");
    let members = shop.members();
    let till = members.living(keys(2).device()).unwrap();
    assert_eq!(till.role, DeviceRole::Till);
    assert_eq!(till.code, TerminalCode::parse("A2"));
    assert!(members.living(keys(3).device()).is_none());
    assert_eq!(members.vector().reach(keys(1).device()), 2);
}

#[test]
fn a_till_lets_nobody_in() {
    let mut shop = Shop::founded();
    shop.enrol(1, 2, DeviceRole::Till, 2, "A2");
    shop.enrol(2, 3, DeviceRole::Till, 3, "A3");
    assert!(shop.members().member(keys(3).device()).is_none());
}

#[test]
fn an_owner_device_lets_in_only_lower_ranks() {
    let mut shop = Shop::founded();
    shop.enrol(1, 2, DeviceRole::Owner, 5, "B1");
    shop.enrol(2, 3, DeviceRole::Owner, 5, "B2");
    shop.enrol(2, 4, DeviceRole::Owner, 6, "B3");
    let members = shop.members();
    assert!(members.member(keys(3).device()).is_none());
    assert!(members.member(keys(4).device()).is_some());
}

#[test]
fn nobody_lets_in_an_equal_of_the_founder() {
    let mut shop = Shop::founded();
    shop.enrol(1, 2, DeviceRole::Owner, 0, "B1");
    assert!(shop.members().member(keys(2).device()).is_none());
}

#[test]
fn an_owner_device_puts_out_only_lower_ranks() {
    let revoke = |device: u8| {
        let device = keys(device).device();
        Control::Revoke(Revoke {
            device,
            cuts: vec![],
        })
    };
    let mut shop = Shop::founded();
    shop.enrol(1, 2, DeviceRole::Owner, 5, "B1");
    shop.enrol(1, 3, DeviceRole::Owner, 5, "B2");
    shop.enrol(1, 4, DeviceRole::Till, 6, "B3");
    for device in [1, 2, 3, 4] {
        shop.write(2, revoke(device));
    }
    let members = shop.members();
    for stays in [1, 2, 3] {
        assert!(members.living(keys(stays).device()).is_some(), "{stays}");
    }
    assert!(members.living(keys(4).device()).is_none());
}

/// An owner's device is put out and has not heard of it: what it says from then on counts until that
/// is known, and then it never did.
#[test]
fn rights_are_rewritten_by_what_comes_behind_them_and_by_nothing_else() {
    let hire = |role| {
        let (id, active) = (None, true);
        Control::Employee(EmployeeSet { id, role, active })
    };
    let rewritten = |shop: &Shop, order: &[usize]| shop.members_in(order).rights_rewritten();
    let mut shop = Shop::founded();
    shop.enrol(1, 2, DeviceRole::Owner, 5, "B1");
    let seen = [(keys(1).device(), 2)];
    shop.enrol(1, 3, DeviceRole::Till, 6, "A2");
    let bob = shop.write_having_seen(2, hire(EmployeeRole::Cashier), &seen);
    assert_eq!(rewritten(&shop, &[0, 1, 2, 3]), 0);
    assert_eq!(
        rewritten(&shop, &[0, 1, 3, 2]),
        0,
        "a till let in is no matter"
    );
    let device = keys(2).device();
    let cuts = vec![];
    shop.write_having_seen(1, Control::Revoke(Revoke { device, cuts }), &seen);
    let set = EmployeeSet {
        id: Some(bob),
        role: EmployeeRole::Manager,
        active: true,
    };
    shop.write_having_seen(2, Control::Employee(set), &seen);
    let late = shop.members_in(&[0, 1, 3, 5, 2, 4]);
    assert_eq!(late.employee(bob), Some(EmployeeRole::Cashier));
    assert_eq!(late.rights_rewritten(), 1);
    assert_eq!(rewritten(&shop, &[0, 1, 2, 3, 4, 5]), 0, "in order");
}

#[test]
fn a_new_founder_outranks_the_old_one() {
    let revoke = |device: u8| {
        let device = keys(device).device();
        Control::Revoke(Revoke {
            device,
            cuts: vec![],
        })
    };
    let mut shop = Shop::founded();
    shop.enrol(1, 2, DeviceRole::Till, 2, "A2");
    let refound = crate::control::Refound {
        keys: keys(2),
        letters: "QXZ".to_owned(),
        signature: [0; 64],
    };
    shop.write(2, Control::Refound(refound));
    shop.write(1, revoke(2));
    shop.write(2, revoke(1));
    let members = shop.members();
    assert!(members.living(keys(2).device()).is_some());
    assert!(members.living(keys(1).device()).is_none());
}

#[test]
fn nobody_is_made_a_founder_before_the_shop_began() {
    let mut shop = Shop::founded();
    let refound = Control::Refound(crate::control::Refound {
        keys: keys(2),
        letters: "QXZ".into(),
        signature: [4; 64],
    });
    // Its stamp is lower than the first entry's, and it has seen nothing.
    let early = raw(0, &refound, &[]);
    shop.add(2, None, early);
    let ranks: Vec<_> = shop.members().members().map(|(_, it)| it.rank).collect();
    assert_eq!(ranks, [0]);
    shop.write(2, refound);
    let members = shop.members();
    assert_eq!(members.member(keys(2).device()).unwrap().rank, 0);
    assert_eq!(members.member(keys(1).device()).unwrap().rank, 1);
}

#[test]
fn all_who_were_given_one_code_number_receipts_under_more_of_their_own() {
    let mut shop = Shop::founded();
    for (device, code) in [(2, "A2"), (3, "A2"), (4, "A3"), (5, "A2")] {
        shop.enrol(1, device, DeviceRole::Till, 2, code);
    }
    let members = shop.members();
    let terminal = |n| {
        members
            .member(keys(n).device())
            .unwrap()
            .terminal()
            .unwrap()
    };
    assert_eq!(terminal(4), "A3");
    let shared = [2, 3, 5].map(terminal);
    let different: BTreeSet<_> = shared.iter().collect();
    assert_eq!(different.len(), shared.len(), "{shared:?}");
    let is_marked = |terminal: &String| terminal.starts_with("A2") && terminal.len() == 7;
    assert!(shared.iter().all(is_marked), "{shared:?}");
}

#[test]
fn a_stranger_with_a_genesis_of_its_own_is_nobody_here() {
    let mut shop = Shop::founded();
    let genesis = Genesis {
        founder: keys(7),
        recovery: keys(8),
        salt: [1; 16],
    };
    shop.write(7, Control::Genesis(genesis));
    let members = shop.members();
    assert!(members.member(keys(7).device()).is_none());
    assert_eq!(members.recovery(), Some(keys(9)));
}

#[test]
fn the_order_of_arrival_changes_nothing() {
    let mut shop = Shop::founded();
    shop.enrol(1, 2, DeviceRole::Owner, 5, "B1");
    shop.enrol(2, 3, DeviceRole::Till, 9, "B2");
    let employee = EmployeeSet {
        id: None,
        role: EmployeeRole::Cashier,
        active: true,
    };
    shop.write(2, Control::Employee(employee));
    let device = keys(3).device();
    shop.write(
        1,
        Control::Revoke(Revoke {
            device,
            cuts: vec![],
        }),
    );
    let all = shop.members();
    let count = shop.written.len();
    for shift in 0..count {
        let mut order: Vec<usize> = (0..count).map(|n| (n + shift) % count).collect();
        assert_eq!(shop.members_in(&order).view, all.view);
        order.reverse();
        assert_eq!(shop.members_in(&order).view, all.view);
    }
}

#[test]
fn an_entry_waits_for_the_control_that_its_author_had_seen() {
    let mut shop = Shop::founded();
    shop.enrol(1, 2, DeviceRole::Till, 2, "A2");
    let members = shop.members();
    let log = LogId::new(keys(2).device(), Stream::Sales);
    let ahead = ControlVector(vec![(keys(1).device(), 9)]);
    let verdict = members.verdict(log, 1, &sale(ahead, None), Right::Sell);
    assert_eq!(verdict, Verdict::Wait(Waiting::Control));
    let verdict = members.verdict(log, 1, &sale(members.vector(), None), Right::Sell);
    assert_eq!(verdict, Verdict::Accept);
    let stranger = LogId::new(keys(5).device(), Stream::Sales);
    let verdict = members.verdict(stranger, 1, &sale(members.vector(), None), Right::Sell);
    assert_eq!(verdict, Verdict::Wait(Waiting::Author));
}

#[test]
fn rights_are_judged_at_the_control_vector_of_the_entry() {
    let mut shop = Shop::founded();
    shop.enrol(1, 2, DeviceRole::Till, 2, "A2");
    let set = |id, role, active| Control::Employee(EmployeeSet { id, role, active });
    let id = shop.write(1, set(None, EmployeeRole::Manager, true));
    let before = shop.members().vector();
    shop.write(1, set(Some(id), EmployeeRole::Cashier, true));
    let members = shop.members();
    let log = LogId::new(keys(2).device(), Stream::Shop);
    let at = |vector: &ControlVector| {
        members.verdict(log, 1, &sale(vector.clone(), Some(id)), Right::Catalogue)
    };
    assert_eq!(at(&before), Verdict::Accept);
    assert_eq!(
        at(&members.vector()),
        Verdict::Reject(Rejection::EmployeeRole)
    );
    let sales = LogId::new(keys(2).device(), Stream::Sales);
    let sold = members.verdict(sales, 1, &sale(members.vector(), None), Right::Sell);
    assert_eq!(sold, Verdict::Accept);
    assert_eq!(members.employee(id), Some(EmployeeRole::Cashier));
}

#[test]
fn what_lies_past_a_cut_is_rejected() {
    let mut shop = Shop::founded();
    shop.enrol(1, 2, DeviceRole::Till, 2, "A2");
    let device = keys(2).device();
    let cut = crate::control::Cut {
        stream: Stream::Sales,
        seq: 3,
        chain: ChainValue([0; 32]),
    };
    shop.write(
        1,
        Control::Revoke(Revoke {
            device,
            cuts: vec![cut],
        }),
    );
    let members = shop.members();
    let log = LogId::new(device, Stream::Sales);
    let entry = sale(members.vector(), None);
    assert_eq!(
        members.verdict(log, 3, &entry, Right::Sell),
        Verdict::Accept
    );
    let past = members.verdict(log, 4, &entry, Right::Sell);
    assert_eq!(past, Verdict::Reject(Rejection::PutOut));
    assert!(members.living(device).is_none());
}

#[test]
fn the_recovery_phrase_makes_a_founder_of_a_till() {
    let mut shop = Shop::founded();
    shop.enrol(1, 2, DeviceRole::Till, 2, "A2");
    let letters = "QXZ".to_owned();
    let refound = crate::control::Refound {
        keys: keys(2),
        letters,
        signature: [0; 64],
    };
    shop.write(2, Control::Refound(refound));
    shop.enrol(2, 3, DeviceRole::Till, 2, "QXZ1");
    let members = shop.members();
    let founder = members.living(keys(2).device()).unwrap();
    assert_eq!((founder.role, founder.rank), (DeviceRole::Owner, 0));
    assert_eq!(founder.code, TerminalCode::parse("A2"));
    assert!(members.living(keys(3).device()).is_some());
}

fn refound(device: u8, letters: &str) -> Control {
    Control::Refound(crate::control::Refound {
        keys: keys(device),
        letters: letters.to_owned(),
        signature: [device; 64],
    })
}

/// The founder is lost, `2` is made the founder by the words and then `3`, which puts `2` out.
fn founded_thrice() -> Shop {
    let mut shop = Shop::founded();
    for till in [2, 3, 4] {
        shop.enrol(1, till, DeviceRole::Till, 7, &format!("A{till}"));
    }
    shop.write(2, refound(2, "QXZ"));
    shop.write(3, refound(3, "VWY"));
    let (device, cuts) = (keys(2).device(), vec![]);
    shop.write(3, Control::Revoke(Revoke { device, cuts }));
    shop
}

#[test]
fn a_new_founder_is_made_by_the_device_itself_and_by_nobody_else() {
    let mut shop = founded_thrice();
    let before = shop.members();
    assert!(before.living(keys(2).device()).is_none());
    for till in [3, 4] {
        shop.write(till, refound(2, "QXZ"));
        shop.write(till, refound(1, "HJK"));
    }
    let after = shop.members();
    assert_eq!(after.view.members, before.view.members);
    assert_eq!(after.view.founder, before.view.founder);
}

#[test]
fn words_that_made_a_founder_once_do_not_make_it_again() {
    let mut shop = founded_thrice();
    let before = shop.members();
    shop.write(2, refound(2, "QXZ"));
    shop.write(3, refound(3, "VWY"));
    let after = shop.members();
    assert_eq!(after.view.members, before.view.members);
    assert_eq!(after.view.founder, Some(keys(3).device()));
    shop.write(2, refound(2, "NEW"));
    let again = shop.members();
    assert!(again.living(keys(2).device()).is_some(), "typed once more");
}

#[test]
fn a_gap_is_the_peers_fault() {
    let shop = Shop::founded();
    let mut members = shop.members();
    let founder = keys(1).device();
    assert_eq!(insert(&mut members, &shop.written[0]), Ok(false));
    let mut ahead = shop.written[0].clone();
    let follows = ahead
        .chain
        .next(&ChainKey::Control, &[])
        .next(&ChainKey::Control, &[]);
    (ahead.seq, ahead.chain, ahead.raw) = (3, follows, vec![]);
    let out_of_order = Err(IdentityError::PeerOutOfOrder);
    assert_eq!(insert(&mut members, &ahead), out_of_order);
    ahead.seq = 2;
    assert_eq!(
        insert(&mut members, &ahead),
        out_of_order,
        "it leads elsewhere"
    );
    assert_eq!(members.reach(founder), 1);
}
