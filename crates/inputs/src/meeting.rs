//! What devices and the relay say to each other at the meeting place.

use base::DeviceId;
use base::limits::{MEMBERS_MAX, SIGNAL_BYTES_MAX};
use base::meeting::{MeetingReport, MeetingRequest, RoomName};

use crate::tape::Tape;

/// A byte that says who speaks, then what is said. It is written as it came and keeps its bounds.
pub fn run(bytes: &[u8]) {
    let mut tape = Tape::new(bytes);
    if tape.flag() {
        let said = tape.rest();
        let Ok(report) = MeetingReport::from_bytes(said) else {
            return;
        };
        assert_eq!(report.to_bytes(), said);
        match report {
            MeetingReport::Joined { present, .. } => assert!(present.len() <= MEMBERS_MAX),
            MeetingReport::Received { sealed, .. } => assert!(sealed.len() <= SIGNAL_BYTES_MAX),
            MeetingReport::Arrived { .. } => {}
        }
    } else {
        let said = tape.rest();
        let Ok(request) = MeetingRequest::from_bytes(said) else {
            return;
        };
        assert_eq!(request.to_bytes(), said);
        if let MeetingRequest::Send { sealed, .. } = request {
            assert!(sealed.len() <= SIGNAL_BYTES_MAX);
        }
    }
}

/// One of everything that is said.
pub fn seeds() -> Vec<Vec<u8>> {
    let (room, device, to) = (RoomName([1; 16]), DeviceId([2; 16]), DeviceId([3; 16]));
    let requests = [
        MeetingRequest::Join { room, device },
        MeetingRequest::Send {
            to,
            sealed: vec![7; 30],
        },
    ];
    let reports = [
        MeetingReport::Joined {
            room,
            present: vec![device, to],
        },
        MeetingReport::Arrived { device },
        MeetingReport::Received {
            from: to,
            sealed: vec![7; 30],
        },
    ];
    let requests = requests.map(|request| [vec![0], request.to_bytes()].concat());
    let reports = reports.map(|report| [vec![1], report.to_bytes()].concat());
    requests.into_iter().chain(reports).collect()
}
