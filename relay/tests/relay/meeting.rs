//! Devices at the meeting place, each a real WebSocket.

use std::time::Duration;

use base::DeviceId;
use base::limits::SIGNAL_BYTES_MAX;
use base::meeting::{MeetingReport, MeetingRequest, PATH, RoomName};
use futures_util::{SinkExt, StreamExt};
use relay::limits::MeetingBounds;
use relay::signal::Farewell;
use tokio::io::AsyncReadExt;
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::{Bytes, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, client_async, connect_async};

use crate::server::Server;

const NORTH: RoomName = RoomName([1; 16]);
const SOUTH: RoomName = RoomName([2; 16]);
const FRONT: DeviceId = DeviceId([0xf0; 16]);
const BACK: DeviceId = DeviceId([0xb0; 16]);
/// Far longer than it takes.
const PATIENCE: Duration = Duration::from_secs(20);

struct Device(WebSocketStream<MaybeTlsStream<TcpStream>>);

impl Device {
    async fn connect(server: &Server) -> Self {
        let (socket, _) = connect_async(format!("ws://{}{PATH}", server.address))
            .await
            .unwrap();
        Self(socket)
    }

    /// Comes from this address of the machine.
    async fn connect_from(address: [u8; 4], server: &Server) -> Self {
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind((address, 0).into()).unwrap();
        let stream = MaybeTlsStream::Plain(socket.connect(server.address).await.unwrap());
        let (socket, _) = client_async(format!("ws://{}{PATH}", server.address), stream)
            .await
            .unwrap();
        Self(socket)
    }

    /// Joins and waits until it is in the room; gives who was there.
    async fn joined(server: &Server, room: RoomName, device: DeviceId) -> (Self, Vec<DeviceId>) {
        let mut this = Self::connect(server).await;
        this.ask(MeetingRequest::Join { room, device }).await;
        match this.hear().await {
            MeetingReport::Joined {
                room: joined,
                present,
            } if joined == room => (this, present),
            other => panic!("{other:?}"),
        }
    }

    async fn ask(&mut self, request: MeetingRequest) {
        self.say(request.to_bytes().into()).await;
    }

    async fn say(&mut self, bytes: Bytes) {
        self.0.send(Message::Binary(bytes)).await.unwrap();
    }

    async fn hear(&mut self) -> MeetingReport {
        loop {
            match self.0.next().await.unwrap().unwrap() {
                Message::Binary(bytes) => return MeetingReport::from_bytes(&bytes).unwrap(),
                Message::Ping(_) => {}
                other => panic!("{other:?}"),
            }
        }
    }

    /// Whether the relay answers it instead of turning it away.
    async fn is_let_in(&mut self) -> bool {
        self.ask(MeetingRequest::Join {
            room: SOUTH,
            device: FRONT,
        })
        .await;
        matches!(self.0.next().await, Some(Ok(Message::Binary(_))))
    }

    /// Reads until the relay closes; gives its code.
    async fn closed(&mut self) -> u16 {
        loop {
            match self.0.next().await {
                Some(Ok(Message::Close(Some(frame)))) => return frame.code.into(),
                Some(Ok(_)) => {}
                other => panic!("no farewell: {other:?}"),
            }
        }
    }
}

fn signal(to: DeviceId, length: usize) -> MeetingRequest {
    MeetingRequest::Send {
        to,
        sealed: vec![7; length],
    }
}

#[tokio::test]
async fn an_offer_of_the_longest_size_reaches_the_other_till() {
    let server = Server::start().await;
    let (mut front, alone) = Device::joined(&server, NORTH, FRONT).await;
    let (mut back, present) = Device::joined(&server, NORTH, BACK).await;
    assert_eq!((alone, present), (vec![], vec![FRONT]));
    assert_eq!(front.hear().await, MeetingReport::Arrived { device: BACK });
    front.ask(signal(BACK, SIGNAL_BYTES_MAX)).await;
    let sealed = vec![7; SIGNAL_BYTES_MAX];
    assert_eq!(
        back.hear().await,
        MeetingReport::Received {
            from: FRONT,
            sealed
        }
    );
}

#[tokio::test]
async fn rooms_are_kept_apart() {
    let server = Server::start().await;
    let (mut front, _) = Device::joined(&server, NORTH, FRONT).await;
    let (mut south, present) = Device::joined(&server, SOUTH, BACK).await;
    assert_eq!(present, []);
    let (mut north, _) = Device::joined(&server, NORTH, BACK).await;
    front.ask(signal(BACK, 1)).await;
    assert_eq!(
        north.hear().await,
        MeetingReport::Received {
            from: FRONT,
            sealed: vec![7]
        }
    );
    // What it hears next is its own: nothing of the other room came in between.
    south
        .ask(MeetingRequest::Join {
            room: SOUTH,
            device: BACK,
        })
        .await;
    assert_eq!(
        south.hear().await,
        MeetingReport::Joined {
            room: SOUTH,
            present: vec![]
        }
    );
}

