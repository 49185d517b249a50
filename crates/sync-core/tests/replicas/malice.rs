//! A peer that says anything at all brings nobody down and makes nobody hold what was not stored.

use std::collections::BTreeMap;

use base::limits::{CREDIT_FIRST_BYTES, MESSAGE_BYTES_MAX};
use base::machine::Channel;
use base::{LinkId, LogId, Mark, Run, Segment, Stream, Vector};
use sync_core::message::Begun;
use sync_core::replica::Rows;
use sync_core::{Action, Failure, Holdings, Message, Range, Replica, Span, Standing, Switches};

use crate::toy::{SHOP, Seeded, chain, device, log, segment_on};

const LINK: LinkId = LinkId(1);

fn any_log(random: &mut Seeded) -> LogId {
    log(1 + random.below(3) as u8, Stream::ALL[random.below(4)])
}

fn any_span(random: &mut Seeded) -> Span {
    let first = 1 + random.below(60) as u64;
    Span::new(first, first + random.below(12) as u64)
}

fn any_vector(random: &mut Seeded) -> Vector {
    let mut logs: BTreeMap<LogId, Vec<Run>> = BTreeMap::new();
    for _ in 0..random.below(5) {
        let (log, span) = (any_log(random), any_span(random));
        // Claims beyond all reason must not overflow a sum.
        let last = if random.below(6) == 0 {
            u64::MAX / 2
        } else {
            span.last
        };
        let span = Span::new(span.first, last);
        let mark = match random.below(3) {
            0 => Mark([3; 8]),
            _ => chain(log, span.last, 0).mark(),
        };
        logs.insert(
            log,
            vec![Run {
                first: span.first,
                last: span.last,
                mark,
            }],
        );
    }
    logs.into_iter().collect()
}

fn any_segments(random: &mut Seeded) -> Message {
    let mut segments = Vec::new();
    for _ in 0..random.below(4) {
        let (log, span) = (any_log(random), any_span(random));
        let branch = u8::from(random.below(8) == 0);
        let mut bytes = segment_on(log, span.first, span.last, 30, branch).to_bytes();
        if random.below(40) == 0 {
            let at = random.below(bytes.len());
            bytes[at] ^= 1 << random.below(8);
        }
        segments.push(bytes.into());
    }
    Message::Segments {
        segments,
        done: random.below(3) as u32,
    }
}

fn any_begun(random: &mut Seeded) -> Begun {
    Begun {
        range: Range::new(any_log(random), any_span(random)),
        bytes: random.below(300) as u32,
        hash: [random.below(2) as u8; 32],
    }
}

fn any_message(random: &mut Seeded) -> Message {
    match random.below(7) {
        6 => Message::Rest {
            of: any_begun(random),
            bytes: vec![7; random.below(300)],
        },
        0 | 1 => Message::Vector {
            vector: any_vector(random),
            whole: random.below(2) == 0,
            asks: random.below(4) == 0,
        },
        2 => {
            let range = |random: &mut Seeded| Range::new(any_log(random), any_span(random));
            let ranges = (0..random.below(9)).map(|_| range(random)).collect();
            Message::Want {
                ranges,
                bulk_limit: random.below(300_000) as u64,
                begun: vec![any_begun(random)],
            }
        }
        3 => Message::Credit {
            live_limit: u64::MAX,
            bulk_limit: random.below(9_000) as u64,
        },
        _ => any_segments(random),
    }
}

/// A store that loses some, refuses some and answers when it likes.
fn perform(replica: &mut Replica, random: &mut Seeded, now_ms: u64, kept: &mut Vec<Segment>) {
    while let Some(action) = replica.poll() {
        match action {
            Action::Received { segments, .. } => {
                for segment in segments {
                    let header = [segment.header.clone()];
                    match random.below(7) {
                        0 => replica.received_failed(now_ms, &header, Failure::Refused),
                        1 => replica.received_failed(now_ms, &header, Failure::NoRoom),
                        2 => replica.received_set_aside(now_ms, &header),
                        3 => replica.received_unstored(now_ms, &header),
                        _ => {
                            kept.push(segment);
                            replica.received_stored(now_ms, &header);
                        }
                    }
                }
            }
            Action::Read { read, range, .. } => {
                let rows = kept
                    .iter()
                    .filter(|segment| segment.header.log() == range.log);
                let rows = rows.map(Segment::to_bytes).take(random.below(4)).collect();
                let rows = if random.below(9) == 0 {
                    Err(())
                } else {
                    Ok(Rows::as_read(rows))
                };
                replica.loaded(now_ms, read, rows);
            }
            Action::Fault { .. } => replica.link_up(now_ms, LINK, device(8), Standing::Member),
            _ => {}
        }
    }
}

#[test]
fn whatever_a_peer_says_only_stored_segments_count_and_queues_stay_bounded() {
    for seed in 0..60 {
        let mut random = Seeded::new(seed);
        let switches = Switches::default();
        let mut replica = Replica::new(device(9), Holdings::new(SHOP, switches), switches);
        let mut kept: Vec<Segment> = Vec::new();
        replica.link_up(0, LINK, device(8), Standing::Member);
        for turn in 0..600 {
            let now_ms = turn * 50;
            let channel = Channel::ALL[random.below(3)];
            let message = any_message(&mut random);
            // As a link would: what is not well-formed never reaches a replica.
            if let Ok(Some(message)) = Message::from_bytes(&message.to_bytes()) {
                replica.message(now_ms, LINK, channel, message);
            }
            if random.below(5) == 0 {
                replica.tick(now_ms);
            }
            perform(&mut replica, &mut random, now_ms, &mut kept);
            let (delivery, holdings) = (replica.delivery(), replica.holdings());
            let entries: u64 = delivery.lacks(device(8), holdings, |_| true).values().sum();
            assert!(entries <= holdings.entries());
            _ = delivery.we_lack(device(8), holdings);
        }
        let mut rebuilt = Holdings::new(SHOP, switches);
        for segment in &kept {
            rebuilt.add(&segment.header, &[]);
        }
        assert_eq!(replica.holdings().vector(), rebuilt.vector(), "seed {seed}");
        let bound = (CREDIT_FIRST_BYTES as usize + MESSAGE_BYTES_MAX) / 200;
        assert!(replica.arriving() < bound, "seed {seed}");
    }
}

#[test]
fn no_bytes_make_a_message_panic() {
    let mut random = Seeded::new(5);
    for _ in 0..20_000 {
        let mut bytes = any_message(&mut random).to_bytes();
        for _ in 0..1 + random.below(4) {
            let at = random.below(bytes.len());
            bytes[at] = random.below(256) as u8;
        }
        bytes.truncate(1 + random.below(bytes.len()));
        if let Ok(Some(message)) = Message::from_bytes(&bytes) {
            assert_eq!(Message::from_bytes(&message.to_bytes()), Ok(Some(message)));
        }
    }
}
