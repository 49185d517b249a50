//! What comes from others: verified, then opened where the secret is held, then stored.
//!
//! The screen does not wait for the store; the acknowledgement does. What was sealed wrongly is
//! never stored, and what turns out to be so when its secret comes is dropped again. Control goes
//! first and one list at a time, because it says whose signatures count for what follows.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use base::effect::{Change, Durability, OpenTask, Table, Transaction, VerifyTask};
use base::limits::{EFFECT_BYTES_MAX, EFFECT_ITEMS_MAX, WAITING_ENTRIES_MAX};
use base::{DeviceId, Effect, EpochName, Header, LinkId, Segment, Stream};

use crate::outbox::Turn;
use crate::purpose::Purpose;
use crate::records;
use crate::shop::budget::Budget;
use crate::shop::keyring::Keyring;

/// A segment and the link that it came by; `None` when it was read from our own disk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Arrived {
    /// The link.
    pub link: Option<LinkId>,
    /// The segment.
    pub segment: Segment,
    /// How many signatures must be right: the author's, and those inside.
    pub proofs: usize,
}

/// Where segments that are opened were before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// They came by a link, and are stored once they are open.
    Link,
    /// They are on the disk, or on their way there.
    Disk,
}

/// What an answer is for. The segments travel with the purpose: nothing else remembers them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Signatures of these.
    Verify(Vec<Arrived>),
    /// Bodies of these.
    Open(Vec<Segment>, Origin),
    /// These are on the disk, or not.
    Store(Vec<Header>),
}

/// Segments on their way in.
#[derive(Debug, Default)]
pub struct Intake {
    queue: VecDeque<Arrived>,
    /// Control whose signatures are being checked: what follows waits for what it says.
    control_in_flight: bool,
    /// Of authors whom no control entry has named yet, and control whose beginning is not here.
    strangers: BTreeMap<DeviceId, Vec<Arrived>>,
    strangers_room: Budget,
    /// Set aside since somebody last asked.
    aside: Vec<Header>,
    /// Could not be set aside since somebody last asked: there was no room.
    crowded_out: Vec<Header>,
    /// Sealed under epochs whose secret we do not hold. What there is no room for is on the disk,
    /// and waits there for the next start.
    locked: BTreeMap<EpochName, Vec<Segment>>,
    locked_room: Budget,
    /// Lists that are being opened.
    lists_opening: usize,
    /// Verified, and not on the disk yet: what is counted can be listed before it is stored. What
    /// there is no room for is listed later.
    unstored: BTreeMap<Vec<u8>, Segment>,
    unstored_room: Budget,
    /// Rows that the disk was given and has not answered for.
    storing: BTreeSet<Vec<u8>>,
    /// Those of them that turned out not to open.
    dropped: BTreeSet<Vec<u8>>,
}

/// Too much waits; what came was not taken and will be asked for again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Overfull;

impl Intake {
    /// Takes segments that came by a link. They are wanted and well-formed, no more.
    ///
    /// # Errors
    /// [`Overfull`]: a bound was hit and nothing was taken.
    pub fn take(&mut self, link: LinkId, segments: Vec<Segment>) -> Result<(), Overfull> {
        if self.queue.len() + segments.len() > WAITING_ENTRIES_MAX {
            return Err(Overfull);
        }
        let arrived = |segment| Arrived {
            link: Some(link),
            segment,
            proofs: 0,
        };
        self.queue.extend(segments.into_iter().map(arrived));
        Ok(())
    }

    /// Segments that wait for an author or a key.
    pub fn waiting(&self) -> usize {
        let strangers: usize = self.strangers.values().map(Vec::len).sum();
        let locked: usize = self.locked.values().map(Vec::len).sum();
        self.queue.len() + strangers + locked
    }

    /// Asks for signatures to be checked, as many lists as may go now.
    ///
    /// `proofs` gives the signatures that must be right for a segment to count; `None` where its
    /// author is not known.
    pub fn verify(
        &mut self,
        proofs: impl Fn(&Segment) -> Option<Vec<VerifyTask>>,
        turn: &mut Turn<'_>,
    ) {
        while !self.control_in_flight {
            let (list, tasks) = self.next_list(&proofs);
            if list.is_empty() {
                return;
            }
            self.control_in_flight = list.iter().any(|a| is_control(&a.segment));
            turn.out
                .effect(Purpose::Intake(Step::Verify(list)), Effect::Verify(tasks));
        }
    }

