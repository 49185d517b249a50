//! One connection: three channels over one `RTCPeerConnection`.

use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};

use base::LinkEvent;
use base::card::Description;
use base::limits::FRAME_BYTES_MAX;
use base::machine::Channel;
use futures_channel::oneshot;
use futures_util::future::select;
use gloo::events::EventListener;
use gloo::timers::future::TimeoutFuture;
use js_sys::{Array, ArrayBuffer, Uint8Array};
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    Event, MessageEvent, RtcConfiguration, RtcDataChannel, RtcDataChannelInit, RtcDataChannelType,
    RtcIceGatheringState, RtcPeerConnection, RtcPeerConnectionState, RtcSdpType,
    RtcSessionDescriptionInit,
};

use super::sdp::{self, Side};
use super::sending::{BUFFERED_BYTES_LOW, Sending};
use crate::error::BrowserError;

/// How long the browser may look for its own addresses. It takes about 120 ms; without a
/// network interface it may never say that it is done.
const GATHERING_MS_MAX: u32 = 2_000;
/// Frames that may come before our side has seen all its channels open.
const EARLY_FRAMES_MAX: usize = 64;

/// A connection that is being made, open, or over.
pub(super) struct Peer {
    connection: RtcPeerConnection,
    channels: [RtcDataChannel; 3],
    sending: [Sending; 3],
    listeners: RefCell<Vec<EventListener>>,
    channels_open: Cell<usize>,
    early: RefCell<Vec<Vec<u8>>>,
    /// Fingerprints: ours and theirs, as far as they are known.
    local: Cell<Option<[u8; 32]>>,
    remote: Cell<Option<[u8; 32]>>,
    alive: Cell<bool>,
    report: Box<dyn Fn(LinkEvent)>,
}

impl Peer {
    pub(super) fn new(report: impl Fn(LinkEvent) + 'static) -> Result<Rc<Self>, BrowserError> {
        let configuration = RtcConfiguration::new();
        configuration.set_ice_servers(&Array::new());
        let connection = RtcPeerConnection::new_with_configuration(&configuration)?;
        let channels = Channel::ALL.map(|channel| open_channel(&connection, channel));
        let peer = Rc::new(Self {
            sending: channels.clone().map(Sending::new),
            connection,
            channels,
            listeners: RefCell::default(),
            channels_open: Cell::default(),
            early: RefCell::default(),
            local: Cell::default(),
            remote: Cell::default(),
            alive: Cell::new(true),
            report: Box::new(report),
        });
        peer.listen();
        Ok(peer)
    }

    pub(super) fn is_alive(&self) -> bool {
        self.alive.get()
    }

    /// Describes a connection that we begin.
    pub(super) async fn offer(&self) -> Result<Description, BrowserError> {
        let offer = JsFuture::from(self.connection.create_offer()).await?;
        self.describe(offer.unchecked_ref()).await
    }

    /// Describes our side of a connection that the other began.
    pub(super) async fn answer(&self, offer: Description) -> Result<Description, BrowserError> {
        self.set_remote(Side::Offer, &offer).await?;
        let answer = JsFuture::from(self.connection.create_answer()).await?;
        self.describe(answer.unchecked_ref()).await
    }

    /// Takes the other's side of a connection that we began.
    pub(super) async fn accept(&self, answer: Description) -> Result<(), BrowserError> {
        self.set_remote(Side::Answer, &answer).await
    }

    pub(super) fn send(&self, channel: Channel, frame: Vec<u8>) {
        let sending = &self.sending[usize::from(channel.number())];
        if let Err(error) = sending.send(frame) {
            self.end(&error.to_string());
        }
    }

    /// Closes and reports why, once.
    pub(super) fn end(&self, reason: &str) {
        if self.alive.get() {
            self.close();
            let reason = reason.to_owned();
            (self.report)(LinkEvent::Down { reason });
        }
    }

    /// Closes without a report. Chrome counts connections that nobody closed, up to 500.
    pub(super) fn close(&self) {
        self.alive.set(false);
        self.connection.close();
        self.listeners.borrow_mut().clear();
        self.early.borrow_mut().clear();
    }

    async fn describe(
        &self,
        local: &RtcSessionDescriptionInit,
    ) -> Result<Description, BrowserError> {
        JsFuture::from(self.connection.set_local_description(local)).await?;
        self.gathered().await;
        let local = self.connection.local_description();
        let local = local.ok_or(BrowserError::Missing("session description"))?;
        let description = sdp::read(&local.sdp())?;
        self.local.set(Some(description.fingerprint));
        self.report_open();
        Ok(description)
    }

