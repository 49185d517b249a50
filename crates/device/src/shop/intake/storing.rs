//! What came from others and the disk has yet to take.
//!
//! It is counted and can be listed before; it is held, and stated, once it is on the disk. What the
//! disk refuses it is given again after a pause: nobody else may have it any more.

use std::collections::{BTreeMap, BTreeSet};

use base::effect::{Change, Durability, Table, Transaction};
use base::limits::{EFFECT_BYTES_MAX, EFFECT_ITEMS_MAX, STORAGE_PAUSE_MS};
use base::{Effect, Header, Segment, Stream};

use super::{Step, is_control};
use crate::outbox::Turn;
use crate::purpose::Purpose;
use crate::records;
use crate::shop::budget::Budget;

/// Verified segments that are not on the disk yet, by the keys of their rows.
#[derive(Debug, Default)]
pub struct Storing {
    /// What there is no room for here is listed later, and asked for again if the disk refuses it.
    unstored: BTreeMap<Vec<u8>, Segment>,
    room: Budget,
    /// Rows that the disk was given and has not answered for.
    given: BTreeSet<Vec<u8>>,
    /// Those of them that turned out not to open.
    dropped: BTreeSet<Vec<u8>>,
    /// When the disk is given again what it refused.
    again_ms: Option<u64>,
    /// The first row that it was given again and has not answered for. Where it takes that, it is
    /// given the rest at once; until then not, for all of it may be much.
    tried: Option<Vec<u8>>,
    /// The last row that it was given again: the next list begins behind it, so that one which it
    /// never takes holds nothing up.
    last: Option<Vec<u8>>,
}

/// What came of segments that the disk was given.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Stored {
    /// They are on it.
    pub kept: Vec<Header>,
    /// It could not take them, and will be given them again.
    pub again: Vec<Header>,
    /// It could not take them, and they are here no more.
    pub failed: Vec<Header>,
    /// Meanwhile they turned out not to open.
    pub dropped: Vec<Header>,
}

impl Storing {
    /// Asks for verified segments to be kept; `removals` makes room where they take the place of
    /// others.
    ///
    /// Never strict: the statement that follows is the barrier.
    pub fn store(
        &mut self,
        segments: &[Segment],
        removals: Vec<Change>,
        durability: Durability,
        turn: &mut Turn<'_>,
    ) {
        let put = |segment: &Segment| Change::Put {
            table: Table::Segments,
            key: records::segment_key(&segment.header),
            value: segment.to_bytes(),
        };
        let changes = segments.iter().map(put);
        let changes = changes.chain(removals).collect();
        for segment in segments {
            let key = records::segment_key(&segment.header);
            self.given.insert(key.clone());
            self.forget(&key);
            if self.room.take(segment.body.len()) {
                self.unstored.insert(key, segment.clone());
            }
        }
        let headers = segments
            .iter()
            .map(|segment| segment.header.clone())
            .collect();
        let transaction = Transaction {
            durability,
            changes,
        };
        turn.out.effect(
            Purpose::Intake(Step::Store(headers)),
            Effect::Store(transaction),
        );
    }

    /// The disk has answered for these: they are on it, or it could not take them.
    pub fn answered(&mut self, headers: &[Header], taken: bool, now_ms: u64) -> Stored {
        let mut stored = Stored::default();
        for header in headers {
            let key = records::segment_key(header);
            self.given.remove(&key);
            if self.tried.take_if(|tried| *tried == key).is_some() && taken {
                self.again_ms = Some(now_ms);
            }
            let part = if self.dropped.remove(&key) {
                &mut stored.dropped
            } else if taken {
                &mut stored.kept
            } else if self.unstored.contains_key(&key) {
                self.again_ms.get_or_insert(now_ms + STORAGE_PAUSE_MS);
                &mut stored.again
            } else {
                &mut stored.failed
            };
            part.push(header.clone());
            if taken {
                self.forget(&key);
            }
        }
        stored
    }