    fn next_list(
        &mut self,
        proofs: &impl Fn(&Segment) -> Option<Vec<VerifyTask>>,
    ) -> (Vec<Arrived>, Vec<VerifyTask>) {
        let mut list: Vec<Arrived> = Vec::new();
        let mut tasks = Vec::new();
        let mut bytes = 0;
        while let Some(next) = self.queue.front() {
            let size = next.segment.body.len();
            let full = list.len() >= EFFECT_ITEMS_MAX || bytes + size > EFFECT_BYTES_MAX;
            let other = list.first().is_some_and(|first: &Arrived| {
                is_control(&first.segment) != is_control(&next.segment)
            });
            // Control goes one segment at a time: what it says decides about the next.
            let control = list.first().is_some_and(|first| is_control(&first.segment));
            if !list.is_empty() && (full || other || control) {
                break;
            }
            let Some(mut arrived) = self.queue.pop_front() else {
                break;
            };
            match proofs(&arrived.segment) {
                Some(proofs) => {
                    bytes += size;
                    arrived.proofs = proofs.len();
                    tasks.extend(proofs);
                    list.push(arrived);
                }
                None => self.wait(arrived),
            }
        }
        (list, tasks)
    }

    /// Lets a segment wait that is right and can't be taken before control tells us more.
    pub fn wait(&mut self, arrived: Arrived) {
        let header = arrived.segment.header.clone();
        if self.strangers_room.take(arrived.segment.body.len()) {
            let device = header.device;
            self.strangers.entry(device).or_default().push(arrived);
            self.aside.push(header);
        } else {
            self.crowded_out.push(header);
        }
    }

    /// The signatures of a list with control in it are known; what follows may go.
    pub fn control_done(&mut self) {
        self.control_in_flight = false;
    }

    /// Control has told us more: strangers may be members now.
    pub fn membership_changed(&mut self) {
        self.strangers_room = Budget::default();
        for (_, arrived) in std::mem::take(&mut self.strangers) {
            self.queue.extend(arrived);
        }
    }

    /// Asks for bodies to be opened; segments whose secret is not held are stored as they are and
    /// wait for it.
    pub fn open(
        &mut self,
        segments: Vec<Segment>,
        origin: Origin,
        keyring: &Keyring,
        turn: &mut Turn<'_>,
    ) {
        let held = |it: &Segment| keyring.opens(&it.header);
        let (mut held, locked): (Vec<_>, Vec<_>) = segments.into_iter().partition(held);
        if origin == Origin::Link && !locked.is_empty() {
            // Opened, they are held at once: the next statement must come to the disk behind them.
            self.store(&locked, vec![], Durability::Relaxed, turn);
        }
        for segment in locked {
            if self.locked_room.take(segment.body.len()) {
                let epoch = segment.header.epoch;
                self.locked.entry(epoch).or_default().push(segment);
            }
        }
        while !held.is_empty() {
            let tasks = keyring.open_list(&held);
            if tasks.is_empty() {
                // Whatever is held has a task.
                return;
            }
            let rest = held.split_off(tasks.len());
            self.open_list(std::mem::replace(&mut held, rest), tasks, origin, turn);
        }
    }

    fn open_list(
        &mut self,
        list: Vec<Segment>,
        tasks: Vec<OpenTask>,
        origin: Origin,
        turn: &mut Turn<'_>,
    ) {
        self.lists_opening += 1;
        let purpose = Purpose::Intake(Step::Open(list, origin));
        turn.out.effect(purpose, Effect::Open(tasks));
    }

    /// Segments of strangers that were set aside since the last call.
    pub fn set_aside(&mut self) -> Vec<Header> {
        std::mem::take(&mut self.aside)
    }

    /// Segments of strangers that could not be set aside since the last call.
    pub fn crowded_out(&mut self) -> Vec<Header> {
        std::mem::take(&mut self.crowded_out)
    }

    /// A list was opened.
    pub fn list_opened(&mut self) {
        self.lists_opening = self.lists_opening.saturating_sub(1);
    }

    /// Whether bodies are being opened.
    pub fn opening(&self) -> bool {
        self.lists_opening > 0
    }

