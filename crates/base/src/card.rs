//! Pairing cards: what two devices show each other to be linked, as QR code or as text.

use core::fmt;
use core::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use crate::error::Malformed;
use crate::hash::{TAG_ANSWER, sha256};
use crate::id::{DeviceId, ShopId};
use crate::limits::{CARD_BYTES_MAX, CARD_CANDIDATES_MAX};

/// The version of the card's format.
pub const CARD_VERSION: u8 = 1;

/// Where a device may be reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Candidate {
    /// An address and a port.
    Address(SocketAddr),
    /// A multicast-DNS name, `<uuid>.local`, and a port: what Chrome shows without permission.
    Local([u8; 16], u16),
}

/// One side of a live connection, as much of it as the other side needs.
#[derive(Clone, PartialEq, Eq)]
pub struct Description {
    /// ICE user fragment (RFC 8839), 4 to 32 ASCII characters.
    pub ufrag: String,
    /// ICE password, 22 to 64 ASCII characters.
    pub password: String,
    /// SHA-256 fingerprint of the DTLS certificate.
    pub fingerprint: [u8; 32],
    /// Where it may be reached, best first.
    pub candidates: Vec<Candidate>,
}

impl fmt::Debug for Description {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The password is a secret of the connection.
        write!(f, "Description({}, {:?})", self.ufrag, self.candidates)
    }
}

/// Whose card it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CardKind {
    /// Of a device that wants to be let in, or to be linked again.
    Offer,
    /// Of a member that answers it; names the shop by the first 4 bytes of its id.
    Answer([u8; 4]),
}

/// A pairing card.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Card {
    /// Whose.
    pub kind: CardKind,
    /// The device that shows it.
    pub device: DeviceId,
    /// Used once; both cards' secrets together prove that the two screens saw each other.
    pub secret: [u8; 12],
    /// How to reach it.
    pub description: Description,
}

/// What was scanned, when it is not a card that can be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotACard {
    /// Some other QR code or text.
    Other,
    /// A card that was cut short or damaged on the way.
    Damaged,
    /// A card of a newer release.
    Newer,
}

const PREFIX: &str = "TILLMESH";
const CHECK_BYTES: usize = 2;
/// Random bytes in the secret of an answer.
pub const ANSWER_RANDOM_BYTES: usize = 12 - CHECK_BYTES;

