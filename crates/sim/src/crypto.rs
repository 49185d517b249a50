//! What the world needs of the hands that hold keys.

use base::{Answer, Effect, Random};

/// Does cryptography and time zones for one node.
///
/// What it holds across [`CryptoHands::restart`] is what a browser keeps on disk: the device's
/// own keys. Everything else is memory. A clone is the hands of another tab of the same browser.
pub trait CryptoHands: Clone {
    /// Does `Keys`, `Seal`, `Open`, `Sign`, `Verify` or `Zone`; `None` for any other effect.
    fn perform(&mut self, random: &mut dyn Random, effect: &Effect) -> Option<Answer>;

    /// Forgets what is only in memory: the browser was closed or killed.
    fn restart(&mut self);
}

/// Hands for machines that need no keys: every effect fails.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoCrypto;

impl CryptoHands for NoCrypto {
    fn perform(&mut self, _random: &mut dyn Random, _effect: &Effect) -> Option<Answer> {
        None
    }

    fn restart(&mut self) {}
}
