//! A virtual store with the semantics of IndexedDB.
//!
//! Transactions are done one after another, each all or nothing. A strict one is on the disk when
//! it is done, and everything before it too; a relaxed one is in the operating system's page
//! cache, which a kill leaves alone and a power loss empties from the newest end. Deferred ones let
//! every other one that waits go first.

use std::collections::{BTreeMap, VecDeque};

use base::EffectId;
use base::effect::{Change, Durability, Query, Row, StorageTrouble, Table, Transaction};

use crate::random::{MILLION, SeededRandom};

/// Relaxed transactions in the page cache; when there are more, the oldest is written back.
pub const PAGE_CACHE_TRANSACTIONS_MAX: usize = 4_096;

/// What is wrong with a disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum DiskFault {
    /// Nothing.
    #[default]
    None,
    /// It is full: what adds or puts fails, what only deletes works.
    Full,
    /// Nothing works, reading included.
    Broken,
}

/// The store of one node.
#[derive(Debug, Clone, Default)]
pub struct Disk {
    tables: BTreeMap<Table, BTreeMap<Vec<u8>, Vec<u8>>>,
    unsynced: VecDeque<Undo>,
    /// Those that are deferred last.
    waiting: VecDeque<(Ticket, Transaction)>,
    fault: DiskFault,
    counters: DiskCounters,
}

/// Whose transaction it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ticket {
    /// The life of the tab that asked for it.
    pub life: u32,
    /// The effect that did.
    pub effect: EffectId,
}

/// What a disk has been through.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct DiskCounters {
    /// Transactions done.
    pub committed: u64,
    /// Transactions refused because an add found its key taken.
    pub conflicts: u64,
    /// Transactions and reads refused by a fault.
    pub faults: u64,
    /// Transactions that had not begun when the machine died.
    pub abandoned: u64,
    /// Relaxed transactions that were done and are lost.
    pub lost_from_cache: u64,
    /// Segments that strict transactions added: what the device wrote itself, as it wrote it.
    pub written: u64,
    /// Their bytes, sealed and signed.
    pub written_bytes: u64,
}

/// The length of each segment that a strict transaction adds.
fn written(transaction: &Transaction) -> Vec<usize> {
    let bytes = |change: &Change| match change {
        Change::Add { table, value, .. } if *table == Table::Segments => Some(value.len()),
        _ => None,
    };
    match transaction.durability {
        Durability::Strict => transaction.changes.iter().filter_map(bytes).collect(),
        Durability::Relaxed | Durability::Deferred => Vec::new(),
    }
}

/// What a transaction replaced, newest last.
type Undo = Vec<(Table, Vec<u8>, Option<Vec<u8>>)>;

impl Disk {
    /// A copy of all that is on it, the page cache written out; nothing is under way there.
    #[must_use]
    pub fn copied(&self) -> Self {
        Self {
            tables: self.tables.clone(),
            ..Self::default()
        }
    }

    /// Puts a transaction into the queue: before all that are deferred, unless it is too.
    pub fn submit(&mut self, ticket: Ticket, transaction: Transaction) {
        let is_deferred = |of: &Transaction| of.durability == Durability::Deferred;
        let first = self.waiting.iter().position(|(_, it)| is_deferred(it));
        let place = first.filter(|_| !is_deferred(&transaction));
        let place = place.unwrap_or(self.waiting.len());
        self.waiting.insert(place, (ticket, transaction));
    }

    /// Does the next transaction in the queue; `None` when there is none.
    pub fn commit_next(&mut self) -> Option<(Ticket, Result<(), StorageTrouble>)> {
        let (ticket, transaction) = self.waiting.pop_front()?;
        Some((ticket, self.commit(transaction)))
    }

    /// Does a transaction, all or nothing.
    ///
    /// # Errors
    /// [`StorageTrouble`]; nothing has happened then.
    pub fn commit(&mut self, transaction: Transaction) -> Result<(), StorageTrouble> {
        let done = self.try_commit(transaction);
        match done {
            Ok(()) => self.counters.committed += 1,
            Err(StorageTrouble::Conflict) => self.counters.conflicts += 1,
            Err(_) => self.counters.faults += 1,
        }
        done
    }

    fn try_commit(&mut self, transaction: Transaction) -> Result<(), StorageTrouble> {
        if self.fault == DiskFault::Broken {
            return Err(StorageTrouble::Broken("the disk does not answer".into()));
        }
        let mut undo = Undo::new();
        let written = written(&transaction);
        for change in transaction.changes {
            if let Err(trouble) = self.apply(change, &mut undo) {
                self.roll_back(undo);
                return Err(trouble);
            }
        }
        for bytes in written {
            self.counters.written += 1;
            self.counters.written_bytes += bytes as u64;
        }
        match transaction.durability {
            Durability::Strict => self.unsynced.clear(),
            Durability::Relaxed | Durability::Deferred => {
                self.unsynced.push_back(undo);
                if self.unsynced.len() > PAGE_CACHE_TRANSACTIONS_MAX {
                    self.unsynced.pop_front();
                }
            }
        }
        Ok(())
    }

