//! What comes from others: verified, then opened where the secret is held, then stored.
//!
//! The screen does not wait for the store; the acknowledgement does. What was sealed wrongly is
//! never stored, and what turns out to be so when its secret comes is dropped again. Control goes
//! first and one list at a time, because it says whose signatures count for what follows.

mod storing;

use std::collections::{BTreeMap, VecDeque};

use base::effect::{Durability, OpenTask, VerifyTask};
use base::limits::{EFFECT_BYTES_MAX, EFFECT_ITEMS_MAX, WAITING_ENTRIES_MAX};
use base::{DeviceId, Effect, EpochName, Header, LinkId, Segment, Stream};

use crate::outbox::Turn;
use crate::purpose::Purpose;
use crate::shop::budget::Budget;
use crate::shop::keyring::Keyring;
use storing::Stored;
pub use storing::{Storing, by_durability, durability_of};

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
    /// They came by a link, and were given to the disk before their secret came.
    OnItsWay,
    /// They are on the disk.
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
    /// What the disk has yet to take.
    pub storing: Storing,
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
            // Once they are there they may be opened and held at any time: the next statement must
            // come to the disk behind them.
            self.storing
                .store(&locked, vec![], Durability::Relaxed, turn);
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

    /// The disk has answered for these: they are on it, or it could not take them.
    pub fn stored(&mut self, headers: &[Header], taken: bool, now_ms: u64) -> Stored {
        let stored = self.storing.answered(headers, taken, now_ms);
        for header in &stored.failed {
            self.forget_locked(header);
        }
        stored
    }

    /// What is neither on the disk nor on its way there does not wait for its secret.
    fn forget_locked(&mut self, header: &Header) {
        let Some(locked) = self.locked.get_mut(&header.epoch) else {
            return;
        };
        if let Some(at) = locked.iter().position(|it| it.header == *header) {
            let segment = locked.swap_remove(at);
            self.locked_room.give_back(segment.body.len());
        }
    }
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

    pub fn segment(first: u64, bytes: usize) -> Segment {
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

    pub struct Zeros;

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
