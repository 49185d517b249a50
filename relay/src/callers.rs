//! Who calls, and how much each of them holds: nobody alone can take what is there for all.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Bits of an IPv6 address that name a network; whoever has one has all addresses in it
/// (RFC 4291, §2.5.4).
const NETWORK_BITS_V6: u32 = 64;

/// Where a connection comes from: an IPv4 address, or a network of IPv6.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Caller(IpAddr);

impl From<IpAddr> for Caller {
    fn from(address: IpAddr) -> Self {
        // An IPv4 address may come in the clothes of IPv6.
        Self(match address.to_canonical() {
            IpAddr::V6(address) => {
                let host_bits = Ipv6Addr::BITS - NETWORK_BITS_V6;
                Ipv6Addr::from_bits(address.to_bits() >> host_bits << host_bits).into()
            }
            address @ IpAddr::V4(_) => address,
        })
    }
}

/// How much each caller holds; copies count together.
#[derive(Debug, Clone)]
pub struct Callers {
    each_max: usize,
    /// Nobody is in it who holds nothing.
    holding: Arc<Mutex<BTreeMap<Caller, usize>>>,
}

impl Callers {
    /// Nobody yet; each may hold `each_max`.
    pub fn new(each_max: usize) -> Self {
        Self {
            each_max,
            holding: Arc::default(),
        }
    }

    /// Counts one more for the caller, until what it gives is dropped; `None` when that is too
    /// much.
    pub fn hold(&self, caller: Caller) -> Option<Held> {
        let mut holding = self.holding();
        let held = holding.get(&caller).copied().unwrap_or(0);
        if held >= self.each_max {
            return None;
        }
        holding.insert(caller, held + 1);
        drop(holding);
        Some(Held {
            callers: self.clone(),
            caller,
        })
    }

    fn holding(&self) -> MutexGuard<'_, BTreeMap<Caller, usize>> {
        // No code that holds the lock can panic half-way through a change.
        self.holding.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One of those that a caller holds.
#[derive(Debug)]
pub struct Held {
    callers: Callers,
    caller: Caller,
}

impl Drop for Held {
    fn drop(&mut self) {
        let mut holding = self.callers.holding();
        match holding.get_mut(&self.caller) {
            Some(held) if *held > 1 => *held -= 1,
            _ => {
                holding.remove(&self.caller);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn caller(address: &str) -> Caller {
        address.parse::<IpAddr>().unwrap().into()
    }

    #[test]
    fn one_caller_cannot_hold_more_than_its_share_and_takes_nothing_from_others() {
        let callers = Callers::new(2);
        let first = callers.hold(caller("10.0.0.1"));
        let second = callers.hold(caller("10.0.0.1"));
        assert!(first.is_some() && second.is_some());
        assert!(callers.hold(caller("10.0.0.1")).is_none());
        assert!(callers.hold(caller("10.0.0.2")).is_some());
        drop(first);
        assert!(callers.hold(caller("10.0.0.1")).is_some());
    }

    #[test]
    fn callers_who_left_are_forgotten() {
        let callers = Callers::new(2);
        let held: Vec<_> = (0..2).map(|_| callers.hold(caller("fd00::1"))).collect();
        assert_eq!(callers.holding().len(), 1);
        drop(held);
        assert_eq!(callers.holding().len(), 0);
    }

    #[test]
    fn all_addresses_of_one_network_are_one_caller() {
        assert_eq!(caller("fd00::1"), caller("fd00::ffff:1"));
        assert_ne!(caller("fd00::1"), caller("fd00:0:0:1::1"));
        assert_eq!(caller("::ffff:10.0.0.1"), caller("10.0.0.1"));
        assert_ne!(caller("10.0.0.1"), caller("10.0.0.2"));
    }
}
