//! Unsigned segments with honest headers, and a seeded source of numbers.

use base::hash::{ChainValue, sha256};
use base::{DeviceId, EpochName, Header, LogId, Segment, ShopId, Stream};

pub const SHOP: ShopId = ShopId([1; 16]);

pub fn device(n: u8) -> DeviceId {
    DeviceId([n; 16])
}

pub fn log(n: u8, stream: Stream) -> LogId {
    LogId::new(device(n), stream)
}

/// Branches that share the beginning of another one: up to which number, and of which.
const FORKS: [(u8, u8, u64); 4] = [(200, 0, 8), (201, 0, 300), (202, 201, 310), (203, 0, 8)];

/// Where a branch begins that shares its beginning with another one.
pub fn forked_at(branch: u8) -> u64 {
    let fork = FORKS.iter().find(|(it, ..)| *it == branch);
    fork.map_or(0, |(_, _, at)| *at)
}

/// `c(seq)` of a log on one of its branches.
pub fn chain(log: LogId, seq: u64, branch: u8) -> ChainValue {
    let fork = FORKS.iter().find(|(it, ..)| *it == branch);
    match seq {
        0 => ChainValue::start(SHOP, log),
        _ if fork.is_some_and(|(.., at)| seq <= *at) => {
            chain(log, seq, fork.map_or(0, |(_, parent, _)| *parent))
        }
        _ => ChainValue(
            sha256(&[
                &log.device.0,
                &[log.stream.number(), branch],
                &seq.to_be_bytes(),
            ])
            .0,
        ),
    }
}

/// The chain values of a segment's entries, as whoever opens it computes them.
pub fn inside(header: &Header) -> Vec<ChainValue> {
    let log = header.log();
    let of = |branch| chain(log, header.last(), branch) == header.last_chain;
    let branch = (0..=u8::MAX).find(|branch| of(*branch)).unwrap();
    (header.first..=header.last())
        .map(|seq| chain(log, seq, branch))
        .collect()
}

/// Entries `first..=last` of a log, `bytes` long.
pub fn segment_on(log: LogId, first: u64, last: u64, bytes: usize, branch: u8) -> Segment {
    let mut body: Vec<u8> = first.to_be_bytes().to_vec();
    body.resize(bytes.max(8), branch);
    let control = log.stream == Stream::Control;
    let header = Header {
        version: 1,
        shop: SHOP,
        device: log.device,
        stream: log.stream,
        first,
        count: u32::try_from(last - first + 1).unwrap(),
        epoch: EpochName([u8::from(!control); 8]),
        before: chain(log, first - 1, branch),
        last_chain: chain(log, last, branch),
        nonce: [0; 12],
        body_hash: Some(sha256(&[&body]).0),
    };
    Segment::new(header, [0; 64], body)
}

pub fn segment(log: LogId, first: u64, last: u64) -> Segment {
    segment_on(log, first, last, 40, 0)
}

pub struct Seeded(u64);

impl Seeded {
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    pub fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % n as u64) as usize
    }
}
