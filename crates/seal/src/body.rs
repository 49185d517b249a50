//! Entries to the plain form of a body and back: joined, then deflated (RFC 1951, no wrapper).
//!
//! Deflated before sealing, because sealed bytes do not shrink. What goes in is the shop's own
//! entries, never a mix with what an outsider chose, so sizes tell nothing that counts.

use base::limits::BODY_BYTES_MAX;
use base::segment::{join_entries, split_entries};
use miniz_oxide::deflate::compress_to_vec;
use miniz_oxide::inflate::{TINFLStatus, decompress_to_vec_with_limit};

use crate::error::SealError;

/// How hard deflate tries, of 10: the usual trade of size against time.
pub const DEFLATE_LEVEL: u8 = 6;

/// Up to so many bytes are stored as they are (RFC 1951, §3.2.4). Squeezing a lone sale wins some
/// 45 bytes of 176, and takes a sixth of what is computed between Pay and "Paid": what squeezes
/// wants 300 kB of memory in order first.
pub const STORED_BYTES_MAX: usize = 512;

const _: () = assert!(
    STORED_BYTES_MAX <= u16::MAX as usize,
    "a stored block's length"
);

/// Joins and deflates raw entries.
///
/// The caller keeps their sum under [`BODY_BYTES_MAX`]: nobody opens a body that grows beyond it.
pub fn compress<'a>(entries: impl IntoIterator<Item = &'a [u8]>) -> Vec<u8> {
    let joined = join_entries(entries);
    if joined.len() <= STORED_BYTES_MAX {
        stored_block(&joined)
    } else {
        compress_to_vec(&joined, DEFLATE_LEVEL)
    }
}

/// The last block of a stream, stored: a byte that says so, the length, its complement, the bytes.
fn stored_block(bytes: &[u8]) -> Vec<u8> {
    let length = bytes.len() as u16;
    let ([a, b], [c, d]) = (length.to_le_bytes(), (!length).to_le_bytes());
    [&[1, a, b, c, d], bytes].concat()
}

/// Inflates a plain body and takes its `count` entries apart.
///
/// # Errors
/// [`SealError::PeerNotDeflated`]; [`SealError::PeerBodyGrows`] as soon as more than
/// [`BODY_BYTES_MAX`] bytes come out; [`SealError::PeerMalformed`] when there are not exactly
/// `count` entries.
pub fn expand(plain: &[u8], count: u32) -> Result<Vec<Vec<u8>>, SealError> {
    let joined =
        decompress_to_vec_with_limit(plain, BODY_BYTES_MAX).map_err(|error| {
            match error.status {
                TINFLStatus::HasMoreOutput => SealError::PeerBodyGrows,
                _ => SealError::PeerNotDeflated,
            }
        })?;
    Ok(split_entries(&joined, count)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Three entries, of a body that is stored and of one that is deflated.
    fn bodies() -> [Vec<Vec<u8>>; 2] {
        [1, 4].map(|times| {
            vec![
                vec![1; 60],
                vec![],
                (0..200).cycle().take(times * 200).collect(),
            ]
        })
    }

    fn compressed(entries: &[Vec<u8>]) -> Vec<u8> {
        compress(entries.iter().map(Vec::as_slice))
    }

    #[test]
    fn entries_come_out_as_they_went_in() {
        for entries in bodies() {
            assert_eq!(expand(&compressed(&entries), 3), Ok(entries));
        }
    }

    #[test]
    fn golden_bytes_of_a_body() {
        let plain = compressed(&[vec![1, 2, 3], vec![1, 2, 3]]);
        assert_eq!(
            data_encoding::HEXLOWER.encode(&plain),
            "010800f7ff4301020343010203"
        );
        let deflated = compressed(&[vec![1; 300], vec![1; 300]]);
        assert_eq!(
            data_encoding::HEXLOWER.encode(&deflated),
            "edd0c11000000002c1c927a1fc4552a8ff2dc2461666a1eb51"
        );
    }

    #[test]
    fn a_short_body_is_stored_and_a_longer_one_deflated() {
        // Three bytes before an entry of this length say how long it is.
        let fits = vec![vec![7; STORED_BYTES_MAX - 3]];
        assert_eq!(compressed(&fits).len(), STORED_BYTES_MAX + 5);
        assert_eq!(expand(&compressed(&fits), 1), Ok(fits));
        let longer = vec![vec![7; STORED_BYTES_MAX - 2]];
        assert!(compressed(&longer).len() < 50);
        assert_eq!(expand(&compressed(&longer), 1), Ok(longer));
        assert_eq!(expand(&compressed(&[]), 0), Ok(vec![]));
    }

    #[test]
    fn entries_that_are_alike_shrink() {
        let alike: Vec<Vec<u8>> = (0..100).map(|n| [vec![7; 60], vec![n]].concat()).collect();
        assert!(compressed(&alike).len() < 1_000);
    }

    #[test]
    fn a_body_must_hold_exactly_the_entries_that_its_header_counts() {
        for plain in bodies().map(|entries| compressed(&entries)) {
            for count in [0, 2, 4, u32::MAX] {
                assert!(
                    matches!(expand(&plain, count), Err(SealError::PeerMalformed(_))),
                    "{count}"
                );
            }
        }
    }

    #[test]
    fn a_body_that_grows_beyond_its_bound_is_refused() {
        let bomb = compress_to_vec(&vec![0; 50 * BODY_BYTES_MAX], 10);
        assert!(bomb.len() < BODY_BYTES_MAX / 10);
        assert_eq!(expand(&bomb, 1), Err(SealError::PeerBodyGrows));
    }

    #[test]
    fn a_body_of_exactly_the_bound_is_taken() {
        // A CBOR byte string of this length has a head of five bytes.
        let largest = vec![vec![5; BODY_BYTES_MAX - 5]];
        assert_eq!(expand(&compressed(&largest), 1), Ok(largest));
        let larger = vec![vec![5; BODY_BYTES_MAX - 4]];
        assert_eq!(
            expand(&compressed(&larger), 1),
            Err(SealError::PeerBodyGrows)
        );
    }

    #[test]
    fn what_is_not_deflated_or_cut_short_is_refused() {
        assert_eq!(expand(&[0xff; 20], 1), Err(SealError::PeerNotDeflated));
        assert_eq!(expand(&[], 0), Err(SealError::PeerNotDeflated));
        for plain in bodies().map(|entries| compressed(&entries)) {
            for end in 0..plain.len() {
                assert!(expand(&plain[..end], 3).is_err(), "{end}");
            }
        }
    }
}
