//! Epochs: which to write in, who lacks a secret, and who reads what after all.

use std::collections::BTreeSet;

use base::EpochName;
use base::effect::WRAP_BYTES;

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
        secrets: Vec::new(),
    };
    control::Epoch {
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
    let all = shop.members().lacking_secrets().into_iter();
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
    assert!(epoch.wrap(to, Scope::Shop).is_some());
    assert!(epoch.wrap(Recipient::Recovery, Scope::Shop).is_none());
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
    let newest = |shop: &Shop| shop.members().newest_epochs().collect::<Vec<_>>();
    let both = [one.min(other), one.max(other)];
    assert_eq!(newest(&shop), both);
    assert_eq!(shop.members().writing_epoch(|_| true), Some(both[0]));
    let next = shop.begin(2, &[1, 2], &both);
    assert_eq!(newest(&shop), [next]);
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

/// Only an owner's device in standing begins epochs or gives them.
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
