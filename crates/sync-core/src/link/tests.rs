//! Frames, pings and silence.

use base::limits::{FRAME_BYTES_MAX, LINK_SILENT_MAX_MS, MESSAGE_BYTES_MAX, PING_INTERVAL_MS};

use super::*;

/// Both ends have the same wall clock unless a test says otherwise.
fn at(ms: u64) -> Now {
    Now {
        wall_ms: 1_000_000 + ms,
        mono_ms: ms,
    }
}

/// Carries everything that waits; gives what comes out as messages.
fn carry(from: &mut Link, to: &mut Link, now_ms: u64) -> Vec<Incoming> {
    let mut came = Vec::new();
    while let Some((_, frame)) = from.poll() {
        assert!(frame.len() <= FRAME_BYTES_MAX);
        came.extend(to.take(&frame, at(now_ms)).unwrap());
    }
    came
}

#[test]
fn a_big_message_arrives_whole_and_is_counted() {
    let (mut a, mut b) = (Link::new(0), Link::new(0));
    let message = Message::Statement(vec![7; 100_000]);
    a.send(Channel::Control, 3, &message).unwrap();
    let came = carry(&mut a, &mut b, 5);
    assert_eq!(
        came,
        [Incoming {
            channel: Channel::Control,
            shop: 3,
            message
        }]
    );
    assert_eq!(
        (a.counters().messages_out, b.counters().messages_in),
        (1, 1)
    );
    assert_eq!(a.counters().frames_out, 7);
    assert_eq!(a.counters().bytes_out, b.counters().bytes_in);
}

#[test]
fn pings_measure_the_round_trip() {
    let (mut a, mut b) = (Link::new(0), Link::new(0));
    a.tick(0).unwrap();
    assert!(carry(&mut a, &mut b, 20).is_empty());
    assert!(carry(&mut b, &mut a, 40).is_empty());
    assert_eq!(a.round_trip_ms(), Some(40));
    assert_eq!(a.deadline(), PING_INTERVAL_MS);
    a.tick(PING_INTERVAL_MS).unwrap();
    carry(&mut a, &mut b, PING_INTERVAL_MS);
    carry(&mut b, &mut a, PING_INTERVAL_MS + 120);
    assert_eq!(a.round_trip_ms(), Some(50));
}

#[test]
fn a_pong_that_nobody_asked_for_measures_nothing() {
    let (mut a, mut b) = (Link::new(0), Link::new(0));
    b.send(Channel::Control, NO_SHOP, &pong(0)).unwrap();
    b.send(Channel::Control, NO_SHOP, &pong(77)).unwrap();
    carry(&mut b, &mut a, 9);
    assert_eq!((a.round_trip_ms(), a.ahead_ms()), (None, None));
}

fn pong(number: u64) -> Message {
    Message::Pong { number, wall_ms: 7 }
}

/// A ping of `a` that `b`, whose wall clock says `theirs_ms` then, answers half way.
fn ask_the_time(a: &mut Link, b: &mut Link, sent_ms: u64, round_trip_ms: u64, theirs_ms: u64) {
    a.tick(sent_ms).unwrap();
    let theirs = Now {
        wall_ms: theirs_ms,
        mono_ms: sent_ms,
    };
    while let Some((_, frame)) = a.poll() {
        b.take(&frame, theirs).unwrap();
    }
    carry(b, a, sent_ms + round_trip_ms);
}

#[test]
fn an_answered_ping_tells_how_far_two_clocks_are_apart() {
    let (mut a, mut b) = (Link::new(0), Link::new(0));
    // Ours says 1,000,020 when theirs says 900,020.
    ask_the_time(&mut a, &mut b, 0, 40, 900_020);
    assert_eq!(a.ahead_ms(), Some(100_000));
}

#[test]
fn a_slow_answer_does_not_spoil_what_a_quick_one_told() {
    let (mut a, mut b) = (Link::new(0), Link::new(0));
    ask_the_time(&mut a, &mut b, 0, 40, 1_000_020);
    let late = PING_INTERVAL_MS;
    // Only the way back was slow: half of the round trip is not what it took.
    ask_the_time(&mut a, &mut b, late, 1_900, 1_000_020 + late);
    assert_eq!(a.ahead_ms(), Some(0));
    for beat in 2..12 {
        let sent_ms = beat * PING_INTERVAL_MS;
        ask_the_time(&mut a, &mut b, sent_ms, 60, 1_000_030 + sent_ms + 5_000);
    }
    assert_eq!(a.ahead_ms(), Some(-5_000), "a clock that was put right");
}

#[test]
fn a_time_beyond_all_reason_is_no_overflow() {
    let (mut a, mut b) = (Link::new(0), Link::new(0));
    ask_the_time(&mut a, &mut b, 0, 2, u64::MAX);
    assert!(a.ahead_ms().is_some_and(|ahead_ms| ahead_ms < 0));
}

#[test]
fn silence_ends_a_link_and_any_frame_keeps_it() {
    let (mut a, mut b) = (Link::new(0), Link::new(0));
    assert_eq!(a.tick(LINK_SILENT_MAX_MS - 1), Ok(()));
    b.send(Channel::Live, 0, &Message::Statement(vec![]))
        .unwrap();
    carry(&mut b, &mut a, LINK_SILENT_MAX_MS - 1);
    assert_eq!(a.tick(LINK_SILENT_MAX_MS), Ok(()));
    assert_eq!(a.tick(2 * LINK_SILENT_MAX_MS - 1), Err(Fault::PeerSilent));
}

#[test]
fn garbage_is_the_peers_fault() {
    let mut link = Link::new(0);
    assert!(matches!(
        link.take(&[1, 2, 3], at(0)),
        Err(Fault::PeerMalformed(_))
    ));
    let frame = Cutter::default()
        .cut(Channel::Control, 0, &[0xff, 0xff])
        .unwrap();
    assert!(matches!(
        link.take(&frame[0], at(0)),
        Err(Fault::PeerMalformed(_))
    ));
}

#[test]
fn a_message_of_a_newer_release_is_counted_and_passed_over() {
    let mut link = Link::new(0);
    let frame = Cutter::default()
        .cut(Channel::Control, 0, &[0x82, 0x18, 0x20, 0x80])
        .unwrap();
    assert_eq!(link.take(&frame[0], at(0)), Ok(None));
    assert_eq!(link.counters().passed_over, 1);
}

#[test]
fn a_message_beyond_the_limit_is_our_fault_and_not_sent() {
    let mut link = Link::new(0);
    let message = Message::Statement(vec![0; MESSAGE_BYTES_MAX]);
    assert!(matches!(
        link.send(Channel::Bulk, 0, &message),
        Err(Fault::OursTooLong(_))
    ));
    assert_eq!(link.poll(), None);
}
