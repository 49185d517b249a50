//! PIN verifiers: Argon2id (RFC 9106), keyed with a secret of the shop.
//!
//! Four digits alone are guessed in a second whatever the cost. The key (`pepper`) is kept in the
//! sealed `shop` stream: who does not hold it cannot begin to guess. The cost slows down whoever
//! found an open till.

use argon2::{Algorithm, Argon2, Params, Version};

/// Memory in KiB: what OWASP's password storage cheat sheet asks of Argon2id at two passes.
pub const MEMORY_KIB: u32 = 19 * 1024;
/// Passes over the memory.
pub const PASSES: u32 = 2;
/// Lanes: wasm has one thread.
pub const LANES: u32 = 1;

/// The verifier of a PIN, with the employee's salt and the shop's own secret.
pub fn verifier(pin: &str, salt: &[u8; 16], pepper: &[u8; 32]) -> [u8; 32] {
    let mut hash = [0; 32];
    let done = Params::new(MEMORY_KIB, PASSES, LANES, Some(hash.len()))
        .and_then(|params| {
            Argon2::new_with_secret(pepper, Algorithm::Argon2id, Version::V0x13, params)
        })
        .and_then(|argon| argon.hash_password_into(pin.as_bytes(), salt, &mut hash));
    match done {
        Ok(()) => hash,
        // Parameters and lengths are fixed here; a PIN cannot reach Argon2's bound of 4 GiB.
        Err(_) => unreachable!("Argon2 takes these parameters"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vectors;

    #[test]
    fn a_pin_gives_its_known_answer() {
        let hash = verifier(vectors::PIN, &vectors::PIN_SALT, &vectors::PIN_PEPPER);
        assert_eq!(hash, vectors::PIN_VERIFIER);
    }

    #[test]
    fn pin_salt_and_pepper_all_count() {
        let hash = verifier("1234", &[1; 16], &[2; 32]);
        assert_ne!(hash, verifier("1235", &[1; 16], &[2; 32]));
        assert_ne!(hash, verifier("1234", &[2; 16], &[2; 32]));
        assert_ne!(hash, verifier("1234", &[1; 16], &[1; 32]));
    }
}
