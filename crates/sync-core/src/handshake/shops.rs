//! Which shops both ends are in, without naming one to a stranger.

use base::ShopId;
use base::hash::{TAG_SHOP_HINT, sha256};

use super::SharedShop;
use crate::message::{Hello, ShopHint};

/// The salted hashes of shops, sorted.
pub(super) fn hints<'a>(salt: &[u8; 16], shops: impl Iterator<Item = &'a ShopId>) -> Vec<ShopHint> {
    let mut hints: Vec<_> = shops.map(|shop| hint(salt, *shop)).collect();
    hints.sort_unstable();
    hints.dedup();
    hints
}

/// Our shops that the peer has named too, with their index in the hello that numbers them.
pub(super) fn shared<'a>(
    ours: impl Iterator<Item = &'a ShopId>,
    peer: &Hello,
    numbering: &Hello,
) -> Vec<SharedShop> {
    let handle = |shop: &ShopId| {
        peer.shops.binary_search(&hint(&peer.salt, *shop)).ok()?;
        let index = numbering
            .shops
            .binary_search(&hint(&numbering.salt, *shop))
            .ok()?;
        Some(SharedShop {
            handle: u16::try_from(index).ok()?,
            shop: *shop,
        })
    };
    let mut shared: Vec<_> = ours.filter_map(handle).collect();
    shared.sort_by_key(|shared| shared.handle);
    shared.dedup();
    shared
}

fn hint(salt: &[u8; 16], shop: ShopId) -> ShopHint {
    ShopHint(sha256(&[TAG_SHOP_HINT, salt, &shop.0]).first())
}
