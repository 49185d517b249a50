//! How far sales get, and how soon: which device counts which sale, as its notices say.

use std::collections::{BTreeMap, VecDeque};
use std::fmt;
use std::iter::Sum;

use device::api::{Notice, Reply};
use domain::sale::SaleId;

use super::Till;
use super::figures::percent;
use crate::clock::Moment;
use crate::crypto::CryptoHands;
use crate::world::{NodeId, Told, World};

/// A sale is in time where it is counted this long after it was shown as paid, milliseconds.
pub const SOON_MS: u64 = 5 * 60_000;
/// A device could have a sale in time if it and the seller were with the shop for the end of that
/// time, at least this long, milliseconds: long enough to fetch what was missed.
pub const JOINED_MS: u64 = 30_000;
/// From one look at who is with the shop to the next, milliseconds.
const LOOK_MS: u64 = 1_000;

/// Pairs of a sale that was shown as paid and a device that did not make it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Reached {
    /// All of them.
    pub pairs: u64,
    /// Those that were counted within [`SOON_MS`].
    pub soon: u64,
    /// Those whose seller and device were *with the shop* for the last [`JOINED_MS`] of that time:
    /// they ran, and were among the most devices that open links join, whose paths nothing blocks.
    pub pairs_joined: u64,
    /// Those of them that were counted within [`SOON_MS`].
    pub soon_joined: u64,
}

/// A sale and who counts it.
#[derive(Debug, Clone, Default)]
struct Tracked {
    /// Whose screen showed it as paid, and when.
    paid: Option<(NodeId, Moment)>,
    /// Who counts it, by the number of the node.
    had: Vec<bool>,
    counted: usize,
}

/// The bystander who looks how far sales get.
///
/// What a device reads from its disk at a start it does not tell anybody, so that this can take a
/// pair for one that is missing, and none that is missing for one that is there.
#[derive(Debug, Default)]
pub struct Reach {
    nodes: usize,
    sales: BTreeMap<SaleId, Tracked>,
    /// Sales whose time is not over, oldest first.
    open: VecDeque<(Moment, SaleId)>,
    /// When each node was last seen not to be with the shop.
    apart_at: Vec<Option<Moment>>,
    next_look: Moment,
    /// Pairs of paid sales and devices that do not count them yet.
    lacking: u64,
    reached: Reached,
}

impl Reach {
    /// Begins to look, at a world of so many nodes.
    pub fn new(nodes: usize) -> Self {
        Self {
            nodes,
            apart_at: vec![None; nodes],
            ..Self::default()
        }
    }

    /// Pairs of sales that were shown as paid and devices that were never heard to count them.
    pub fn lacking(&self) -> u64 {
        self.lacking
    }

    /// Looks who is with the shop, once a second.
    pub fn look<M: Till, H: CryptoHands>(&mut self, world: &World<M, H>) {
        let now = world.now();
        if now < self.next_look {
            return;
        }
        self.next_look = now.plus_ms(LOOK_MS);
        let joined = most_joined(world);
        for (apart_at, joined) in self.apart_at.iter_mut().zip(joined) {
            if !joined {
                *apart_at = Some(now);
            }
        }
    }

    /// Hears what a device says.
    pub fn hear(&mut self, told: &Told<Notice>) {
        self.close_until(told.at);
        match &told.notice {
            Notice::Sales { sales, .. } => {
                for sale in sales {
                    self.counted(sale.id, told.node);
                }
            }
            Notice::Reply(_, Reply::Sold(receipt)) => self.paid(receipt.id, told.node, told.at),
            _ => {}
        }
    }

    /// Everything was heard: says how far sales got.
    pub fn finish(&mut self) -> Reached {
        self.close_until(Moment(u64::MAX));
        self.reached
    }

    fn tracked(&mut self, sale: SaleId) -> &mut Tracked {
        let nodes = self.nodes;
        self.sales.entry(sale).or_insert_with(|| Tracked {
            had: vec![false; nodes],
            ..Tracked::default()
        })
    }

    fn counted(&mut self, sale: SaleId, node: NodeId) {
        let tracked = self.tracked(sale);
        let Some(had) = tracked.had.get_mut(node.0 as usize) else {
            return;
        };
        if !std::mem::replace(had, true) {
            tracked.counted += 1;
            if tracked.paid.is_some() {
                self.lacking -= 1;
            }
        }
    }

    fn paid(&mut self, sale: SaleId, node: NodeId, at: Moment) {
        // Whoever shows it as paid has it, though it may count it a moment later.
        self.counted(sale, node);
        let tracked = self.tracked(sale);
        if tracked.paid.is_none() {
            tracked.paid = Some((node, at));
            let lacking = tracked.had.len() - tracked.counted;
            self.lacking += lacking as u64;
            self.open.push_back((at.plus_ms(SOON_MS), sale));
        }
    }

    fn close_until(&mut self, at: Moment) {
        while let Some((over, sale)) = self.open.pop_front_if(|(over, _)| *over < at) {
            self.close(over, sale);
        }
    }

    /// How far all sales got up to now, as if the time of each were over.
    pub fn so_far(&self, now: Moment) -> Reached {
        let sales = self.sales.values();
        sales.map(|tracked| self.count(tracked, now)).sum()
    }

    /// The time of a sale is over.
    fn close(&mut self, over: Moment, sale: SaleId) {
        let reached = self.sales.get(&sale);
        let reached = reached.map(|tracked| self.count(tracked, over));
        self.reached = reached.into_iter().chain([self.reached]).sum();
    }

