//! A device that is not alone: its profile was copied, or its disk put back. Both took real money, so
//! nothing is undone; what they have in common is the number of the next receipt, and that ends here.

use base::{DeviceId, LogId, Stream};
use identity::membership::Member;
use identity::role::DeviceRole;
use identity::terminal;

use crate::Device;
use crate::api::{CopiedDevice, Notice};
use crate::outbox::Turn;
use crate::records::CopyMark;
use crate::shop::Shop;
use crate::succeeding;

impl Device {
    /// Somebody writes in our own logs beside us, or has: from here on receipts are numbered under a
    /// code that nobody else has.
    pub(crate) fn learn_of_copy(&mut self, turn: &mut Turn<'_>) {
        let Some(shop) = self.shop.as_mut().filter(|shop| shop.copy_mark.is_none()) else {
            return;
        };
        let characters = terminal::mark(turn.random.bytes());
        shop.copy_mark = Some(characters.clone());
        let device = shop.me;
        self.record.copy_mark = Some(CopyMark { device, characters });
        self.keep_record(None, turn);
        self.offer_successor(turn);
        turn.out.notice(Notice::StatusChanged);
    }

    /// What a start finds of it on the disk: branches of our own logs, or more than we have written
    /// by what the disk says of that. Entries and how far they go are stored together.
    pub(crate) fn look_for_copies(&mut self, turn: &mut Turn<'_>) {
        let (Some(shop), Some(replica)) = (&mut self.shop, &self.replica) else {
            return;
        };
        let mark = self.record.copy_mark.as_ref();
        let mark = mark.filter(|mark| mark.device == shop.me);
        shop.copy_mark = mark.map(|mark| mark.characters.clone());
        let is_forked = shop.forked.iter().any(|log| log.device == shop.me);
        let is_ahead = Stream::ALL.into_iter().any(|stream| {
            let held = replica.holdings().last(LogId::new(shop.me, stream));
            held > shop.standing.head(stream)
        });
        if shop.standing.head(Stream::Sales) == 0 && is_ahead {
            // Receipts begin at 1 again: under an old mark there may be some with these numbers.
            shop.copy_mark = None;
        }
        if is_forked || is_ahead {
            self.learn_of_copy(turn);
        }
    }

    /// Devices that run twice, in the order of their ids.
    pub(crate) fn copied_devices(&self) -> Vec<CopiedDevice> {
        let Some(shop) = &self.shop else {
            return Vec::new();
        };
        let view = |(device, member): (DeviceId, &Member)| {
            let this_device = device == shop.me;
            let offers = succeeding::offers(shop, device);
            let machines: Vec<_> = offers.map(|keys| keys.device()).collect();
            let is_copied = if this_device {
                shop.copy_mark.is_some()
            } else {
                let is_forked = || shop.forked.iter().any(|log| log.device == device);
                let is_open = || is_forked() && !succeeding::is_succeeded(shop, device);
                // One that was put back asks before it has written anything anew.
                !machines.is_empty() || is_open()
            };
            is_copied.then(|| CopiedDevice {
                device,
                name: shop.name_of(device),
                this_device,
                machines,
                of_owner: member.role == DeviceRole::Owner,
            })
        };
        let living = shop.membership.members();
        let living = living.filter(|(_, member)| member.cuts.is_none());
        living.filter_map(view).collect()
    }
}

impl Shop {
    /// The code under which receipts are numbered here; `None` where nothing is sold.
    pub fn terminal(&self) -> Option<String> {
        let own = self.own()?;
        match &self.copy_mark {
            Some(mark) => Some(format!("{}{mark}", own.code.as_ref()?)),
            None => own.terminal(),
        }
    }
}
