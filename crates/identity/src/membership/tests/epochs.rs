//! Epochs: which to write in, who lacks a secret, and who reads what after all.

use std::collections::BTreeSet;

use base::EpochName;
use base::effect::{Commitment, SEALED_SECRET_BYTES, WRAP_BYTES};
use base::limits::EPOCH_PARENTS_MAX;

use super::*;
use crate::control::{self, EpochWraps, Grant, Parent, Recipient, Scope, Wrap};

impl Shop {
    /// Device `author` begins an epoch, wrapped to `devices`, behind `parents`.
    fn begin(&mut self, author: u8, devices: &[u8], parents: &[EpochName]) -> EpochName {
        let epoch = epoch(devices, parents);
        EpochName(self.write(author, Control::Epoch(epoch)).0)
    }

    fn put_out(&mut self, author: u8, device: u8) {
        let (device, cuts) = (keys(device).device(), Vec::new());
        self.write(author, Control::Revoke(Revoke { device, cuts }));
    }
}

fn wrap(device: u8, scope: Scope) -> Wrap {
    let to = Recipient::Device(keys(device).device());
    let bytes = [0; WRAP_BYTES];
    Wrap { to, scope, bytes }
}

fn epoch(devices: &[u8], parents: &[EpochName]) -> control::Epoch {
    let parent = |epoch: &EpochName| Parent {
        epoch: *epoch,
        secrets: vec![0; 2 * SEALED_SECRET_BYTES],
    };
    control::Epoch {
        shop: Commitment([1; 16]),
        office: Commitment([2; 16]),
        salt: [1; 32],
        wraps: devices.iter().map(|it| wrap(*it, Scope::Shop)).collect(),
        parents: parents.iter().map(parent).collect(),
    }
}

fn grant(epoch: EpochName, device: u8, scopes: &[Scope]) -> Control {
    let wraps = scopes.iter().map(|scope| wrap(device, *scope)).collect();
    let salt = [2; 32];
    Control::Grant(Grant {
        device: keys(device).device(),
        epochs: vec![EpochWraps { epoch, salt, wraps }],
    })
}

fn lacking(shop: &Shop) -> BTreeSet<(EpochName, u8, Scope)> {
    let number = |device| (1..9).find(|n| keys(*n).device() == device);
    let all = shop.members().lacking_secrets(|_, _| true).into_iter();
    let view = |it: Lacking| (it.epoch, number(it.device).unwrap(), it.scope);
    all.map(view).collect()
}

#[test]
fn epochs_are_written_in_by_depth_then_name() {
    let mut shop = Shop::founded();
    let first = shop.begin(1, &[1], &[]);
    let second = shop.begin(1, &[1], &[first]);
    let members = shop.members();
    assert_eq!(members.writing_epoch(|_| true), Some(second));
    assert_eq!(members.writing_epoch(|name| name == first), Some(first));
    let to = Recipient::Device(keys(1).device());
    let epoch = &members.epochs()[&first];
    assert_eq!(epoch.wraps(to, Scope::Shop).count(), 1);
    assert_eq!(epoch.wraps(Recipient::Recovery, Scope::Shop).count(), 0);
    assert_eq!((epoch.depth, epoch.began_ms), (1, 2));
    assert_eq!(members.epochs()[&second].depth, 2);
}

/// Two owners' devices that do not hear of each other begin an epoch each.
#[test]
fn of_two_that_began_apart_all_write_in_the_same_and_the_next_follows_both() {
    let mut shop = Shop::founded();
    shop.enrol(1, 2, DeviceRole::Owner, 1, "A2");
    let first = shop.begin(1, &[1, 2], &[]);
    let seen: Vec<_> = shop.reach.iter().map(|(d, s)| (*d, *s)).collect();
    let apart = Control::Epoch(epoch(&[1, 2], &[first]));
    let mut begin = |author| EpochName(shop.write_having_seen(author, apart.clone(), &seen).0);
    let (one, other) = (begin(1), begin(2));
    assert_ne!(one, other);
    let newest = |shop: &Shop| shop.members().newest_epochs(Scope::Shop, |_, _| true);
    let both = [one.min(other), one.max(other)];
    assert_eq!(newest(&shop), both);
    assert_eq!(shop.members().writing_epoch(|_| true), Some(both[0]));
    let next = shop.begin(2, &[1, 2], &both);
    assert_eq!(newest(&shop), [next]);
    // Who does not hold it goes on from what it holds.
    let held = |name, _| name != next;
    assert_eq!(shop.members().newest_epochs(Scope::Shop, held), both);
    assert_eq!(shop.members().writing_epoch(|_| true), Some(next));
}