    /// When [`Storing::store_again`] is due.
    pub fn deadline(&self) -> Option<u64> {
        self.again_ms
    }

    /// Gives the disk again what it refused, a list of it, when that is due.
    pub fn store_again(&mut self, turn: &mut Turn<'_>) {
        if self.again_ms.is_none_or(|at| turn.now.mono_ms < at) {
            return;
        }
        self.again_ms = None;
        let list = self.next_refused();
        if let Some(first) = list.first() {
            self.tried = Some(records::segment_key(&first.header));
            let last = list.last().map(|last| records::segment_key(&last.header));
            self.last = last;
            let durability = durability_of(first.header.stream);
            self.store(&list, Vec::new(), durability, turn);
        }
    }

    /// As many of those that it refused as one transaction takes, all to be kept in one way: those
    /// behind the last that it was given first.
    fn next_refused(&self) -> Vec<Segment> {
        let (mut list, mut bytes) = (Vec::<Segment>::new(), 0);
        let is_behind = |key: &&Vec<u8>| Some(*key) > self.last.as_ref();
        let (behind, before): (Vec<_>, Vec<_>) =
            self.refused().partition(|(key, _)| is_behind(key));
        for (_, segment) in behind.into_iter().chain(before) {
            let way = |segment: &Segment| durability_of(segment.header.stream);
            bytes += segment.body.len();
            let fits = list.len() < EFFECT_ITEMS_MAX && bytes <= EFFECT_BYTES_MAX;
            if list
                .first()
                .is_some_and(|first| !fits || way(first) != way(segment))
            {
                break;
            }
            list.push(segment.clone());
        }
        list
    }

    /// Whether the disk has yet to take a segment.
    pub fn is_on_its_way(&self, header: &Header) -> bool {
        let key = records::segment_key(header);
        self.unstored.contains_key(&key) || self.given.contains(&key)
    }

    /// A segment does not open. Gives whether the disk has yet to answer for it.
    pub fn drop_unopened(&mut self, header: &Header) -> bool {
        let key = records::segment_key(header);
        self.forget(&key);
        let given = self.given.contains(&key);
        if given {
            self.dropped.insert(key);
        }
        given
    }

    /// Segments of control that the disk would not take, as many as go along with a commit.
    pub fn refused_control(&self) -> Vec<Segment> {
        let refused = self.refused().map(|(_, segment)| segment);
        let control = refused.filter(|segment| is_control(segment));
        control.take(EFFECT_ITEMS_MAX).cloned().collect()
    }

    /// All that is here.
    pub fn unstored(&self) -> impl Iterator<Item = &Segment> {
        self.unstored.values()
    }

    fn refused(&self) -> impl Iterator<Item = (&Vec<u8>, &Segment)> {
        let unstored = self.unstored.iter();
        unstored.filter(|(key, _)| !self.given.contains(*key))
    }

    fn forget(&mut self, key: &[u8]) {
        if let Some(segment) = self.unstored.remove(key) {
            self.room.give_back(segment.body.len());
        }
    }
}

/// How rows of a stream that others wrote are kept, and removed: one key in one order.
///
/// Own entries build on control and on what `shop` says of people and prices, so that comes to the
/// disk before them. They build on nobody's sales.
pub const fn durability_of(stream: Stream) -> Durability {
    match stream {
        Stream::Sales => Durability::Deferred,
        Stream::Control | Stream::Shop | Stream::Office => Durability::Relaxed,
    }
}

/// Rows with the way in which each is kept, or removed: what is ordered, then what is deferred.
pub fn by_durability<T>(
    rows: Vec<T>,
    stream: impl Fn(&T) -> Option<Stream>,
) -> [(Durability, Vec<T>); 2] {
    let is_deferred = |row: &T| stream(row).map(durability_of) == Some(Durability::Deferred);
    let (deferred, ordered) = rows.into_iter().partition(is_deferred);
    [
        (Durability::Relaxed, ordered),
        (Durability::Deferred, deferred),
    ]
}

