//! Frames, pings and silence.

use base::limits::{FRAME_BYTES_MAX, LINK_SILENT_MAX_MS, MESSAGE_BYTES_MAX, PING_INTERVAL_MS};

use super::*;

/// Carries everything that waits; gives what comes out as messages.
fn carry(from: &mut Link, to: &mut Link, now_ms: u64) -> Vec<Incoming> {
    let mut came = Vec::new();
    while let Some((_, frame)) = from.poll() {
        assert!(frame.len() <= FRAME_BYTES_MAX);
        came.extend(to.take(&frame, now_ms).unwrap());
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
    b.send(Channel::Control, NO_SHOP, &Message::Pong(0))
        .unwrap();
    b.send(Channel::Control, NO_SHOP, &Message::Pong(77))
        .unwrap();
    carry(&mut b, &mut a, 9);
    assert_eq!(a.round_trip_ms(), None);
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
        link.take(&[1, 2, 3], 0),
        Err(Fault::PeerMalformed(_))
    ));
    let frame = Cutter::default()
        .cut(Channel::Control, 0, &[0xff, 0xff])
        .unwrap();
    assert!(matches!(
        link.take(&frame[0], 0),
        Err(Fault::PeerMalformed(_))
    ));
}

#[test]
fn a_message_of_a_newer_release_is_counted_and_passed_over() {
    let mut link = Link::new(0);
    let frame = Cutter::default()
        .cut(Channel::Control, 0, &[0x82, 0x18, 0x20, 0x80])
        .unwrap();
    assert_eq!(link.take(&frame[0], 0), Ok(None));
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
