use super::*;

const NORTH: RoomName = RoomName([1; 16]);
const SOUTH: RoomName = RoomName([2; 16]);
const FRONT: DeviceId = DeviceId([0xf0; 16]);
const BACK: DeviceId = DeviceId([0xb0; 16]);

fn rooms() -> Rooms {
    let bounds = MeetingBounds {
        connections: 4,
        rooms: 2,
        members_per_room: 2,
        waiting_messages: 3,
        ..MeetingBounds::default()
    };
    Rooms::new(bounds)
}

fn joined(rooms: &mut Rooms, room: RoomName, device: DeviceId) -> Guest {
    let guest = rooms.enter().unwrap();
    rooms
        .request(guest.visitor, MeetingRequest::Join { room, device })
        .unwrap();
    guest
}

fn send(rooms: &mut Rooms, from: &Guest, to: DeviceId, byte: u8) {
    rooms
        .request(
            from.visitor,
            MeetingRequest::Send {
                to,
                sealed: vec![byte],
            },
        )
        .unwrap();
}

fn heard(guest: &mut Guest) -> Vec<MeetingReport> {
    std::iter::from_fn(|| guest.outbox.try_recv().ok())
        .map(|bytes| MeetingReport::from_bytes(&bytes).unwrap())
        .collect()
}

fn is_put_out(guest: &mut Guest) -> bool {
    heard(guest);
    guest.outbox.is_closed()
}

#[test]
fn whoever_comes_is_told_who_is_there_and_they_are_told_who_came() {
    let mut rooms = rooms();
    let mut front = joined(&mut rooms, NORTH, FRONT);
    let mut back = joined(&mut rooms, NORTH, BACK);
    let alone = MeetingReport::Joined {
        room: NORTH,
        present: vec![],
    };
    assert_eq!(
        heard(&mut front),
        [alone, MeetingReport::Arrived { device: BACK }]
    );
    assert_eq!(
        heard(&mut back),
        [MeetingReport::Joined {
            room: NORTH,
            present: vec![FRONT]
        }]
    );
}

#[test]
fn a_message_reaches_its_reader_and_nobody_else() {
    let mut rooms = rooms();
    let mut front = joined(&mut rooms, NORTH, FRONT);
    let mut back = joined(&mut rooms, NORTH, BACK);
    let mut stranger = joined(&mut rooms, SOUTH, BACK);
    heard(&mut front);
    heard(&mut back);
    heard(&mut stranger);
    send(&mut rooms, &front, BACK, 7);
    assert_eq!(
        heard(&mut back),
        [MeetingReport::Received {
            from: FRONT,
            sealed: vec![7]
        }]
    );
    assert_eq!(heard(&mut stranger), []);
    assert_eq!(heard(&mut front), []);
}

#[test]
fn rooms_are_kept_apart() {
    let mut rooms = rooms();
    let front = joined(&mut rooms, NORTH, FRONT);
    let mut back = joined(&mut rooms, SOUTH, BACK);
    heard(&mut back);
    send(&mut rooms, &front, BACK, 7);
    assert_eq!(heard(&mut back), []);
}

#[test]
fn a_device_in_two_shops_hears_from_both_on_one_connection() {
    let mut rooms = rooms();
    let mut both = joined(&mut rooms, NORTH, FRONT);
    rooms
        .request(
            both.visitor,
            MeetingRequest::Join {
                room: SOUTH,
                device: FRONT,
            },
        )
        .unwrap();
    let back = joined(&mut rooms, SOUTH, BACK);
    heard(&mut both);
    send(&mut rooms, &back, FRONT, 9);
    assert_eq!(
        heard(&mut both),
        [MeetingReport::Received {
            from: BACK,
            sealed: vec![9]
        }]
    );
}

