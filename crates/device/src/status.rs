//! What screens ask about: where the device stands, who the members are.

use base::{LogId, Stream};
use domain::fold::{FOLD_VERSION, Scope};
use sync_core::Link;

use crate::Device;
use crate::api::{
    Counts, Heard, JudgedRun, KeysInUse, Member, Refusal, ShopStatus, StateHash, Status,
};
use crate::people;
use crate::putting_out::stands_above;
use crate::shop::Shop;
use crate::shop::intent::writing_epoch;
use crate::succeeding;

impl Device {
    /// Where the device stands.
    pub(crate) fn status(&self, wall_ms: u64) -> Option<Status> {
        let shop = self
            .shop
            .as_ref()
            .filter(|shop| shop.open && shop.own().is_some());
        let employee = shop.and_then(|shop| {
            let id = self.record.employee?;
            shop.membership.employee(id)?;
            people::view(&shop.membership, &shop.state, id)
        });
        let copies = shop.map(Shop::own_sales_kept).unwrap_or_default();
        let name = shop.map(|shop| shop.name_of(shop.me));
        Some(Status {
            device: self.me()?,
            device_name: name.unwrap_or_else(|| self.record.name.clone()),
            shop: shop.and_then(|shop| shop_status(shop, wall_ms)),
            shut: self.shut(),
            employee,
            pending: copies.pending,
            pending_since_ms: copies.pending_since_ms,
            peer_ack: copies.peers,
            cloud_ack: copies.cloud,
            linked: self.members_linked(),
            clock_skew_ms: self.clock_skew_ms(),
            quarantined: shop.map_or(0, |shop| shop.quarantined() as u32),
            waiting: shop.map_or(0, |shop| shop.waiting() as u32),
            newer: shop.map_or(0, |shop| shop.newer() as u32),
            storage_trouble: self.storage_trouble.clone(),
            words_unconfirmed: self.record.words_unconfirmed == Some(true),
            copied: self.copied_devices(),
            succeeds: self.may_succeed(),
            overtaken: self.overtaken,
            keys: self.shop.as_ref().and_then(keys_in_use),
        })
    }

    /// Why what is on the disk cannot be used here, if so.
    pub(crate) fn shut(&self) -> Option<Refusal> {
        if let Some(refusal) = &self.no_start {
            return Some(refusal.clone());
        }
        let shop = self.shop.as_ref();
        let shop = shop.filter(|_| self.ready && self.record.shop.is_some())?;
        let own = shop.membership.member(shop.me);
        if own.is_some_and(|own| own.cuts.is_some()) {
            return Some(Refusal::put_out());
        }
        let unread = shop.own().is_none() || shop.state.settings().is_none();
        unread.then(Refusal::unread)
    }

    fn members_linked(&self) -> Vec<base::DeviceId> {
        let mut linked = self.links.linked();
        linked.retain(|device| self.is_member(*device));
        linked
    }

    fn clock_skew_ms(&self) -> Option<i64> {
        let linked = self.members_linked().into_iter();
        let links = linked.filter_map(|device| self.links.up_to(device));
        middle(links.filter_map(Link::ahead_ms).collect())
    }

    /// Every member.
    pub(crate) fn members(&self) -> Vec<Member> {
        let Some(shop) = &self.shop else {
            return Vec::new();
        };
        let linked = self.members_linked();
        let living = shop
            .membership
            .members()
            .filter(|(_, member)| member.cuts.is_none());
        let view = |(device, member): (base::DeviceId, &identity::membership::Member)| {
            let round_trip = self.links.up_to(device).and_then(Link::round_trip_ms);
            let replica = self.replica.as_ref();
            let lacks = replica.map_or(0, |replica| replica.lacks(device).values().sum());
            let we_lack = replica.map_or(0, |replica| {
                replica.delivery().we_lack(device, replica.holdings())
            });
            Member {
                device,
                name: shop.name_of(device),
                role: member.role,
                terminal: member.terminal(),
                this_device: device == shop.me,
                below: stands_above(shop, member),
                linked: linked.contains(&device),
                succeeded: succeeding::is_succeeded(shop, device),
                last_heard_ms: self.heard_of(shop, device),
                last_sync_ms: self.in_step.get(&device).copied(),
                round_trip_ms: round_trip.map(|ms| ms as u32),
                lacks: if device == shop.me { 0 } else { lacks },
                we_lack: if device == shop.me { 0 } else { we_lack },
            }
        };
        living.map(view).collect()
    }

    /// How fresh what we hold of every other selling member is.
    pub(crate) fn selling_members(&self) -> Vec<Heard> {
        let sells = |member: &Member| member.terminal.is_some() && !member.this_device;
        let heard = |member: Member| Heard {
            device: member.device,
            name: member.name,
            terminal: member.terminal.unwrap_or_default(),
            linked: member.linked,
            last_heard_ms: member.last_heard_ms,
        };
        self.members()
            .into_iter()
            .filter(sells)
            .map(heard)
            .collect()
    }

