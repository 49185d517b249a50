//! What a replica knows of one linked device.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use base::limits::STRANGER_CONTROL_ENTRIES_MAX;
use base::machine::Channel;
use base::{DeviceId, LogId, Mark, Vector};

use super::action::Standing;
use super::comparing::Round;
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
    /// What either side holds has changed since we were last in step.
    pub unsettled: bool,
    /// A round of comparing that somebody waits for.
    pub round: Option<Round>,
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
            asked: VecDeque::new(),
            stranger_entries: 0,
            moved_ms: now_ms,
            live: Window::fixed(),
            bulk: Window::growing(now_ms),
            serving: Serving::default(),
            untold: BTreeSet::new(),
            untold_blocks: BTreeSet::new(),
            told_blocks: BTreeMap::new(),
            unsettled: true,
            round: None,
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
