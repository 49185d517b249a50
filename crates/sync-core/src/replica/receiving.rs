//! Asking for what is lacking, and what comes of it.

use std::collections::BTreeMap;

use base::hash::ChainValue;
use base::limits::{BRANCHES_PER_LOG_MAX, PACKS_ASKED_MAX, STORAGE_PAUSE_MS, WANT_RANGES_MAX};
use base::machine::Channel;
use base::{Header, LinkId, LogId, Mark, Run, Segment};
use minicbor::bytes::ByteVec;

use super::action::{Action, Failure};
use super::peer::Taken;
use super::{Replica, asking};
use crate::error::Fault;
use crate::holdings::Fit;
use crate::message::Message;
use crate::spans::{self, Range, Span};

/// The number and the mark of each entry of an opened segment.
pub(super) fn marks_within(header: &Header, chain: &[ChainValue]) -> Vec<(u64, Mark)> {
    let marks = chain.iter().map(ChainValue::mark);
    (header.first..).zip(marks).collect()
}

/// A segment that was handed out to be verified and stored.
#[derive(Debug, Clone)]
pub(super) struct Arriving {
    link: LinkId,
    channel: Channel,
    /// What its sender gets back as credit; zero once it has.
    pub(super) bytes: u64,
    /// Marks within it, once it was opened.
    inside: Vec<(u64, Mark)>,
    /// The run that it goes on from, once it was set aside.
    behind: Option<Run>,
}

impl Replica {
    /// A received segment was opened: `chain` holds the chain value of each of its entries, in
    /// order. Gives the held segments whose place it takes once it is stored, by the number of
    /// their first entry and the mark of their end.
    pub fn received_opened(&mut self, header: &Header, chain: &[ChainValue]) -> Vec<(u64, Mark)> {
        let inside = marks_within(header, chain);
        let replaced = self.holdings.replaced_by(header, &inside);
        if let Some(arriving) = self.arriving.get_mut(&Self::key(header)) {
            arriving.inside = inside;
        }
        replaced
    }

    /// A segment that is stored was opened: `chain` holds the chain value of each of its entries,
    /// in order. It is held from here on if what was lacking was the proof that it meets.
    pub fn stored_opened(&mut self, now_ms: u64, header: &Header, chain: &[ChainValue]) {
        let inside = marks_within(header, chain);
        let aside = self.holdings.aside_of(header.log());
        let fit = self.hold(header, &inside);
        if self.holdings.aside_of(header.log()) < aside {
            self.everybody_may_help();
        }
        if let Fit::New(_) | Fit::Fork = fit {
            self.changed(now_ms, header.log());
            self.settle(now_ms);
        }
    }

    /// Holds a segment that is stored, and says so when its log has branches since.
    pub(super) fn hold(&mut self, header: &Header, inside: &[(u64, Mark)]) -> Fit {
        let log = header.log();
        let forked = self.holdings.is_forked(log);
        let fit = self.holdings.add(header, inside);
        if !forked && self.holdings.is_forked(log) {
            self.actions.push_back(Action::Forked { log });
        }
        fit
    }

    /// Received segments are stored.
    pub fn received_stored(&mut self, now_ms: u64, headers: &[Header]) {
        let mut source = None;
        for header in headers {
            let arriving = self.finish_arriving(now_ms, header);
            source = arriving.as_ref().map(|arriving| arriving.link).or(source);
            let inside = arriving.map_or_else(Vec::new, |arriving| arriving.inside);
            let aside = self.holdings.aside_of(header.log());
            let fit = self.hold(header, &inside);
            if self.holdings.aside_of(header.log()) < aside
                || self.holdings.is_forked(header.log())
                || self.leads_back(header.log())
            {
                // It is lacking again, or what leads to it is, and anybody may bring it.
                self.everybody_may_help();
            }
            match fit {
                Fit::New(_) | Fit::Fork => self.changed(now_ms, header.log()),
                Fit::Packs => self.packed_further(now_ms, header.log()),
                Fit::Duplicate => {}
                Fit::Unproven => {
                    let span = Span::new(header.first, header.last());
                    let range = Range::new(header.log(), span);
                    self.actions.push_back(Action::Unproven { range });
                }
            }
        }
        self.settle(now_ms);
        if let Some(link) = source {
            self.progress(link);
        }
    }

