//! Going on at the byte where a link broke: on a bad link what is big would begin again and again.
//!
//! Whole segments of a list that was cut short are taken as if the list had ended there. Of the one
//! that was cut the beginning is kept, and whoever is asked for it next sends what follows, if what it
//! holds begins with the very same bytes.

use base::hash::sha256;
use base::limits::{BEGUN_BYTES_MIN, BEGUN_SEGMENTS_MAX, BODY_BYTES_MAX};
use base::machine::Channel;
use base::{Header, LinkId, Segment};

use super::Replica;
use super::action::{Action, Standing};
use crate::error::Fault;
use crate::holdings::{Fit, Holdings};
use crate::message::{Beginning, Begun};
use crate::spans::{Range, Span};

/// Beginnings of segments, oldest first. At most [`BEGUN_SEGMENTS_MAX`].
#[derive(Debug, Default)]
pub(super) struct Beginnings(Vec<Kept>);

#[derive(Debug)]
struct Kept {
    header: Header,
    begun: Begun,
    bytes: Vec<u8>,
}

impl Beginnings {
    /// Keeps the beginning of a segment that is lacking, in place of the oldest one where there are too
    /// many. One that is too short, or that another one goes on from, is not worth it; of two that
    /// differ the last one counts, or whoever brought a wrong one would stand in the way for ever.
    fn keep(&mut self, header: Header, bytes: Vec<u8>) {
        let span = Span::new(header.first, header.last());
        let range = Range::new(header.log(), span);
        let goes_on = |it: &Kept| it.begun.range == range && it.bytes.starts_with(&bytes);
        let is_worth_it = (BEGUN_BYTES_MIN..=BODY_BYTES_MAX).contains(&bytes.len());
        if !is_worth_it || self.0.iter().any(goes_on) {
            return;
        }
        self.0.retain(|it| it.begun.range != range);
        if self.0.len() >= BEGUN_SEGMENTS_MAX {
            self.0.remove(0);
        }
        let begun = Begun {
            range,
            bytes: bytes.len() as u32,
            hash: sha256(&[&bytes]).0,
        };
        self.0.push(Kept {
            header,
            begun,
            bytes,
        });
    }

    /// What is there of whatever is asked for.
    pub fn within(&self, asked: &[Range]) -> Vec<Begun> {
        let is_asked = |begun: &Begun| {
            let of_log = asked.iter().filter(|range| range.log == begun.range.log);
            let mut spans = of_log.map(Range::span);
            spans.any(|span| span.overlaps(&begun.range.span()))
        };
        let begun = self.0.iter().map(|it| it.begun);
        begun.filter(is_asked).collect()
    }

    /// Takes a beginning, with what follows it. Nothing is kept of it.
    fn completed(&mut self, of: &Begun, rest: &[u8]) -> Option<Vec<u8>> {
        let place = self.0.iter().position(|it| it.begun == *of)?;
        let mut bytes = self.0.remove(place).bytes;
        bytes.extend_from_slice(rest);
        Some(bytes)
    }

    /// Forgets what is held by now.
    pub fn forget_held(&mut self, holdings: &Holdings) {
        self.0
            .retain(|it| holdings.fits(&it.header) != Fit::Duplicate);
    }
}

impl Replica {
    /// A link broke in the middle of a message, of which this came. To be told before the link is
    /// [down](Self::link_down).
    pub fn broken_off(&mut self, now_ms: u64, link: LinkId, channel: Channel, beginning: &[u8]) {
        match Beginning::read(beginning) {
            Some(Beginning::Segments(whole, begun)) => {
                // Nobody is blamed any more: the link is gone.
                let taken = self.segments(now_ms, link, channel, &whole, 0);
                if taken.is_ok() {
                    self.keep_beginning(link, channel, begun);
                }
            }
            Some(Beginning::Rest(of, more)) => {
                let peer = self.peers.get_mut(&link);
                let is_asked = peer.is_some_and(|it| it.answers(of.range.log, of.range.span()));
                let bytes = is_asked.then(|| self.beginnings.completed(&of, &more));
                if let Some(bytes) = bytes.flatten() {
                    self.keep_beginning(link, channel, bytes);
                }
            }
            None => {}
        }
    }

    /// Keeps what was asked for, or what a member sent as it was written.
    fn keep_beginning(&mut self, link: LinkId, channel: Channel, bytes: Vec<u8>) {
        let peer = self.peers.get_mut(&link);
        let (Some(peer), Some(header)) = (peer, Segment::header_of(&bytes)) else {
            return;
        };
        let (log, span) = (header.log(), Span::new(header.first, header.last()));
        let is_due = match channel {
            Channel::Control => false,
            Channel::Live => peer.standing == Standing::Member,
            Channel::Bulk => peer.may_bring(log) && peer.answers(log, span),
        };
        let lacking = self.holdings.fits(&header) != Fit::Duplicate;
        if is_due && lacking && header.shop == self.holdings.shop() {
            self.beginnings.keep(header, bytes);
        }
    }

    /// Takes what was lacking of a segment whose beginning was here.
    pub(super) fn rest(
        &mut self,
        now_ms: u64,
        link: LinkId,
        channel: Channel,
        (of, rest): (&Begun, &[u8]),
    ) -> Result<(), Fault> {
        let Some(peer) = self
            .peers
            .get_mut(&link)
            .filter(|_| channel == Channel::Bulk)
        else {
            return Err(Fault::PeerOutOfTurn("sync_data"));
        };
        if !peer.answers(of.range.log, of.range.span()) {
            return Err(Fault::PeerUnasked);
        }
        peer.moved_ms = now_ms;
        let size = rest.len() as u64;
        let Some(bytes) = self.beginnings.completed(of, rest) else {
            // It has come another way since, or made room.
            self.ask_again(of.range.log, of.range.span());
            self.everybody_may_help();
            return self.pay(now_ms, link, channel, size);
        };
        // Whoever goes on from a beginning has said that it holds the same.
        let segment = Segment::from_bytes(&bytes)?;
        if let Some(segment) = self.segment(now_ms, link, channel, segment, size)? {
            let segments = vec![segment];
            self.actions.push_back(Action::Received { link, segments });
        }
        Ok(())
    }
}