    /// A secret of this epoch is held now: gives the segments that waited for it.
    pub fn unlocked(&mut self, epoch: EpochName) -> Vec<Segment> {
        let segments = self.locked.remove(&epoch).unwrap_or_default();
        for segment in &segments {
            self.locked_room.give_back(segment.body.len());
        }
        segments
    }

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
            self.storing.insert(key.clone());
            self.forget_unstored(&key);
            if self.unstored_room.take(segment.body.len()) {
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

    /// The disk has answered for these: they are on it, or it could not take them. Gives those
    /// that are to be held, and those that were dropped meanwhile.
    pub fn stored(&mut self, headers: &[Header], taken: bool) -> (Vec<Header>, Vec<Header>) {
        let mut dropped = Vec::new();
        let mut kept = Vec::new();
        for header in headers {
            let key = records::segment_key(header);
            self.storing.remove(&key);
            if taken {
                self.forget_unstored(&key);
            }
            if self.dropped.remove(&key) {
                dropped.push(header.clone());
            } else {
                kept.push(header.clone());
            }
        }
        (kept, dropped)
    }

    /// A segment whose secret came does not open. Gives whether the disk has yet to answer for
    /// it: until then it is not held.
    pub fn drop_unopened(&mut self, header: &Header) -> bool {
        let key = records::segment_key(header);
        self.forget_unstored(&key);
        let storing = self.storing.contains(&key);
        if storing {
            self.dropped.insert(key);
        }
        storing
    }

    fn forget_unstored(&mut self, key: &[u8]) {
        if let Some(segment) = self.unstored.remove(key) {
            self.unstored_room.give_back(segment.body.len());
        }
    }

    /// Segments of control that the disk would not take, as many as go along with a commit.
    pub fn refused_control(&self) -> Vec<Segment> {
        let refused = |(key, segment): &(&Vec<u8>, &Segment)| {
            is_control(segment) && !self.storing.contains(*key)
        };
        let refused = self.unstored.iter().filter(refused);
        let segments = refused.map(|(_, segment)| segment.clone());
        segments.take(EFFECT_ITEMS_MAX).collect()
    }

    /// Segments that were verified and are not on the disk yet, or could not be kept there.
    pub fn unstored(&self) -> impl Iterator<Item = &Segment> {
        self.unstored.values()
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

/// Whether it is signed only, and says whose signatures count.
pub fn is_control(segment: &Segment) -> bool {
    segment.header.stream == Stream::Control
}

#[cfg(test)]
mod tests {
    use base::hash::ChainValue;
    use base::limits::WAITING_BYTES_MAX;
    use base::{Now, Output, Random, ShopId, Stream};

    use super::*;
    use crate::outbox::Outbox;

    fn segment(first: u64, bytes: usize) -> Segment {
        let header = Header {
            version: 1,
            shop: ShopId([1; 16]),
            device: DeviceId([2; 16]),
            stream: Stream::Sales,
            first,
            count: 1,
            epoch: EpochName([3; 8]),
            before: ChainValue([first as u8; 32]),
            last_chain: ChainValue([first as u8 + 1; 32]),
            nonce: [0; 12],
            body_hash: None,
        };
        Segment::new(header, [0; 64], vec![0; bytes])
    }

    struct Zeros;

    impl Random for Zeros {
        fn fill(&mut self, bytes: &mut [u8]) {
            bytes.fill(0);
        }
    }

    /// It is held as soon as its secret comes: a statement that then goes to the disk must not
    /// overtake it.
    #[test]
    fn sales_that_wait_for_their_secret_are_not_deferred() {
        let (mut intake, keyring) = (Intake::default(), Keyring::default());
        let mut out = Outbox::default();
        let mut turn = Turn {
            now: Now::default(),
            random: &mut Zeros,
            out: &mut out,
        };
        intake.open(vec![segment(1, 9)], Origin::Link, &keyring, &mut turn);
        let stored = out.take();
        let Some(Output::Effect(_, Effect::Store(transaction))) = stored else {
            panic!("it is not stored: {stored:?}");
        };
        assert_eq!(transaction.durability, Durability::Relaxed);
    }

    #[test]
    fn what_was_dropped_is_not_held_when_the_disk_answers_for_it_later() {
        let [right, wrong] = [1, 2].map(|first| segment(first, 9).header);
        let key = records::segment_key;
        for taken in [true, false] {
            let mut intake = Intake::default();
            intake.storing.extend([key(&right), key(&wrong)]);
            assert!(intake.drop_unopened(&wrong), "the disk has not answered");
            let both = [right.clone(), wrong.clone()];
            let answered = intake.stored(&both, taken);
            assert_eq!(answered, (vec![right.clone()], vec![wrong.clone()]));
            // The next copy is another matter.
            intake.storing.insert(key(&wrong));
            let answered = intake.stored(std::slice::from_ref(&wrong), true);
            assert_eq!(answered, (vec![wrong.clone()], vec![]));
            assert!(!intake.drop_unopened(&wrong), "it is on the disk");
        }
    }

    #[test]
    fn a_stranger_cannot_fill_the_memory_and_is_told_what_there_was_no_room_for() {
        let mut intake = Intake::default();
        let bytes = WAITING_BYTES_MAX / 4;
        for first in 1..=6 {
            intake.wait(Arrived {
                link: None,
                segment: segment(first, bytes),
                proofs: 1,
            });
        }
        let firsts = |list: Vec<Header>| list.iter().map(|it| it.first).collect::<Vec<_>>();
        assert_eq!(firsts(intake.set_aside()), [1, 2, 3, 4]);
        assert_eq!(firsts(intake.crowded_out()), [5, 6]);
        intake.membership_changed();
        assert_eq!(intake.queue.len(), 4);
        assert!(intake.strangers_room.take(WAITING_BYTES_MAX), "all of it");
    }
}
