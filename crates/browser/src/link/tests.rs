//! Two real connections in one page, with nothing but the texts of two cards between them.

use base::DeviceId;
use base::card::{Card, CardKind, Description};
use base::limits::FRAME_BYTES_MAX;
use base::machine::Channel;
use futures_channel::mpsc;
use futures_util::StreamExt;
use wasm_bindgen_test::wasm_bindgen_test;

use super::*;

struct End {
    links: Rc<Links>,
    events: mpsc::UnboundedReceiver<LinkEvent>,
}

const LINK: LinkId = LinkId(1);

impl End {
    fn new() -> Self {
        let (sender, events) = mpsc::unbounded();
        let links = Links::new(move |link, event| {
            assert_eq!(link, LINK);
            let _ = sender.unbounded_send(event);
        });
        Self { links, events }
    }

    fn perform(&self, task: LinkTask) {
        self.links.perform(LINK, task);
    }

    async fn described(&mut self) -> Description {
        match self.events.next().await {
            Some(LinkEvent::Described(description)) => description,
            other => panic!("expected a description, not {other:?}"),
        }
    }

    async fn opened(&mut self) -> ([u8; 32], [u8; 32]) {
        match self.events.next().await {
            Some(LinkEvent::Open { local, remote }) => (local, remote),
            other => panic!("expected it to open, not {other:?}"),
        }
    }

    async fn frame(&mut self) -> Vec<u8> {
        match self.events.next().await {
            Some(LinkEvent::Frame(frame)) => frame,
            other => panic!("expected a frame, not {other:?}"),
        }
    }
}

/// What survives being printed as a code and scanned.
fn through_a_card(kind: CardKind, description: Description) -> Description {
    let (device, secret) = (DeviceId([1; 16]), [2; 12]);
    let card = Card {
        kind,
        device,
        secret,
        description,
    };
    Card::from_text(&card.to_text().unwrap())
        .unwrap()
        .description
}

async fn linked() -> (End, End) {
    let (mut till, mut owner) = (End::new(), End::new());
    till.perform(LinkTask::Offer);
    let offer = through_a_card(CardKind::Offer, till.described().await);
    owner.perform(LinkTask::Answer(offer.clone()));
    let answer = through_a_card(CardKind::Answer([3; 4]), owner.described().await);
    till.perform(LinkTask::Accept(answer.clone()));
    let (mine, theirs) = till.opened().await;
    assert_eq!((mine, theirs), (offer.fingerprint, answer.fingerprint));
    assert_eq!(
        owner.opened().await,
        (theirs, mine),
        "both see the same two"
    );
    (till, owner)
}

#[wasm_bindgen_test]
async fn two_cards_are_enough_to_link_and_frames_go_both_ways() {
    let (mut till, mut owner) = linked().await;
    for channel in Channel::ALL {
        let frame = vec![channel.number(); FRAME_BYTES_MAX];
        till.perform(LinkTask::Send(channel, frame.clone()));
        assert_eq!(owner.frame().await, frame);
        owner.perform(LinkTask::Send(channel, vec![9, channel.number()]));
        assert_eq!(till.frame().await, [9, channel.number()]);
    }
    till.perform(LinkTask::Close);
    let down = owner.events.next().await;
    assert!(matches!(down, Some(LinkEvent::Down { .. })), "{down:?}");
    assert!(
        owner.links.peers.borrow().is_empty(),
        "what is down is forgotten"
    );
    owner.perform(LinkTask::Send(Channel::Live, vec![1]));
}

#[wasm_bindgen_test]
async fn more_than_the_browsers_buffer_arrives_in_order() {
    let (till, mut owner) = linked().await;
    // Three times what the browser is given at once.
    let frames = 3 * 1024 * 1024 / FRAME_BYTES_MAX;
    for number in 0..frames {
        let mut frame = vec![0; FRAME_BYTES_MAX];
        frame[..4].copy_from_slice(&(number as u32).to_be_bytes());
        till.perform(LinkTask::Send(Channel::Bulk, frame));
    }
    for number in 0..frames {
        assert_eq!(owner.frame().await[..4], (number as u32).to_be_bytes());
    }
}

#[wasm_bindgen_test]
async fn a_queue_without_end_brings_the_link_down() {
    let (mut till, _owner) = linked().await;
    let frame = vec![0; FRAME_BYTES_MAX];
    for _ in 0..8 * 1024 * 1024 / FRAME_BYTES_MAX {
        till.perform(LinkTask::Send(Channel::Bulk, frame.clone()));
    }
    let down = till.events.next().await;
    assert!(matches!(down, Some(LinkEvent::Down { .. })), "{down:?}");
}

#[wasm_bindgen_test]
async fn a_description_that_makes_no_sense_ends_the_link_with_a_reason() {
    let mut till = End::new();
    till.perform(LinkTask::Offer);
    let mut answer = till.described().await;
    answer.password = "short".to_owned();
    till.perform(LinkTask::Accept(answer));
    let down = till.events.next().await;
    assert!(matches!(down, Some(LinkEvent::Down { .. })), "{down:?}");
}
