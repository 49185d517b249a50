//! Owners' devices that were copied: what either copy wrote in `control` counts.

use super::unread::newer;
use super::*;

/// A shop whose second owner's device was copied when it had written one entry.
fn copied() -> (Shop, Written) {
    let mut shop = Shop::founded();
    shop.enrol(1, 2, DeviceRole::Owner, 1, "B1");
    shop.enrol(2, 3, DeviceRole::Till, 5, "B2");
    let fork = shop.written.last().unwrap().clone();
    (shop, fork)
}

fn enrol(device: u8, code: &str) -> Control {
    Control::Enrol(Enrol {
        keys: keys(device),
        role: DeviceRole::Till,
        rank: 5,
        code: Some(code.into()),
        letters: None,
        epochs: Vec::new(),
    })
}

fn employ(id: Option<EmployeeId>, role: EmployeeRole, active: bool) -> Control {
    Control::Employee(EmployeeSet { id, role, active })
}

impl Shop {
    /// A copy of the second device writes behind one of its entries.
    fn copy_writes(&mut self, behind: &Written, clock: u64, control: &Control) -> Written {
        let seen = [(keys(1).device(), 2)];
        self.add(2, Some(behind), raw(clock, control, &seen))
    }

    /// What the set of entries comes to, in whatever order they come.
    #[track_caller]
    fn whatever_the_order(&self) -> Membership {
        let all = self.members();
        let count = self.written.len();
        let mut order: Vec<usize> = (0..count).collect();
        for turn in 0..4 * count {
            order.rotate_left(1 + turn % 3);
            if turn % 2 == 0 {
                order.reverse();
            }
            let members = self.members_in(&order);
            assert!(members.members().eq(all.members()), "{order:?}");
            assert!(members.employees().eq(all.employees()), "{order:?}");
            assert_eq!(members.view.employees, all.view.employees);
            assert_eq!(members.vector(), all.vector());
            assert_eq!(members.unread(), all.unread());
            for n in 1..8 {
                let device = keys(n).device();
                assert_eq!(members.enrolment(device), all.enrolment(device));
            }
            let judged = |it: &Membership| it.judged().collect::<BTreeSet<_>>();
            assert_eq!(judged(&members), judged(&all));
        }
        all
    }
}

#[test]
fn whom_either_copy_let_in_is_a_member() {
    let (mut shop, fork) = copied();
    let one = shop.copy_writes(&fork, 10, &enrol(4, "B4"));
    let other = shop.copy_writes(&fork, 11, &enrol(5, "B5"));
    shop.copy_writes(&one, 12, &enrol(6, "B6"));
    shop.copy_writes(&other, 13, &enrol(7, "B7"));
    // In the same moment, and the same person.
    shop.copy_writes(&other, 13, &enrol(6, "B8"));
    let members = shop.whatever_the_order();
    for n in 3..=7 {
        assert!(members.living(keys(n).device()).is_some(), "{n}");
    }
    let six = members.member(keys(6).device()).unwrap();
    assert_eq!(
        six.code,
        TerminalCode::parse("B6"),
        "the lower stamp came first"
    );
    let same = members.member(keys(5).device()).unwrap();
    assert_eq!(same.terminal().map(|it| it.len()), Some("B5".len()));
    assert_eq!(members.judged().count(), shop.written.len());
    let copied = keys(2).device();
    assert_eq!(
        (members.reach(copied), members.vector().reach(copied)),
        (3, 3)
    );
}

#[test]
fn what_a_branch_follows_is_judged_before_it() {
    let (mut shop, fork) = copied();
    let one = shop.copy_writes(&fork, 10, &enrol(4, "B4"));
    // Its clock goes wrong: what follows has a lower stamp than what it follows.
    let put_out = Control::Revoke(Revoke {
        device: keys(4).device(),
        cuts: vec![],
    });
    shop.copy_writes(&one, 3, &put_out);
    shop.copy_writes(&one, 2, &enrol(5, "B5"));
    let members = shop.whatever_the_order();
    assert!(members.living(keys(4).device()).is_none());
    assert!(members.living(keys(5).device()).is_some());
}

#[test]
fn a_branch_that_comes_late_rewrites_rights_that_were_known() {
    let (mut shop, fork) = copied();
    let clerk = shop.write(1, employ(None, EmployeeRole::Manager, true));
    let before = shop.members();
    let one = shop.copy_writes(&fork, 10, &enrol(4, "B4"));
    let mut members = shop.members();
    assert_eq!(members.rights_rewritten(), before.rights_rewritten());
    // The number was known, of another branch.
    let other = shop.copy_writes(&fork, 11, &employ(Some(clerk), EmployeeRole::Cashier, true));
    assert_eq!(
        (one.seq, insert(&mut members, &other)),
        (other.seq, Ok(true))
    );
    assert_eq!(members.rights_rewritten(), before.rights_rewritten() + 1);
    assert_eq!(members.employee(clerk), Some(EmployeeRole::Cashier));
    shop.whatever_the_order();
}

#[test]
fn what_follows_something_unread_waits_on_every_branch() {
    let (mut shop, fork) = copied();
    let one = shop.copy_writes(&fork, 10, &enrol(4, "B4"));
    let unread = shop.add(2, Some(&one), newer(&[]));
    let behind = shop.copy_writes(&unread, 20, &enrol(5, "B5"));
    shop.copy_writes(&unread, 21, &enrol(6, "B6"));
    shop.copy_writes(&behind, 22, &enrol(6, "B6"));
    shop.copy_writes(&one, 23, &enrol(7, "B7"));
    let members = shop.whatever_the_order();
    assert_eq!(members.unread(), 4);
    assert!(
        members.living(keys(7).device()).is_some(),
        "the other copy goes on"
    );
    assert!(members.member(keys(6).device()).is_none());
}

#[test]
fn a_copy_goes_on_behind_what_it_wrote_itself() {
    let (mut shop, fork) = copied();
    let one = shop.copy_writes(&fork, 10, &enrol(4, "B4"));
    let other = shop.copy_writes(&fork, 11, &enrol(5, "B5"));
    let last = shop.copy_writes(&one, 12, &enrol(6, "B6"));
    let members = shop.members();
    let device = keys(2).device();
    let end = |it: &Written| members.last_behind(device, it.seq, it.chain.mark());
    let place = |it: &Written| Some((it.seq, it.chain));
    assert_eq!((end(&one), end(&last)), (place(&last), place(&last)));
    assert_eq!(end(&other), place(&other));
    assert_eq!(end(&fork), place(&last), "of both the one that came first");
    let nobody = members.last_behind(device, 1, one.chain.mark());
    assert_eq!(nobody, None);
}

#[test]
fn more_branches_than_the_bound_are_not_taken() {
    let (mut shop, fork) = copied();
    for n in 0..base::limits::BRANCHES_PER_LOG_MAX as u64 - 1 {
        shop.copy_writes(&fork, 10 + n, &enrol(4, "B4"));
    }
    shop.copy_writes(&fork, 9, &enrol(5, "B5"));
    // The first of them goes on from the fork itself.
    let mut members = Membership::new(shop.id, READER_VERSION);
    let mut taken = shop.written.iter().map(|it| insert(&mut members, it));
    assert!(taken.by_ref().take(18).all(|it| it == Ok(true)));
    assert_eq!(taken.collect::<Vec<_>>(), [Ok(true)]);
    let more = shop.copy_writes(&fork, 90, &enrol(6, "B6"));
    let refused = Err(IdentityError::PeerTooManyLines);
    assert_eq!(insert(&mut members, &more), refused);
    assert!(members.member(keys(6).device()).is_none());
}
