//! Putting a device out: what we hold of it stays counted, what comes later does not.

use base::limits::CUT_HOLES_MAX;
use base::{DeviceId, LogId, Stream};
use identity::control::{Control, Cut, Revoke};
use identity::membership::Member;
use identity::role::{DeviceRole, Right};
use sync_core::{Holdings, Span};

use crate::Device;
use crate::api::{PutOutDevice, Refusal, RequestId};
use crate::requests::Outcome;
use crate::shop::Shop;
use crate::shop::intent::Intent;

impl Device {
    /// Puts a device out, on an owner's device that stands above it. Of one that is out already,
    /// counts the sales that have come since; nothing else that it wrote since counts ever.
    pub(crate) fn put_out(&mut self, id: RequestId, device: DeviceId) -> Outcome {
        let by = self.allowed(Right::Devices)?;
        let shop = self.in_shop()?;
        let member = shop.membership.member(device);
        let member = member.ok_or_else(Refusal::unknown_device)?;
        if device == shop.me {
            return Err(Refusal::new(
                "own-device",
                "This device cannot put itself out. Do it on another device of an owner.",
            ));
        }
        if shop.own().is_none_or(|own| own.role != DeviceRole::Owner) {
            return Err(Refusal::new(
                "not-owner-device",
                "A device is put out on a device of the owner.",
            ));
        }
        if !stands_above(shop, member) {
            return Err(Refusal::new(
                "higher-device",
                "That device of an owner stands above this one. The device that the shop was \
                 created on can put it out, or one on which the twelve words were typed.",
            ));
        }
        let replica = self.replica.as_ref().ok_or_else(Refusal::no_shop)?;
        let mut cuts = cuts_of(device, replica.holdings());
        if member.cuts.is_some() {
            let further = |cut: &Cut| member.end(cut.stream).is_none_or(|end| end < cut.seq);
            cuts.retain(|cut| cut.stream == Stream::Sales && further(cut));
            if cuts.is_empty() {
                return Err(Refusal::new(
                    "already-out",
                    "That device is out already, and nothing has come from it since that could \
                     be counted.",
                ));
            }
        }
        let revoke = Control::Revoke(Revoke { device, cuts });
        let shop = self.in_shop_mut()?;
        shop.want(Some(id), Some(by), Intent::Control(revoke))
            .map(|()| None)
    }

    /// Devices that were put out, in the order of their names.
    pub(crate) fn put_out_devices(&self) -> Vec<PutOutDevice> {
        let (Some(shop), Some(replica)) = (&self.shop, &self.replica) else {
            return Vec::new();
        };
        let view = |(device, member): (DeviceId, &Member)| {
            let end = member.end(Stream::Sales)?;
            let sales = LogId::new(device, Stream::Sales);
            let last = replica.holdings().last_within(sales, CUT_HOLES_MAX);
            let last = last.map_or(0, |(last, _)| last);
            let (late, shared) = shop.judged.within(sales, end, last);
            Some(PutOutDevice {
                device,
                name: shop.name_of(device),
                terminal: member.terminal(),
                late: late.iter().map(Span::count).sum::<u64>() + shared.len() as u64,
            })
        };
        let mut devices: Vec<_> = shop.membership.members().filter_map(view).collect();
        devices.sort_by(|a, b| (&a.name, a.device).cmp(&(&b.name, b.device)));
        devices
    }
}

/// Whether this device may put a member out: it is an owner's and stands above it.
pub(crate) fn stands_above(shop: &Shop, member: &Member) -> bool {
    let owner = |own: &&Member| own.role == DeviceRole::Owner;
    shop.own()
        .filter(owner)
        .is_some_and(|own| own.rank < member.rank)
}

/// Where what we hold of a device's logs ends. What is missing before that counts when it comes,
/// for the chain value at the end commits to it; but nobody can keep numbers for later by a
/// segment far ahead.
fn cuts_of(device: DeviceId, holdings: &Holdings) -> Vec<Cut> {
    let cut = |stream| {
        let log = LogId::new(device, stream);
        let (seq, chain) = holdings.last_within(log, CUT_HOLES_MAX)?;
        Some(Cut { stream, seq, chain })
    };
    Stream::ALL.into_iter().filter_map(cut).collect()
}