impl Card {
    /// The one-time secret of a card that answers `offer`: random bytes, and two that follow from
    /// them and the offer, so that an answer to another card is told apart at once.
    ///
    /// # Errors
    /// As [`Card::to_bytes`] of the offer.
    pub fn answering(
        offer: &Self,
        random: [u8; ANSWER_RANDOM_BYTES],
    ) -> Result<[u8; 12], Malformed> {
        let [a, b] = sha256(&[TAG_ANSWER, &offer.to_bytes()?, &random]).first();
        let mut secret = [a, b, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        let (_, rest) = secret.split_at_mut(CHECK_BYTES);
        rest.copy_from_slice(&random);
        Ok(secret)
    }

    /// Whether the card answers `offer` and not another card. One that does always is; of 65,536
    /// others one is taken for it, and fails when the keys are proven.
    pub fn answers(&self, offer: &Self) -> bool {
        let [_, _, random @ ..] = self.secret;
        let expected = Self::answering(offer, random);
        matches!(self.kind, CardKind::Answer(_)) && expected == Ok(self.secret)
    }

    /// Whether the card answers for this shop.
    pub fn is_of(&self, shop: ShopId) -> bool {
        matches!(self.kind, CardKind::Answer(start) if start == shop.0[..4])
    }

    /// The bytes of the card, under [`CARD_BYTES_MAX`]; drops the last candidates to fit.
    ///
    /// # Errors
    /// [`Malformed`] when even one candidate does not fit.
    pub fn to_bytes(&self) -> Result<Vec<u8>, Malformed> {
        let mut candidates = self.description.candidates.clone();
        candidates.sort_by_key(|c| !matches!(c, Candidate::Address(SocketAddr::V4(_))));
        candidates.truncate(CARD_CANDIDATES_MAX);
        loop {
            let bytes = self.pack(&candidates)?;
            if bytes.len() <= CARD_BYTES_MAX {
                return Ok(bytes);
            }
            if candidates.len() <= 1 {
                return Err(Malformed::TooLong {
                    what: "card",
                    size: bytes.len(),
                    max: CARD_BYTES_MAX,
                });
            }
            candidates.pop();
        }
    }

    fn pack(&self, candidates: &[Candidate]) -> Result<Vec<u8>, Malformed> {
        let mut bytes = vec![CARD_VERSION];
        match self.kind {
            CardKind::Offer => bytes.push(0),
            CardKind::Answer(shop) => {
                bytes.push(1);
                bytes.extend_from_slice(&shop);
            }
        }
        bytes.extend_from_slice(&self.device.0);
        bytes.extend_from_slice(&self.secret);
        for text in [&self.description.ufrag, &self.description.password] {
            let len = u8::try_from(text.len()).map_err(|_| Malformed::Bytes("card"))?;
            bytes.push(len);
            bytes.extend_from_slice(text.as_bytes());
        }
        bytes.extend_from_slice(&self.description.fingerprint);
        for candidate in candidates {
            pack_candidate(&mut bytes, candidate);
        }
        let check: [u8; CHECK_BYTES] = crate::hash::sha256(&[&bytes]).first();
        bytes.extend_from_slice(&check);
        Ok(bytes)
    }

    /// The text of the card: what the QR code holds and what can be pasted or typed by a scanner.
    ///
    /// # Errors
    /// As [`Card::to_bytes`].
    pub fn to_text(&self) -> Result<String, Malformed> {
        Ok(format!(
            "{PREFIX}{}",
            data_encoding::BASE32_NOPAD.encode(&self.to_bytes()?)
        ))
    }

    /// Reads a card from text; blanks and lower case are forgiven.
    ///
    /// # Errors
    /// [`NotACard`] tells a damaged card from something else altogether.
    pub fn from_text(text: &str) -> Result<Self, NotACard> {
        let text: String = text
            .chars()
            .filter(|c| !c.is_whitespace())
            .collect::<String>()
            .to_ascii_uppercase();
        let body = text.strip_prefix(PREFIX).ok_or(NotACard::Other)?;
        let bytes = data_encoding::BASE32_NOPAD
            .decode(body.as_bytes())
            .map_err(|_| NotACard::Damaged)?;
        Self::from_bytes(&bytes)
    }

    /// Reads a card from its bytes.
    ///
    /// # Errors
    /// [`NotACard::Damaged`] or [`NotACard::Newer`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, NotACard> {
        let split = bytes
            .len()
            .checked_sub(CHECK_BYTES)
            .ok_or(NotACard::Damaged)?;
        let (bytes, check) = bytes.split_at(split);
        if crate::hash::sha256(&[bytes]).first::<CHECK_BYTES>() != check {
            return Err(NotACard::Damaged);
        }
        let mut reader = Reader(bytes);
        if reader.one()? != CARD_VERSION {
            return Err(NotACard::Newer);
        }
        let kind = match reader.one()? {
            0 => CardKind::Offer,
            1 => CardKind::Answer(reader.array()?),
            _ => return Err(NotACard::Newer),
        };
        let device = DeviceId(reader.array()?);
        let secret = reader.array()?;
        let ufrag = reader.text(4, 32)?;
        let password = reader.text(22, 64)?;
        let fingerprint = reader.array()?;
        let mut candidates = Vec::new();
        while !reader.0.is_empty() {
            if candidates.len() == CARD_CANDIDATES_MAX {
                return Err(NotACard::Damaged);
            }
            candidates.push(reader.candidate()?);
        }
        let description = Description {
            ufrag,
            password,
            fingerprint,
            candidates,
        };
        Ok(Self {
            kind,
            device,
            secret,
            description,
        })
    }
}

fn pack_candidate(bytes: &mut Vec<u8>, candidate: &Candidate) {
    match candidate {
        Candidate::Address(SocketAddr::V4(address)) => {
            bytes.push(4);
            bytes.extend_from_slice(&address.ip().octets());
            bytes.extend_from_slice(&address.port().to_be_bytes());
        }
        Candidate::Address(SocketAddr::V6(address)) => {
            bytes.push(6);
            bytes.extend_from_slice(&address.ip().octets());
            bytes.extend_from_slice(&address.port().to_be_bytes());
        }
        Candidate::Local(name, port) => {
            bytes.push(1);
            bytes.extend_from_slice(name);
            bytes.extend_from_slice(&port.to_be_bytes());
        }
    }
}

struct Reader<'a>(&'a [u8]);