#[test]
fn the_same_device_on_a_new_connection_replaces_the_old_one() {
    let mut rooms = rooms();
    let mut old = joined(&mut rooms, NORTH, FRONT);
    let mut back = joined(&mut rooms, NORTH, BACK);
    let mut new = joined(&mut rooms, NORTH, FRONT);
    assert!(is_put_out(&mut old));
    assert_eq!(old.farewell(), Farewell::Replaced);
    heard(&mut new);
    send(&mut rooms, &back, FRONT, 5);
    assert_eq!(
        heard(&mut new),
        [MeetingReport::Received {
            from: BACK,
            sealed: vec![5]
        }]
    );
    assert_eq!(
        heard(&mut back).last(),
        Some(&MeetingReport::Arrived { device: FRONT })
    );
    rooms.leave(old.visitor);
    assert_eq!(
        rooms.census(),
        Census {
            connections: 2,
            rooms: 1,
            members: 2
        }
    );
}

#[test]
fn joining_twice_on_one_connection_announces_nobody() {
    let mut rooms = rooms();
    let mut front = joined(&mut rooms, NORTH, FRONT);
    let back = joined(&mut rooms, NORTH, BACK);
    heard(&mut front);
    rooms
        .request(
            back.visitor,
            MeetingRequest::Join {
                room: NORTH,
                device: BACK,
            },
        )
        .unwrap();
    assert_eq!(heard(&mut front), []);
}

#[test]
fn a_slow_reader_is_put_out_and_the_others_go_on() {
    let mut rooms = rooms();
    let mut slow = joined(&mut rooms, NORTH, FRONT);
    let mut back = joined(&mut rooms, NORTH, BACK);
    for byte in 0..2 {
        send(&mut rooms, &back, FRONT, byte);
    }
    assert_eq!(rooms.census().members, 1);
    assert_eq!(heard(&mut slow).len(), 3);
    assert!(is_put_out(&mut slow));
    assert_eq!(slow.farewell(), Farewell::TooSlow);
    assert!(!is_put_out(&mut back));
}

#[test]
fn one_connection_cannot_be_two_devices() {
    let mut rooms = rooms();
    let front = joined(&mut rooms, NORTH, FRONT);
    let join = MeetingRequest::Join {
        room: SOUTH,
        device: BACK,
    };
    assert_eq!(
        rooms.request(front.visitor, join),
        Err(Farewell::AnotherDevice)
    );
}

#[test]
fn full_rooms_full_houses_and_too_many_connections_are_refused() {
    let mut rooms = rooms();
    let _front = joined(&mut rooms, NORTH, FRONT);
    let _back = joined(&mut rooms, NORTH, BACK);
    let third = rooms.enter().unwrap();
    let device = DeviceId([3; 16]);
    let mut join = |room| rooms.request(third.visitor, MeetingRequest::Join { room, device });
    assert_eq!(join(NORTH), Err(Farewell::Full));
    assert_eq!(join(SOUTH), Ok(()));
    assert_eq!(join(RoomName([3; 16])), Err(Farewell::Full));
    let _fourth = rooms.enter().unwrap();
    assert_eq!(rooms.enter().unwrap_err(), Farewell::Full);
}

#[test]
fn a_connection_may_be_in_so_many_rooms_and_no_more() {
    let mut rooms = Rooms::new(MeetingBounds::default());
    let guest = rooms.enter().unwrap();
    let mut join = |number: usize| {
        let room = RoomName([u8::try_from(number).unwrap(); 16]);
        rooms.request(
            guest.visitor,
            MeetingRequest::Join {
                room,
                device: FRONT,
            },
        )
    };
    for number in 0..ROOMS_PER_CONNECTION_MAX {
        assert_eq!(join(number), Ok(()));
    }
    assert_eq!(join(ROOMS_PER_CONNECTION_MAX), Err(Farewell::Full));
}

#[test]
fn the_last_one_to_leave_closes_the_room() {
    let mut rooms = rooms();
    let front = joined(&mut rooms, NORTH, FRONT);
    rooms.leave(front.visitor);
    assert_eq!(
        rooms.census(),
        Census {
            connections: 0,
            rooms: 0,
            members: 0
        }
    );
}