    /// Received segments wait for an author or a key, or for what comes before them: their sender may
    /// go on, nobody is asked for them again, and they are not held.
    pub fn received_set_aside(&mut self, now_ms: u64, headers: &[Header]) {
        let mut leads = false;
        for header in headers {
            let Some(arriving) = self.arriving.get_mut(&Self::key(header)) else {
                continue;
            };
            let behind = Run {
                first: 1,
                last: header.first - 1,
                mark: header.before.mark(),
            };
            leads |= self
                .holdings
                .contradicts(header.log(), behind.last, behind.mark);
            arriving.behind = (behind.last > 0).then_some(behind);
            let (link, channel) = (arriving.link, arriving.channel);
            let bytes = std::mem::take(&mut arriving.bytes);
            self.return_credit(now_ms, link, channel, bytes);
        }
        if leads {
            self.everybody_may_help();
        }
        self.settle(now_ms);
    }

    /// Whether something of a log was set aside that goes on from what may be lacking.
    fn leads_back(&self, log: LogId) -> bool {
        let of_log = self.arriving.range((log, 0, 0, Mark([0; 8]))..);
        let mut of_log = of_log.take_while(|((of, ..), _)| *of == log);
        of_log.any(|(_, arriving)| arriving.behind.is_some())
    }

    /// Runs from which something that was set aside goes on, where another branch is held: nothing
    /// that is held shows that it lacks what comes before.
    fn led_to(&self) -> BTreeMap<LogId, Vec<Run>> {
        let mut led_to: BTreeMap<LogId, Vec<Run>> = BTreeMap::new();
        for ((log, ..), arriving) in &self.arriving {
            let behind = arriving.behind;
            let other = |run: &Run| self.holdings.contradicts(*log, run.last, run.mark);
            if let Some(run) = behind.filter(other) {
                let runs = led_to.entry(*log).or_default();
                // More of them than branches are held lead nowhere.
                if runs.len() < BRANCHES_PER_LOG_MAX {
                    runs.push(run);
                }
            }
        }
        led_to
    }

    /// The store could not take received segments, and will be given them again: their sender may go
    /// on, nobody is asked for them meanwhile, and they are not held. Nor is anybody asked for
    /// others before a pause is over.
    pub fn received_unstored(&mut self, now_ms: u64, headers: &[Header]) {
        for header in headers {
            if let Some(arriving) = self.arriving.get_mut(&Self::key(header)) {
                let (link, channel) = (arriving.link, arriving.channel);
                let bytes = std::mem::take(&mut arriving.bytes);
                self.return_credit(now_ms, link, channel, bytes);
            }
        }
        self.paused_until_ms = now_ms + STORAGE_PAUSE_MS;
        self.settle(now_ms);
    }

    /// Received segments are not held, and will not be.
    pub fn received_failed(&mut self, now_ms: u64, headers: &[Header], failure: Failure) {
        for header in headers {
            let Some(arriving) = self.finish_arriving(now_ms, header) else {
                continue;
            };
            let refused = failure == Failure::Refused;
            if !refused {
                self.ask_again(header.log(), Span::new(header.first, header.last()));
            }
            if let Some(peer) = self.peers.get_mut(&arriving.link).filter(|_| refused) {
                peer.brought_wrong(header.log(), Span::new(header.first, header.last()));
            }
        }
        if failure == Failure::NoRoom {
            self.paused_until_ms = now_ms + STORAGE_PAUSE_MS;
        }
        self.everybody_may_help();
        self.settle(now_ms);
    }

    /// A segment that was held turned out not to be there: it is asked for again.
    pub fn lost(&mut self, now_ms: u64, header: &Header) {
        self.holdings.remove(header);
        self.ask_again(header.log(), Span::new(header.first, header.last()));
        self.changed(now_ms, header.log());
        self.everybody_may_help();
        self.settle(now_ms);
    }

    /// What was asked for along branches and did not come to be held may be asked for again.
    pub(super) fn ask_again(&mut self, log: LogId, span: Span) {
        for peer in self.peers.values_mut() {
            let other = |range: &Range| range.log != log || !range.span().overlaps(&span);
            peer.branches_asked.retain(|(range, _)| other(range));
        }
    }