    fn apply(&mut self, change: Change, undo: &mut Undo) -> Result<(), StorageTrouble> {
        let full = self.fault == DiskFault::Full;
        let (table, key, before) = match change {
            Change::Delete { table, key } => {
                let before = self.table(table).remove(&key);
                (table, key, before)
            }
            Change::DeleteRange { table, from, to } if from < to => {
                for (key, value) in self.table(table).extract_if(from..to, |_, _| true) {
                    undo.push((table, key, Some(value)));
                }
                return Ok(());
            }
            Change::DeleteRange { .. } => return Ok(()),
            Change::Add { table, key, .. } if self.get(table, &key).is_some() => {
                return Err(StorageTrouble::Conflict);
            }
            Change::Add { .. } | Change::Put { .. } if full => return Err(StorageTrouble::Full),
            Change::Add { table, key, value } | Change::Put { table, key, value } => {
                let before = self.table(table).insert(key.clone(), value);
                (table, key, before)
            }
        };
        undo.push((table, key, before));
        Ok(())
    }

    fn roll_back(&mut self, undo: Undo) {
        for (table, key, before) in undo.into_iter().rev() {
            match before {
                Some(value) => self.table(table).insert(key, value),
                None => self.table(table).remove(&key),
            };
        }
    }

    /// Answers questions, in order.
    ///
    /// # Errors
    /// [`StorageTrouble::Broken`].
    pub fn load(&mut self, queries: &[Query]) -> Result<Vec<Vec<Row>>, StorageTrouble> {
        if self.fault == DiskFault::Broken {
            self.counters.faults += 1;
            return Err(StorageTrouble::Broken("the disk does not answer".into()));
        }
        Ok(queries.iter().map(|query| self.rows(query)).collect())
    }

    fn rows(&self, query: &Query) -> Vec<Row> {
        match query {
            Query::Get { table, key } => self
                .get(*table, key)
                .map(|value| (key.clone(), value.clone()))
                .into_iter()
                .collect(),
            // The map would panic on a range that is upside down.
            Query::Range { from, to, .. } if from >= to => Vec::new(),
            Query::Range {
                table,
                from,
                to,
                limit,
            } => self
                .tables
                .get(table)
                .into_iter()
                .flat_map(|records| records.range(from.clone()..to.clone()))
                .take(usize::try_from(*limit).unwrap_or(usize::MAX))
                .map(|(key, value)| (key.clone(), value.clone()))
                .collect(),
        }
    }

    /// The browser dies. What was done stays; of what waited, the browser's storage process may
    /// still do some, in order, and nobody hears of it.
    pub fn kill(&mut self, random: &mut SeededRandom) {
        let done = random.between(0, self.waiting.len() as u64);
        for _ in 0..done {
            self.commit_next();
        }
        self.counters.abandoned += self.waiting.len() as u64;
        self.waiting.clear();
    }

    /// The plug is pulled. Relaxed transactions that are not on the disk yet are lost from some
    /// point on, never one from the middle. A strict one that was under way is on the disk, with
    /// everything before it, or not at all.
    pub fn power_loss(&mut self, random: &mut SeededRandom) {
        let strict_next = self
            .waiting
            .front()
            .is_some_and(|(_, next)| next.durability == Durability::Strict);
        if strict_next && random.chance(MILLION / 2) {
            self.commit_next();
        }
        self.counters.abandoned += self.waiting.len() as u64;
        self.waiting.clear();
        let kept = random.between(0, self.unsynced.len() as u64);
        let kept = usize::try_from(kept).unwrap_or(usize::MAX);
        while self.unsynced.len() > kept {
            if let Some(undo) = self.unsynced.pop_back() {
                self.roll_back(undo);
                self.counters.lost_from_cache += 1;
            }
        }
        self.unsynced.clear();
    }

    /// Breaks or mends the disk.
    pub fn set_fault(&mut self, fault: DiskFault) {
        self.fault = fault;
    }

    /// What is wrong with it.
    pub fn fault(&self) -> DiskFault {
        self.fault
    }

    /// What it has been through.
    pub fn counters(&self) -> DiskCounters {
        self.counters
    }

    /// One record, as it is now.
    pub fn get(&self, table: Table, key: &[u8]) -> Option<&Vec<u8>> {
        self.tables.get(&table)?.get(key)
    }

    /// Records of a table, in the order of their keys.
    pub fn records(&self, table: Table) -> impl Iterator<Item = (&Vec<u8>, &Vec<u8>)> {
        self.tables.get(&table).into_iter().flatten()
    }

    /// Loses every checkpoint: they are a cache.
    pub fn forget_checkpoints(&mut self) {
        let is_checkpoint = |key: &[u8]| key.windows(10).any(|part| part == b"checkpoint");
        let values = self.table(Table::Values);
        values.retain(|key, _| !is_checkpoint(key));
    }

    fn table(&mut self, table: Table) -> &mut BTreeMap<Vec<u8>, Vec<u8>> {
        self.tables.entry(table).or_default()
    }
}
