//! What devices say to each other inside frames.

use base::limits::{
    EFFECT_ITEMS_MAX, NAME_BYTES_MAX, RUNS_PER_LOG_MAX, SCRIPT_MESSAGE_BYTES_MAX, SHOPS_MAX,
    SIGNAL_BYTES_MAX, WANT_RANGES_MAX,
};
use base::machine::Channel;
use base::{DeviceId, EntryRef, LogId, Mark, Now, Run, ShopId, Stream, Vector};
use sync_core::message::{Begun, Hello, KINDS, Refusal, ShopHint};
use sync_core::{Link, Message, Range, Span};

use crate::tape::Tape;

/// A byte that tells a message from a hello, then its bytes. What is read keeps its bounds, reads
/// the same again, and comes through a link as it was sent.
pub fn run(bytes: &[u8]) {
    let mut tape = Tape::new(bytes);
    if tape.flag() {
        return hello(tape.rest());
    }
    let Ok(Some(message)) = Message::from_bytes(tape.rest()) else {
        return;
    };
    let written = message.to_bytes();
    assert_eq!(Message::from_bytes(&written), Ok(Some(message.clone())));
    assert!(!message.word().is_empty());
    bounded(&message);
    through_a_link(message);
}

fn hello(bytes: &[u8]) {
    let Ok(hello) = Hello::from_bytes(bytes) else {
        return;
    };
    assert!(hello.protocol > 0 && hello.shops.len() <= SHOPS_MAX);
    assert!(hello.shops.is_sorted_by(|a, b| a < b));
    assert_eq!(Hello::from_bytes(&hello.to_bytes()), Ok(hello));
}

fn bounded(message: &Message) {
    match message {
        Message::Vector { vector, .. } | Message::Share { vector, .. } => {
            for (log, runs) in vector.logs() {
                assert!(runs.len() <= RUNS_PER_LOG_MAX);
                // Those of branches may have the same numbers.
                assert!(runs.is_sorted_by(|a, b| a < b));
                assert_eq!(vector.runs(log), runs);
                let last = runs.iter().map(|run| run.last).max().unwrap_or(0);
                assert!(vector.contiguous(log) <= last);
                assert!(runs.iter().all(|run| run.count() >= 1));
            }
        }
        Message::Want { ranges, begun, .. } => {
            assert!(ranges.len() <= WANT_RANGES_MAX && begun.len() <= WANT_RANGES_MAX);
            assert!(ranges.iter().all(|range| range.span().count() >= 1));
        }
        Message::Segments { segments, done } => {
            assert!(segments.len() <= EFFECT_ITEMS_MAX && *done as usize <= WANT_RANGES_MAX);
        }
        Message::Signal { sealed, .. } => assert!(sealed.len() <= SIGNAL_BYTES_MAX),
        Message::Introduction(name) => assert!(name.len() <= NAME_BYTES_MAX),
        Message::Script { kind, data } => {
            assert!(kind.len() + data.len() <= SCRIPT_MESSAGE_BYTES_MAX);
        }
        _ => {}
    }
}

fn through_a_link(message: Message) {
    let now = Now {
        wall_ms: 9,
        mono_ms: 9,
    };
    let (mut one, mut other) = (Link::new(0), Link::new(0));
    one.send(Channel::Bulk, 3, &message)
        .expect("what was read can be sent");
    let mut arrived = Vec::new();
    while let Some((_, frame)) = one.poll() {
        arrived.extend(other.take(&frame, now).expect("what was sent can be read"));
    }
    match message {
        Message::Ping(_) => assert!(arrived.is_empty() && other.poll().is_some()),
        Message::Pong { .. } => assert!(arrived.is_empty()),
        message => {
            assert_eq!(arrived.len(), 1);
            assert_eq!((arrived[0].channel, arrived[0].shop), (Channel::Bulk, 3));
            assert_eq!(arrived[0].message, message);
        }
    }
}

/// One message of each kind, one of a newer kind, a hello.
pub fn seeds() -> Vec<Vec<u8>> {
    let seed = |message: &Message| [vec![0], message.to_bytes()].concat();
    let mut seeds: Vec<_> = examples().iter().map(seed).collect();
    seeds.push(vec![0, 0x82, KINDS as u8, 0x80]);
    seeds.push([vec![1], greeting().to_bytes()].concat());
    seeds
}

/// A message of each kind.
pub fn examples() -> Vec<Message> {
    let (shop, device) = (ShopId([1; 16]), DeviceId([2; 16]));
    let log = LogId::new(device, Stream::Sales);
    let run = |first, last| Run {
        first,
        last,
        mark: Mark([4; 8]),
    };
    let mut vector: Vector = [(log, vec![run(1, 4), run(9, 900)])].into_iter().collect();
    vector.set_blocks(log, 512);
    let ranges = vec![
        Range::new(log, Span::new(5, 8)),
        Range::new(log, Span::new(1, 4)),
    ];
    let segment = crate::segment::made(Stream::Sales, 5, 2, vec![9; 40]);
    let control = crate::segment::made(Stream::Control, 1, 1, vec![]);
    let segments = [segment, control].map(|segment| segment.to_bytes().into());
    let begun = begun(Range::new(log, Span::new(1, 4)));
    let in_shop = [
        Message::Ping(7),
        Message::Pong {
            number: 0,
            wall_ms: 1_700_000_000_000,
        },
        Message::Vector {
            vector: vector.clone(),
            whole: true,
            asks: true,
        },
        Message::Want {
            ranges,
            bulk_limit: 65_536,
            begun: vec![begun],
        },
        Message::Rest {
            of: begun,
            bytes: vec![9; 40],
        },
        Message::Segments {
            segments: segments.into(),
            done: 1,
        },
        Message::Credit {
            live_limit: 65_536,
            bulk_limit: 131_072,
        },
        Message::Statement(vec![1, 2, 3]),
        Message::Passed(vec![vec![1, 2].into(), vec![].into()]),
        Message::Linked(vec![DeviceId([4; 16])]),
        Message::Signal {
            from: device,
            to: DeviceId([3; 16]),
            sealed: vec![7; 30],
        },
        Message::Introduction("Till 2".into()),
        Message::Share { shop, vector },
        Message::Admitted(EntryRef {
            log,
            seq: 3,
            mark: Mark([4; 8]),
        }),
        Message::Script {
            kind: "note".into(),
            data: "{}".into(),
        },
        Message::Refused(Refusal::Crowded),
    ];
    handshake().into_iter().chain(in_shop).collect()
}

fn begun(range: Range) -> Begun {
    Begun {
        range,
        bytes: 16_384,
        hash: [8; 32],
    }
}

fn handshake() -> [Message; 4] {
    let proof = |code| Message::Proof {
        signature: [2; 64],
        code,
    };
    [
        Message::Hello(greeting().to_bytes()),
        Message::Reveal([1; 32]),
        proof(Some([3; 32])),
        proof(None),
    ]
}

fn greeting() -> Hello {
    Hello {
        protocol: 1,
        reader: 1,
        features: 0,
        ed25519: [1; 32],
        x25519: [2; 32],
        commitment: [3; 32],
        session: 4,
        salt: [5; 16],
        shops: vec![ShopHint([1; 8]), ShopHint([2; 8])],
    }
}
