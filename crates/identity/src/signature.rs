//! Ed25519 (RFC 8032) for simulator, relay and tools. Browsers use WebCrypto.

use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};

/// The public key of a secret seed.
pub fn public_key(seed: &[u8; 32]) -> [u8; 32] {
    SigningKey::from_bytes(seed).verifying_key().to_bytes()
}

/// Signs a message, tag included.
pub fn sign(seed: &[u8; 32], message: &[u8]) -> [u8; 64] {
    SigningKey::from_bytes(seed).sign(message).to_bytes()
}

/// Checks a signature; a public key that is no point counts as a wrong signature.
pub fn verify(public: &[u8; 32], message: &[u8], signature: &[u8; 64]) -> bool {
    let Ok(key) = VerifyingKey::from_bytes(public) else {
        return false;
    };
    key.verify_strict(message, &Signature::from_bytes(signature))
        .is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_altered_bit_is_noticed() {
        let seed = [3; 32];
        let public = public_key(&seed);
        let signature = sign(&seed, b"message");
        assert!(verify(&public, b"message", &signature));
        assert!(!verify(&public, b"massage", &signature));
        for at in 0..64 {
            let mut bad = signature;
            bad[at] ^= 1;
            assert!(!verify(&public, b"message", &bad));
        }
    }
}
