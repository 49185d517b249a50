//! One shop on this device: who is in it, what happened in it, and where its bytes stand.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use base::effect::{Change, Table};
use base::hash::{ChainKey, ChainValue};
use base::{
    ControlVector, DeviceId, EntryRef, Header, HybridClock, LogId, Release, Run, Segment, ShopId,
    Stream,
};
use domain::fold::State;
use domain::settings::BusinessDate;
use identity::membership::Member;
use identity::statement::Holders;
use identity::{IdentityError, Membership};
use sync_core::{Range, Span, Spans, Switches};

use crate::Setup;
use crate::outbox::Turn;
use crate::records::{Counters, Head, StandingRecord, standing};

pub mod batch;
pub mod boot;
pub mod budget;
mod checkpoint;
pub mod commit;
pub mod doubts;
mod folding;
pub mod intake;
pub mod intent;
pub mod judged;
pub mod keyring;
pub mod loose;
pub mod own_sales;
pub mod parked;
pub mod quarantine;
pub mod recent;
pub mod sale_times;
pub mod sealing;
pub mod unlocking;

use batch::{Ground, Written};
use commit::{Commit, Standing};
use doubts::Doubts;
use intake::Intake;
use intent::{Intent, NotAdmitted, Outcome, Queued};
use judged::Judged;
use keyring::Keyring;
use loose::Loose;
use own_sales::{Kept, OwnSales};
use parked::Parked;
use quarantine::Quarantine;
use recent::Recent;
use sale_times::SaleTimes;

/// A segment whose entries do not lead from its beginning to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BrokenChain;

/// Why a control segment was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Untaken {
    /// Its entries do not lead from its beginning to its end: it is to be dropped and asked for
    /// again.
    Broken,
    /// What comes before it is not here yet.
    Gap,
}

impl From<BrokenChain> for Untaken {
    fn from(_: BrokenChain) -> Self {
        Self::Broken
    }
}

/// One shop on this device.
pub struct Shop {
    /// The shop.
    pub id: ShopId,
    /// This device.
    pub me: DeviceId,
    /// Who is in it.
    pub membership: Membership,
    /// What all events come to.
    pub state: State,
    /// Whose secrets we hold.
    pub keyring: Keyring,
    /// Who holds what.
    pub holders: Holders,
    /// Where our own logs stand on the disk.
    pub standing: Standing,
    /// The offsets of the shop's time zone.
    pub zone: Vec<(u64, i32)>,
    /// Segments on their way in.
    pub intake: Intake,
    /// What was folded or rejected.
    pub judged: Judged,
    /// What may be judged otherwise by what control says now.
    pub doubts: Doubts,
    /// Logs of which several branches are held.
    pub forked: BTreeSet<LogId>,
    /// What our terminal code gets on top since we know that this device was copied.
    pub copy_mark: Option<String>,
    /// What is never applied, and why.
    pub quarantine: Quarantine,
    /// Our own sales.
    pub own_sales: OwnSales,
    /// When each sale was made.
    pub sale_times: SaleTimes,
    /// The latest sales, ours and others'.
    pub recent: Recent,
    /// What we wrote last.
    pub loose: Loose,
    /// What to read from the disk next.
    pub read_next: Option<boot::Step>,
    /// Whether every row was read.
    pub read_whole: bool,
    /// The time zone whose offsets were asked for, and around which moment, milliseconds since 1970.
    pub zone_asked: Option<(String, u64)>,
    /// Whether the answer came; an unknown zone is empty then.
    pub zone_answered: bool,
    /// Whether the device is ready: what is folded from now on is news.
    pub open: bool,
    /// Safeties that a simulator may have turned off.
    switches: Switches,
    /// What this device is built from.
    pub(crate) release: Release,
    /// Entries that wait for control or for a newer release.
    parked: Parked,
    /// Intentions that wait for the next commit.
    pub(crate) queue: VecDeque<Queued>,
    /// The commit in flight.
    pub(crate) commit: Option<Commit<Outcome>>,
    /// Own sales that are durable, and not folded yet.
    sold: Vec<Written>,
}

