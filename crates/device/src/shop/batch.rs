//! Entries of one commit, on their way to segments: numbered, chained, not yet sealed.

use std::collections::{BTreeMap, BTreeSet};

use base::hash::{ChainKey, ChainValue};
use base::limits::{ENTRY_BYTES_MAX, SEGMENT_ENTRIES_MAX};
use base::{
    ControlVector, DeviceId, EmployeeId, Entry, EntryRef, Header, HybridClock, LogId, Release,
    ShopId, Stream,
};

use crate::records::Head;

/// One entry of our own, before anybody else has it.
#[derive(Debug, Clone)]
pub struct Written {
    /// Which.
    pub reference: EntryRef,
    /// `c(seq)`.
    pub chain: ChainValue,
    /// Its bytes, for ever.
    pub raw: Vec<u8>,
}

/// A run of entries of one log that becomes one segment.
#[derive(Debug, Clone)]
pub struct PlainRun {
    /// The log.
    pub log: LogId,
    /// Number of the first entry.
    pub first: u64,
    /// `c(first − 1)`.
    pub before: ChainValue,
    /// The entries, in order.
    pub entries: Vec<Written>,
    /// Their bytes together.
    bytes: usize,
}

impl PlainRun {
    /// Entries that follow each other from `first` on, behind the chain value `before`.
    pub fn of(log: LogId, first: u64, before: ChainValue, entries: Vec<Written>) -> Self {
        let bytes = entries.iter().map(|entry| entry.raw.len()).sum();
        Self {
            log,
            first,
            before,
            entries,
            bytes,
        }
    }
}

impl Written {
    /// The entries of an opened segment, with their chain values; `None` where they do not lead
    /// from its beginning to its end.
    pub fn read(header: &Header, plain: &[u8], key: &ChainKey) -> Option<Vec<Self>> {
        let raws = seal::body::expand(plain, header.count).ok()?;
        let (mut chain, linker) = (header.before, key.linker());
        let entry = |(seq, raw): (u64, Vec<u8>)| {
            chain = linker.next(&chain, &raw);
            let (log, mark) = (header.log(), chain.mark());
            let reference = EntryRef { log, seq, mark };
            Self {
                reference,
                chain,
                raw,
            }
        };
        let entries: Vec<_> = (header.first..).zip(raws).map(entry).collect();
        let end = entries.last().map(|entry| entry.chain);
        (end == Some(header.last_chain)).then_some(entries)
    }
}

/// Where a batch begins: what the next numbers, stamps and chain values follow from.
#[derive(Debug, Clone)]
pub struct Ground {
    /// The shop.
    pub shop: ShopId,
    /// This device.
    pub device: DeviceId,
    /// The clock.
    pub clock: HybridClock,
    /// What the wall clock says, milliseconds since 1970.
    pub wall_ms: u64,
    /// How far each control log has been applied.
    pub control: ControlVector,
    /// Heads of our logs; a log that is not there begins.
    pub heads: BTreeMap<Stream, Head>,
    /// What goes into the first entry that this start of the device writes in a stream.
    pub salt: [u8; 8],
    /// Streams in which this start has written.
    pub begun: BTreeSet<Stream>,
}

/// An entry would be longer than its limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EntryTooLong;

/// Entries of one commit.
#[derive(Debug, Clone)]
pub struct Batch {
    release: Release,
    ground: Ground,
    keys: BTreeMap<Stream, ChainKey>,
    runs: Vec<PlainRun>,
}

impl Batch {
    /// Begins a batch of a release. `keys`: the chain keys of the streams that can be written.
    pub fn new(release: Release, ground: Ground, keys: BTreeMap<Stream, ChainKey>) -> Self {
        Self {
            release,
            ground,
            keys,
            runs: Vec::new(),
        }
    }

    /// Lets a stream be written from here on: the first epoch of a shop is born inside a batch.
    pub fn set_key(&mut self, stream: Stream, key: ChainKey) {
        self.keys.insert(stream, key);
    }

    /// Names the shop: its id is the hash of the genesis entry, which is made in a batch.
    pub fn set_shop(&mut self, shop: ShopId) {
        self.ground.shop = shop;
    }

    /// The stamp's clock, the heads and the control vector as they are after the batch.
    pub fn ground(&self) -> &Ground {
        &self.ground
    }

    /// The bytes of an entry as it would be written now, without writing it.
    pub fn draft(&mut self, kind: u16, employee: Option<EmployeeId>, payload: Vec<u8>) -> Entry {
        let stamp = self.ground.clock.tick(self.ground.wall_ms);
        let wall_ms = (stamp.ms() != self.ground.wall_ms).then_some(self.ground.wall_ms);
        Entry {
            kind,
            min_reader: self.release.min_reader(kind),
            stamp,
            wall_ms,
            employee,
            control: self.ground.control.clone(),
            payload,
            salt: None,
        }
    }

    /// Writes an entry: gives it its number and its chain value.
    ///
    /// # Errors
    /// [`EntryTooLong`]; nothing was written. A stream without a key is our own fault and counts
    /// as the same: the caller checks what it may write.
    pub fn append(
        &mut self,
        stream: Stream,
        kind: u16,
        employee: Option<EmployeeId>,
        payload: Vec<u8>,
    ) -> Result<Written, EntryTooLong> {
        let mut entry = self.draft(kind, employee, payload);
        entry.salt = (!self.ground.begun.contains(&stream)).then_some(self.ground.salt);
        self.append_raw(stream, entry.to_raw())
    }