impl Reader<'_> {
    fn take(&mut self, len: usize) -> Result<&[u8], NotACard> {
        let (head, rest) = self.0.split_at_checked(len).ok_or(NotACard::Damaged)?;
        self.0 = rest;
        Ok(head)
    }

    fn one(&mut self) -> Result<u8, NotACard> {
        Ok(self.array::<1>()?[0])
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], NotACard> {
        self.take(N)?.try_into().map_err(|_| NotACard::Damaged)
    }

    fn text(&mut self, min: usize, max: usize) -> Result<String, NotACard> {
        let len = usize::from(self.one()?);
        let bytes = self.take(len)?;
        // RFC 8839 ice-char, so that a card cannot smuggle a line into a session description.
        let fine = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/');
        if (min..=max).contains(&len) && bytes.iter().all(fine) {
            String::from_utf8(bytes.to_vec()).map_err(|_| NotACard::Damaged)
        } else {
            Err(NotACard::Damaged)
        }
    }

    fn candidate(&mut self) -> Result<Candidate, NotACard> {
        match self.one()? {
            4 => {
                let ip = IpAddr::V4(Ipv4Addr::from(self.array::<4>()?));
                Ok(Candidate::Address(SocketAddr::new(
                    ip,
                    u16::from_be_bytes(self.array()?),
                )))
            }
            6 => {
                let ip = IpAddr::V6(Ipv6Addr::from(self.array::<16>()?));
                Ok(Candidate::Address(SocketAddr::new(
                    ip,
                    u16::from_be_bytes(self.array()?),
                )))
            }
            1 => Ok(Candidate::Local(
                self.array()?,
                u16::from_be_bytes(self.array()?),
            )),
            _ => Err(NotACard::Damaged),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn example(candidates: usize) -> Card {
        let candidate = |n: u8| {
            Candidate::Address(SocketAddr::new(
                IpAddr::V4(Ipv4Addr::new(192, 168, 1, n)),
                50_000,
            ))
        };
        Card {
            kind: CardKind::Answer([1, 2, 3, 4]),
            device: DeviceId([5; 16]),
            secret: [6; 12],
            description: Description {
                ufrag: "aB+/".into(),
                password: "0123456789abcdefghijklmn".into(),
                fingerprint: [7; 32],
                candidates: (1..=candidates as u8).map(candidate).collect(),
            },
        }
    }

    #[test]
    fn a_card_with_three_addresses_stays_under_120_bytes() {
        let bytes = example(3).to_bytes().unwrap();
        assert!(bytes.len() < 120, "{}", bytes.len());
        assert_eq!(Card::from_bytes(&bytes), Ok(example(3)));
    }

    #[test]
    fn candidates_are_dropped_to_fit_and_ipv4_is_kept() {
        let mut card = example(1);
        card.description
            .candidates
            .insert(0, Candidate::Local([8; 16], 9));
        card.description
            .candidates
            .insert(0, Candidate::Local([9; 16], 9));
        let read = Card::from_bytes(&card.to_bytes().unwrap()).unwrap();
        assert!(read.description.candidates.len() < 3);
        assert!(matches!(
            read.description.candidates[0],
            Candidate::Address(_)
        ));
    }

    #[test]
    fn text_survives_lower_case_and_line_breaks() {
        let text = example(2).to_text().unwrap().to_lowercase();
        let (head, tail) = text.split_at(40);
        assert_eq!(
            Card::from_text(&format!(" {head}\n{tail} ")),
            Ok(example(2))
        );
    }

    #[test]
    fn damaged_newer_and_other_codes_are_told_apart() {
        let text = example(2).to_text().unwrap();
        assert_eq!(Card::from_text("https://example.com"), Err(NotACard::Other));
        assert_eq!(Card::from_text(""), Err(NotACard::Other));
        assert_eq!(
            Card::from_text(&text[..text.len() - 8]),
            Err(NotACard::Damaged)
        );
        let mut bytes = example(2).to_bytes().unwrap();
        bytes[20] ^= 1;
        assert_eq!(Card::from_bytes(&bytes), Err(NotACard::Damaged));
        let mut newer = example(2).to_bytes().unwrap();
        newer.truncate(newer.len() - CHECK_BYTES);
        newer[0] = 2;
        let check: [u8; CHECK_BYTES] = crate::hash::sha256(&[&newer]).first();
        newer.extend_from_slice(&check);
        assert_eq!(Card::from_bytes(&newer), Err(NotACard::Newer));
    }

    #[test]
    fn an_answer_is_told_from_the_answer_to_another_card() {
        let offer = |n: u8| Card {
            kind: CardKind::Offer,
            secret: [n; 12],
            ..example(3)
        };
        let shown = Card::from_bytes(&offer(1).to_bytes().unwrap()).unwrap();
        let secret = Card::answering(&shown, [8; 10]).unwrap();
        let answer = Card {
            secret,
            ..example(2)
        };
        let read = Card::from_text(&answer.to_text().unwrap()).unwrap();
        assert!(read.answers(&offer(1)));
        assert!(!read.answers(&offer(2)));
        assert!(!offer(1).answers(&offer(1)));
        assert_eq!(secret, [171, 84, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8]);
    }

    #[test]
    fn no_byte_string_makes_the_reader_panic() {
        let good = example(3).to_bytes().unwrap();
        for len in 0..good.len() {
            assert!(Card::from_bytes(&good[..len]).is_err());
        }
    }
}
