//! A checkpoint: what everything that was judged came to, as bytes with which a later start begins.
//!
//! It is a cache. Whatever makes it doubtful (control that has changed, another release, a row that
//! is gone) makes it worthless, and everything is folded anew.

use std::collections::BTreeMap;

use base::{HybridClock, LogId, Malformed, Stamp, Stream, Vector, cbor};
use domain::fold::State;
use minicbor::{Decode, Encode};

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
    /// What it all came to.
    #[cbor(n(6), with = "minicbor::bytes")]
    state: Vec<u8>,
}

impl Shop {
    /// What was judged and what it came to, as bytes. `None` while that cannot be told apart from
    /// what does not count: something is to be recounted, or more was rejected than is listed.
    pub fn to_checkpoint(&self) -> Option<Vec<u8>> {
        if self.cuts.next().is_some() {
            return None;
        }
        let judged = self.judged.kept(self.quarantine.rejected()?)?;
        Some(cbor::encode(&Checkpoint {
            version: CHECKPOINT_VERSION,
            reader: self.release.reader,
            control: self.judged.vector_of(|stream| stream == Stream::Control),
            stamp: self.standing.ground.clock.last(),
            judged,
            times: self.sale_times.kept(),
            state: self.state.to_checkpoint(),
        }))
    }

    /// Begins with a checkpoint, once control was read and before anything else is. Gives what it
    /// counts: all of that must be on the disk.
    ///
    /// # Errors
    /// [`Malformed`]: it is of another release, was judged by other control, or is none that we
    /// wrote. Nothing was taken.
    pub fn begin_with(&mut self, checkpoint: &[u8]) -> Result<Vector, Malformed> {
        let read: Checkpoint = cbor::decode_open(checkpoint, "checkpoint")?;
        if (read.version, read.reader) != (CHECKPOINT_VERSION, self.release.reader) {
            let version = read.version;
            let what = "checkpoint";
            return Err(Malformed::Version { what, version });
        }
        if read.control != self.judged.vector_of(|stream| stream == Stream::Control) {
            return Err(Malformed::Rule(
                "a checkpoint is judged by the control that is here",
            ));
        }
        let mut judged = self.judged.clone();
        for (log, kept) in &read.judged {
            if log.stream == Stream::Control {
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
        let clock = &mut self.standing.ground.clock;
        *clock = HybridClock::from_last(clock.last().max(read.stamp));
        Ok(self.judged.vector_of(|stream| stream != Stream::Control))
    }
}