    /// Writes an entry whose bytes are already there: the genesis entry names its own shop.
    ///
    /// # Errors
    /// As [`Batch::append`].
    pub fn append_raw(&mut self, stream: Stream, raw: Vec<u8>) -> Result<Written, EntryTooLong> {
        let key = match stream {
            Stream::Control => ChainKey::Control,
            _ => self.keys.get(&stream).cloned().ok_or(EntryTooLong)?,
        };
        if raw.len() > ENTRY_BYTES_MAX {
            return Err(EntryTooLong);
        }
        let log = LogId::new(self.ground.device, stream);
        let start = Head {
            seq: 0,
            chain: ChainValue::start(self.ground.shop, log),
        };
        let head = self.ground.heads.get(&stream).copied().unwrap_or(start);
        let chain = head.chain.next(&key, &raw);
        let seq = head.seq + 1;
        let reference = EntryRef {
            log,
            seq,
            mark: chain.mark(),
        };
        let written = Written {
            reference,
            chain,
            raw,
        };
        self.ground.heads.insert(stream, Head { seq, chain });
        self.ground.begun.insert(stream);
        if stream == Stream::Control {
            self.reach(seq);
        }
        self.make_room(log, head, written.raw.len());
        if let Some(run) = self.runs.iter_mut().rev().find(|run| run.log == log) {
            run.bytes += written.raw.len();
            run.entries.push(written.clone());
        }
        Ok(written)
    }

    /// The runs, in the order in which they were begun.
    pub fn into_runs(self) -> Vec<PlainRun> {
        self.runs
    }

    /// Whether nothing was written.
    pub fn is_empty(&self) -> bool {
        self.runs.is_empty()
    }

    /// Later entries of the same batch have seen this control entry; a copy of ours may have gone
    /// further.
    fn reach(&mut self, seq: u64) {
        let vector = &mut self.ground.control.0;
        match vector.binary_search_by_key(&self.ground.device, |(device, _)| *device) {
            Ok(at) => {
                if let Some(reach) = vector.get_mut(at) {
                    reach.1 = seq.max(reach.1);
                }
            }
            Err(at) => vector.insert(at, (self.ground.device, seq)),
        }
    }

    /// Makes sure that the last run of a log has room for an entry of `bytes`.
    fn make_room(&mut self, log: LogId, head: Head, bytes: usize) {
        let open = |run: &PlainRun| {
            run.log == log
                && run.first + run.entries.len() as u64 == head.seq + 1
                && (run.entries.len() as u32) < SEGMENT_ENTRIES_MAX
                && run.bytes + bytes <= ENTRY_BYTES_MAX
        };
        if !self.runs.iter().any(open) {
            let (first, before, entries) = (head.seq + 1, head.chain, Vec::new());
            self.runs.push(PlainRun {
                log,
                first,
                before,
                entries,
                bytes: 0,
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn batch() -> Batch {
        let ground = Ground {
            shop: ShopId([1; 16]),
            device: DeviceId([2; 16]),
            clock: HybridClock::default(),
            wall_ms: 1_000,
            control: ControlVector::default(),
            heads: BTreeMap::new(),
            salt: [4; 8],
            begun: BTreeSet::new(),
        };
        Batch::new(
            Release::THIS,
            ground,
            BTreeMap::from([(Stream::Sales, ChainKey::Secret([3; 32]))]),
        )
    }

    #[test]
    fn numbers_begin_at_one_and_chain_values_meet() {
        let mut batch = batch();
        let first = batch.append(Stream::Sales, 70, None, vec![1]).unwrap();
        let second = batch.append(Stream::Sales, 70, None, vec![2]).unwrap();
        assert_eq!((first.reference.seq, second.reference.seq), (1, 2));
        let key = ChainKey::Secret([3; 32]);
        assert_eq!(first.chain.next(&key, &second.raw), second.chain);
        let runs = batch.into_runs();
        assert_eq!(runs.len(), 1);
        assert_eq!(first.chain, runs[0].before.next(&key, &first.raw));
    }

    #[test]
    fn a_full_run_is_followed_by_a_new_one() {
        let mut batch = batch();
        for _ in 0..300 {
            batch.append(Stream::Sales, 70, None, vec![]).unwrap();
        }
        let runs = batch.into_runs();
        assert_eq!(
            runs.iter().map(|r| r.entries.len()).collect::<Vec<_>>(),
            [256, 44]
        );
        assert_eq!(runs[1].first, 257);
        assert_eq!(runs[1].before, runs[0].entries[255].chain);
    }

    #[test]
    fn entries_after_a_control_entry_have_seen_it() {
        let mut batch = batch();
        batch.append(Stream::Control, 1, None, vec![]).unwrap();
        let sale = batch.append(Stream::Sales, 70, None, vec![]).unwrap();
        let entry = Entry::from_raw(&sale.raw).unwrap();
        assert_eq!(entry.control.reach(DeviceId([2; 16])), 1);
    }

    #[test]
    fn the_first_entry_of_a_start_in_each_log_is_salted() {
        let mut batch = batch();
        let mut salt = |stream| {
            let written = batch.append(stream, 70, None, vec![]).unwrap();
            Entry::from_raw(&written.raw).unwrap().salt
        };
        assert_eq!(salt(Stream::Sales), Some([4; 8]));
        assert_eq!(salt(Stream::Sales), None);
        assert_eq!(salt(Stream::Control), Some([4; 8]));
    }

    #[test]
    fn a_stream_without_a_key_is_not_written() {
        assert!(batch().append(Stream::Office, 70, None, vec![]).is_err());
    }
}
