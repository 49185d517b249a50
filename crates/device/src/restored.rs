//! What the disk holds, while it is being read.

use base::{Header, Mark, ShopId, Vector};
use sync_core::{Fit, Holdings, Switches};

use crate::records;

/// Segments on the disk as they are read, in whatever order they are opened.
#[derive(Debug)]
pub struct Restored {
    pub holdings: Holdings,
    /// Opened, and nothing of them is held on their own account.
    beside: Vec<Header>,
    /// Keys of rows whose place others have taken since they were opened.
    replaced: Vec<Vec<u8>>,
    /// What the checkpoint counts that we began with.
    counted: Option<Vector>,
}

impl Restored {
    pub fn new(shop: ShopId, switches: Switches) -> Self {
        Self {
            holdings: Holdings::new(shop, switches),
            beside: Vec::new(),
            replaced: Vec::new(),
            counted: None,
        }
    }

    /// A checkpoint is begun with: all that it counts must be among what is read.
    pub fn count_on(&mut self, counted: Vector) {
        self.counted = Some(counted);
    }

    /// Whether a checkpoint is begun with.
    pub fn has_checkpoint(&self) -> bool {
        self.counted.is_some()
    }

    /// Whether not all was read that the checkpoint counts.
    pub fn lacks_counted(&self) -> bool {
        let lacks = |counted| self.holdings.lacks_of(counted) > 0;
        self.counted.as_ref().is_some_and(lacks)
    }

    /// Takes note of the marks of a stored segment's entries, in order.
    pub fn opened(&mut self, header: &Header, marks: impl IntoIterator<Item = Mark>) {
        let inside: Vec<_> = (header.first..).zip(marks).collect();
        let replaced = self.holdings.replaced_by(header, &inside).into_iter();
        self.replaced.extend(
            replaced.map(|(first, mark)| records::row_key(header.shop, header.log(), first, mark)),
        );
        let beside = match self.holdings.add(header, &inside) {
            Fit::New(_) | Fit::Packs | Fit::Fork => false,
            Fit::Duplicate => self.holdings.is_needless(header),
            // What proves it, or takes its place, may be opened later.
            Fit::Unproven => true,
        };
        if beside {
            self.beside.push(header.clone());
        }
    }

    /// What is held, and the keys of rows that bring nothing: they were on their way to the disk
    /// when a block took their place.
    pub fn finish(self) -> (Holdings, Vec<Vec<u8>>) {
        let Self {
            holdings,
            beside,
            replaced,
            ..
        } = self;
        let needless = beside.iter().filter(|header| holdings.is_needless(header));
        let keys = replaced
            .into_iter()
            .chain(needless.map(records::segment_key));
        let keys = keys.collect();
        (holdings, keys)
    }
}
