//! What is not yet everywhere, and for whom it waits; what is kept and not counted.

use base::machine::Channel;
use base::{LogId, Stream};
use sync_core::{Replica, Span, Spans};

use crate::Device;
use crate::api::{Member, NotCounted, WaitingFor};
use crate::shop::{self, Shop};

impl Device {
    /// What waits for whom.
    pub(crate) fn waiting_for(&self) -> Vec<WaitingFor> {
        let (Some(shop), Some(replica)) = (&self.shop, &self.replica) else {
            return Vec::new();
        };
        let members = self.members().into_iter();
        let others = members.filter(|member| !member.this_device);
        let lists = others.flat_map(|member| {
            let lacks = replica.lacks(member.device);
            let list = |(stream, entries)| self.list(shop, replica, &member, stream, entries);
            lacks.into_iter().map(list).collect::<Vec<_>>()
        });
        lists.collect()
    }

    fn list(
        &self,
        shop: &Shop,
        replica: &Replica,
        member: &Member,
        stream: Stream,
        entries: u64,
    ) -> WaitingFor {
        let own = LogId::new(shop.me, stream);
        let lacking = replica
            .delivery()
            .lacking(member.device, own, replica.holdings());
        let first_sale = || {
            let sales = |span: &Span| shop.own_sales.first_in(*span);
            lacking.iter().find_map(sales)
        };
        WaitingFor {
            device: member.device,
            name: member.name.clone(),
            topic: topic(stream),
            entries,
            created_at_ms: (stream == Stream::Sales).then(first_sale).flatten(),
            priority: if member.linked {
                Channel::Live
            } else {
                Channel::Bulk
            },
            retries: self.meeting.tries(member.device),
            peer_acked_at_ms: acked_ms(shop, own, &lacking),
        }
    }
}

impl Device {
    /// What is kept and not counted.
    pub(crate) fn not_counted(&self) -> Vec<NotCounted> {
        let Some(shop) = &self.shop else {
            return Vec::new();
        };
        let view = |(log, span, why): (LogId, Span, &'static str)| NotCounted {
            device: log.device,
            name: shop.name_of(log.device),
            topic: topic(log.stream),
            first: span.first,
            last: span.last,
            why,
        };
        shop.quarantine.runs().into_iter().map(view).collect()
    }
}

/// Since when all of `lacking` is durable on other members, as far as they have signed.
fn acked_ms(shop: &Shop, log: LogId, lacking: &[Span]) -> Option<u64> {
    let mut vouched: Vec<_> = shop
        .holders
        .vouched(log, |device| shop.vouches(device))
        .collect();
    vouched.sort_by_key(|(wall_ms, _)| *wall_ms);
    let mut safe = Spans::default();
    let mut said = vouched.into_iter().filter(|_| !lacking.is_empty());
    let covering = said.find(|(_, runs)| {
        let spans = shop::spans(runs);
        spans.iter().for_each(|span| safe.insert(span));
        lacking.iter().all(|span| safe.covers(*span))
    });
    covering.map(|(wall_ms, _)| wall_ms)
}

/// The word that logs and the console use for a stream.
const fn topic(stream: Stream) -> &'static str {
    match stream {
        Stream::Sales => "transaction",
        Stream::Shop => "inventory",
        Stream::Control => "employee",
        Stream::Office => "office",
    }
}