    pub(super) fn ask(&mut self, now_ms: u64) {
        if now_ms < self.paused_until_ms {
            return;
        }
        self.paused_until_ms = 0;
        let room = |asked: usize| asked <= WANT_RANGES_MAX / 2;
        let idle = self
            .peers
            .iter()
            .filter(|(_, p)| p.ready && p.may_help && room(p.asked.len()));
        let links: Vec<_> = idle.map(|(link, _)| *link).collect();
        if links.is_empty() {
            return;
        }
        let mut taken = self.taken();
        let led_to = self.led_to();
        for link in links {
            let Some(peer) = self.peers.get_mut(&link) else {
                continue;
            };
            let room = WANT_RANGES_MAX - peer.asked.len();
            let (standing, device) = (peer.standing, peer.device);
            let told = |log| self.delivery.runs(device, log);
            peer.look_again(&self.holdings, told);
            let (split, plain) = peer.hopeful(&self.holdings, told);
            let allowed = |log| standing.may_bring(device, log);
            // Logs with branches are few, and what belongs before sales may be among them.
            let led_to = led_to.iter().map(|(log, runs)| (*log, runs.as_slice()));
            let led_to = led_to.filter(|(log, _)| !told(*log).is_empty());
            let of = split.into_iter().chain(led_to);
            let of = of.filter(|(log, _)| allowed(*log));
            let asked = &peer.branches_asked;
            let along = asking::branches(&self.holdings, of, &taken, asked, room / 2);
            let mut ranges: Vec<_> = along.iter().map(|(range, _)| *range).collect();
            let rest = room - ranges.len();
            ranges.extend(asking::next(&self.holdings, &plain, &taken, allowed, rest));
            peer.branches_asked.extend(along);
            peer.may_help = ranges.len() == room;
            if ranges.is_empty() && peer.asked.is_empty() {
                // Nothing is lacking: now what is held may be packed.
                ranges = peer.next_packs(&self.holdings, &taken, PACKS_ASKED_MAX);
                peer.may_help = !ranges.is_empty();
            }
            let ranges = peer.ask(ranges, now_ms);
            if ranges.is_empty() {
                continue;
            }
            for range in &ranges {
                taken.entry(range.log).or_default().insert(range.span());
            }
            let bulk_limit = peer.bulk.tell();
            self.beginnings.forget_held(&self.holdings);
            let begun = self.beginnings.within(&ranges);
            let want = Message::Want {
                ranges,
                bulk_limit,
                begun,
            };
            self.send(link, Channel::Control, want);
        }
    }

    /// What somebody is asked for, or what is being stored right now.
    fn taken(&self) -> Taken {
        let mut taken = Taken::new();
        for asked in self.peers.values().flat_map(|peer| &peer.asked) {
            taken
                .entry(asked.range.log)
                .or_default()
                .insert(asked.range.span());
        }
        for (log, first, last, _) in self.arriving.keys() {
            taken
                .entry(*log)
                .or_default()
                .insert(Span::new(*first, *last));
        }
        taken
    }

    pub(super) fn segments(
        &mut self,
        now_ms: u64,
        link: LinkId,
        channel: Channel,
        list: &[ByteVec],
        done: u32,
    ) -> Result<(), Fault> {
        if channel == Channel::Control || (channel == Channel::Live && done > 0) {
            return Err(Fault::PeerOutOfTurn("sync_data"));
        }
        let mut wanted = Vec::new();
        let mut taken = Ok(());
        for bytes in list {
            let segment = Segment::from_bytes(bytes).map_err(Fault::from);
            let size = bytes.len() as u64;
            let segment =
                segment.and_then(|segment| self.segment(now_ms, link, channel, segment, size));
            match segment {
                Ok(segment) => wanted.extend(segment),
                Err(fault) => {
                    taken = Err(fault);
                    break;
                }
            }
        }
        if taken.is_ok() && channel == Channel::Bulk {
            taken = self.finish_ranges(now_ms, link, done);
        }
        // Also what came before a fault: it is on its way in, and nobody is asked for it until it
        // is stored or refused.
        if !wanted.is_empty() {
            self.actions.push_back(Action::Received {
                link,
                segments: wanted,
            });
        }
        taken
    }

