//! The meeting place with a stand-in for the browser's `WebSocket`.

use futures_channel::mpsc;
use futures_util::StreamExt;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen_test::wasm_bindgen_test;

use super::*;

#[wasm_bindgen(inline_js = r#"
export class Line {
  constructor() {
    this.real = globalThis.WebSocket; this.opened = 0; this.sent = []; this.socket = null;
    const line = this;
    globalThis.WebSocket = class extends EventTarget {
      static OPEN = 1;
      constructor(url) { super(); this.url = url; this.readyState = 0; line.opened += 1; line.socket = this; }
      send(bytes) { line.sent.push(new Uint8Array(bytes)); }
      close() { this.readyState = 3; }
    };
  }
  open() { this.socket.readyState = 1; this.socket.dispatchEvent(new Event("open")); }
  tell(bytes) { this.socket.dispatchEvent(new MessageEvent("message", { data: bytes.slice().buffer })); }
  end(code) { this.socket.readyState = 3; this.socket.dispatchEvent(new CloseEvent("close", { code })); }
  take() { return this.sent.shift(); }
  hangUp() { globalThis.WebSocket = this.real; }
}
"#)]
extern "C" {
    type Line;
    #[wasm_bindgen(constructor)]
    fn new() -> Line;
    #[wasm_bindgen(method, getter)]
    fn opened(this: &Line) -> u32;
    #[wasm_bindgen(method)]
    fn open(this: &Line);
    #[wasm_bindgen(method)]
    fn tell(this: &Line, bytes: &[u8]);
    #[wasm_bindgen(method)]
    fn end(this: &Line, code: u16);
    #[wasm_bindgen(method)]
    fn take(this: &Line) -> JsValue;
    #[wasm_bindgen(method, js_name = hangUp)]
    fn hang_up(this: &Line);
}

impl Line {
    fn request(&self) -> MeetingRequest {
        let bytes = Uint8Array::new(&self.take()).to_vec();
        MeetingRequest::from_bytes(&bytes).unwrap()
    }
}

const ROOM: [u8; 16] = [1; 16];
const US: DeviceId = DeviceId([2; 16]);
/// RFC 6455, §7.4.1: the connection broke.
const GONE: u16 = 1006;
const THEM: DeviceId = DeviceId([3; 16]);

#[wasm_bindgen_test]
async fn it_joins_passes_on_and_comes_back_by_itself() {
    let line = Line::new();
    let (sender, mut events) = mpsc::unbounded();
    let signals = Signals::at("https://relay.test", move |event| {
        let _ = sender.unbounded_send(event);
    });
    let join = MeetingRequest::Join {
        room: RoomName(ROOM),
        device: US,
    };
    signals.perform(SignalTask::Join {
        room: ROOM,
        device: US,
    });
    line.open();
    assert_eq!(line.request(), join);

    let (room, present) = (RoomName(ROOM), vec![THEM]);
    line.tell(&MeetingReport::Joined { room, present }.to_bytes());
    line.tell(&MeetingReport::Arrived { device: THEM }.to_bytes());
    let (from, sealed) = (THEM, vec![7; 9]);
    line.tell(
        &MeetingReport::Received {
            from,
            sealed: sealed.clone(),
        }
        .to_bytes(),
    );
    assert_eq!(events.next().await, Some(SignalEvent::Joined));
    assert_eq!(events.next().await, Some(SignalEvent::Arrived(THEM)));
    assert_eq!(
        events.next().await,
        Some(SignalEvent::Received { from, sealed })
    );

    let (to, sealed) = (THEM, vec![1, 2]);
    signals.perform(SignalTask::Send {
        to,
        sealed: sealed.clone(),
    });
    assert_eq!(line.request(), MeetingRequest::Send { to, sealed });

    line.end(GONE);
    assert_eq!(events.next().await, Some(SignalEvent::Left));
    // The network is back: no wait for the timer.
    let online = web_sys::Event::new("online").unwrap();
    gloo::utils::window().dispatch_event(&online).unwrap();
    assert_eq!(line.opened(), 2);
    line.open();
    assert_eq!(line.request(), join, "it goes back into its room");

    signals.perform(SignalTask::Leave);
    gloo::utils::window().dispatch_event(&online).unwrap();
    assert_eq!(line.opened(), 2, "who left stays away");
    line.hang_up();
}

#[wasm_bindgen_test]
async fn whoever_was_put_out_by_another_machine_of_its_device_stays_away_for_a_while() {
    let line = Line::new();
    let (sender, mut events) = mpsc::unbounded();
    let signals = Signals::at("https://relay.test", move |event| {
        let _ = sender.unbounded_send(event);
    });
    signals.perform(SignalTask::Join {
        room: ROOM,
        device: US,
    });
    line.open();
    let (room, present) = (RoomName(ROOM), Vec::new());
    line.tell(&MeetingReport::Joined { room, present }.to_bytes());
    let before_ms = clock::now().mono_ms;
    line.end(REPLACED);
    assert_eq!(events.next().await, Some(SignalEvent::Joined));
    assert_eq!(events.next().await, Some(SignalEvent::Left));
    let longest_ms = before_ms + PUSHED_OUT_MS.end + 2_000;
    while line.opened() < 2 && clock::now().mono_ms < longest_ms {
        gloo::timers::future::TimeoutFuture::new(50).await;
    }
    assert_eq!(line.opened(), 2, "it comes back");
    assert!(clock::now().mono_ms >= before_ms + PUSHED_OUT_MS.start);
    signals.perform(SignalTask::Leave);
    line.hang_up();
}
