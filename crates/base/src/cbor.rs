//! One way to turn a typed value into bytes and back.
//!
//! Everything that is hashed or signed is kept as the bytes that came. What is decoded must
//! encode to the same bytes again, so that two different byte strings never mean the same thing.

use minicbor::{Decode, Encode};

use crate::error::Malformed;

/// Encodes a value. Encoding into memory cannot fail.
pub fn encode<T: Encode<()>>(value: &T) -> Vec<u8> {
    let mut bytes = Vec::new();
    match minicbor::encode(value, &mut bytes) {
        Ok(()) => bytes,
        // `Vec<u8>` as a writer is infallible and no type of ours has a custom error.
        Err(_) => unreachable!("encoding into memory cannot fail"),
    }
}

/// Decodes a value and refuses trailing bytes, keys it does not know and any non-canonical form.
///
/// # Errors
/// [`Malformed::Bytes`] naming `what`.
pub fn decode<'b, T: Decode<'b, ()> + Encode<()>>(
    bytes: &'b [u8],
    what: &'static str,
) -> Result<T, Malformed> {
    let value: T = decode_open(bytes, what)?;
    if encode(&value) == bytes {
        Ok(value)
    } else {
        Err(Malformed::Bytes(what))
    }
}

/// Decodes a value and ignores keys that a newer release may have added.
///
/// For payloads only: what they do must not depend on an unknown key unless `min_reader` says so.
///
/// # Errors
/// [`Malformed::Bytes`] naming `what`; trailing bytes count as malformed.
pub fn decode_open<'b, T: Decode<'b, ()>>(
    bytes: &'b [u8],
    what: &'static str,
) -> Result<T, Malformed> {
    let mut decoder = minicbor::Decoder::new(bytes);
    let value = decoder.decode().map_err(|_| Malformed::Bytes(what))?;
    if decoder.position() == bytes.len() {
        Ok(value)
    } else {
        Err(Malformed::Bytes(what))
    }
}
