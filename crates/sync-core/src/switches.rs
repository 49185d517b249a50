//! Parts that a simulator may turn off, to prove that it would notice their absence.

/// What is on. Everything is, outside a simulator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Switches {
    /// Segments that are wholly held are dropped before anybody verifies them again, and an entry
    /// counts once. Off: everything that comes is taken anew.
    pub deduplication: bool,
    /// A run with a hole before it does not count as everything up to its end. Off: holes are
    /// never asked for.
    pub gap_tracking: bool,
    /// Segments are sent only as far as the other side has promised room for them. Off: both sides
    /// take it that there is no end of room.
    pub credit: bool,
    /// A sale is paid once it is on the disk itself. Off: the page cache of the operating system
    /// is good enough.
    pub strict_commit: bool,
    /// A commit fails once somebody else has gone on from where this device stood. Off: whoever
    /// writes last wins.
    pub compare_and_swap: bool,
    /// What a person may do is judged by the control that the author of an entry had seen. Off: by
    /// what is known when the entry comes.
    pub control_vector: bool,
    /// What lies past the cut of a device that was put out does not count. Off: it counts, unless
    /// it was there before the cut.
    pub cuts: bool,
    /// Entries are told apart by their chain values, so that of two branches of a log both count.
    /// Off: what has the number of another one is taken to be that one.
    pub forks: bool,
    /// What only a newer release can apply is kept and passed on, and waits for one. Off: a sealed
    /// segment with such an entry in it is dropped.
    pub newer: bool,
}

impl Default for Switches {
    fn default() -> Self {
        Self {
            deduplication: true,
            gap_tracking: true,
            credit: true,
            strict_commit: true,
            compare_and_swap: true,
            control_vector: true,
            cuts: true,
            forks: true,
            newer: true,
        }
    }
}
