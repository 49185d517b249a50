//! What came from others and the disk has yet to take.
//!
//! It is counted and can be listed before; it is held, and stated, once it is on the disk. What the
//! disk refuses it is given again after a pause: nobody else may have it any more.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound::{Excluded, Included, Unbounded};

use base::effect::{Change, Durability, Table, Transaction};
use base::limits::{EFFECT_BYTES_MAX, EFFECT_ITEMS_MAX, STORAGE_PAUSE_MS};
use base::{Effect, Header, Segment, Stream};

use super::{Step, is_control};
use crate::outbox::Turn;
use crate::purpose::Purpose;
use crate::records;
use crate::shop::budget::Budget;

/// Verified segments that are not on the disk yet, by the keys of their rows.
#[derive(Debug)]
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
    /// The last row that it was given again: the next list begins behind it.
    last: Vec<u8>,
    /// How many rows it is given again in one list: half as many when it refuses one, so that a row
    /// which it never takes is given alone at last and holds nothing up; twice as many when it
    /// takes one.
    list_max: usize,
}

impl Default for Storing {
    fn default() -> Self {
        Self {
            unstored: BTreeMap::default(),
            room: Budget::default(),
            given: BTreeSet::default(),
            dropped: BTreeSet::default(),
            again_ms: None,
            tried: None,
            last: Vec::new(),
            list_max: EFFECT_ITEMS_MAX,
        }
    }
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
            if self.tried.take_if(|tried| *tried == key).is_some() {
                self.tried_again(taken, now_ms);
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

    /// The disk has taken or refused what it was given again: others may still wait for it.
    fn tried_again(&mut self, taken: bool, now_ms: u64) {
        if taken {
            self.again_ms = Some(now_ms);
            self.list_max = EFFECT_ITEMS_MAX.min(self.list_max * 2);
        } else {
            self.again_ms.get_or_insert(now_ms + STORAGE_PAUSE_MS);
            self.list_max = (self.list_max / 2).max(1);
        }
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
        let key = |segment: &Segment| records::segment_key(&segment.header);
        if let (Some(first), Some(last)) = (list.first(), list.last()) {
            self.tried = Some(key(first));
            self.last = key(last);
            // How many were given, not how many might have been: halving is to show at once.
            self.list_max = list.len();
            let durability = durability_of(first.header.stream);
            self.store(&list, Vec::new(), durability, turn);
        }
    }

    /// As many of those that it refused as it is to be given in one list, all to be kept in one way:
    /// those behind the last that it was given first.
    fn next_refused(&self) -> Vec<Segment> {
        let last = &self.last[..];
        let behind = self.unstored.range::<[u8], _>((Excluded(last), Unbounded));
        let before = self.unstored.range::<[u8], _>((Unbounded, Included(last)));
        let (mut list, mut bytes) = (Vec::<Segment>::new(), 0);
        for (key, segment) in behind.chain(before) {
            if self.given.contains(key) {
                continue;
            }
            let way = |segment: &Segment| durability_of(segment.header.stream);
            bytes += segment.body.len();
            let fits = list.len() < self.list_max && bytes <= EFFECT_BYTES_MAX;
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

    /// Headers of what the disk is given again at a moment, if anything.
    fn given_again(storing: &mut Storing, now_ms: u64) -> Vec<Header> {
        let mut out = Outbox::default();
        let mut turn = Turn {
            now: Now::default(),
            random: &mut Zeros,
            out: &mut out,
        };
        turn.now.mono_ms = now_ms;
        storing.store_again(&mut turn);
        let Some(Output::Effect(_, Effect::Store(transaction))) = out.take() else {
            return Vec::new();
        };
        assert_eq!(out.take(), None);
        let header = |change: Change| match change {
            Change::Put { key, .. } => storing.unstored[&key].header.clone(),
            other => panic!("nothing else is given again: {other:?}"),
        };
        transaction.changes.into_iter().map(header).collect()
    }

    /// Segments that the disk refused at a moment, by their headers.
    fn refused_at(
        storing: &mut Storing,
        segments: &[Segment],
        now_ms: u64,
    ) -> (Stored, Vec<Header>) {
        let headers: Vec<_> = segments.iter().map(|it| it.header.clone()).collect();
        let mut out = Outbox::default();
        let mut turn = Turn {
            now: Now::default(),
            random: &mut Zeros,
            out: &mut out,
        };
        storing.store(segments, vec![], Durability::Deferred, &mut turn);
        assert!(out.take().is_some());
        (storing.answered(&headers, false, now_ms), headers)
    }

    /// As many as there is room for; and no transaction is longer than the store takes.
    #[test]
    fn the_disk_is_given_again_what_it_refused_once_a_pause_is_over() {
        let mut storing = Storing::default();
        let bytes = EFFECT_BYTES_MAX / 2;
        let fit = WAITING_BYTES_MAX / bytes;
        let segments: Vec<_> = (1..=fit as u64 + 1).map(|it| segment(it, bytes)).collect();
        let (answered, headers) = refused_at(&mut storing, &segments, 7);
        assert_eq!(answered.again, headers[..fit]);
        assert_eq!(answered.failed, headers[fit..]);
        let due = STORAGE_PAUSE_MS + 7;
        assert_eq!(storing.deadline(), Some(due));
        assert_eq!(given_again(&mut storing, due - 1), []);

        // No more than one list while it refuses, another one each time.
        let list = given_again(&mut storing, due);
        assert_eq!(list, headers[..2]);
        storing.answered(&list, false, due);
        let due = due + STORAGE_PAUSE_MS;
        assert_eq!(storing.deadline(), Some(due));

        // One behind the other once it takes them.
        let mut given = Vec::new();
        while storing.deadline() == Some(due) {
            let list = given_again(&mut storing, due);
            assert!(list.len() <= 2);
            storing.answered(&list, true, due);
            given.extend(list);
        }
        let round = headers[2..fit].iter().chain(&headers[..2]).cloned();
        assert_eq!(given, round.collect::<Vec<_>>());
        assert_eq!(storing.deadline(), None);
        assert_eq!(storing.unstored().count(), 0);
        assert!(storing.room.take(WAITING_BYTES_MAX), "all of it");
    }

    #[test]
    fn one_that_the_disk_never_takes_holds_up_none_that_would_fit_into_one_list_with_it() {
        let mut storing = Storing::default();
        let segments: Vec<_> = (1..=6).map(|first| segment(first, 9)).collect();
        let (_, headers) = refused_at(&mut storing, &segments, 0);
        let (never, mut now_ms) = (&headers[3], 0);
        for _ in 0..20 {
            now_ms = storing.deadline().expect("one is never taken").max(now_ms);
            let list = given_again(&mut storing, now_ms);
            let taken = !list.contains(never);
            storing.answered(&list, taken, now_ms);
        }
        let left: Vec<_> = storing.unstored().map(|it| &it.header).collect();
        assert_eq!(left, [never]);
        assert!(
            now_ms >= 10 * STORAGE_PAUSE_MS,
            "it is tried once in a pause"
        );
        let list = given_again(&mut storing, now_ms + STORAGE_PAUSE_MS);
        storing.answered(&list, true, now_ms + STORAGE_PAUSE_MS);
        assert_eq!(storing.unstored().count(), 0);
    }

    #[test]
    fn others_are_given_again_though_the_list_before_them_was_dropped_meanwhile() {
        let mut storing = Storing::default();
        let bytes = EFFECT_BYTES_MAX;
        let segments = [segment(1, bytes), segment(2, bytes)];
        let (_, headers) = refused_at(&mut storing, &segments, 0);
        let list = given_again(&mut storing, STORAGE_PAUSE_MS);
        assert_eq!(list, headers[..1]);
        assert!(storing.drop_unopened(&headers[0]));
        storing.answered(&list, false, STORAGE_PAUSE_MS);
        assert_eq!(storing.deadline(), Some(2 * STORAGE_PAUSE_MS));
        assert_eq!(
            given_again(&mut storing, 2 * STORAGE_PAUSE_MS),
            headers[1..]
        );
    }
}
