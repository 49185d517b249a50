//! What the disk holds, while it is being read.

use base::hash::ChainValue;
use base::{Header, ShopId};
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
}

impl Restored {
    pub fn new(shop: ShopId, switches: Switches) -> Self {
        Self {
            holdings: Holdings::new(shop, switches),
            beside: Vec::new(),
            replaced: Vec::new(),
        }
    }

    /// Takes note of the chain values of a stored segment's entries, in order.
    pub fn opened(&mut self, header: &Header, chain: Vec<ChainValue>) {
        let inside: Vec<_> = (header.first..).zip(chain).collect();
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
