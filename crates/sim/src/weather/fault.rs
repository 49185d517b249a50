//! What can go wrong, by name.

use std::fmt;

/// Something that goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fault {
    /// All links between two nodes break.
    Cut,
    /// A browser is killed, and started again later.
    Kill,
    /// A plug is pulled, and put back later.
    PowerLoss,
    /// Some nodes are separated from the others for a while.
    Partition,
    /// One direction between two nodes is blocked for a while.
    OneWay,
    /// A wall clock jumps.
    ClockJump,
    /// A disk is full for a while.
    FullDisk,
    /// A disk does not work for a while.
    BrokenDisk,
    /// The meeting place is away for a while.
    RelayOutage,
    /// Frames are doubled and reordered for a while.
    BrokenPeer,
    /// A browser is killed at the next step of its store, whichever that is.
    StorageCrash,
    /// A plug is pulled while the store writes.
    TornWrite,
    /// A disk takes much longer for a while.
    SlowDisk,
    /// A wall clock jumps by years.
    ClockYears,
    /// The shop is opened in a second tab while the first is frozen; the first wakes up late.
    SecondTab,
}

impl Fault {
    /// Every fault.
    pub const ALL: [Self; 15] = [
        Self::Cut,
        Self::Kill,
        Self::PowerLoss,
        Self::Partition,
        Self::OneWay,
        Self::ClockJump,
        Self::FullDisk,
        Self::BrokenDisk,
        Self::RelayOutage,
        Self::BrokenPeer,
        Self::StorageCrash,
        Self::TornWrite,
        Self::SlowDisk,
        Self::ClockYears,
        Self::SecondTab,
    ];

    /// The word for it on a command line.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Cut => "cut",
            Self::Kill => "kill",
            Self::PowerLoss => "power-loss",
            Self::Partition => "partition",
            Self::OneWay => "one-way",
            Self::ClockJump => "clock-jump",
            Self::FullDisk => "full-disk",
            Self::BrokenDisk => "broken-disk",
            Self::RelayOutage => "relay-outage",
            Self::BrokenPeer => "broken-peer",
            Self::StorageCrash => "storage-crash",
            Self::TornWrite => "torn-write",
            Self::SlowDisk => "slow-disk",
            Self::ClockYears => "clock-years",
            Self::SecondTab => "second-tab",
        }
    }

    /// What it is, in one line.
    pub const fn about(self) -> &'static str {
        match self {
            Self::Cut => "all links between two tills break",
            Self::Kill => {
                "a browser is killed and started again later; its disk keeps what it has done"
            }
            Self::PowerLoss => {
                "a plug is pulled: what is only in the page cache is lost, newest first"
            }
            Self::Partition => "some tills are separated from the others for a while",
            Self::OneWay => "one direction between two tills is blocked for a while",
            Self::ClockJump => "a wall clock jumps, by up to three hours",
            Self::FullDisk => "a disk is full for a while; deleting works",
            Self::BrokenDisk => "a disk does not work at all for a while",
            Self::RelayOutage => "the meeting place for offers is away for a while",
            Self::BrokenPeer => "frames are doubled and overtake each other for a while",
            Self::StorageCrash => {
                "a browser is killed when the store is asked, has done it, or was heard"
            }
            Self::TornWrite => {
                "a plug is pulled while the store writes: all of that or nothing stays"
            }
            Self::SlowDisk => "a disk takes a hundred times as long for a while",
            Self::ClockYears => "a wall clock jumps by up to twenty years, either way",
            Self::SecondTab => {
                "a second tab takes the lock; the first was frozen and presses Pay when it wakes"
            }
        }
    }

    /// The fault with this word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|fault| fault.word() == word)
    }

    /// Whether it ends a machine that starts anew then.
    pub const fn restarts(self) -> bool {
        matches!(
            self,
            Self::Kill | Self::PowerLoss | Self::StorageCrash | Self::TornWrite
        )
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_fault_is_found_by_its_own_word() {
        for fault in Fault::ALL {
            assert_eq!(Fault::from_word(fault.word()), Some(fault));
            assert!(!fault.about().is_empty());
        }
        assert_eq!(Fault::from_word("earthquake"), None);
    }
}