    /// Takes one segment of which `size` bytes came; gives it back when it is to be verified and stored.
    pub(super) fn segment(
        &mut self,
        now_ms: u64,
        link: LinkId,
        channel: Channel,
        segment: Segment,
        size: u64,
    ) -> Result<Option<Segment>, Fault> {
        let header = &segment.header;
        let (log, span) = (header.log(), Span::new(header.first, header.last()));
        if header.shop != self.shop() {
            return Err(Fault::PeerForeignShop);
        }
        let Some(peer) = self.peers.get_mut(&link) else {
            return Ok(None);
        };
        if channel == Channel::Bulk && !peer.answers(log, span) {
            return Err(Fault::PeerUnasked);
        }
        if !peer.window(channel).receive(size) {
            return Err(Fault::PeerOverCredit);
        }
        if !peer.may_bring(log) {
            peer.window(channel).take(size, now_ms);
            return Ok(None);
        }
        peer.shows(log, span);
        let key = Self::key(header);
        if self.switches.deduplication {
            let held = self.arriving.contains_key(&key);
            if held || self.holdings.fits(header) == Fit::Duplicate {
                peer.window(channel).take(size, now_ms);
                self.duplicates += 1;
                return Ok(None);
            }
        }
        let arriving = Arriving {
            link,
            channel,
            bytes: size,
            inside: Vec::new(),
            behind: None,
        };
        if let Some(before) = self.arriving.insert(key, arriving) {
            self.return_credit(now_ms, before.link, before.channel, before.bytes);
        }
        Ok(Some(segment))
    }

    /// Takes note of bytes that came and are of no use.
    pub(super) fn pay(
        &mut self,
        now_ms: u64,
        link: LinkId,
        channel: Channel,
        size: u64,
    ) -> Result<(), Fault> {
        let Some(peer) = self.peers.get_mut(&link) else {
            return Ok(());
        };
        if !peer.window(channel).receive(size) {
            return Err(Fault::PeerOverCredit);
        }
        peer.window(channel).take(size, now_ms);
        Ok(())
    }

    /// The oldest `done` ranges asked of a peer have ended.
    fn finish_ranges(&mut self, now_ms: u64, link: LinkId, done: u32) -> Result<(), Fault> {
        let Some(peer) = self.peers.get_mut(&link) else {
            return Ok(());
        };
        peer.moved_ms = now_ms;
        let mut absent = false;
        for _ in 0..done {
            absent |= peer.end_range().ok_or(Fault::PeerUnasked)?;
        }
        // It may have blocks of more than it was asked for at a time.
        peer.may_help |= peer.asked.is_empty();
        if absent {
            self.everybody_may_help();
        }
        Ok(())
    }

    fn finish_arriving(&mut self, now_ms: u64, header: &Header) -> Option<Arriving> {
        let arriving = self.arriving.remove(&Self::key(header))?;
        self.return_credit(now_ms, arriving.link, arriving.channel, arriving.bytes);
        Some(arriving)
    }

    fn return_credit(&mut self, now_ms: u64, link: LinkId, channel: Channel, bytes: u64) {
        if let Some(peer) = self.peers.get_mut(&link) {
            peer.window(channel).take(bytes, now_ms);
        }
    }

    pub(super) fn give_credit(&mut self) {
        let due = |peer: &super::Peer| peer.bulk.due() || peer.live.due();
        let links: Vec<_> = self
            .peers
            .iter()
            .filter(|(_, p)| due(p))
            .map(|(l, _)| *l)
            .collect();
        for link in links {
            let Some(peer) = self.peers.get_mut(&link) else {
                continue;
            };
            let (live_limit, bulk_limit) = (peer.live.tell(), peer.bulk.tell());
            self.send(
                link,
                Channel::Control,
                Message::Credit {
                    live_limit,
                    bulk_limit,
                },
            );
        }
    }

    fn progress(&mut self, link: LinkId) {
        let Some(peer) = self.peers.get(&link) else {
            return;
        };
        let theirs = || {
            let logs = peer.theirs.iter();
            logs.flat_map(|(log, spans)| spans.iter().map(|span| (*log, span)))
        };
        let done = spans::total(theirs().map(|(log, span)| self.holdings.count_in(log, span)));
        let total = spans::total(theirs().map(|(_, span)| span.count()));
        self.actions
            .push_back(Action::Progress { link, done, total });
    }
}