    async fn set_remote(&self, side: Side, theirs: &Description) -> Result<(), BrowserError> {
        self.remote.set(Some(theirs.fingerprint));
        let remote = RtcSessionDescriptionInit::new(match side {
            Side::Offer => RtcSdpType::Offer,
            Side::Answer => RtcSdpType::Answer,
        });
        remote.set_sdp(&sdp::write(side, theirs));
        JsFuture::from(self.connection.set_remote_description(&remote)).await?;
        Ok(())
    }

    /// Waits until the browser knows its own addresses.
    async fn gathered(&self) {
        let complete = |connection: &RtcPeerConnection| {
            connection.ice_gathering_state() == RtcIceGatheringState::Complete
        };
        let (sender, receiver) = oneshot::channel();
        let (connection, mut sender) = (self.connection.clone(), Some(sender));
        let _listener =
            EventListener::new(&self.connection, "icegatheringstatechange", move |_| {
                if complete(&connection) {
                    sender.take().map(|sender| sender.send(()));
                }
            });
        if !complete(&self.connection) {
            select(receiver, TimeoutFuture::new(GATHERING_MS_MAX)).await;
        }
    }

    fn listen(self: &Rc<Self>) {
        let mut listeners = vec![
            self.on(&self.connection, "connectionstatechange", |peer, _| {
                peer.state_changed();
            }),
        ];
        for (index, channel) in self.channels.iter().enumerate() {
            listeners.push(self.on(channel, "open", |peer, _| {
                peer.channels_open.set(peer.channels_open.get() + 1);
                peer.report_open();
            }));
            listeners.push(self.on(channel, "message", |peer, event| {
                peer.received(event.unchecked_ref());
            }));
            listeners.push(self.on(channel, "bufferedamountlow", move |peer, _| {
                if let Err(error) = peer.sending[index].drain() {
                    peer.end(&error.to_string());
                }
            }));
            listeners.push(self.on(channel, "close", |peer, _| {
                peer.end("the other side closed the connection");
            }));
        }
        self.listeners.replace(listeners);
    }

    /// Listens without keeping the peer alive.
    fn on(
        self: &Rc<Self>,
        target: &web_sys::EventTarget,
        name: &'static str,
        handle: impl Fn(&Self, &Event) + 'static,
    ) -> EventListener {
        let peer: Weak<Self> = Rc::downgrade(self);
        EventListener::new(target, name, move |event| {
            if let Some(peer) = peer.upgrade().filter(|peer| peer.is_alive()) {
                handle(&peer, event);
            }
        })
    }

    fn state_changed(&self) {
        match self.connection.connection_state() {
            RtcPeerConnectionState::Failed => {
                self.end("no road to the other device was found, or it was lost")
            }
            RtcPeerConnectionState::Closed => self.end("the browser closed the connection"),
            // `disconnected` often comes back by itself.
            _ => {}
        }
    }

    fn received(&self, event: &MessageEvent) {
        let Ok(buffer) = event.data().dyn_into::<ArrayBuffer>() else {
            return self.end("the other side sent text, which no release does");
        };
        if buffer.byte_length() as usize > FRAME_BYTES_MAX {
            return self.end("the other side sent a frame that is too long");
        }
        let frame = Uint8Array::new(&buffer).to_vec();
        if self.is_open() {
            return (self.report)(LinkEvent::Frame(frame));
        }
        if self.early.borrow().len() >= EARLY_FRAMES_MAX {
            return self.end("the other side sent too much before the connection was open");
        }
        self.early.borrow_mut().push(frame);
    }

    fn is_open(&self) -> bool {
        self.channels_open.get() == self.channels.len()
    }

    /// Reports that bytes can flow when the last of what that takes is there.
    fn report_open(&self) {
        if let (true, Some(local), Some(remote)) =
            (self.is_open(), self.local.get(), self.remote.get())
        {
            (self.report)(LinkEvent::Open { local, remote });
            for frame in self.early.take() {
                (self.report)(LinkEvent::Frame(frame));
            }
        }
    }
}

fn open_channel(connection: &RtcPeerConnection, channel: Channel) -> RtcDataChannel {
    let options = RtcDataChannelInit::new();
    options.set_negotiated(true);
    options.set_id(u16::from(channel.number()));
    options.set_ordered(true);
    let label = match channel {
        Channel::Control => "control",
        Channel::Live => "live",
        Channel::Bulk => "bulk",
    };
    let opened = connection.create_data_channel_with_data_channel_dict(label, &options);
    opened.set_binary_type(RtcDataChannelType::Arraybuffer);
    opened.set_buffered_amount_low_threshold(BUFFERED_BYTES_LOW);
    opened
}
