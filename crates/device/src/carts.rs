//! Keeping carts that are not paid yet: a reload, a crash or another tab must not lose what a
//! customer has put on the belt.
//!
//! They lie in the device's own record, relaxed: that survives the browser's end, and a scan
//! waits for nothing. With them lies the last receipt number, so that an open cart whose sale
//! became durable just before the end does not come back and is not paid twice.

use std::collections::BTreeSet;

use domain::event::SALE_LINES_MAX;
use minicbor::{Decode, Encode};

use crate::Device;
use crate::api::carts::{Carts, HELD_CARTS_MAX};
use crate::api::{Refusal, Reply, RequestId};
use crate::outbox::Turn;
use crate::requests::Outcome;

/// Carts, and when they were so.
#[derive(Debug, Clone, PartialEq, Eq, Default, Encode, Decode)]
#[cbor(map)]
pub struct KeptCarts {
    /// The carts.
    #[n(0)]
    pub carts: Carts,
    /// The receipt number that was used last.
    #[n(1)]
    pub receipt: u64,
}

impl Device {
    /// Keeps the carts in place of those that were kept before.
    pub(crate) fn keep_carts(
        &mut self,
        request: RequestId,
        carts: Carts,
        turn: &mut Turn<'_>,
    ) -> Outcome {
        let receipt = self.last_receipt()?;
        let longest = carts.held.iter().chain([&carts.open]).map(Vec::len).max();
        if carts.held.len() > HELD_CARTS_MAX || longest > Some(SALE_LINES_MAX) {
            return Err(Refusal::new(
                "too-large",
                "More than that is not kept over a restart.",
            ));
        }
        let kept = (carts != Carts::default()).then_some(KeptCarts { carts, receipt });
        if kept == self.record.carts {
            return Ok(Some(Reply::Done));
        }
        self.record.carts = kept;
        self.keep_record(Some((request, Reply::Done)), turn);
        Ok(None)
    }

    /// The carts that were kept, without an open one that was sold since, and their products.
    pub(crate) fn kept_carts(&self) -> Outcome {
        let receipt = self.last_receipt()?;
        let kept = self.record.carts.clone().unwrap_or_default();
        let mut carts = kept.carts;
        if kept.receipt != receipt {
            carts.open.clear();
        }
        let lines = carts.held.iter().chain([&carts.open]).flatten();
        let ids: BTreeSet<_> = lines.map(|line| line.product).collect();
        let shop = self.shop.as_ref().ok_or_else(Refusal::no_shop)?;
        let catalogue = shop.state.catalogue();
        let products = ids.into_iter().filter_map(|id| catalogue.product(id));
        Ok(Some(Reply::Carts {
            products: products.collect(),
            carts,
        }))
    }

    fn last_receipt(&self) -> Result<u64, Refusal> {
        let shop = self.shop.as_ref().filter(|shop| shop.own().is_some());
        let shop = shop.ok_or_else(Refusal::no_shop)?;
        Ok(shop.standing.counters.receipt)
    }
}
