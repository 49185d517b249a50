//! What a replica knows of one linked device.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use base::limits::STRANGER_CONTROL_ENTRIES_MAX;
use base::machine::Channel;
use base::{DeviceId, LogId, Mark, Run, Vector};

use super::action::Standing;
use super::asking;
use super::comparing::Round;
use super::passing::Heard;
use super::serving::Serving;
use super::window::Window;
use crate::holdings::Holdings;
use crate::spans::{Range, Span, Spans};

/// A range that a peer was asked for.
#[derive(Debug)]
pub(super) struct Asked {
    pub range: Range,
    /// What of it came, whatever became of it here.
    pub came: Spans,
}

/// What somebody is asked for already, or what is being stored right now.
pub(super) type Taken = BTreeMap<LogId, Spans>;

/// A linked device.
#[derive(Debug)]
pub(super) struct Peer {
    pub device: DeviceId,
    pub standing: Standing,
    /// Its first vector came: it is through the handshake, so anything may be sent to it.
    pub ready: bool,
    /// What it holds, as it told and as it showed by sending.
    pub theirs: BTreeMap<LogId, Spans>,
    /// How far its blocks of each log reach, as it told.
    reaches: BTreeMap<LogId, u64>,
    /// How far it was asked for blocks of what we hold loose: once is enough.
    packs_asked: BTreeMap<LogId, u64>,
    /// What it was asked for along other branches than ours, and along which: once is enough.
    pub branches_asked: BTreeSet<(Range, Mark)>,
    /// What it brought and what was refused: it is not asked for that again.
    wrong: BTreeMap<LogId, Spans>,
    /// Something may be lacking that it has.
    pub may_help: bool,
    /// Logs of which it may have something that is lacking: of all others we hold what it has.
    hopeful: BTreeSet<LogId>,
    /// What it was asked for and has not finished, in order.
    pub asked: VecDeque<Asked>,
    /// Control entries that it was asked for as a stranger.
    stranger_entries: u64,
    /// When it was asked, or last sent something that it was asked for.
    pub moved_ms: u64,
    pub live: Window,
    pub bulk: Window,
    pub serving: Serving,
    /// Logs that changed since it was told.
    pub untold: BTreeSet<LogId>,
    /// Logs whose blocks reach further than it was told.
    pub untold_blocks: BTreeSet<LogId>,
    /// How far ours reach, as it was told.
    told_blocks: BTreeMap<LogId, u64>,
    /// Logs of which either side holds other than it did when we were last in step; `None` while
    /// there are none.
    pub unsettled: Option<BTreeSet<LogId>>,
    /// A round of comparing that somebody waits for.
    pub round: Option<Round>,
    /// Which statements of others it has.
    pub heard: Heard,
    /// With whom it is linked, as it told.
    pub linked_with: BTreeSet<DeviceId>,
    /// With whom we are, as it was told.
    pub told_neighbours: BTreeSet<DeviceId>,
}

impl Peer {
    pub fn new(device: DeviceId, standing: Standing, now_ms: u64) -> Self {
        Self {
            device,
            standing,
            ready: false,
            theirs: BTreeMap::new(),
            reaches: BTreeMap::new(),
            packs_asked: BTreeMap::new(),
            branches_asked: BTreeSet::new(),
            wrong: BTreeMap::new(),
            may_help: false,
            hopeful: BTreeSet::new(),
            asked: VecDeque::new(),
            stranger_entries: 0,
            moved_ms: now_ms,
            live: Window::fixed(),
            bulk: Window::growing(now_ms),
            serving: Serving::default(),
            untold: BTreeSet::new(),
            untold_blocks: BTreeSet::new(),
            told_blocks: BTreeMap::new(),
            unsettled: Some(BTreeSet::new()),
            round: None,
            heard: Heard::default(),
            linked_with: BTreeSet::new(),
            told_neighbours: BTreeSet::new(),
        }
    }

    /// Credit is turned off: both sides have no end of room.
    pub fn without_credit(self) -> Self {
        let [live, bulk] = [Window::endless(), Window::endless()];
        Self {
            live,
            bulk,
            serving: Serving::without_credit(),
            ..self
        }
    }

    pub fn window(&mut self, channel: Channel) -> &mut Window {
        match channel {
            Channel::Bulk => &mut self.bulk,
            Channel::Live | Channel::Control => &mut self.live,
        }
    }

    /// Whether there is something that it was not told.
    pub fn is_behind(&self) -> bool {
        !self.untold.is_empty() || !self.untold_blocks.is_empty()
    }