impl Shop {
    /// A shop of which nothing is known yet but its name.
    pub fn new(id: ShopId, me: DeviceId, setup: Setup) -> Self {
        let Setup { switches, release } = setup;
        let ground = Ground {
            shop: id,
            device: me,
            clock: HybridClock::default(),
            wall_ms: 0,
            control: ControlVector::default(),
            heads: BTreeMap::new(),
            salt: [0; 8],
            begun: BTreeSet::new(),
        };
        Self {
            id,
            me,
            membership: Membership::new(id, release.reader),
            state: State::default(),
            keyring: Keyring::default(),
            holders: Holders::default(),
            standing: Standing {
                ground,
                counters: Counters::default(),
                opening: Vec::new(),
            },
            zone: Vec::new(),
            intake: Intake::default(),
            judged: Judged::default(),
            doubts: Doubts::default(),
            forked: BTreeSet::new(),
            copy_mark: None,
            quarantine: Quarantine::default(),
            own_sales: OwnSales::default(),
            sale_times: SaleTimes::default(),
            recent: Recent::default(),
            loose: Loose::default(),
            read_next: None,
            read_whole: false,
            zone_asked: None,
            zone_answered: false,
            open: false,
            switches,
            release,
            parked: Parked::default(),
            queue: VecDeque::new(),
            commit: None,
            sold: Vec::new(),
        }
    }

    /// Ourselves, once we were let in.
    pub fn own(&self) -> Option<&Member> {
        self.membership.living(self.me)
    }

    /// Whether we were ever let in; perhaps we were put out since.
    pub fn was_let_in(&self) -> bool {
        self.membership.member(self.me).is_some()
    }

    /// The entry that let a device in.
    pub fn enrolment_of(&self, device: DeviceId) -> Option<EntryRef> {
        self.membership.enrolment(device)
    }

    /// What people call a device.
    pub fn name_of(&self, device: DeviceId) -> String {
        let name = self.state.device_name(device).map(str::to_owned);
        name.unwrap_or_else(|| format!("Device {}", &device.hex()[..4]))
    }

    /// Entries and segments that wait for something.
    pub fn waiting(&self) -> usize {
        self.parked.len() + self.intake.waiting() + self.membership.unread()
    }

    /// How many of them wait for a newer release.
    pub fn newer(&self) -> usize {
        self.parked.newer() + self.membership.unread()
    }

    /// Whether an entry is here, judged or waiting for what only time can bring; one of `control`, or
    /// another one with its number.
    pub fn has_taken(&self, entry: &EntryRef) -> bool {
        let EntryRef { log, seq, mark } = *entry;
        if log.stream == Stream::Control {
            return self.membership.has(log.device, seq, mark);
        }
        self.judged.has_number(log, seq) || self.parked.contains(log, seq)
    }

    /// Whether a segment that was opened is to be kept. One is not that holds what waits for a
    /// newer release, where a simulator says so.
    pub fn keeps(&self, header: &Header) -> bool {
        let numbers = header.first..=header.last();
        self.switches.newer || !self.parked.has_newer(header.log(), numbers)
    }

    /// Whether an entry is in the fold.
    pub fn counts(&self, entry: &EntryRef) -> bool {
        self.judged.counts(entry)
    }

    /// Whether an entry was folded or rejected. The numbers alone say so where nobody looks for
    /// forks.
    fn has_judged(&self, entry: &EntryRef) -> bool {
        if self.switches.forks {
            self.judged.contains(entry)
        } else {
            self.judged.has_number(entry.log, entry.seq)
        }
    }

    /// The business day at a moment; `None` while the time zone is not known.
    pub fn business_date(&self, wall_ms: u64) -> Option<BusinessDate> {
        let settings = self.state.settings()?;
        BusinessDate::at(wall_ms, &self.zone, settings.day_cutoff_minutes).ok()
    }

    /// Whether a device's word that it holds something counts: a living member's, not our own.
    pub fn vouches(&self, device: DeviceId) -> bool {
        device != self.me && self.membership.living(device).is_some()
    }

    /// How many entries were rejected, and segments cannot be opened.
    pub fn quarantined(&self) -> u64 {
        self.judged.rejected() + self.quarantine.segments() as u64
    }

    /// Whether nothing of ours is on its way to the disk.
    pub fn is_idle(&self) -> bool {
        self.commit.is_none() && self.queue.is_empty()
    }

    /// How many of our own sales are safe where.
    pub fn own_sales_kept(&self) -> Kept {
        let log = LogId::new(self.me, Stream::Sales);
        let peers = self.holders.covered(log, |device| self.vouches(device));
        let cloud = self.holders.off_premises(log);
        self.own_sales.kept(&spans(&peers), &spans(&cloud))
    }

