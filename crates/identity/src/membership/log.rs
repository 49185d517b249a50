//! One device's control log: a single line of entries, or several where the device ran twice.
//!
//! What either of two copies wrote counts, so the log is a tree. Its *lines* are entries that follow
//! each other; each but the first begins behind an entry of another one. Which line is which is a
//! matter of what came first and says nothing: nothing is judged by it.

use base::hash::{ChainKey, ChainValue};
use base::limits::BRANCHES_PER_LOG_MAX;
use base::{LogId, Mark, ShopId};

use crate::control::Reading;
use crate::error::IdentityError;

/// One control entry, kept as it came.
#[derive(Debug, Clone)]
pub(super) struct Kept {
    pub seq: u64,
    pub chain: ChainValue,
    pub raw: Vec<u8>,
    pub reading: Reading,
}

impl Kept {
    pub fn mark(&self) -> Mark {
        self.chain.mark()
    }
}

/// Entries that follow each other without a gap.
#[derive(Debug, Clone)]
pub(super) struct Line {
    /// The line that it leaves, and the last number that it has in common with that one; `None`
    /// where it begins with the log.
    pub behind: Option<(usize, u64)>,
    pub entries: Vec<Kept>,
}

impl Line {
    pub fn first(&self) -> u64 {
        self.behind.map_or(0, |(_, seq)| seq) + 1
    }

    pub fn last(&self) -> u64 {
        self.first() + self.entries.len() as u64 - 1
    }

    fn at(&self, seq: u64) -> Option<&Kept> {
        let place = usize::try_from(seq.checked_sub(self.first())?).ok()?;
        self.entries.get(place)
    }
}

/// The control entries of one device.
#[derive(Debug, Clone)]
pub(super) struct ControlLog {
    start: ChainValue,
    lines: Vec<Line>,
}

impl ControlLog {
    pub fn new(shop: ShopId, log: LogId) -> Self {
        Self {
            start: ChainValue::start(shop, log),
            lines: Vec::new(),
        }
    }

    pub fn lines(&self) -> &[Line] {
        &self.lines
    }

    /// Every entry, those of a line in their order.
    pub fn entries(&self) -> impl Iterator<Item = &Kept> {
        self.lines.iter().flat_map(|line| &line.entries)
    }

    /// The highest number of any line.
    pub fn last(&self) -> u64 {
        self.lines.iter().map(Line::last).max().unwrap_or(0)
    }

    /// How many entries only a newer release can judge, or follow one of these.
    pub fn unread(&self) -> u64 {
        let newer = |kept: &Kept| matches!(kept.reading, Reading::Newer);
        // From which number on nothing of a line can be judged. It leaves one that came before it.
        let mut unread_from: Vec<Option<u64>> = Vec::new();
        for line in &self.lines {
            let before = line.behind.and_then(|(other, seq)| {
                let from = unread_from.get(other).copied().flatten();
                from.filter(|from| *from <= seq)
            });
            let own = || line.entries.iter().find(|kept| newer(kept));
            let from = before.map(|_| line.first());
            unread_from.push(from.or_else(|| own().map(|kept| kept.seq)));
        }
        let lines = self.lines.iter().zip(unread_from);
        lines
            .filter_map(|(line, from)| Some(line.last() + 1 - from?))
            .sum()
    }

    /// The entry with that number and chain value.
    pub fn find(&self, seq: u64, mark: Mark) -> Option<&Kept> {
        let at = self.lines.iter().filter_map(|line| line.at(seq));
        { at }.find(|kept| kept.mark() == mark)
    }

    /// The last entry of the line that passes the one with that number and chain value: of several
    /// lines, of the one that came first.
    pub fn last_behind(&self, seq: u64, mark: Mark) -> Option<&Kept> {
        let passes = |line: &&Line| match line.at(seq) {
            Some(kept) => kept.mark() == mark,
            None => seq == 0 && line.behind.is_none(),
        };
        self.lines.iter().find(passes)?.entries.last()
    }

    /// Takes the entry `raw` with number `seq` that leads to `chain`. Gives whether it is new.
    ///
    /// # Errors
    /// The peer's fault: nothing is here that it follows, or there are too many lines.
    pub fn insert(
        &mut self,
        seq: u64,
        chain: ChainValue,
        raw: Vec<u8>,
        reading: Reading,
    ) -> Result<bool, IdentityError> {
        if self.find(seq, chain.mark()).is_some() {
            return Ok(false);
        }
        let behind = self.place_of(seq, chain, &raw)?;
        let kept = Kept {
            seq,
            chain,
            raw,
            reading,
        };
        let is_full = self.lines.len() >= BRANCHES_PER_LOG_MAX;
        let before = behind.and_then(|(line, _)| self.lines.get_mut(line));
        match before.filter(|line| line.last() + 1 == seq) {
            Some(line) => line.entries.push(kept),
            None if is_full => return Err(IdentityError::PeerTooManyLines),
            None => self.lines.push(Line {
                behind,
                entries: vec![kept],
            }),
        }
        Ok(true)
    }

    /// The line and number of the entry that this one follows.
    fn place_of(
        &self,
        seq: u64,
        chain: ChainValue,
        raw: &[u8],
    ) -> Result<Option<(usize, u64)>, IdentityError> {
        let leads_there = |before: ChainValue| before.next(&ChainKey::Control, raw) == chain;
        if seq == 1 && leads_there(self.start) {
            return Ok(None);
        }
        let before = seq.checked_sub(1).ok_or(IdentityError::PeerOutOfOrder)?;
        let lines = self.lines.iter().enumerate();
        let follows = |(_, line): &(usize, &Line)| {
            let kept = line.at(before);
            kept.is_some_and(|kept| leads_there(kept.chain))
        };
        let line = { lines }.find(follows);
        line.map(|(number, _)| Some((number, before)))
            .ok_or(IdentityError::PeerOutOfOrder)
    }
}
