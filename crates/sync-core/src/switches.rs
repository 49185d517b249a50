//! Parts that a simulator may turn off, to prove that it would notice their absence.

/// What is on. Everything is, outside a simulator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Switches {
    /// Segments that are wholly held are dropped before anybody verifies them again.
    pub deduplication: bool,
    /// A run with a hole before it does not count as everything up to its end.
    pub gap_tracking: bool,
}

impl Default for Switches {
    fn default() -> Self {
        Self {
            deduplication: true,
            gap_tracking: true,
        }
    }
}
