use base::release::READER_VERSION;
use base::{EmployeeId, Stamp};

use super::*;
use crate::control::{EmployeeSet, Enrol, Genesis, Revoke};
use crate::role::DeviceRole;
use crate::terminal::TerminalCode;

mod epochs;

fn keys(n: u8) -> Keys {
    Keys {
        ed25519: [n; 32],
        x25519: [n; 32],
    }
}

/// Writes control entries as devices would, and remembers them in the order of writing.
struct Shop {
    id: ShopId,
    written: Vec<(DeviceId, u64, Vec<u8>)>,
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
        let raw = raw(self.clock, &control, seen);
        let device = keys(author).device();
        let seq = self.reach.entry(device).or_insert(0);
        *seq += 1;
        self.written.push((device, *seq, raw));
        let mut replay = Membership::new(self.id, READER_VERSION);
        for (device, seq, raw) in &self.written {
            replay.insert(*device, *seq, raw.clone()).unwrap();
        }
        EmployeeId(replay.chain(device).mark().0)
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
                let (device, seq, raw) = &self.written[*at];
                if *seq == membership.reach(*device) + 1 {
                    membership.insert(*device, *seq, raw.clone()).unwrap();
                }
            }
        }
        membership
    }
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
    shop.written.push((keys(2).device(), 1, early));
    let ranks: Vec<_> = shop.members().members().map(|(_, it)| it.rank).collect();
    assert_eq!(ranks, [0]);
    shop.reach.insert(keys(2).device(), 1);
    shop.write(2, refound);
    let members = shop.members();
    assert_eq!(members.member(keys(2).device()).unwrap().rank, 0);
    assert_eq!(members.member(keys(1).device()).unwrap().rank, 1);
}

#[test]
fn a_code_is_never_given_twice() {
    let mut shop = Shop::founded();
    shop.enrol(1, 2, DeviceRole::Till, 2, "A2");
    shop.enrol(1, 3, DeviceRole::Till, 2, "A2");
    let members = shop.members();
    assert!(members.member(keys(2).device()).unwrap().code.is_some());
    assert!(members.member(keys(3).device()).unwrap().code.is_none());
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
    assert_eq!(members.insert(founder, 1, vec![]), Ok(false));
    assert_eq!(
        members.insert(founder, 3, vec![]),
        Err(IdentityError::PeerOutOfOrder)
    );
}

/// An entry of a kind that this release knows, as a newer one would write it.
fn newer(seen: &[(DeviceId, u64)]) -> Vec<u8> {
    let set = EmployeeSet {
        id: None,
        role: EmployeeRole::Manager,
        active: true,
    };
    let mut entry = Entry::from_raw(&raw(50, &Control::Employee(set), seen)).unwrap();
    entry.min_reader += 1;
    entry.to_raw()
}

#[test]
fn what_only_a_newer_release_can_judge_waits_with_all_that_follows_it_in_its_log() {
    let mut shop = Shop::founded();
    shop.enrol(1, 2, DeviceRole::Owner, 5, "B1");
    let unknown_kind = raw(50, &Control::Unknown(40), &[]);
    for unread in [newer(&[]), unknown_kind] {
        let mut members = shop.members();
        let (founder, owner) = (keys(1).device(), keys(2).device());
        assert_eq!(members.insert(owner, 1, unread), Ok(true));
        let enrol = |n| {
            Control::Enrol(Enrol {
                keys: keys(n),
                role: DeviceRole::Till,
                rank: 9,
                code: None,
                letters: None,
                epochs: Vec::new(),
            })
        };
        let follows = raw(60, &enrol(3), &[(founder, 2)]);
        assert_eq!(members.insert(owner, 2, follows), Ok(true));
        let has_seen_it = raw(61, &enrol(4), &[(founder, 2), (owner, 1)]);
        assert_eq!(members.insert(founder, 3, has_seen_it), Ok(true));
        assert!(members.member(keys(3).device()).is_none());
        assert!(members.member(keys(4).device()).is_none());
        assert_eq!(members.vector(), shop.members().vector());
        assert_eq!((members.reach(owner), members.unread()), (2, 2));
        let log = LogId::new(owner, Stream::Sales);
        let ahead = ControlVector(vec![(owner, 1)]);
        let verdict = members.verdict(log, 1, &sale(ahead, None), Right::Sell);
        assert_eq!(verdict, Verdict::Wait(Waiting::Control));
        let before = sale(shop.members().vector(), None);
        let verdict = members.verdict(log, 1, &before, Right::Sell);
        assert_eq!(verdict, Verdict::Accept, "the rest of the shop goes on");
    }
}

#[test]
fn what_breaks_a_rule_does_nothing_and_stops_nothing() {
    let shop = Shop::founded();
    let founder = keys(1).device();
    let mut broken = Entry::from_raw(&raw(50, &Control::Unknown(3), &[(founder, 1)])).unwrap();
    broken.payload = vec![1, 2, 3];
    for void in [vec![1, 2, 3], broken.to_raw()] {
        let mut members = shop.members();
        assert_eq!(members.insert(founder, 2, void), Ok(true));
        let set = EmployeeSet {
            id: None,
            role: EmployeeRole::Cashier,
            active: true,
        };
        let next = raw(60, &Control::Employee(set), &[(founder, 2)]);
        assert_eq!(members.insert(founder, 3, next), Ok(true));
        assert_eq!(members.vector().reach(founder), 3);
        assert_eq!((members.employees().count(), members.unread()), (1, 0));
    }
}
