//! What the simulator proves of a day, promise by promise.

use std::fmt;

use crate::oracle::Broken;
use crate::shop::Report;

/// Something that holds whatever the weather does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Promise {
    /// What was shown as paid is there.
    Kept,
    /// It counts once.
    Once,
    /// With the total that was shown.
    Total,
    /// Under a number of its own.
    Number,
    /// Nothing else counts.
    NothingElse,
    /// Everybody has the same state in the end.
    Same,
    /// Links carry no more than there is room for.
    Room,
    /// Machines ask of their hands what the contract between them allows.
    Contract,
}

impl Promise {
    /// Every promise.
    pub const ALL: [Self; 8] = [
        Self::Kept,
        Self::Once,
        Self::Total,
        Self::Number,
        Self::NothingElse,
        Self::Same,
        Self::Room,
        Self::Contract,
    ];

    /// Which promise something breaks.
    pub const fn of(broken: &Broken) -> Self {
        match broken {
            Broken::ReusedNumber { .. } => Self::Number,
            Broken::Lost { .. } => Self::Kept,
            Broken::Doubled { .. } => Self::Once,
            Broken::WrongTotal { .. } => Self::Total,
            Broken::Invented { .. } => Self::NothingElse,
            Broken::TooMuchUnderWay { .. } => Self::Room,
            Broken::StatesDiffer { .. } => Self::Same,
        }
    }

    /// Whether a day kept it.
    pub fn is_kept_by(self, report: &Report) -> bool {
        let broken = report.broken.iter().any(|broken| Self::of(broken) == self);
        let otherwise = match self {
            Self::Same => report.settled_ms.is_none(),
            Self::Contract => !report.breaches.is_empty(),
            _ => false,
        };
        !broken && !otherwise
    }
}

impl fmt::Display for Promise {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Kept => "every sale that was shown as paid is on every till",
            Self::Once => "every sale counts once",
            Self::Total => "every sale has the total that was shown",
            Self::Number => "no receipt number is used twice",
            Self::NothingElse => "no more sales count than were asked for",
            Self::Same => "all tills have the same state, before and after all are opened anew",
            Self::Room => "no link carries more than the other side has promised room for",
            Self::Contract => "machines ask of their hands what the contract allows",
        })
    }
}