    /// Whether living members hold all that we wrote in a stream.
    pub fn is_kept_elsewhere(&self, stream: Stream) -> bool {
        let log = LogId::new(self.me, stream);
        let last = self.standing.head(stream);
        let held = spans(&self.holders.covered(log, |device| self.vouches(device)));
        last == 0 || held.covers(Span { first: 1, last })
    }

    /// Sets where we stand on the disk, as read at the start.
    pub fn stand(&mut self, kept: StandingRecord) {
        self.standing.ground.heads = kept.heads;
        self.standing.ground.clock = HybridClock::from_last(kept.counters.stamp);
        self.standing.counters = kept.counters;
    }

    /// Goes on behind the last control entry of ours that is here and follows what we wrote: where our
    /// disk was put back, others have brought what came after.
    pub fn go_on_behind_own_control(&mut self) {
        let log = LogId::new(self.me, Stream::Control);
        let heads = &mut self.standing.ground.heads;
        let head = heads.get(&log.stream).copied().unwrap_or_else(|| Head {
            seq: 0,
            chain: ChainValue::start(self.id, log),
        });
        let last = self
            .membership
            .last_behind(self.me, head.seq, head.chain.mark());
        if let Some((seq, chain)) = last.filter(|(seq, _)| *seq > head.seq) {
            heads.insert(log.stream, Head { seq, chain });
        }
    }

    /// Asks for opened segments to be kept, each with the keys of the rows whose place it takes.
    pub fn store_opened(&mut self, opened: Vec<(Segment, Vec<Vec<u8>>)>, turn: &mut Turn<'_>) {
        let stream = |(segment, _): &(Segment, _)| Some(segment.header.stream);
        for (durability, part) in intake::by_durability(opened, stream) {
            let (segments, replaced): (Vec<_>, Vec<_>) = part.into_iter().unzip();
            if !segments.is_empty() {
                let removals = self.remove_rows(replaced.concat());
                self.intake
                    .storing
                    .store(&segments, removals, durability, turn);
            }
        }
    }

    /// Removes rows of segments whose place others take, unless a later start of this device has
    /// read them: it would look for them in vain. Nothing where there are none, or where our own
    /// start is not on the disk yet, so that nobody could tell which start is the later one.
    pub fn remove_rows(&self, keys: Vec<Vec<u8>>) -> Vec<Change> {
        if keys.is_empty() || !self.standing.opening.is_empty() {
            return Vec::new();
        }
        let table = Table::Segments;
        let deletes = keys.into_iter().map(|key| Change::Delete { table, key });
        self.unless_succeeded().chain(deletes).collect()
    }

    /// Makes a transaction fail once a later start of this device has begun to write.
    pub fn unless_succeeded(&self) -> impl Iterator<Item = Change> + use<> {
        standing::unless_succeeded(self.id, self.standing.counters.writer).into_iter()
    }

    /// Takes a control segment whose signature counts. Gives the chain values of its entries. After as
    /// many as there are at once, [`Shop::membership_changed`] is to be told.
    ///
    /// # Errors
    /// [`Untaken`]: it is to be dropped, or to wait.
    pub fn take_control(&mut self, segment: &Segment) -> Result<Vec<ChainValue>, Untaken> {
        let header = &segment.header;
        let (device, before) = (header.device, header.first - 1);
        if before > 0 && !self.membership.has(device, before, header.before.mark()) {
            return Err(Untaken::Gap);
        }
        let entries =
            Written::read(header, &segment.body, &ChainKey::Control).ok_or(BrokenChain)?;
        let chain = entries.iter().map(|entry| entry.chain).collect();
        let taken = entries.into_iter().try_for_each(|entry| {
            let Written {
                reference,
                chain,
                raw,
            } = entry;
            let taken = self.membership.insert(device, reference.seq, chain, raw);
            taken.map(|_| ())
        });
        match taken {
            Ok(()) => Ok(chain),
            // Nobody is to be blamed that brings it.
            Err(IdentityError::PeerTooManyLines) => Err(Untaken::Gap),
            Err(IdentityError::PeerOutOfOrder) => Err(Untaken::Broken),
        }
    }

    /// Takes note of the control entries that were judged, of none that wait, and of what may be
    /// judged otherwise by them.
    fn control_told(&mut self) {
        self.doubts.follow(&self.membership, &self.judged);
        for entry in self.membership.judged() {
            self.judged.count(&entry);
        }
    }

