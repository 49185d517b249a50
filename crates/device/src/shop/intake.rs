//! What comes from others: verified, then stored and opened side by side.
//!
//! The screen does not wait for the store; the acknowledgement does. Control goes first and one
//! list at a time, because it says whose signatures count for what follows.

use std::collections::{BTreeMap, VecDeque};

use base::effect::{Change, Durability, OpenTask, Table, Transaction, VerifyTask};
use base::limits::{EFFECT_BYTES_MAX, EFFECT_ITEMS_MAX, WAITING_ENTRIES_MAX};
use base::{DeviceId, Effect, EpochName, Header, LinkId, Segment, Stream};

use crate::outbox::Turn;
use crate::purpose::Purpose;
use crate::records;
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

/// What an answer is for. The segments travel with the purpose: nothing else remembers them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Signatures of these.
    Verify(Vec<Arrived>),
    /// Bodies of these.
    Open(Vec<Segment>),
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
    /// Sealed under epochs whose secret we do not hold.
    locked: BTreeMap<EpochName, Vec<Segment>>,
    /// Lists that are being opened.
    lists_opening: usize,
    /// Verified, and not on the disk yet: what is counted can be listed before it is stored. At
    /// most [`WAITING_ENTRIES_MAX`]; what is beyond is listed later.
    unstored: BTreeMap<Vec<u8>, Segment>,
    /// Set aside since somebody last asked.
    aside: Vec<Header>,
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
        if self.waiting() + segments.len() > WAITING_ENTRIES_MAX {
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
        let device = arrived.segment.header.device;
        self.aside.push(arrived.segment.header.clone());
        self.strangers.entry(device).or_default().push(arrived);
    }

    /// The signatures of a list with control in it are known; what follows may go.
    pub fn control_done(&mut self) {
        self.control_in_flight = false;
    }

    /// Control has told us more: strangers may be members now.
    pub fn membership_changed(&mut self) {
        for (_, arrived) in std::mem::take(&mut self.strangers) {
            self.queue.extend(arrived);
        }
    }

    /// Asks for bodies to be opened; segments whose secret is not held wait for it.
    pub fn open(&mut self, segments: Vec<Segment>, keyring: &Keyring, turn: &mut Turn<'_>) {
        let mut list = Vec::new();
        let mut tasks = Vec::new();
        for segment in segments {
            let header = &segment.header;
            match keyring.sealing(header.epoch, header.stream) {
                Some(secret) => {
                    tasks.push(OpenTask {
                        key: secret.handle,
                        stream: header.stream,
                        nonce: header.nonce,
                        aad: header.aad(),
                        sealed: segment.body.clone(),
                    });
                    list.push(segment);
                }
                None => self.locked.entry(header.epoch).or_default().push(segment),
            }
            if list.len() == EFFECT_ITEMS_MAX {
                let (list, tasks) = (std::mem::take(&mut list), std::mem::take(&mut tasks));
                self.lists_opening += 1;
                turn.out
                    .effect(Purpose::Intake(Step::Open(list)), Effect::Open(tasks));
            }
        }
        if !list.is_empty() {
            self.lists_opening += 1;
            turn.out
                .effect(Purpose::Intake(Step::Open(list)), Effect::Open(tasks));
        }
    }

    /// Segments of strangers that were set aside since the last call.
    pub fn set_aside(&mut self) -> Vec<Header> {
        std::mem::take(&mut self.aside)
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
        self.locked.remove(&epoch).unwrap_or_default()
    }

    /// Asks for verified segments to be kept. Relaxed: the statement that follows is the barrier.
    pub fn store(&mut self, segments: &[Segment], turn: &mut Turn<'_>) {
        let put = |segment: &Segment| Change::Put {
            table: Table::Segments,
            key: records::segment_key(&segment.header),
            value: segment.to_bytes(),
        };
        let changes = segments.iter().map(put).collect();
        let keyed = |segment: &Segment| (records::segment_key(&segment.header), segment.clone());
        let room = WAITING_ENTRIES_MAX.saturating_sub(self.unstored.len());
        self.unstored.extend(segments.iter().take(room).map(keyed));
        let headers = segments
            .iter()
            .map(|segment| segment.header.clone())
            .collect();
        let transaction = Transaction {
            durability: Durability::Relaxed,
            changes,
        };
        turn.out.effect(
            Purpose::Intake(Step::Store(headers)),
            Effect::Store(transaction),
        );
    }

    /// These are on the disk.
    pub fn stored(&mut self, headers: &[Header]) {
        for header in headers {
            self.unstored.remove(&records::segment_key(header));
        }
    }

    /// Segments that were verified and are not on the disk yet, or could not be kept there.
    pub fn unstored(&self) -> impl Iterator<Item = &Segment> {
        self.unstored.values()
    }
}

fn is_control(segment: &Segment) -> bool {
    segment.header.stream == Stream::Control
}
