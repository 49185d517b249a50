//! Our own sales by number, and how many of them are safe where.

use sync_core::{Span, Spans};

/// The numbers of our own sales with the moment of each, in order.
#[derive(Debug, Default)]
pub struct OwnSales(Vec<(u64, u64)>);

/// How many of our own sales are where.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Kept {
    /// Only here.
    pub pending: u32,
    /// When the first of those was made, milliseconds since 1970.
    pub pending_since_ms: Option<u64>,
    /// Durable on another device, and not off the premises.
    pub peers: u32,
    /// Durable off the premises.
    pub cloud: u32,
}

impl OwnSales {
    /// Takes note of a sale. A number counts once.
    ///
    /// # Units
    /// `wall_ms`: milliseconds since 1970 by our own clock.
    pub fn insert(&mut self, seq: u64, wall_ms: u64) {
        if let Err(at) = self.0.binary_search_by_key(&seq, |(seq, _)| *seq) {
            self.0.insert(at, (seq, wall_ms));
        }
    }

    /// Sales with the moment of each, in the order of their numbers.
    pub fn in_order(sales: impl Iterator<Item = (u64, u64)>) -> Self {
        Self(sales.collect())
    }

    /// A sale does not count any more.
    pub fn remove(&mut self, seq: u64) {
        if let Ok(at) = self.0.binary_search_by_key(&seq, |(seq, _)| *seq) {
            self.0.remove(at);
        }
    }

    /// When the first sale in `span` was made, milliseconds since 1970.
    pub fn first_in(&self, span: Span) -> Option<u64> {
        let (seq, wall_ms) = self.0.get(self.before(span.first))?;
        (*seq <= span.last).then_some(*wall_ms)
    }

    /// Counts what is safe where, without looking at every sale.
    pub fn kept(&self, peers: &Spans, cloud: &Spans) -> Kept {
        let safe: Spans = peers.iter().chain(cloud.iter()).collect();
        let (in_cloud, anywhere) = (self.count_in(cloud), self.count_in(&safe));
        let all = Span::new(1, self.0.last().map_or(1, |(seq, _)| *seq));
        let mut only_here = safe.missing(all).into_iter();
        Kept {
            pending: (self.0.len() - anywhere) as u32,
            pending_since_ms: only_here.find_map(|span| self.first_in(span)),
            peers: (anywhere - in_cloud) as u32,
            cloud: in_cloud as u32,
        }
    }

    fn count_in(&self, spans: &Spans) -> usize {
        let inside =
            |span: Span| self.before(span.last.saturating_add(1)) - self.before(span.first);
        spans.iter().map(inside).sum()
    }

    /// How many sales have a lower number.
    fn before(&self, seq: u64) -> usize {
        self.0.partition_point(|(held, _)| *held < seq)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Looks at every sale, one after the other.
    fn walked(sales: &OwnSales, peers: &Spans, cloud: &Spans) -> Kept {
        let mut kept = Kept::default();
        for (seq, wall_ms) in &sales.0 {
            let one = Span::new(*seq, *seq);
            if cloud.covers(one) {
                kept.cloud += 1;
            } else if peers.covers(one) {
                kept.peers += 1;
            } else {
                kept.pending += 1;
                kept.pending_since_ms = kept.pending_since_ms.or(Some(*wall_ms));
            }
        }
        kept
    }

    #[test]
    fn the_count_is_what_a_walk_over_every_sale_counts() {
        let mut state = 11_u64;
        let mut below = |n: u64| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            (state >> 33) % n
        };
        for _ in 0..500 {
            let mut sales = OwnSales::default();
            for _ in 0..below(40) {
                let seq = 1 + below(60);
                sales.insert(seq, 1_000 + seq);
            }
            let [peers, cloud] = [(); 2].map(|()| {
                let span = |first: u64, length| Span::new(first, first + length);
                let count = below(4);
                (0..count).map(|_| span(1 + below(70), below(20))).collect()
            });
            assert_eq!(sales.kept(&peers, &cloud), walked(&sales, &peers, &cloud));
        }
    }

    #[test]
    fn a_number_counts_once_whatever_the_order() {
        let mut sales = OwnSales::default();
        for seq in [3, 1, 3, 2] {
            sales.insert(seq, seq * 10);
        }
        assert_eq!(sales.kept(&Spans::default(), &Spans::default()).pending, 3);
        assert_eq!(sales.first_in(Span::new(2, 9)), Some(20));
        assert_eq!(sales.first_in(Span::new(4, 9)), None);
    }
}