    fn heard_of(&self, shop: &Shop, device: base::DeviceId) -> Option<u64> {
        let terminal = shop.membership.member(device)?.terminal()?;
        let sale = shop.state.latest_sale_ms(&terminal);
        self.heard.get(&device).copied().max(sale)
    }

    /// How many of everything.
    pub(crate) fn counts(&self) -> Counts {
        let Some(shop) = &self.shop else {
            return Counts::default();
        };
        Counts {
            entries: self
                .replica
                .as_ref()
                .map_or(0, |replica| replica.holdings().entries()),
            sales: shop.state.sales(),
            products: shop.state.catalogue().len() as u64,
            conflicts: shop.state.conflicts() as u64,
            quarantined: shop.quarantined(),
            waiting: shop.waiting() as u64,
        }
    }

    /// The hash of the folded state.
    pub(crate) fn state_hash(&self, office: bool) -> StateHash {
        let shop = self.shop.as_ref();
        let judged = shop.map(|shop| shop.judged.vector()).unwrap_or_default();
        let in_scope = |log: &LogId| office == (log.stream == Stream::Office);
        let of_log = |(log, runs): (LogId, &[base::Run])| {
            let run = |run: &base::Run| JudgedRun {
                log: log.to_string(),
                first: run.first,
                last: run.last,
                mark: run.mark.hex(),
            };
            runs.iter().map(run).collect::<Vec<_>>()
        };
        let judged = judged
            .logs()
            .filter(|(log, _)| in_scope(log))
            .flat_map(of_log)
            .collect();
        let (scope, word) = if office {
            (Scope::Office, "office")
        } else {
            (Scope::Shop, "shop")
        };
        let hash = shop
            .map(|shop| base::hash::Sha(shop.state.hash(scope)).0)
            .unwrap_or_default();
        let hash = hash.iter().map(|byte| format!("{byte:02x}")).collect();
        StateHash {
            scope: word,
            fold_version: FOLD_VERSION,
            judged,
            hash,
        }
    }

    /// Highest number up to which nothing is missing, per log.
    pub(crate) fn vector(&self) -> Vec<(String, u64)> {
        let Some(replica) = &self.replica else {
            return Vec::new();
        };
        let holdings = replica.holdings();
        holdings
            .logs()
            .map(|(log, _)| (log.to_string(), holdings.contiguous(log)))
            .collect()
    }
}

fn keys_in_use(shop: &Shop) -> Option<KeysInUse> {
    let epoch = writing_epoch(shop)?;
    let since_ms = shop.membership.epochs().get(&epoch)?.began_ms;
    Some(KeysInUse { epoch, since_ms })
}

/// The middle one of some numbers; of two in the middle the one nearer to nothing.
fn middle(mut numbers: Vec<i64>) -> Option<i64> {
    numbers.sort_unstable();
    let upper = numbers.get(numbers.len() / 2).copied()?;
    let lower = numbers.get(numbers.len().saturating_sub(1) / 2).copied()?;
    Some(if lower.unsigned_abs() < upper.unsigned_abs() {
        lower
    } else {
        upper
    })
}

fn shop_status(shop: &Shop, wall_ms: u64) -> Option<ShopStatus> {
    let settings = shop.state.settings()?;
    let own = shop.own()?;
    Some(ShopStatus {
        id: shop.id,
        name: settings.name,
        currency: settings.currency,
        tax_mode: settings.tax_mode,
        tax_rates: settings.tax_rates,
        role: own.role,
        terminal: shop.terminal(),
        business_date: shop.business_date(wall_ms),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_wrong_clock_among_many_is_not_ours() {
        assert_eq!(middle(vec![]), None);
        assert_eq!(middle(vec![-90_000]), Some(-90_000));
        assert_eq!(middle(vec![90_000, 10]), Some(10));
        assert_eq!(middle(vec![-5, 86_400_000, 7]), Some(7));
    }

    #[test]
    fn a_gap_in_what_was_judged_is_seen() {
        let me = base::DeviceId([2; 16]);
        let mut shop = Shop::new(base::ShopId([1; 16]), me, crate::Setup::default());
        for seq in [1, 2, 5] {
            let mark = base::Mark([seq as u8; 8]);
            let log = LogId::new(me, Stream::Sales);
            shop.judged.count(&base::EntryRef { log, seq, mark });
        }
        let device = Device {
            shop: Some(shop),
            ..Device::default()
        };
        let judged = device.state_hash(false).judged;
        let runs: Vec<_> = judged.iter().map(|run| (run.first, run.last)).collect();
        assert_eq!(runs, [(1, 2), (5, 5)]);
    }
}
