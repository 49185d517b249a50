//! The recovery phrase: twelve English words that stand for 128 random bits (BIP39).

use bip39::{Language, Mnemonic};

use crate::error::SealError;
use crate::schedule;

/// Words in a phrase.
pub const WORDS: usize = 12;

/// What a recovery phrase stands for.
#[derive(Clone, PartialEq, Eq)]
pub struct Phrase {
    entropy: [u8; 16],
}

impl core::fmt::Debug for Phrase {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Phrase(…)")
    }
}

/// The private keys that a phrase gives.
#[derive(Clone, PartialEq, Eq)]
pub struct RecoveryKeys {
    /// Ed25519 seed (RFC 8032).
    pub ed25519_seed: [u8; 32],
    /// X25519 private key (RFC 7748), before clamping.
    pub x25519_private: [u8; 32],
}

impl core::fmt::Debug for RecoveryKeys {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("RecoveryKeys(…)")
    }
}

impl Phrase {
    /// A phrase from 128 random bits.
    pub const fn from_entropy(entropy: [u8; 16]) -> Self {
        Self { entropy }
    }

    /// The twelve words, lower case, one blank between them.
    pub fn words(&self) -> String {
        match Mnemonic::from_entropy_in(Language::English, &self.entropy) {
            Ok(mnemonic) => mnemonic.words().collect::<Vec<_>>().join(" "),
            // BIP39 takes 128, 160, 192, 224 or 256 bits.
            Err(_) => unreachable!("128 bits make a phrase"),
        }
    }

    /// Reads what somebody typed; case, blanks, line breaks, commas and numbering are forgiven.
    ///
    /// # Errors
    /// [`SealError::UserWordCount`], [`SealError::UserWordUnknown`] (the first such word) or
    /// [`SealError::UserWordsDoNotBelong`] when the checksum of 4 bits does not fit.
    pub fn parse(text: &str) -> Result<Self, SealError> {
        let text = text.to_lowercase();
        let words: Vec<&str> = text
            .split(|letter: char| !letter.is_alphabetic())
            .filter(|word| !word.is_empty())
            .collect();
        if words.len() != WORDS {
            return Err(SealError::UserWordCount { found: words.len() });
        }
        let mnemonic = Mnemonic::parse_in_normalized(Language::English, &words.join(" ")).map_err(
            |error| match error {
                bip39::Error::UnknownWord(at) => SealError::UserWordUnknown { position: at + 1 },
                _ => SealError::UserWordsDoNotBelong,
            },
        )?;
        let entropy = mnemonic.to_entropy();
        let entropy = entropy
            .try_into()
            .map_err(|_| SealError::UserWordsDoNotBelong)?;
        Ok(Self { entropy })
    }

    /// The private keys that it gives.
    pub fn keys(&self) -> RecoveryKeys {
        let (ed25519_seed, x25519_private) = schedule::recovery_keys(&self.entropy);
        RecoveryKeys {
            ed25519_seed,
            x25519_private,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vectors;

    /// From the test vectors of BIP39.
    const LEGAL: &str =
        "legal winner thank year wave sausage worth useful legal winner thank yellow";

    #[test]
    fn words_are_those_of_bip39() {
        assert_eq!(Phrase::from_entropy([0x7f; 16]).words(), LEGAL);
        assert_eq!(Phrase::parse(LEGAL), Ok(Phrase::from_entropy([0x7f; 16])));
        let phrase = Phrase::from_entropy(vectors::PHRASE_ENTROPY);
        assert_eq!(phrase.words(), vectors::PHRASE_WORDS);
    }

    #[test]
    fn case_blanks_and_numbering_are_forgiven() {
        let mut typed = String::from("\n ");
        for (at, word) in LEGAL.split(' ').enumerate() {
            typed += &format!("{}. {}  ,\n", at + 1, word.to_uppercase());
        }
        assert_eq!(Phrase::parse(&typed), Phrase::parse(LEGAL));
    }

    #[test]
    fn the_wrong_word_is_named_by_its_place() {
        let typed = LEGAL.replace("sausage", "sossage");
        assert_eq!(
            Phrase::parse(&typed),
            Err(SealError::UserWordUnknown { position: 6 })
        );
    }

    #[test]
    fn words_in_the_wrong_order_do_not_belong_together() {
        let typed = LEGAL.replace("thank year", "year thank");
        assert_eq!(Phrase::parse(&typed), Err(SealError::UserWordsDoNotBelong));
    }

    #[test]
    fn eleven_or_fifteen_words_are_no_phrase() {
        let eleven = LEGAL.trim_end_matches(" yellow");
        assert_eq!(
            Phrase::parse(eleven),
            Err(SealError::UserWordCount { found: 11 })
        );
        let fifteen = format!("{LEGAL} thank year wave");
        assert_eq!(
            Phrase::parse(&fifteen),
            Err(SealError::UserWordCount { found: 15 })
        );
        assert_eq!(
            Phrase::parse(""),
            Err(SealError::UserWordCount { found: 0 })
        );
    }

    #[test]
    fn phrases_and_their_keys_stay_out_of_traces() {
        let phrase = Phrase::from_entropy([9; 16]);
        assert_eq!(
            format!("{phrase:?} {:?}", phrase.keys()),
            "Phrase(…) RecoveryKeys(…)"
        );
    }
}
