//! What a member's device says when somebody makes it: signed with its own keys.

use base::effect::{ChainKeys, KeyAnswer, KeyTask, OpenTask, SealTask, SignTask, Table};
use base::frame::Frame;
use base::hash::{ChainKey, ChainValue, sha256};
use base::machine::Channel;
use base::segment::SEGMENT_VERSION;
use base::{
    Answer, DeviceId, Effect, EpochName, Header, KeyHandle, LinkId, LogId, Run, Segment, Stream,
};
use device::Message;
use identity::statement::{Place, STATEMENT_VERSION, SignedStatement, Statement};
use sim::NodeId;

use crate::corner::Corner;

/// Numbers that no message of these short stories has reached.
pub const UNUSED_MESSAGE: u32 = 1_000_000;

/// Every segment on a node's disk.
pub fn segments(corner: &Corner, node: NodeId) -> Vec<Segment> {
    let disk = corner.world.disk(node).unwrap();
    let rows = disk.records(Table::Segments);
    rows.map(|(_, bytes)| Segment::from_bytes(bytes).unwrap())
        .collect()
}

/// Signs with the keys of a node's device.
pub fn sign(corner: &mut Corner, node: NodeId, message: Vec<u8>) -> [u8; 64] {
    let key = KeyHandle::IDENTITY;
    let task = Effect::Sign(vec![SignTask { key, message }]);
    match corner.world.borrow_hands(node, &task) {
        Some(Answer::Signed(signatures)) => signatures[0],
        answer => panic!("hands sign: {answer:?}"),
    }
}

/// A segment as its author would sign it, whatever the body is.
pub fn signed(corner: &mut Corner, author: NodeId, mut header: Header, body: Vec<u8>) -> Segment {
    header.body_hash = Some(sha256(&[&body]).0);
    let unsigned = Segment::new(header, [0; 64], body);
    let message = Header::signed_bytes(&unsigned.header_raw);
    let signature = sign(corner, author, message);
    Segment {
        signature,
        ..unsigned
    }
}

/// Control entries of a node's device whose control log has not begun, each in its own segment.
pub fn control(corner: &mut Corner, author: NodeId, entries: &[Vec<u8>]) -> Vec<Segment> {
    let (shop, device) = (corner.shop(), corner.device(author));
    let mut before = ChainValue::start(shop, LogId::new(device, Stream::Control));
    let mut segments = Vec::new();
    for (first, raw) in (1..).zip(entries) {
        let last_chain = before.next(&ChainKey::Control, raw);
        let header = Header {
            version: SEGMENT_VERSION,
            shop,
            device,
            stream: Stream::Control,
            first,
            count: 1,
            epoch: EpochName::NONE,
            before,
            last_chain,
            nonce: [0; 12],
            body_hash: None,
        };
        let body = seal::body::compress([raw.as_slice()]);
        segments.push(signed(corner, author, header, body));
        before = last_chain;
    }
    segments
}

/// The entry after a segment of its own, as a node's device would seal and sign it, whatever it is.
pub fn sealed_after(corner: &mut Corner, author: NodeId, old: &Segment, raw: &[u8]) -> Segment {
    let (key, chain) = secret_of(corner, author, old);
    let mut header = old.header.clone();
    header.first = old.header.last() + 1;
    header.count = 1;
    header.before = old.header.last_chain;
    header.last_chain = header.before.next(&chain.of(header.stream), raw);
    header.nonce[0] ^= 1;
    let seal = Effect::Seal(vec![SealTask {
        key,
        stream: header.stream,
        nonce: header.nonce,
        aad: header.aad(),
        plain: seal::body::compress([raw]),
    }]);
    match corner.world.borrow_hands(author, &seal) {
        Some(Answer::Sealed(mut bodies)) => signed(corner, author, header, bodies.remove(0)),
        answer => panic!("hands seal: {answer:?}"),
    }
}