#[test]
fn nobody_writes_where_somebody_reads_who_was_put_out() {
    let mut shop = Shop::founded();
    for till in [2, 3] {
        shop.enrol(1, till, DeviceRole::Till, 9, &format!("A{till}"));
    }
    let first = shop.begin(1, &[1, 2], &[]);
    let second = shop.begin(1, &[1, 2, 3], &[first]);
    let clean = |shop: &Shop| shop.members().clean_epoch(|_| true);
    assert_eq!(clean(&shop), Some(second));
    shop.put_out(1, 3);
    // The first was never wrapped to it, and the second opens it.
    assert_eq!(clean(&shop), None);
    // Whoever sells writes all the same.
    assert_eq!(shop.members().writing_epoch(|_| true), Some(second));
    let third = shop.begin(1, &[1, 2], &[second]);
    assert_eq!(clean(&shop), Some(third));
    assert_eq!(shop.members().clean_epoch(|name| name != third), None);
}

/// A grant to somebody who is put out later taints as the epoch's own wraps do.
#[test]
fn whoever_was_granted_an_epoch_reads_it_too() {
    let mut shop = Shop::founded();
    shop.enrol(1, 2, DeviceRole::Till, 9, "A2");
    let first = shop.begin(1, &[1], &[]);
    shop.write(1, grant(first, 2, &[Scope::Shop]));
    let clean = |shop: &Shop| shop.members().clean_epoch(|_| true);
    assert_eq!(clean(&shop), Some(first));
    shop.put_out(1, 2);
    assert_eq!(clean(&shop), None);
}

#[test]
fn who_is_in_and_was_not_given_a_newest_secret_lacks_it() {
    let mut shop = Shop::founded();
    shop.enrol(1, 2, DeviceRole::Till, 9, "A2");
    shop.enrol(1, 3, DeviceRole::Relay, 9, "A3");
    let first = shop.begin(1, &[2], &[]);
    // An owner's device reads the office, a till does not, and a relay reads nothing.
    let owner = [(first, 1, Scope::Shop), (first, 1, Scope::Office)];
    assert_eq!(lacking(&shop), owner.into());
    shop.write(1, grant(first, 1, &[Scope::Shop, Scope::Office]));
    assert_eq!(lacking(&shop), [].into());
    // What one has follows from what one has of the newest.
    let second = shop.begin(1, &[1], &[first]);
    let both = [(second, 1, Scope::Office), (second, 2, Scope::Shop)];
    assert_eq!(lacking(&shop), both.into());
    shop.put_out(1, 2);
    assert_eq!(lacking(&shop), [both[0]].into());
}

/// A till begins no epochs and gives none.
#[test]
fn a_till_begins_no_epoch_and_gives_none() {
    let mut shop = Shop::founded();
    shop.enrol(1, 2, DeviceRole::Till, 9, "A2");
    let first = shop.begin(1, &[1], &[]);
    shop.begin(2, &[2], &[first]);
    shop.write(2, grant(first, 2, &[Scope::Shop]));
    let members = shop.members();
    assert_eq!(members.epochs().len(), 1);
    assert!(lacking(&shop).contains(&(first, 2, Scope::Shop)));
}

/// A till that had not heard that the tablet is out has sold in its epoch.
#[test]
fn the_epoch_of_an_owners_device_that_is_out_is_read_and_not_written_in() {
    let mut shop = Shop::founded();
    shop.enrol(1, 2, DeviceRole::Owner, 1, "A2");
    let first = shop.begin(1, &[1, 2], &[]);
    let seen: Vec<_> = shop.reach.iter().map(|(d, s)| (*d, *s)).collect();
    shop.put_out(1, 2);
    let second = shop.begin(1, &[1], &[first]);
    let late = epoch(&[1], &[first, second]);
    let late = EpochName(shop.write_having_seen(2, Control::Epoch(late), &seen).0);
    let members = shop.members();
    assert!(members.epochs().contains_key(&late));
    // It gave itself no wrap of it, and knows its secrets all the same. What it names as parents
    // it need not be able to read.
    assert_eq!(members.clean_epoch(|_| true), Some(second));
    assert_eq!(members.writing_epoch(|name| name == late), Some(late));
    let old = members.writing_epoch(|name| name != second);
    assert_eq!(old, Some(first), "rather one that others can read");
    // Who was not given it is given it, and nobody believes that it opens the others.
    let newest = members.newest_epochs(Scope::Shop, |_, _| true);
    assert_eq!(newest, [second, late]);
}

