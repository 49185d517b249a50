//! Serving what others asked for, and sending what we commit.

use base::hash::ChainValue;
use base::limits::{BRANCHES_PER_LOG_MAX, EFFECT_BYTES_MAX, EFFECT_ITEMS_MAX, READ_ROWS_MAX};
use base::machine::Channel;
use base::{Header, LinkId, LogId, Segment};
use minicbor::bytes::ByteVec;

use super::Replica;
use super::action::{Action, ReadId};
use super::receiving::marks_within;
use crate::error::Fault;
use crate::message::{Begun, Message};
use crate::spans::{Range, Span};

/// Rows that were read from the store for a peer.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rows {
    /// How many there were.
    pub found: usize,
    /// Their bytes together.
    pub bytes: usize,
    /// Their segments, or fewer that several were put together into.
    pub segments: Vec<Vec<u8>>,
}

impl Rows {
    /// These, as they were read.
    pub fn as_read(segments: Vec<Vec<u8>>) -> Self {
        Self {
            found: segments.len(),
            bytes: segments.iter().map(Vec::len).sum(),
            segments,
        }
    }
}

impl Replica {
    /// Segments of our own are durable: they go at once to everybody linked. `chains`: the chain
    /// values of the entries of each, in order.
    pub fn committed(&mut self, now_ms: u64, segments: &[Segment], chains: &[Vec<ChainValue>]) {
        let chains = chains.iter().map(Vec::as_slice);
        for (segment, chain) in segments
            .iter()
            .zip(chains.chain(std::iter::repeat(&[][..])))
        {
            self.hold(&segment.header, &marks_within(&segment.header, chain));
        }
        let logs = || segments.iter().map(|segment| segment.header.log());
        self.peers
            .values_mut()
            .for_each(|peer| peer.unsettle(logs()));
        let packed: Vec<_> = segments
            .iter()
            .map(|segment| (segment, segment.to_bytes()))
            .collect();
        let links: Vec<_> = self.peers.keys().copied().collect();
        for link in links {
            self.send_live(now_ms, link, &packed);
        }
        self.settle(now_ms);
    }

    /// A segment of our own has taken the place of those within it: `chain` holds the chain value
    /// of each of its entries, in order.
    pub fn packed(&mut self, now_ms: u64, header: &Header, chain: &[ChainValue]) {
        let inside = marks_within(header, chain);
        self.holdings.add(header, &inside);
        self.packed_further(now_ms, header.log());
    }

    /// What is before `reach` in a log of our own cannot be packed any better.
    pub fn packed_to(&mut self, now_ms: u64, log: LogId, reach: u64) {
        self.holdings.packed_to(log, reach);
        self.packed_further(now_ms, log);
    }

    fn send_live(&mut self, now_ms: u64, link: LinkId, packed: &[(&Segment, Vec<u8>)]) {
        let Some(peer) = self.peers.get_mut(&link) else {
            return;
        };
        let mut lists: Vec<Vec<ByteVec>> = Vec::new();
        let mut bytes = 0;
        for (segment, packed) in packed {
            let (header, log) = (&segment.header, segment.header.log());
            let span = Span::new(header.first, header.last());
            if !peer.may_have(log) {
                continue;
            }
            if !peer.ready || peer.serving.live.left() == 0 {
                // Too much at once, as when a catalogue is imported: it is told of, and the peer
                // asks for it in bulk at its own pace.
                peer.untold.insert(log);
                self.telling.soon_ms = Some(now_ms);
                continue;
            }
            peer.serving.live.spend(packed.len() as u64);
            self.sent.note(peer.device, log, span);
            bytes += packed.len();
            let full = |list: &Vec<_>| list.len() >= EFFECT_ITEMS_MAX || bytes > EFFECT_BYTES_MAX;
            if lists.last().is_none_or(full) {
                lists.push(Vec::new());
                bytes = packed.len();
            }
            if let Some(list) = lists.last_mut() {
                list.push(packed.clone().into());
            }
        }
        for segments in lists {
            self.send(link, Channel::Live, Message::Segments { segments, done: 0 });
        }
    }

