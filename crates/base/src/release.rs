//! A release of the app, as far as another one can tell: what it reads, and what it writes that
//! older ones cannot read.

/// The reader version of this release: entries with a higher `min_reader` wait.
///
/// Whoever raises it must have the signatures inside control entries that were kept unread checked
/// before they are read from the disk: a reader that cannot read an entry cannot check them.
pub const READER_VERSION: u16 = 1;

/// The reader version of the first release: whatever has it every release may apply.
pub const READER_VERSION_FIRST: u16 = 1;

/// What a device is built from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Release {
    /// Its reader version.
    pub reader: u16,
    /// Kinds of entry whose meaning changed with its reader version: what it writes of them waits
    /// on older releases. All others it writes for every release.
    pub changed: &'static [u16],
}

impl Release {
    /// This one.
    pub const THIS: Self = Self {
        reader: READER_VERSION,
        changed: &[],
    };

    /// The lowest reader version that may apply an entry of this kind of its own making.
    pub fn min_reader(&self, kind: u16) -> u16 {
        if self.changed.contains(&kind) {
            self.reader
        } else {
            READER_VERSION_FIRST
        }
    }
}

impl Default for Release {
    fn default() -> Self {
        Self::THIS
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_it_changed_waits_on_older_releases() {
        let next = Release {
            reader: READER_VERSION + 1,
            changed: &[65],
        };
        assert_eq!([64, 65].map(|kind| next.min_reader(kind)), [1, 2]);
        assert_eq!(Release::THIS.min_reader(65), READER_VERSION);
    }
}
