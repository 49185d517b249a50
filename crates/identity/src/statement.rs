//! Durable statements: signed words that certain entries are safely on a device.
//!
//! They travel by any road, so a till learns that the tablet has its sale even when the two never
//! meet, and nobody in between can invent one.

use std::collections::BTreeMap;

use base::hash::TAG_STATEMENT;
use base::limits::{STATED_LOGS_MAX, STATED_PLACES_MAX, STATED_RUNS_MAX};
use base::{DeviceId, LogId, Malformed, Run, ShopId, Vector, cbor};
use minicbor::encode::{self, Write};
use minicbor::{Decode, Encode, Encoder};

/// The version of a statement.
pub const STATEMENT_VERSION: u8 = 1;

/// Where the entries are held.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Encode, Decode)]
pub enum Place {
    /// On the signer itself.
    #[n(0)]
    Device,
    /// In a place that cannot sign, on the premises; the signer wrote and read it back.
    #[n(1)]
    OnPremises(#[n(0)] String),
    /// In a place that cannot sign, off the premises.
    #[n(2)]
    OffPremises(#[n(0)] String),
}

/// What a signer says is durable.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Statement {
    /// Always [`STATEMENT_VERSION`].
    #[n(0)]
    pub version: u8,
    /// The shop.
    #[n(1)]
    pub shop: ShopId,
    /// Who says so.
    #[n(2)]
    pub signer: DeviceId,
    /// Where.
    #[n(3)]
    pub place: Place,
    /// Goes up with every statement of a signer.
    #[n(4)]
    pub counter: u64,
    /// The signer's wall clock, milliseconds since 1970.
    #[n(5)]
    pub wall_ms: u64,
    /// The logs whose runs changed, each whole.
    #[n(6)]
    pub runs: Vector,
}

/// A statement with its signature, in the bytes that travel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedStatement {
    /// What is said.
    pub statement: Statement,
    /// Its bytes.
    pub raw: Vec<u8>,
    /// Over [`Statement::signed_bytes`].
    pub signature: [u8; 64],
}

#[derive(Encode, Decode)]
#[cbor(map)]
struct Packed {
    #[cbor(n(0), with = "minicbor::bytes")]
    raw: Vec<u8>,
    #[cbor(n(1), with = "minicbor::bytes")]
    signature: [u8; 64],
}

impl Statement {
    /// What the signer signs.
    pub fn signed_bytes(raw: &[u8]) -> Vec<u8> {
        [TAG_STATEMENT, raw].concat()
    }
}

impl SignedStatement {
    /// Puts a statement and its signature together.
    pub fn new(statement: Statement, signature: [u8; 64]) -> Self {
        Self {
            raw: cbor::encode(&statement),
            statement,
            signature,
        }
    }

    /// The bytes that travel.
    pub fn to_bytes(&self) -> Vec<u8> {
        cbor::encode(&Packed {
            raw: self.raw.clone(),
            signature: self.signature,
        })
    }

    /// Reads a statement. The signature is not checked here.
    ///
    /// # Errors
    /// [`Malformed`]; the peer is at fault.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Malformed> {
        let packed: Packed = cbor::decode_open(bytes, "statement")?;
        let statement: Statement = cbor::decode_open(&packed.raw, "statement")?;
        if statement.version != STATEMENT_VERSION {
            let version = u32::from(statement.version);
            return Err(Malformed::Version {
                what: "statement",
                version,
            });
        }
        Ok(Self {
            statement,
            raw: packed.raw,
            signature: packed.signature,
        })
    }
}

/// Who holds what, as far as verified statements say.
///
/// A run counts only where it ends with an entry of ours: after a fork, numbers alone say nothing.
/// What ends with an entry that we do not hold is kept as it was said until we do.
#[derive(Debug, Clone, Default)]
pub struct Holders {
    said: BTreeMap<(DeviceId, Place), Word>,
}

/// The last word of a signer of one place, log by log.
#[derive(Debug, Clone, Default)]
struct Word {
    logs: BTreeMap<LogId, Said>,
    /// Runs of all logs that do not count, or only in part: counted on, since statements come often
    /// and logs are many.
    unproven: usize,
}