#[tokio::test]
async fn a_device_that_comes_again_replaces_its_old_connection() {
    let server = Server::start().await;
    let (mut old, _) = Device::joined(&server, NORTH, FRONT).await;
    let (mut new, present) = Device::joined(&server, NORTH, FRONT).await;
    assert_eq!(present, [], "one is not present to oneself");
    assert_eq!(old.closed().await, Farewell::Replaced.code());
    let (mut back, _) = Device::joined(&server, NORTH, BACK).await;
    assert_eq!(new.hear().await, MeetingReport::Arrived { device: BACK });
    back.ask(signal(FRONT, 1)).await;
    assert_eq!(
        new.hear().await,
        MeetingReport::Received {
            from: BACK,
            sealed: vec![7]
        }
    );
}

#[tokio::test]
async fn a_malformed_message_closes_its_own_connection_and_no_other() {
    let server = Server::start().await;
    let (mut front, _) = Device::joined(&server, NORTH, FRONT).await;
    let good = MeetingRequest::Join {
        room: NORTH,
        device: BACK,
    }
    .to_bytes();
    let too_long = signal(FRONT, SIGNAL_BYTES_MAX + 1).to_bytes();
    for bytes in [vec![], vec![0xff; 40], good[..20].to_vec(), too_long] {
        let mut broken = Device::connect(&server).await;
        broken.say(bytes.into()).await;
        assert_eq!(broken.closed().await, Farewell::Malformed.code());
    }
    let (mut back, _) = Device::joined(&server, NORTH, BACK).await;
    back.ask(signal(FRONT, 1)).await;
    assert_eq!(front.hear().await, MeetingReport::Arrived { device: BACK });
    assert_eq!(
        front.hear().await,
        MeetingReport::Received {
            from: BACK,
            sealed: vec![7]
        }
    );
}

#[tokio::test]
async fn words_instead_of_bytes_are_malformed() {
    let server = Server::start().await;
    let mut device = Device::connect(&server).await;
    device.0.send(Message::Text("hello".into())).await.unwrap();
    assert_eq!(device.closed().await, Farewell::Malformed.code());
}

#[tokio::test]
async fn a_flood_is_cut_off() {
    let bounds = MeetingBounds {
        messages_per_second: 3,
        ..MeetingBounds::default()
    };
    let server = Server::with_bounds(bounds).await;
    let (mut front, _) = Device::joined(&server, NORTH, FRONT).await;
    // More than two seconds' worth at once: no boundary between seconds lets all of them pass.
    for _ in 0..8 {
        front
            .0
            .feed(Message::Binary(signal(BACK, 1).to_bytes().into()))
            .await
            .unwrap();
    }
    front.0.flush().await.unwrap();
    assert_eq!(front.closed().await, Farewell::TooFast.code());
}

#[tokio::test]
async fn a_full_room_turns_the_next_device_away() {
    let bounds = MeetingBounds {
        members_per_room: 1,
        ..MeetingBounds::default()
    };
    let server = Server::with_bounds(bounds).await;
    let (_front, _) = Device::joined(&server, NORTH, FRONT).await;
    let mut back = Device::connect(&server).await;
    back.ask(MeetingRequest::Join {
        room: NORTH,
        device: BACK,
    })
    .await;
    assert_eq!(back.closed().await, Farewell::Full.code());
}

#[tokio::test]
async fn one_connection_too_many_is_turned_away() {
    let bounds = MeetingBounds {
        connections: 1,
        ..MeetingBounds::default()
    };
    let server = Server::with_bounds(bounds).await;
    let (_front, _) = Device::joined(&server, NORTH, FRONT).await;
    let mut next = Device::connect(&server).await;
    assert_eq!(next.closed().await, Farewell::Full.code());
}

#[tokio::test]
async fn one_address_cannot_take_the_places_of_others() {
    let bounds = MeetingBounds {
        connections_per_caller: 1,
        ..MeetingBounds::default()
    };
    let server = Server::with_bounds(bounds).await;
    let front = Device::connect_from([127, 0, 0, 2], &server).await;
    let mut greedy = Device::connect_from([127, 0, 0, 2], &server).await;
    assert_eq!(greedy.closed().await, Farewell::Full.code());
    Device::joined(&server, NORTH, BACK).await;
    drop(front);
    // The relay hears of it a moment later.
    timeout(PATIENCE, async {
        while !Device::connect_from([127, 0, 0, 2], &server)
            .await
            .is_let_in()
            .await
        {}
    })
    .await
    .expect("the place is free again");
}

#[tokio::test]
async fn a_connection_that_went_silent_is_closed() {
    let bounds = MeetingBounds {
        ping_interval: Duration::from_millis(5),
        silence: Duration::from_millis(20),
        ..MeetingBounds::default()
    };
    let server = Server::with_bounds(bounds).await;
    // Below the library, which would answer the pings.
    let mut silent = Device::connect(&server).await.0.into_inner();
    let mut heard = Vec::new();
    let reason = Farewell::Silent.reason().as_bytes();
    while !heard.windows(reason.len()).any(|part| part == reason) {
        let length = silent.read_buf(&mut heard).await.unwrap();
        assert!(length > 0, "closed without a farewell");
    }
}

#[tokio::test]
async fn everybody_is_sent_home_when_the_relay_stops() {
    let server = Server::start().await;
    let (mut front, _) = Device::joined(&server, NORTH, FRONT).await;
    server.place.close();
    assert_eq!(front.closed().await, Farewell::Closing.code());
}
