//! Entries that this release cannot judge, and those that nobody can read.

use super::*;

/// An entry of a kind that this release knows, as a newer one would write it.
pub fn newer(seen: &[(DeviceId, u64)]) -> Vec<u8> {
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
        assert_eq!(append(&mut members, owner, unread), Ok(true));
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
        assert_eq!(append(&mut members, owner, follows), Ok(true));
        let has_seen_it = raw(61, &enrol(4), &[(founder, 2), (owner, 1)]);
        assert_eq!(append(&mut members, founder, has_seen_it), Ok(true));
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
        assert_eq!(append(&mut members, founder, void), Ok(true));
        let set = EmployeeSet {
            id: None,
            role: EmployeeRole::Cashier,
            active: true,
        };
        let next = raw(60, &Control::Employee(set), &[(founder, 2)]);
        assert_eq!(append(&mut members, founder, next), Ok(true));
        assert_eq!(members.vector().reach(founder), 3);
        assert_eq!((members.employees().count(), members.unread()), (1, 0));
    }
}
