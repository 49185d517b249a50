//! A checkpoint: what everything that was judged came to, as bytes with which a later start begins.
//!
//! It is a cache. Whatever makes it doubtful (control that has changed, another release, a row that
//! is gone) makes it worthless, and everything is folded anew.

use std::collections::{BTreeMap, BTreeSet};

use base::{Header, LogId, Malformed, Mark, Stamp, Stream, Vector, cbor};
use domain::fold::State;
use minicbor::{Decode, Encode};
use sync_core::{Holdings, Span};

use super::Shop;
use super::judged::KeptLog;
use super::own_sales::OwnSales;
use super::sale_times::{KeptTimes, SaleTimes};

/// The version of what is kept beside the state, which has one of its own.
const CHECKPOINT_VERSION: u32 = 1;

/// What a checkpoint keeps. Under no key that a newer release may add: it reads its own only.
#[derive(Encode, Decode)]
#[cbor(array)]
struct Checkpoint {
    #[n(0)]
    version: u32,
    /// The reader version of the release that judged: another one may judge otherwise.
    #[n(1)]
    reader: u16,
    /// The control that was judged by, all of it and no more.
    #[n(2)]
    control: Vector,
    /// The highest stamp that moved our clock.
    #[n(3)]
    stamp: Stamp,
    /// What was judged and not rejected.
    #[n(4)]
    judged: BTreeMap<LogId, KeptLog>,
    /// When each sale was made.
    #[n(5)]
    times: KeptTimes,
    /// Logs of which several branches are held: their marks alone tell nobody which is whose.
    #[n(6)]
    forked: BTreeSet<LogId>,
    /// What it all came to.
    #[cbor(n(7), with = "minicbor::bytes")]
    state: Vec<u8>,
}

fn is_control(log: LogId) -> bool {
    log.stream == Stream::Control
}

impl Shop {
    /// What was judged and what it came to, as bytes. `None` while that is not what a start would come
    /// to, or cannot be told apart from what does not count: something is in doubt, or of several
    /// entries with one number only some were rejected.
    pub fn to_checkpoint(&self) -> Option<Vec<u8>> {
        if self.doubts.next().is_some() {
            return None;
        }
        let judged = self.judged.kept()?;
        Some(cbor::encode(&Checkpoint {
            version: CHECKPOINT_VERSION,
            reader: self.release.reader,
            control: self.judged.vector_of(is_control),
            stamp: self.standing.ground.clock.last(),
            judged,
            times: self.sale_times.kept(),
            forked: self
                .forked
                .iter()
                .copied()
                .filter(|log| !is_control(*log))
                .collect(),
            state: self.state.to_checkpoint(),
        }))
    }

    /// Begins with a checkpoint, once control was read and before anything else is. Gives what it
    /// counts of logs that have one branch: all of that must be on the disk, see also
    /// [`Shop::lacks_counted`].
    ///
    /// # Errors
    /// [`Malformed`]: it is of another release, was judged by other control, or is none that we
    /// wrote. Nothing was taken.
    pub fn begin_with(&mut self, checkpoint: &[u8], wall_ms: u64) -> Result<Vector, Malformed> {
        let read: Checkpoint = cbor::decode_open(checkpoint, "checkpoint")?;
        if (read.version, read.reader) != (CHECKPOINT_VERSION, self.release.reader) {
            let version = read.version;
            let what = "checkpoint";
            return Err(Malformed::Version { what, version });
        }
        if read.control != self.judged.vector_of(is_control) {
            return Err(Malformed::Rule(
                "a checkpoint is judged by the control that is here",
            ));
        }
        let mut judged = self.judged.clone();
        for (log, kept) in &read.judged {
            if is_control(*log) {
                return Err(Malformed::Rule("control is judged anew"));
            }
            judged.restore(*log, kept)?;
        }
        self.state = State::from_checkpoint(&read.state)?;
        self.judged = judged;
        self.sale_times = SaleTimes::of_kept(read.times);
        let own = LogId::new(self.me, Stream::Sales);
        let head = self.standing.head(Stream::Sales);
        let ours = self
            .sale_times
            .of_log(own)
            .take_while(|(seq, _)| *seq <= head);
        self.own_sales = OwnSales::in_order(ours);
        self.standing.ground.clock.observe(wall_ms, read.stamp);
        self.forked.extend(&read.forked);
        let single = |log: LogId| !is_control(log) && !read.forked.contains(&log);
        Ok(self.judged.vector_of(single))
    }

    /// Whether something that was judged of a log with several branches is not among what is held.
    /// Their rows are all opened.
    pub fn lacks_counted(&self, holdings: &Holdings) -> bool {
        let forked = self.forked.iter().filter(|log| !is_control(**log));
        let mut entries = forked.flat_map(|log| {
            let entries = self.judged.entries(*log);
            entries.map(move |(seq, mark)| (*log, seq, mark))
        });
        entries.any(|(log, seq, mark)| !holdings.has(log, seq, mark))
    }

    /// The marks of a segment's entries, where a checkpoint has counted them all: it needs no
    /// opening.
    pub fn counted(&self, header: &Header) -> Option<Vec<Mark>> {
        let log = header.log();
        let span = Span::new(header.first, header.last());
        let end = header.last_chain.mark();
        let single = !self.forked.contains(&log);
        single.then(|| self.judged.leading_to(log, span, end))?
    }
}