/// An owner's device that was put out dates an epoch back, to before that.
#[test]
fn nobody_follows_an_epoch_that_comes_later() {
    let mut shop = Shop::founded();
    shop.enrol(1, 2, DeviceRole::Owner, 1, "A2");
    let first = shop.begin(1, &[1, 2], &[]);
    let seen: Vec<_> = shop.reach.iter().map(|(d, s)| (*d, *s)).collect();
    let before = shop.clock;
    shop.clock += 10;
    shop.put_out(1, 2);
    let second = shop.begin(1, &[1], &[first]);
    shop.clock = before;
    let dated_back = epoch(&[1, 2], &[second, first, first]);
    let dated_back = shop.write_having_seen(2, Control::Epoch(dated_back), &seen);
    let members = shop.members();
    let epoch = &members.epochs()[&EpochName(dated_back.0)];
    assert!(epoch.in_standing);
    let parents: Vec<_> = epoch.parents.iter().map(|it| it.epoch).collect();
    assert_eq!(parents, [first], "those that there were, once each");
    assert_eq!(members.clean_epoch(|_| true), Some(second));
    let newest = members.newest_epochs(Scope::Shop, |_, _| true);
    assert!(newest.contains(&second));
}

/// A till was let in by an owner's device that was out by then, and nobody had heard: it is in no
/// more, and reads what it was given.
#[test]
fn nobody_writes_where_somebody_reads_who_turns_out_not_to_be_let_in() {
    let mut shop = Shop::founded();
    for owner in [2, 4] {
        shop.enrol(1, owner, DeviceRole::Owner, 1, &format!("A{owner}"));
    }
    let seen: Vec<_> = shop.reach.iter().map(|(d, s)| (*d, *s)).collect();
    let before = shop.clock;
    shop.clock += 10;
    shop.enrol(2, 3, DeviceRole::Till, 9, "A3");
    let epoch = shop.begin(4, &[1, 3], &[]);
    assert_eq!(shop.members().clean_epoch(|_| true), Some(epoch));
    shop.clock = before;
    let device = keys(2).device();
    let revoke = Control::Revoke(Revoke {
        device,
        cuts: Vec::new(),
    });
    shop.write_having_seen(1, revoke, &seen);
    let members = shop.members();
    assert!(members.member(keys(3).device()).is_none());
    assert_eq!(members.clean_epoch(|_| true), None);
}

/// One that comes last is judged alone: the same comes of it as when all are judged anew.
#[test]
fn what_is_judged_one_by_one_comes_to_the_same_as_all_at_once() {
    let mut shop = Shop::founded();
    shop.enrol(1, 2, DeviceRole::Owner, 1, "A2");
    let first = shop.begin(1, &[1, 2], &[]);
    let seen: Vec<_> = shop.reach.iter().map(|(d, s)| (*d, *s)).collect();
    shop.enrol(1, 3, DeviceRole::Till, 9, "A3");
    shop.write_having_seen(2, Control::Epoch(epoch(&[1, 2], &[first])), &seen);
    shop.put_out(1, 3);
    let count = shop.written.len();
    let mut order: Vec<usize> = (0..count).collect();
    let one_by_one = shop.members();
    for turn in 0..count {
        order.rotate_left(1);
        if turn % 2 == 0 {
            order.reverse();
        }
        let members = shop.members_in(&order);
        assert_eq!(members.view, one_by_one.view, "{order:?}");
        assert_eq!(members.view, judge::judge(shop.id, &members.logs));
    }
}

/// What an owner's device gave that is out since may have been anything: it is given again.
#[test]
fn what_somebody_gave_who_is_out_since_is_given_again() {
    let mut shop = Shop::founded();
    shop.enrol(1, 2, DeviceRole::Owner, 1, "A2");
    shop.enrol(1, 3, DeviceRole::Till, 9, "A3");
    let epoch = shop.begin(1, &[1], &[]);
    shop.write(2, grant(epoch, 3, &[Scope::Shop]));
    assert!(!lacking(&shop).contains(&(epoch, 3, Scope::Shop)));
    shop.put_out(1, 2);
    assert!(lacking(&shop).contains(&(epoch, 3, Scope::Shop)));
}

/// However many epochs an owner's device begins that is out: those that count come first.
#[test]
fn a_flood_of_epochs_of_somebody_who_is_out_hides_none() {
    let mut shop = Shop::founded();
    shop.enrol(1, 2, DeviceRole::Owner, 1, "A2");
    let first = shop.begin(1, &[1, 2], &[]);
    shop.put_out(1, 2);
    for _ in 0..EPOCH_PARENTS_MAX + 6 {
        shop.begin(2, &[1], &[first]);
    }
    let second = shop.begin(1, &[1], &[first]);
    let newest = shop.members().newest_epochs(Scope::Shop, |_, _| true);
    assert_eq!((newest[0], newest.len()), (second, EPOCH_PARENTS_MAX));
}