    /// Whether it is a member that anything may be sent to.
    pub fn listens(&self) -> bool {
        self.ready && self.standing == Standing::Member
    }

    /// Whether it may hear of entries of a log by way of us alone: it is neither their author nor, as
    /// far as it told, linked with it.
    pub fn hears_by_us(&self, me: DeviceId, log: LogId) -> bool {
        let author = log.device;
        author == me || (author != self.device && !self.linked_with.contains(&author))
    }

    /// What either side holds of these logs may have changed.
    pub fn unsettle(&mut self, logs: impl IntoIterator<Item = LogId>) {
        self.unsettled.get_or_insert_default().extend(logs);
    }

    pub fn may_have(&self, log: LogId) -> bool {
        self.standing.may_have(log)
    }

    pub fn may_bring(&self, log: LogId) -> bool {
        self.standing.may_bring(self.device, log)
    }

    /// Notes that `span` came in answer to what was asked; `false` when it was not asked for.
    #[must_use]
    pub fn answers(&mut self, log: LogId, span: Span) -> bool {
        let mut asked = false;
        for open in self.asked.iter_mut().filter(|open| open.range.log == log) {
            if open.range.span().overlaps(&span) {
                open.came.insert(span);
                asked = true;
            }
        }
        asked
    }

    /// The oldest range asked for has ended: what of it did not come, the peer lacks. Gives
    /// whether there is such a part; `None` when nothing had been asked for.
    pub fn end_range(&mut self) -> Option<bool> {
        let Asked { range, came } = self.asked.pop_front()?;
        let absent = came.missing(range.span());
        absent.iter().for_each(|span| self.lacks(range.log, *span));
        Some(!absent.is_empty())
    }

    /// It says that it has these numbers of a log, and no others.
    pub fn claims(&mut self, log: LogId, mut spans: Spans) {
        for wrong in self.wrong.get(&log).into_iter().flat_map(Spans::iter) {
            spans.remove(wrong);
        }
        self.theirs.insert(log, spans);
        self.hopeful.insert(log);
    }

    /// What is held has become less, or nobody is asked any more for what it has: all of it may
    /// help.
    pub fn may_help_with_all(&mut self) {
        self.may_help = true;
        self.hopeful.extend(self.theirs.keys());
    }