    /// Takes the entries of a sealed segment whose signature counts and whose body was opened.
    /// Gives their chain values.
    ///
    /// # Errors
    /// [`BrokenChain`]: the segment is to be dropped and asked for again.
    pub fn take_opened(
        &mut self,
        segment: &Segment,
        plain: &[u8],
        turn: &mut Turn<'_>,
    ) -> Result<Vec<ChainValue>, BrokenChain> {
        let header = &segment.header;
        let entries = self.keyring.read(header, plain).ok_or(BrokenChain)?;
        self.keyring.opened(header.epoch, header.stream);
        self.quarantine.opened(&end_of(header));
        let chain = entries.iter().map(|entry| entry.chain).collect();
        for Written {
            reference,
            chain,
            raw,
        } in entries
        {
            self.take_listed(reference, chain, raw, turn);
        }
        Ok(chain)
    }

    /// A whole segment cannot be opened: it is counted, until a copy comes that can.
    pub fn quarantine_segment(&mut self, header: &Header) {
        self.quarantine.unopened(end_of(header));
    }

    /// Control has told us more: takes note of it, judges what waited, asks for secrets, lets strangers
    /// in.
    pub fn membership_changed(&mut self, turn: &mut Turn<'_>) {
        self.control_told();
        for (reference, raw) in self.parked.take() {
            self.take_entry(reference, raw, turn);
        }
        self.unlock(turn);
        self.intake.membership_changed();
    }

    /// Takes our own entries, once they are durable; of sales it takes note. Whoever waits for
    /// "Paid", and whoever is linked, goes on before a sale is in our numbers: [`Shop::catch_up`].
    pub fn take_own(&mut self, entries: Vec<Written>, turn: &mut Turn<'_>) {
        let sale = |entry: &Written| entry.reference.log.stream == Stream::Sales;
        let (sold, entries): (Vec<_>, Vec<_>) = entries.into_iter().partition(sale);
        self.sold.extend(sold);
        let mut control = false;
        for written in entries {
            let reference = written.reference;
            if reference.log.stream == Stream::Control {
                control = true;
                // Our own bytes follow our own bytes: refused only if the disk lied to us, or more
                // machines are this device than branches are judged. Then they are not judged.
                let (seq, chain) = (reference.seq, written.chain);
                let _ = self.membership.insert(self.me, seq, chain, written.raw);
            } else {
                self.take_listed(reference, written.chain, written.raw, turn);
            }
        }
        if control {
            self.membership_changed(turn);
        }
    }

    /// Whether an entry of control that we wrote is on its way to the disk.
    pub fn writes_control(&self) -> bool {
        let control = |queued: &Queued| matches!(queued.intent, Intent::Control(_));
        let commit = self.commit.as_ref();
        commit.is_some_and(Commit::writes_control) || self.queue.iter().any(control)
    }

    /// What begins in a range of an own log, at most `limit` segments, where we wrote all of it
    /// lately. Of a log with branches the disk may have more.
    pub fn at_hand(&self, range: Range, limit: usize) -> Option<Vec<&Segment>> {
        let page = self.loose.page(range, limit);
        page.filter(|_| !self.forked.contains(&range.log))
    }

    /// Whether sales wait to be folded.
    pub fn is_behind(&self) -> bool {
        !self.sold.is_empty()
    }

    /// Folds what was sold.
    pub fn catch_up(&mut self, turn: &mut Turn<'_>) {
        for sold in std::mem::take(&mut self.sold) {
            self.take_listed(sold.reference, sold.chain, sold.raw, turn);
        }
    }

    /// Begins the next commit, when none is in flight and somebody wants one.
    ///
    /// Gives the newcomers that are not let in after all: whoever waits for them is to be told.
    pub fn pump(&mut self, turn: &mut Turn<'_>) -> Vec<NotAdmitted> {
        let mut not_admitted = Vec::new();
        if self.commit.is_none() && !self.queue.is_empty() {
            // Others may have brought of ours what a disk that was put back had lost.
            self.go_on_behind_own_control();
        }
        // What was refused makes no commit; what waits behind it must not wait on.
        while self.commit.is_none() && !self.queue.is_empty() {
            self.commit = intent::begin(self, &mut not_admitted, turn);
        }
        not_admitted
    }
}

/// The last entry of a segment.
fn end_of(header: &Header) -> EntryRef {
    let (log, seq, mark) = (header.log(), header.last(), header.last_chain.mark());
    EntryRef { log, seq, mark }
}

/// The numbers in runs.
pub fn spans<'a>(runs: impl IntoIterator<Item = &'a Run>) -> Spans {
    let span = |run: &Run| Span::new(run.first, run.last);
    runs.into_iter().map(span).collect()
}