#[derive(Debug, Clone)]
struct Said {
    counter: u64,
    wall_ms: u64,
    /// As it was said.
    claimed: Vec<Run>,
    /// Of each, up to which number it counts; 0 where it does not.
    counted: Vec<u64>,
    /// The log and what is claimed of it, as [`Merged`] writes them.
    written: Vec<u8>,
}

impl Said {
    /// Counts each run as far as it is our own, as `own` tells. Gives whether that changed
    /// anything.
    fn prove(&mut self, own: impl Fn(&Run) -> u64) -> bool {
        let mut changed = false;
        for (run, counted) in self.claimed.iter().zip(&mut self.counted) {
            let further = own(run).min(run.last);
            if *counted < further && run.first <= further {
                *counted = further;
                changed = true;
            }
        }
        changed
    }

    /// Runs that do not count, or only in part.
    fn unproven(&self) -> usize {
        let all = self.claimed.iter().zip(&self.counted);
        all.filter(|(run, counted)| **counted < run.last).count()
    }

    /// Forgets them.
    fn forget_unproven(&mut self) {
        let kept = self.claimed.iter().zip(&self.counted);
        let kept = kept.filter(|(run, counted)| **counted == run.last);
        (self.claimed, self.counted) = kept.map(|(run, counted)| (*run, *counted)).unzip();
    }

    /// What counts, each run as far as it does.
    fn runs(&self) -> impl Iterator<Item = Run> {
        let all = self.claimed.iter().zip(&self.counted);
        let counts = all.filter(|(_, counted)| **counted > 0);
        counts.map(|(run, counted)| Run {
            last: *counted,
            ..*run
        })
    }

    fn holds(&self, seq: u64) -> bool {
        self.runs().any(|run| run.first <= seq && seq <= run.last)
    }
}

/// All that a signer last said of itself, to be written as a [`Statement`] that says it at once.
///
/// What was said of each log is written when it is said: a word on one log must not cost as much as
/// all those on others did.
#[derive(Debug, Encode)]
#[cbor(map)]
pub struct Merged<'a> {
    #[n(0)]
    version: u8,
    #[n(1)]
    shop: ShopId,
    #[n(2)]
    signer: DeviceId,
    #[n(3)]
    place: Place,
    #[n(4)]
    counter: u64,
    #[n(5)]
    wall_ms: u64,
    #[n(6)]
    runs: Claims<'a>,
}

/// What was said of each log, to be written as a [`Vector`].
#[derive(Debug)]
struct Claims<'a>(&'a BTreeMap<LogId, Said>);

impl<C> Encode<C> for Claims<'_> {
    fn encode<W: Write>(
        &self,
        encoder: &mut Encoder<W>,
        _context: &mut C,
    ) -> Result<(), encode::Error<W::Error>> {
        encoder.map(1)?.u8(0)?.map(self.0.len() as u64)?;
        let mut written = self.0.values().map(|said| &said.written);
        let writer = encoder.writer_mut();
        written.try_for_each(|log| writer.write_all(log).map_err(encode::Error::write))
    }
}

impl Holders {
    /// Takes a verified statement. Per signer, place and log the highest counter counts, so
    /// repeats and late arrivals change nothing. `own` tells up to which number a run of a log
    /// leads the same way as ours, 0 where it does not. Says whether anything changed.
    ///
    /// Of one signer at most [`STATED_PLACES_MAX`] places and of each [`STATED_LOGS_MAX`] logs
    /// are kept, and [`STATED_RUNS_MAX`] runs that do not count yet.
    pub fn take(&mut self, statement: &Statement, own: impl Fn(LogId, &Run) -> u64) -> bool {
        let (signer, key) = (
            statement.signer,
            (statement.signer, statement.place.clone()),
        );
        let places = self.said.keys().filter(|(said_by, _)| *said_by == signer);
        if !self.said.contains_key(&key) && places.count() >= STATED_PLACES_MAX {
            return false;
        }
        let Word { logs, unproven } = self.said.entry(key).or_default();
        let mut changed = false;
        for (log, runs) in statement.runs.logs() {
            let before = logs.get(&log);
            let newer = before.is_none_or(|said| said.counter < statement.counter);
            if !newer || (before.is_none() && logs.len() >= STATED_LOGS_MAX) {
                continue;
            }
            *unproven -= before.map_or(0, Said::unproven);
            let mut said = Said {
                counter: statement.counter,
                wall_ms: statement.wall_ms,
                claimed: runs.to_vec(),
                counted: vec![0; runs.len()],
                written: Vec::new(),
            };
            said.prove(|run| own(log, run));
            if *unproven + said.unproven() > STATED_RUNS_MAX {
                said.forget_unproven();
            }
            *unproven += said.unproven();
            said.written = [cbor::encode(&log), cbor::encode(&said.claimed)].concat();
            logs.insert(log, said);
            changed = true;
        }
        changed
    }