    /// Looks again at the logs of which it may have something that is lacking, by what it `told`, and
    /// whoever is asked for it.
    pub fn look_again<'a>(&mut self, holdings: &Holdings, told: impl Fn(LogId) -> &'a [Run]) {
        let theirs = &self.theirs;
        self.hopeful.retain(|log| {
            let mut spans = theirs.get(log).into_iter().flat_map(Spans::iter);
            let lacking = spans.any(|span| !holdings.missing(*log, span).is_empty());
            let told = told(*log);
            lacking
                || asking::has_branches(holdings, *log, told) && holdings.lacks_in(*log, told) > 0
        });
    }

    /// The logs of which it may have something that is lacking: those that have branches, with the
    /// runs that it told, and what it has of the others.
    pub fn hopeful<'a>(
        &self,
        holdings: &Holdings,
        told: impl Fn(LogId) -> &'a [Run],
    ) -> (BTreeMap<LogId, &'a [Run]>, BTreeMap<LogId, &Spans>) {
        let (mut split, mut plain) = (BTreeMap::new(), BTreeMap::new());
        for log in &self.hopeful {
            let told = told(*log);
            if asking::has_branches(holdings, *log, told) {
                split.insert(*log, told);
            } else if let Some(spans) = self.theirs.get(log) {
                plain.insert(*log, spans);
            }
        }
        (split, plain)
    }

    /// It says how far its blocks of some logs reach. Of a log of which it says that it holds
    /// nothing that is no word. `whole`: of others it has none.
    pub fn claims_blocks(&mut self, vector: &Vector, whole: bool) {
        if whole {
            self.reaches.clear();
        }
        let held = |(log, _): &(LogId, u64)| !vector.runs(*log).is_empty();
        self.reaches.extend(vector.reaches().filter(held));
    }

    /// It is told what is held.
    pub fn is_told(&mut self, vector: &Vector) {
        self.told_blocks.extend(vector.reaches());
    }

    /// Whether it might fetch blocks up to `reach` and was not told of them.
    pub fn lacks_word_of(&self, log: LogId, reach: u64) -> bool {
        let known = [&self.told_blocks, &self.reaches].map(|reaches| reaches.get(&log));
        self.may_have(log)
            && known
                .into_iter()
                .all(|known| known.is_none_or(|it| *it < reach))
    }

    /// The next windows that we hold loose and it has as blocks, at most `room`. It is asked for
    /// each of them once.
    pub fn next_packs(&mut self, holdings: &Holdings, taken: &Taken, room: usize) -> Vec<Range> {
        let mut ranges = Vec::new();
        for (log, reach) in &self.reaches {
            if !self.standing.may_bring(self.device, *log) || *reach <= holdings.packed(*log) {
                continue;
            }
            let asked = self.packs_asked.entry(*log).or_default();
            let theirs = self.theirs.get(log);
            let has = |window: &Span| theirs.is_some_and(|theirs| theirs.covers(*window));
            let taken = taken.get(log);
            // What somebody else is asked for may still be asked of this one later.
            let free =
                |window: &Span| taken.is_none_or(|taken| taken.missing(*window) == [*window]);
            let windows = holdings.loose_windows(*log, *asked, *reach).filter(has);
            for window in windows.take_while(free).take(room - ranges.len()) {
                *asked = window.last;
                ranges.push(Range::new(*log, window));
            }
        }
        ranges
    }

    /// What it brought of `span` was refused.
    pub fn brought_wrong(&mut self, log: LogId, span: Span) {
        self.wrong.entry(log).or_default().insert(span);
        self.lacks(log, span);
    }

    /// It may be asked again for what it brought and what was refused.
    pub fn forgive(&mut self) {
        self.branches_asked.clear();
        for (log, spans) in std::mem::take(&mut self.wrong) {
            self.may_help = true;
            spans.iter().for_each(|span| self.shows(log, span));
        }
    }

    /// It has `span`.
    pub fn shows(&mut self, log: LogId, span: Span) {
        self.theirs.entry(log).or_default().insert(span);
        self.hopeful.insert(log);
    }

    /// It does not have `span`.
    pub fn lacks(&mut self, log: LogId, span: Span) {
        if let Some(spans) = self.theirs.get_mut(&log) {
            spans.remove(span);
        }
    }

    /// Asks for ranges; a stranger only for a bounded number of entries.
    pub fn ask(&mut self, mut ranges: Vec<Range>, now_ms: u64) -> Vec<Range> {
        if self.standing == Standing::Stranger {
            ranges.retain(|range| {
                self.stranger_entries += range.span().count();
                self.stranger_entries <= STRANGER_CONTROL_ENTRIES_MAX as u64
            });
        }
        if self.asked.is_empty() {
            self.moved_ms = now_ms;
            self.bulk.begin(now_ms);
        }
        let open = |range: &Range| Asked {
            range: *range,
            came: Spans::default(),
        };
        self.asked.extend(ranges.iter().map(open));
        ranges
    }
}

#[cfg(test)]
mod tests {
    use base::hash::ChainValue;
    use base::{EpochName, Header, ShopId, Stream};

    use super::*;
    use crate::switches::Switches;

    const SHOP: ShopId = ShopId([1; 16]);

    fn log() -> LogId {
        LogId::new(DeviceId([2; 16]), Stream::Sales)
    }

    fn holdings(count: u32) -> Holdings {
        let mut holdings = Holdings::new(SHOP, Switches::default());
        let header = Header {
            version: 1,
            shop: SHOP,
            device: log().device,
            stream: log().stream,
            first: 1,
            count,
            epoch: EpochName([1; 8]),
            before: ChainValue::start(SHOP, log()),
            last_chain: ChainValue([9; 32]),
            nonce: [0; 12],
            body_hash: None,
        };
        holdings.add(&header, &[]);
        holdings
    }

    #[test]
    fn only_logs_of_which_it_has_more_than_we_are_looked_at_again() {
        let mut peer = Peer::new(DeviceId([5; 16]), Standing::Member, 0);
        let beyond = |peer: &mut Peer, held: u32| -> Vec<LogId> {
            let told = |_| [].as_slice();
            peer.look_again(&holdings(held), told);
            peer.hopeful(&holdings(held), told).1.into_keys().collect()
        };
        peer.claims(log(), [Span::new(1, 10)].into_iter().collect());
        assert_eq!(beyond(&mut peer, 9), [log()]);
        assert!(beyond(&mut peer, 10).is_empty());
        // Nobody said that we hold less by now.
        assert!(beyond(&mut peer, 9).is_empty());
        peer.may_help_with_all();
        assert_eq!(beyond(&mut peer, 9), [log()]);
        assert!(beyond(&mut peer, 10).is_empty());
        peer.shows(log(), Span::new(11, 11));
        assert_eq!(beyond(&mut peer, 10), [log()]);
    }
}
