//! How much of one kind may wait in memory.

use base::limits::{WAITING_BYTES_MAX, WAITING_ENTRIES_MAX};

/// At most [`WAITING_ENTRIES_MAX`] pieces in [`WAITING_BYTES_MAX`] bytes.
#[derive(Debug, Default)]
pub struct Budget {
    pieces: usize,
    bytes: usize,
}

impl Budget {
    /// Takes room for a piece; `false` when there is none.
    #[must_use]
    pub fn take(&mut self, bytes: usize) -> bool {
        let fits = self.pieces < WAITING_ENTRIES_MAX && self.bytes + bytes <= WAITING_BYTES_MAX;
        if fits {
            self.pieces += 1;
            self.bytes += bytes;
        }
        fits
    }

    /// Gives back the room of a piece.
    pub fn give_back(&mut self, bytes: usize) {
        self.pieces = self.pieces.saturating_sub(1);
        self.bytes = self.bytes.saturating_sub(bytes);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neither_many_pieces_nor_long_ones_fill_the_memory() {
        let mut budget = Budget::default();
        let taken = (0..WAITING_ENTRIES_MAX + 9).filter(|_| budget.take(1));
        assert_eq!(taken.count(), WAITING_ENTRIES_MAX);
        let mut budget = Budget::default();
        let half = WAITING_BYTES_MAX / 2;
        let taken = [half, half, 1].map(|bytes| budget.take(bytes));
        assert_eq!(taken, [true, true, false]);
        budget.give_back(half);
        assert!(budget.take(half));
    }
}