/// The secret that a node holds for a segment.
fn secret_of(corner: &mut Corner, node: NodeId, segment: &Segment) -> (KeyHandle, ChainKeys) {
    // Each shop that a device opens has handles of its own.
    let opened = (0..4).map(|opening| KeyHandle::FIRST_FREE + (opening << 16));
    let handles = opened.flat_map(|first| (first..).take(9));
    for handle in handles.map(KeyHandle) {
        let open = Effect::Open(vec![OpenTask {
            key: handle,
            stream: segment.header.stream,
            nonce: segment.header.nonce,
            aad: segment.header.aad(),
            sealed: segment.body.clone(),
        }]);
        let Some(Answer::Opened(plains)) = corner.world.borrow_hands(node, &open) else {
            continue;
        };
        let (salt, to) = ([0; 32], Vec::new());
        let wrap = Effect::Keys(KeyTask::Wrap { handle, salt, to });
        let wrapped = corner.world.borrow_hands(node, &wrap);
        if let Some(Answer::Keys(KeyAnswer::Held { chain, .. })) = wrapped
            && plains[0].is_some()
        {
            return (handle, chain);
        }
    }
    panic!("{node:?} holds no secret that opens it")
}

/// The key under which a node would keep a segment of the same log as one that it keeps.
pub fn row_after(corner: &Corner, node: NodeId, kept: &Segment, next: &Segment) -> Vec<u8> {
    let disk = corner.world.disk(node).unwrap();
    let bytes = kept.to_bytes();
    let mut rows = disk.records(Table::Segments);
    let (key, _) = rows.find(|(_, value)| **value == bytes).unwrap();
    let log = &key[..key.len() - 16];
    let mark = next.header.last_chain.mark();
    [log, &next.header.first.to_be_bytes(), &mark.0].concat()
}

/// The newest sale that a node holds of those a device made.
pub fn newest_sale(corner: &Corner, node: NodeId, author: DeviceId) -> Segment {
    let mut sales = segments(corner, node);
    sales.retain(|it| it.header.stream == Stream::Sales && it.header.device == author);
    sales.sort_by_key(|segment| segment.header.last());
    sales.pop().expect("it has sold")
}

/// What a node's device would say that it holds of one log.
pub fn statement(corner: &mut Corner, signer: NodeId, log: LogId, run: Run) -> Message {
    let statement = Statement {
        version: STATEMENT_VERSION,
        shop: corner.shop(),
        signer: corner.device(signer),
        place: Place::Device,
        counter: u64::from(u32::MAX) + run.last,
        wall_ms: 1,
        runs: [(log, vec![run])].into_iter().collect(),
    };
    let unsigned = SignedStatement::new(statement, [0; 64]);
    let message = Statement::signed_bytes(&unsigned.raw);
    let signature = sign(corner, signer, message);
    let signed = SignedStatement {
        signature,
        ..unsigned
    };
    Message::Statement(signed.to_bytes())
}

/// The first open link of a node.
pub fn a_link(corner: &Corner, node: NodeId) -> LinkId {
    corner.heard.borrow().links(node)[0].0
}

/// Lets a message arrive at a node by one of its links, as if the device there had sent it.
pub fn bring(corner: &mut Corner, node: NodeId, link: LinkId, number: u32, message: &Message) {
    let channel = match message {
        Message::Segments { .. } => Channel::Live,
        message => message.channel(),
    };
    let payload = message.to_bytes();
    let frame = Frame {
        channel,
        shop: 0,
        message: UNUSED_MESSAGE + number,
        offset: 0,
        total: payload.len() as u32,
        payload,
    };
    corner.world.inject(node, link, frame.to_bytes());
}

/// The message that brings segments as they happen.
pub fn live(segments: &[Segment]) -> Message {
    Message::Segments {
        segments: segments.iter().map(|it| it.to_bytes().into()).collect(),
        done: 0,
    }
}