#[cfg(test)]
mod tests {
    use base::limits::WAITING_BYTES_MAX;
    use base::{Now, Output};

    use super::super::tests::{Zeros, segment};
    use super::*;
    use crate::outbox::Outbox;

    #[test]
    fn what_was_dropped_is_not_held_when_the_disk_answers_for_it_later() {
        let [right, wrong] = [1, 2].map(|first| segment(first, 9).header);
        let key = records::segment_key;
        for taken in [true, false] {
            let mut storing = Storing::default();
            storing.given.extend([key(&right), key(&wrong)]);
            assert!(storing.drop_unopened(&wrong), "the disk has not answered");
            let both = [right.clone(), wrong.clone()];
            let answered = storing.answered(&both, taken, 0);
            assert_eq!(answered.dropped, std::slice::from_ref(&wrong));
            let rest = if taken {
                answered.kept
            } else {
                answered.failed
            };
            assert_eq!(rest, std::slice::from_ref(&right));
            // The next copy is another matter.
            storing.given.insert(key(&wrong));
            let answered = storing.answered(std::slice::from_ref(&wrong), true, 0);
            assert_eq!(answered.kept, std::slice::from_ref(&wrong));
            assert_eq!(answered.dropped, []);
            assert!(!storing.drop_unopened(&wrong), "it is on the disk");
        }
    }

    /// As many as there is room for; and no transaction is longer than the store takes.
    #[test]
    fn the_disk_is_given_again_what_it_refused_once_a_pause_is_over() {
        let mut storing = Storing::default();
        let bytes = EFFECT_BYTES_MAX / 2;
        let fit = WAITING_BYTES_MAX / bytes;
        let segments: Vec<_> = (1..=fit as u64 + 1).map(|it| segment(it, bytes)).collect();
        let headers: Vec<_> = segments.iter().map(|it| it.header.clone()).collect();
        let mut out = Outbox::default();
        let mut turn = Turn {
            now: Now::default(),
            random: &mut Zeros,
            out: &mut out,
        };
        storing.store(&segments, vec![], Durability::Deferred, &mut turn);
        assert!(turn.out.take().is_some());
        let answered = storing.answered(&headers, false, 7);
        assert_eq!(answered.again, headers[..fit]);
        assert_eq!(answered.failed, headers[fit..]);

        let due = STORAGE_PAUSE_MS + 7;
        assert_eq!(storing.deadline(), Some(due));
        turn.now.mono_ms = due - 1;
        storing.store_again(&mut turn);
        assert_eq!(turn.out.take(), None);
        turn.now.mono_ms = due;

        // No more than one list while it refuses, another one each time; one behind the other once
        // it takes them.
        let mut given = Vec::new();
        for taken in [false, false].into_iter().chain((0..fit).map(|_| true)) {
            storing.store_again(&mut turn);
            let list = match turn.out.take() {
                Some(Output::Effect(_, Effect::Store(transaction))) => transaction.changes,
                _ => break,
            };
            assert_eq!(turn.out.take(), None);
            let is_in_list = |it: &&Header| {
                let wanted = records::segment_key(it);
                list.iter()
                    .any(|change| matches!(change, Change::Put { key, .. } if *key == wanted))
            };
            let list: Vec<_> = headers.iter().filter(is_in_list).cloned().collect();
            assert!((1..=2).contains(&list.len()));
            let now_ms = turn.now.mono_ms;
            storing.answered(&list, taken, now_ms);
            given.extend(list);
            if taken {
                assert_eq!(storing.deadline(), Some(now_ms));
            } else {
                turn.now.mono_ms += STORAGE_PAUSE_MS;
                assert_eq!(storing.deadline(), Some(turn.now.mono_ms));
            }
        }
        let round = (0..fit).chain(0..4).map(|it| headers[it].clone());
        assert_eq!(given, round.collect::<Vec<_>>());
        assert_eq!(storing.deadline(), None);
        assert_eq!(storing.unstored().count(), 0);
        assert!(storing.room.take(WAITING_BYTES_MAX), "all of it");
    }
}