    /// More of a log is held: counts what is our own now, as `own` tells. Says whether anything
    /// changed.
    pub fn prove(&mut self, log: LogId, own: impl Fn(&Run) -> u64) -> bool {
        let mut changed = false;
        for word in self.said.values_mut() {
            let said = word.logs.get_mut(&log);
            if let Some(said) = said.filter(|said| said.unproven() > 0) {
                word.unproven -= said.unproven();
                changed |= said.prove(&own);
                word.unproven += said.unproven();
            }
        }
        changed
    }

    /// Devices that said anything of themselves, in the order of their ids.
    pub fn signers(&self) -> impl Iterator<Item = DeviceId> {
        let own =
            |(signer, place): &(DeviceId, Place)| (*place == Place::Device).then_some(*signer);
        self.said.keys().filter_map(own)
    }

    /// All that a signer last said of itself, counted or not: what is kept for after a restart.
    /// Its time is that of the signer's last word, whichever log that was about.
    pub fn merged(&self, shop: ShopId, signer: DeviceId) -> Option<Merged<'_>> {
        let logs = &self.said.get(&(signer, Place::Device))?.logs;
        let said = logs.values().map(|said| (said.counter, said.wall_ms));
        let latest = |one: (u64, u64), other: (u64, u64)| (one.0.max(other.0), one.1.max(other.1));
        let (counter, wall_ms) = said.reduce(latest)?;
        Some(Merged {
            version: STATEMENT_VERSION,
            shop,
            signer,
            place: Place::Device,
            counter,
            wall_ms,
            runs: Claims(logs),
        })
    }

    /// What a signer last said of itself that it holds, counted or not.
    pub fn claimed(&self, signer: DeviceId) -> Vector {
        let word = self.said.get(&(signer, Place::Device));
        let logs = word.into_iter().flat_map(|word| &word.logs);
        logs.map(|(log, said)| (*log, said.claimed.clone()))
            .collect()
    }

    /// Runs of `log` that other devices that `counts` hold; they may overlap.
    pub fn covered(&self, log: LogId, counts: impl Fn(DeviceId) -> bool) -> Vec<Run> {
        self.others(log, counts).flat_map(Said::runs).collect()
    }

    /// What other devices that `counts` hold of `log`, each with when it last said so by its own
    /// clock, milliseconds since 1970.
    pub fn vouched(
        &self,
        log: LogId,
        counts: impl Fn(DeviceId) -> bool,
    ) -> impl Iterator<Item = (u64, Vec<Run>)> {
        self.others(log, counts)
            .map(|said| (said.wall_ms, said.runs().collect()))
    }

    /// How many other devices that `counts` hold entry `seq` of `log`. Where others' logs have branches
    /// that says nothing of either.
    pub fn copies(&self, log: LogId, seq: u64, counts: impl Fn(DeviceId) -> bool) -> u32 {
        self.others(log, counts)
            .filter(|said| said.holds(seq))
            .count() as u32
    }

    /// What every device but the author, of those that `counts`, said it holds of `log`.
    fn others(&self, log: LogId, counts: impl Fn(DeviceId) -> bool) -> impl Iterator<Item = &Said> {
        let other = move |signer: &DeviceId| *signer != log.device && counts(*signer);
        self.signers()
            .filter(other)
            .filter_map(move |signer| self.said.get(&(signer, Place::Device))?.logs.get(&log))
    }

    /// Whether entry `seq` of `log` is off the premises.
    pub fn in_cloud(&self, log: LogId, seq: u64) -> bool {
        self.far_away(log).any(|said| said.holds(seq))
    }

    /// Runs of `log` that are off the premises; they may overlap.
    pub fn off_premises(&self, log: LogId) -> Vec<Run> {
        self.far_away(log).flat_map(Said::runs).collect()
    }

    fn far_away(&self, log: LogId) -> impl Iterator<Item = &Said> {
        let places = self.said.iter();
        let far = places.filter(|((_, place), _)| matches!(place, Place::OffPremises(_)));
        far.filter_map(move |(_, word)| word.logs.get(&log))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use base::{Mark, Stream};

    fn log() -> LogId {
        LogId::new(DeviceId([1; 16]), Stream::Sales)
    }

    fn statement(counter: u64, last: u64) -> Statement {
        let run = Run {
            first: 1,
            last,
            mark: Mark([3; 8]),
        };
        Statement {
            version: STATEMENT_VERSION,
            shop: ShopId([4; 16]),
            signer: DeviceId([2; 16]),
            place: Place::Device,
            counter,
            wall_ms: 9,
            runs: [(log(), vec![run])].into_iter().collect(),
        }
    }

    /// What is kept of what that signer said.
    fn merged(holders: &Holders) -> Statement {
        let merged = holders.merged(ShopId([4; 16]), DeviceId([2; 16])).unwrap();
        let bytes = cbor::encode(&merged);
        let statement: Statement = cbor::decode(&bytes, "statement").unwrap();
        assert_eq!(cbor::encode(&statement), bytes, "written as one statement");
        statement
    }

    /// Our own entries: those whose marks these statements carry.
    fn ours(_: LogId, run: &Run) -> u64 {
        if run.mark == Mark([3; 8]) {
            run.last
        } else {
            0
        }
    }

    #[test]
    fn golden_bytes_of_a_statement() {
        let signed = SignedStatement::new(statement(5, 7), [6; 64]);
        let bytes = signed.to_bytes();
        assert_eq!(SignedStatement::from_bytes(&bytes), Ok(signed));
        let hash = base::Mark(base::hash::sha256(&[&bytes]).first());
        assert_eq!(hash.hex(), "997859fe2039aef0");
    }

    #[test]
    fn keys_of_a_newer_release_are_passed_over() {
        // Both maps get a key 40 with the value 1 behind their last one.
        let newer = |mut bytes: Vec<u8>| {
            bytes[0] += 1;
            bytes.extend([0x18, 40, 1]);
            bytes
        };
        let raw = newer(cbor::encode(&statement(5, 7)));
        let packed = Packed {
            raw: raw.clone(),
            signature: [6; 64],
        };
        let read = SignedStatement::from_bytes(&newer(cbor::encode(&packed))).unwrap();
        assert_eq!(read.statement, statement(5, 7));
        assert_eq!(
            read.raw, raw,
            "the signature is over the bytes as they came"
        );
    }

    #[test]
    fn late_and_repeated_statements_change_nothing() {
        let mut holders = Holders::default();
        assert!(holders.take(&statement(2, 9), ours));
        assert!(!holders.take(&statement(2, 9), ours));
        assert!(!holders.take(&statement(1, 4), ours));
        assert_eq!(holders.copies(log(), 9, |_| true), 1);
        assert_eq!(holders.copies(log(), 10, |_| true), 0);
        assert_eq!(holders.copies(log(), 9, |_| false), 0);
        assert!(!holders.in_cloud(log(), 9));
    }

    #[test]
    fn a_statement_over_another_branch_of_a_fork_does_not_count() {
        let mut holders = Holders::default();
        let branch = |_, run: &Run| u64::from(run.mark == Mark([7; 8])) * run.last;
        assert!(holders.take(&statement(2, 9), branch));
        assert_eq!(holders.copies(log(), 9, |_| true), 0);
        assert_eq!(holders.covered(log(), |_| true), []);
        let off = Statement {
            place: Place::OffPremises("elsewhere".into()),
            ..statement(2, 9)
        };
        holders.take(&off, branch);
        assert!(!holders.in_cloud(log(), 9));
        assert!(!holders.prove(log(), |run| branch(log(), run)));
        assert_eq!(holders.copies(log(), 9, |_| true), 0);
    }

    #[test]
    fn what_both_branches_share_counts_whichever_a_run_ends_on() {
        let mut holders = Holders::default();
        holders.take(&statement(2, 9), |_, _| 5);
        let copies = |seq| holders.copies(log(), seq, |_| true);
        assert_eq!((copies(5), copies(6)), (1, 0));
        assert_eq!(holders.covered(log(), |_| true)[0].last, 5);
        let kept = merged(&holders);
        assert_eq!(kept, statement(2, 9), "kept as it was said");
    }

    #[test]
    fn what_ends_beyond_what_we_hold_counts_once_we_hold_it() {
        let mut holders = Holders::default();
        let nothing = |_, _: &Run| 0;
        assert!(holders.take(&statement(2, 9), nothing));
        assert_eq!(holders.copies(log(), 4, |_| true), 0);
        let kept = merged(&holders);
        assert_eq!(kept, statement(2, 9), "kept as it was said");
        for holders in [&mut holders, &mut Holders::default()] {
            holders.take(&kept, nothing);
            assert!(!holders.prove(log(), |run| u64::from(run.last == 8) * 8));
            assert!(holders.prove(log(), |run| u64::from(run.last == 9) * 9));
            assert!(!holders.prove(log(), |_| 0), "once is enough");
            assert!(holders.said.values().all(|word| word.unproven == 0));
            assert_eq!(holders.copies(log(), 4, |_| true), 1);
        }
    }

    #[test]
    fn nobody_fills_the_memory_with_what_cannot_be_checked() {
        let mut holders = Holders::default();
        let nothing = |_, _: &Run| 0;
        let run = |n: u64| Run {
            first: 2 * n,
            last: 2 * n,
            mark: Mark([3; 8]),
        };
        let log = |n: usize| {
            LogId::new(
                DeviceId(
                    [(n / 256) as u8, (n % 256) as u8]
                        .repeat(8)
                        .try_into()
                        .unwrap(),
                ),
                Stream::Sales,
            )
        };
        for counter in 0..8 {
            let logs = (0..1_000).map(|n| (log(counter * 1_000 + n), (1..6).map(run).collect()));
            let told = Statement {
                counter: counter as u64,
                place: Place::OnPremises(format!("stick {}", counter % 2)),
                runs: logs.collect(),
                ..statement(1, 1)
            };
            holders.take(&told, nothing);
        }
        for place in 0..50 {
            let place = Place::OffPremises(format!("cloud {place}"));
            holders.take(
                &Statement {
                    place,
                    ..statement(1, 1)
                },
                nothing,
            );
        }
        assert_eq!(holders.said.len(), STATED_PLACES_MAX);
        for Word { logs, unproven } in holders.said.values() {
            assert!(logs.len() <= STATED_LOGS_MAX && *unproven <= STATED_RUNS_MAX);
            assert_eq!(logs.values().map(Said::unproven).sum::<usize>(), *unproven);
        }
    }

    #[test]
    fn when_something_was_vouched_for_survives_being_kept() {
        let mut holders = Holders::default();
        holders.take(&statement(2, 9), ours);
        let mut restarted = Holders::default();
        let kept = merged(&holders);
        restarted.take(&kept, ours);
        let vouched: Vec<_> = restarted.vouched(log(), |_| true).collect();
        assert_eq!(vouched.len(), 1);
        assert_eq!((vouched[0].0, vouched[0].1[0].last), (9, 9));
    }

    #[test]
    fn what_is_off_the_premises_is_listed() {
        let mut holders = Holders::default();
        let mut far = statement(1, 4);
        far.place = Place::OffPremises("drive".into());
        holders.take(&far, ours);
        assert_eq!(holders.off_premises(log())[0].last, 4);
        assert!(holders.in_cloud(log(), 4) && !holders.in_cloud(log(), 5));
        assert_eq!(holders.copies(log(), 4, |_| true), 0);
    }

    #[test]
    fn what_the_author_says_of_itself_is_no_copy() {
        let mut holders = Holders::default();
        let mut own = statement(1, 9);
        own.signer = log().device;
        holders.take(&own, ours);
        assert_eq!(holders.copies(log(), 3, |_| true), 0);
    }
}
