//! Who holds what, as far as verified statements say.

use std::collections::{BTreeMap, BTreeSet};

use base::limits::{STATED_LOGS_MAX, STATED_PLACES_MAX, STATED_RUNS_MAX};
use base::{DeviceId, LogId, Run, ShopId, Vector};

use super::{Place, STATEMENT_VERSION, Statement};

/// Who holds what, as far as verified statements say.
///
/// A run counts only where it ends with an entry of ours: after a fork, numbers alone say nothing.
/// What ends with an entry that we do not hold is kept as it was said until we do.
#[derive(Debug, Clone, Default)]
pub struct Holders {
    said: BTreeMap<(DeviceId, Place), Word>,
    /// Of each log, whose word of it does not count, or only in part: each entry that comes asks
    /// for them, and where devices are many hardly any waits.
    awaiting: BTreeMap<LogId, BTreeSet<(DeviceId, Place)>>,
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
        let Word { logs, unproven } = self.said.entry(key.clone()).or_default();
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
            };
            said.prove(|run| own(log, run));
            if *unproven + said.unproven() > STATED_RUNS_MAX {
                said.forget_unproven();
            }
            let waits = said.unproven();
            *unproven += waits;
            logs.insert(log, said);
            if waits > 0 {
                self.awaiting.entry(log).or_default().insert(key.clone());
            } else if let Some(awaiting) = self.awaiting.get_mut(&log) {
                awaiting.remove(&key);
            }
            changed = true;
        }
        changed
    }

    /// What of a statement is not known: nothing of one that has come by another road before.
    pub fn news(&self, statement: &Statement) -> Vector {
        let logs = statement.runs.logs();
        let new = logs.filter(|(log, _)| {
            let known = self.counter(statement, *log);
            known.is_none_or(|known| known < statement.counter)
        });
        new.map(|(log, runs)| (log, runs.to_vec())).collect()
    }

    /// Whether nothing later is known of some log of a statement.
    pub fn is_latest(&self, statement: &Statement) -> bool {
        let mut logs = statement.runs.logs();
        logs.any(|(log, _)| {
            let known = self.counter(statement, log);
            known.is_none_or(|known| known <= statement.counter)
        })
    }

    /// The counter of what is known of a log by the signer of a statement.
    fn counter(&self, statement: &Statement, log: LogId) -> Option<u64> {
        let said_by = (statement.signer, statement.place.clone());
        let said = self.said.get(&said_by)?.logs.get(&log)?;
        Some(said.counter)
    }

    /// More of a log is held: counts what is our own now, as `own` tells. Says whether anything
    /// changed.
    pub fn prove(&mut self, log: LogId, own: impl Fn(&Run) -> u64) -> bool {
        let Some(awaiting) = self.awaiting.get_mut(&log) else {
            return false;
        };
        let mut changed = false;
        awaiting.retain(|key| {
            let Some(word) = self.said.get_mut(key) else {
                return false;
            };
            let Some(said) = word.logs.get_mut(&log) else {
                return false;
            };
            word.unproven -= said.unproven();
            changed |= said.prove(&own);
            word.unproven += said.unproven();
            said.unproven() > 0
        });
        changed
    }

    /// Devices that said anything of themselves, in the order of their ids.
    pub fn signers(&self) -> impl Iterator<Item = DeviceId> {
        let own =
            |(signer, place): &(DeviceId, Place)| (*place == Place::Device).then_some(*signer);
        self.said.keys().filter_map(own)
    }

    /// All that a signer last said of itself, counted or not, as one statement: what is kept for
    /// after a restart. Its time is that of the signer's last word, whichever log that was about.
    pub fn merged(&self, shop: ShopId, signer: DeviceId) -> Option<Statement> {
        let logs = &self.said.get(&(signer, Place::Device))?.logs;
        let said = logs.values().map(|said| (said.counter, said.wall_ms));
        let latest = |one: (u64, u64), other: (u64, u64)| (one.0.max(other.0), one.1.max(other.1));
        let (counter, wall_ms) = said.reduce(latest)?;
        Some(Statement {
            version: STATEMENT_VERSION,
            shop,
            signer,
            place: Place::Device,
            counter,
            wall_ms,
            runs: self.claimed(signer),
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
mod tests;
