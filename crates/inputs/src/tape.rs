//! Choices read off bytes, so that whoever changes the bytes changes what happens.

/// Bytes that are read from the front; zeros once they are used up.
#[derive(Debug, Clone)]
pub struct Tape<'a>(&'a [u8]);

impl<'a> Tape<'a> {
    /// A tape of these bytes.
    pub const fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    /// Whether nothing is left.
    pub const fn is_used_up(&self) -> bool {
        self.0.is_empty()
    }

    /// The next byte.
    pub fn byte(&mut self) -> u8 {
        self.array::<1>()[0]
    }

    /// A number below `end`, which lies between 1 and 256.
    pub fn below(&mut self, end: usize) -> usize {
        usize::from(self.byte()) % end
    }

    /// One of these.
    pub fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())]
    }

    /// Yes or no.
    pub fn flag(&mut self) -> bool {
        self.byte() % 2 == 1
    }

    /// The next eight bytes as a number.
    pub fn number(&mut self) -> u64 {
        u64::from_be_bytes(self.array())
    }

    /// The next bytes, as many as the two before them say or as there are.
    pub fn piece(&mut self) -> &'a [u8] {
        let length = usize::from(u16::from_be_bytes(self.array()));
        self.take(length)
    }

    /// All that is left.
    pub fn rest(&mut self) -> &'a [u8] {
        self.take(self.0.len())
    }

    fn array<const N: usize>(&mut self) -> [u8; N] {
        let mut array = [0; N];
        let taken = self.take(N);
        array[..taken.len()].copy_from_slice(taken);
        array
    }

    fn take(&mut self, length: usize) -> &'a [u8] {
        let (taken, rest) = self.0.split_at(length.min(self.0.len()));
        self.0 = rest;
        taken
    }
}

/// The form in which [`Tape::piece`] reads these bytes; they are fewer than 65,536.
pub fn piece(bytes: &[u8]) -> Vec<u8> {
    let length = u16::try_from(bytes.len()).expect("a piece is short");
    [&length.to_be_bytes(), bytes].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tape_gives_what_is_on_it_and_then_zeros() {
        let bytes = [vec![7, 9], piece(b"abc"), vec![1; 8], vec![0, 9, 5]].concat();
        let mut tape = Tape::new(&bytes);
        assert_eq!((tape.byte(), tape.below(4)), (7, 1));
        assert_eq!(tape.piece(), b"abc");
        assert_eq!(tape.number(), 0x0101_0101_0101_0101);
        assert_eq!(tape.piece(), [5], "no more than there is");
        assert!(tape.is_used_up());
        assert_eq!((tape.byte(), tape.number(), tape.rest()), (0, 0, &[][..]));
    }
}