    fn count(&self, tracked: &Tracked, over: Moment) -> Reached {
        let mut reached = Reached::default();
        let Some((seller, _)) = tracked.paid else {
            return reached;
        };
        let seller = seller.0 as usize;
        let was_joined = |node: usize| {
            let apart_at = self.apart_at.get(node).copied().flatten();
            apart_at.is_none_or(|apart| apart.plus_ms(JOINED_MS) <= over)
        };
        let from_seller = was_joined(seller);
        let others = tracked.had.iter().enumerate();
        for (node, had) in others.filter(|(node, _)| *node != seller) {
            let joined = from_seller && was_joined(node);
            reached.pairs += 1;
            reached.soon += u64::from(*had);
            reached.pairs_joined += u64::from(joined);
            reached.soon_joined += u64::from(joined && *had);
        }
        reached
    }
}

impl Sum for Reached {
    fn sum<I: Iterator<Item = Self>>(all: I) -> Self {
        all.fold(Self::default(), |one, other| Self {
            pairs: one.pairs + other.pairs,
            soon: one.soon + other.soon,
            pairs_joined: one.pairs_joined + other.pairs_joined,
            soon_joined: one.soon_joined + other.soon_joined,
        })
    }
}

impl fmt::Display for Reached {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} of {} sales at devices with the shop, {} of all {}",
            percent(self.soon_joined, self.pairs_joined),
            self.pairs_joined,
            percent(self.soon, self.pairs),
            self.pairs,
        )
    }
}

/// Of each node, whether it runs and is among the most that open links join, whose paths nothing
/// blocks; of two groups of one size the one with the lowest number counts.
fn most_joined<M: Till, H: CryptoHands>(world: &World<M, H>) -> Vec<bool> {
    let nodes = world.nodes();
    let mut neighbours = vec![Vec::new(); nodes.len()];
    for (a, b) in world.network().passable_pairs() {
        neighbours[a.0 as usize].push(b.0 as usize);
        neighbours[b.0 as usize].push(a.0 as usize);
    }
    let mut seen = vec![false; nodes.len()];
    let mut most = Vec::new();
    for first in 0..nodes.len() {
        let mut group = Vec::new();
        let mut next = vec![first];
        while let Some(node) = next.pop() {
            if world.is_running(nodes[node]) && !std::mem::replace(&mut seen[node], true) {
                group.push(node);
                next.extend(&neighbours[node]);
            }
        }
        if group.len() > most.len() {
            most = group;
        }
    }
    let mut joined = vec![false; nodes.len()];
    for node in most {
        joined[node] = true;
    }
    joined
}

#[cfg(test)]
mod tests {
    use base::{DeviceId, EntryRef, LogId, Mark, Stream};

    use super::*;

    const SELLER: NodeId = NodeId(0);
    const NEAR: NodeId = NodeId(1);
    const FAR: NodeId = NodeId(2);

    fn sale(seq: u64) -> SaleId {
        SaleId(EntryRef {
            log: LogId::new(DeviceId([1; 16]), Stream::Sales),
            seq,
            mark: Mark([7; 8]),
        })
    }

    fn reach() -> Reach {
        Reach::new(3)
    }

    #[test]
    fn a_sale_counts_as_soon_where_it_came_within_its_time_whenever_it_was_paid() {
        let mut reach = reach();
        let paid = Moment::from_ms(1_000);
        // A device may hear of it before the seller's screen shows it.
        reach.counted(sale(1), NEAR);
        reach.paid(sale(1), SELLER, paid);
        assert_eq!(reach.lacking(), 1);
        let over = paid.plus_ms(SOON_MS);
        reach.close_until(over);
        assert_eq!(reach.reached, Reached::default(), "its time is not over");
        reach.close_until(over + 1);
        reach.counted(sale(1), FAR);
        let reached = reach.finish();
        assert_eq!(
            (reached.pairs, reached.soon),
            (2, 1),
            "the far one was late"
        );
        assert_eq!((reached.pairs_joined, reached.soon_joined), (2, 1));
        assert_eq!(reach.lacking(), 0);
    }

    #[test]
    fn whoever_is_apart_shortly_before_the_time_is_over_could_not_have_it() {
        let mut reach = reach();
        let paid = Moment::from_ms(1_000);
        let late = paid.plus_ms(SOON_MS - JOINED_MS + 1);
        for (seq, node, apart_at) in [(1, FAR, paid), (2, FAR, late), (3, SELLER, late)] {
            reach.apart_at = vec![None; 3];
            reach.apart_at[node.0 as usize] = Some(apart_at);
            reach.paid(sale(seq), SELLER, paid);
            reach.counted(sale(seq), NEAR);
            reach.close_until(Moment(u64::MAX));
        }
        let reached = reach.finish();
        assert_eq!((reached.pairs, reached.soon), (6, 3));
        assert_eq!((reached.pairs_joined, reached.soon_joined), (3, 2));
    }

    #[test]
    fn a_sale_that_nobody_saw_paid_or_that_comes_twice_counts_for_nothing() {
        let mut reach = reach();
        reach.counted(sale(1), NEAR);
        reach.paid(sale(2), SELLER, Moment::default());
        reach.paid(sale(2), SELLER, Moment::default());
        reach.counted(sale(2), FAR);
        reach.counted(sale(2), FAR);
        assert_eq!(reach.lacking(), 1);
        assert_eq!(reach.finish().pairs, 2);
    }
}
