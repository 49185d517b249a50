//! How much may be under way on a link, as credit bounds it.

use base::limits::{CREDIT_BYTES_MAX, CREDIT_FIRST_BYTES, ENTRY_BYTES_MAX};
use base::machine::Channel;

use crate::network::Network;
use crate::oracle::Broken;

/// Headers of frames, messages and segments.
const HEADERS_BYTES: usize = 64 * 1024;
/// A segment may begin while there is any credit left, and may be as long as its entries.
const OVER_BYTES: usize = ENTRY_BYTES_MAX + HEADERS_BYTES;

/// What was under way on a link beyond what the other side can have promised room for.
pub(super) fn broken(network: &Network) -> Vec<Broken> {
    let bounds = [
        (Channel::Live, CREDIT_FIRST_BYTES),
        (Channel::Bulk, CREDIT_BYTES_MAX),
    ];
    let over = |(channel, credit): (Channel, u32)| {
        let (bytes, bound) = (
            network.under_way_most(channel),
            credit as usize + OVER_BYTES,
        );
        (bytes > bound).then_some(Broken::TooMuchUnderWay {
            channel,
            bytes,
            bound,
        })
    };
    bounds.into_iter().filter_map(over).collect()
}