    /// Whether somebody still waits for the answer to a question to the store.
    pub fn waits_for(&self, read: ReadId) -> bool {
        self.reads.contains_key(&read)
    }

    /// What was read from the store; `Err` when it could not be read, and the peer is told that
    /// it is not there.
    ///
    /// An answer to an unknown question is passed over.
    pub fn loaded(&mut self, now_ms: u64, read: ReadId, rows: Result<Rows, ()>) {
        let Some((link, range, limit)) = self.reads.remove(&read) else {
            return;
        };
        let rows = rows.unwrap_or_default();
        let last_page = rows.found < limit as usize;
        if let Some(each) = rows.bytes.checked_div(rows.found) {
            // Up at once, so that no page of big rows follows another; down by and by.
            self.row_bytes = each.max((self.row_bytes * 7 + each) / 8);
        }
        let mut segments = Vec::new();
        for bytes in rows.segments {
            match Segment::from_bytes(&bytes) {
                Ok(segment) => segments.push((segment, bytes)),
                Err(_) => self.actions.push_back(Action::RowDamaged { range }),
            }
        }
        if let Some(peer) = self.peers.get_mut(&link) {
            let next = peer
                .serving
                .next_to_read()
                .filter(|_| peer.serving.position().is_none());
            let start = next.map(|next| self.holdings.segment_start(range.log, next));
            if start.is_some_and(|start| start < range.first) {
                // A block that begins before took the place of what was asked for.
                peer.serving.read_again();
            } else {
                let forked = self.holdings.is_forked(range.log);
                peer.serving.read(segments, last_page, forked);
            }
        }
        self.settle(now_ms);
    }

    pub(super) fn want(
        &mut self,
        link: LinkId,
        ranges: Vec<Range>,
        bulk_limit: u64,
        begun: Vec<Begun>,
    ) -> Result<(), Fault> {
        let Some(peer) = self.peers.get_mut(&link) else {
            return Ok(());
        };
        peer.serving.bulk.raise(bulk_limit);
        if peer.serving.want(ranges, begun) {
            Ok(())
        } else {
            Err(Fault::PeerOutOfTurn("sync_request"))
        }
    }

    pub(super) fn serve(&mut self) {
        let links: Vec<_> = self.peers.keys().copied().collect();
        for link in links {
            self.read_ahead(link);
            while let Some(peer) = self.peers.get_mut(&link) {
                let device = peer.device;
                let Some((list, ranges)) = peer.serving.next_list() else {
                    break;
                };
                for range in ranges {
                    self.sent.note(device, range.log, range.span());
                }
                self.send(link, Channel::Bulk, list);
            }
            self.read_ahead(link);
        }
    }

    fn read_ahead(&mut self, link: LinkId) {
        let Some(peer) = self.peers.get_mut(&link) else {
            return;
        };
        let standing = peer.standing;
        let Some(range) = peer.serving.next_read(|log| standing.may_have(log)) else {
            return;
        };
        let position = peer.serving.position();
        let first = position.unwrap_or_else(|| self.holdings.segment_start(range.log, range.first));
        // Of a log with branches two rows may begin at one number.
        let least = if self.holdings.is_forked(range.log) {
            BRANCHES_PER_LOG_MAX + 1
        } else {
            1
        };
        let rows = EFFECT_BYTES_MAX / self.row_bytes.max(1);
        let rows = rows.clamp(least, READ_ROWS_MAX as usize) as u32;
        let read = ReadId(self.next_read);
        self.next_read += 1;
        let range = Range::new(range.log, Span::new(first, range.last));
        self.reads.insert(read, (link, range, rows));
        self.actions.push_back(Action::Read { read, range, rows });
    }
}
