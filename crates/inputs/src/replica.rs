//! A replica, against a member that says and brings anything.

use std::collections::BTreeMap;

use base::hash::{ChainValue, sha256};
use base::limits::{BEGUN_BYTES_MIN, MESSAGE_BYTES_MAX};
use base::machine::Channel;
use base::segment::SEQ_MAX;
use base::{
    DeviceId, EpochName, Header, LinkId, LogId, Mark, Run, Segment, ShopId, Stream, Vector,
};
use sync_core::message::Begun;
use sync_core::replica::{Failure, Rows};
use sync_core::{
    Action, Holdings, Message, Range, ReadId, Replica, Span, Spans, Standing, Switches,
};

use crate::tape::{Tape, piece};

const SHOP: ShopId = ShopId([1; 16]);
const ME: DeviceId = DeviceId([1; 16]);
const LINKS: [LinkId; 2] = [LinkId(1), LinkId(2)];
const STANDINGS: [Standing; 3] = [Standing::Member, Standing::Stranger, Standing::PutOut];
/// Inputs of one run.
const STEPS_MAX: usize = 200;

/// Two links whose other ends say whatever the tape says, and hands that do what the replica asks
/// for, late or not at all. What the replica sends, every device can read; it hands out only what
/// it asked for and does not hold; and its own holdings can always be told.
pub fn run(bytes: &[u8]) {
    let mut tape = Tape::new(bytes);
    let mut desk = Desk::new();
    for _ in 0..STEPS_MAX {
        if tape.is_used_up() {
            break;
        }
        desk.step(&mut tape);
        desk.wishes();
    }
    let told = Message::Vector {
        vector: desk.replica.holdings().vector(),
        whole: true,
        asks: false,
    };
    assert_eq!(Message::from_bytes(&told.to_bytes()), Ok(Some(told)));
}

/// The replica and its hands.
struct Desk {
    replica: Replica,
    now_ms: u64,
    store: BTreeMap<(LogId, u64), Segment>,
    arrived: Vec<Segment>,
    reads: Vec<(ReadId, Range, u32)>,
    statements: Vec<(Vector, Vec<LinkId>)>,
    /// A segment that a link broke in the midst of.
    cut: Option<Segment>,
    /// Beginnings that the replica has told of.
    begun: Vec<Begun>,
}

impl Desk {
    fn new() -> Self {
        let replica = Replica::new(
            ME,
            Holdings::new(SHOP, Switches::default()),
            Switches::default(),
        );
        let mut desk = Self {
            replica,
            now_ms: 0,
            store: BTreeMap::new(),
            arrived: Vec::new(),
            reads: Vec::new(),
            statements: Vec::new(),
            cut: None,
            begun: Vec::new(),
        };
        for (link, n) in LINKS.into_iter().zip([2, 3]) {
            desk.replica
                .link_up(0, link, DeviceId([n; 16]), Standing::Member);
        }
        desk.wishes();
        desk
    }

    fn step(&mut self, tape: &mut Tape<'_>) {
        let link = tape.pick(&LINKS);
        match tape.below(12) {
            0 | 1 => {
                let channel = tape.pick(&Channel::ALL);
                if let Ok(Some(message)) = Message::from_bytes(tape.piece()) {
                    self.replica.message(self.now_ms, link, channel, message);
                }
            }
            2 | 3 => {
                let message = said(tape);
                self.say(link, message);
            }
            4 | 5 => {
                let segments = (0..=tape.below(4)).map(|_| segment(tape).to_bytes().into());
                let (segments, done) = (segments.collect(), u32::from(tape.byte() % 4));
                let channel = if tape.flag() {
                    Channel::Live
                } else {
                    Channel::Bulk
                };
                let message = Message::Segments { segments, done };
                self.replica.message(self.now_ms, link, channel, message);
            }
            6 => self.finish(tape),
            7 => self.load(tape),
            8 => self.commit(tape),
            9 => {
                self.now_ms += u64::from(tape.byte()) * 500;
                self.replica.tick(self.now_ms);
                assert!(self.replica.deadline().is_none_or(|due| due < u64::MAX / 2));
            }
            10 => {
                let standing = tape.pick(&STANDINGS);
                self.replica.set_standing(self.now_ms, link, standing);
                if tape.flag() {
                    self.replica.members_changed(self.now_ms);
                }
            }
            _ => {
                self.break_off(link, tape);
                self.replica.link_down(self.now_ms, link);
                let device = DeviceId([1 + tape.byte() % 3; 16]);
                self.replica
                    .link_up(self.now_ms, link, device, Standing::Member);
            }
        }
    }

    /// A link brings something, and then only the beginning of a message.
    fn break_off(&mut self, link: LinkId, tape: &mut Tape<'_>) {
        match tape.below(8) {
            0 => {
                let channel = tape.pick(&Channel::ALL);
                let beginning = tape.piece();
                self.replica
                    .broken_off(self.now_ms, link, channel, beginning);
            }
            1 | 2 => {
                let mut big = segment(tape);
                big.body.resize(3 * BEGUN_BYTES_MIN, 7);
                big.header.body_hash = Some(sha256(&[&big.body]).0);
                let big = Segment::new(big.header, big.signature, big.body);
                let segments = vec![segment(tape).to_bytes().into(), big.to_bytes().into()];
                let message = Message::Segments { segments, done: 0 }.to_bytes();
                self.cut_short(link, &message, tape);
                self.cut = Some(big);
            }
            3 | 4 => {
                let Some((of, bytes)) = self.rest(tape) else {
                    return;
                };
                if tape.flag() {
                    let rest = Message::Rest { of, bytes }.to_bytes();
                    return self.cut_short(link, &rest, tape);
                }
                let rest = Message::Rest { of, bytes };
                self.replica.message(self.now_ms, link, Channel::Bulk, rest);
            }
            _ => {}
        }
    }

    /// What is lacking of the segment that was cut, or of something else.
    fn rest(&mut self, tape: &mut Tape<'_>) -> Option<(Begun, Vec<u8>)> {
        let of = self.begun.pop()?;
        let whole = self.cut.as_ref()?.to_bytes();
        let from = of.bytes as usize + usize::from(tape.below(8) == 7);
        Some((of, whole.get(from..).unwrap_or_default().to_vec()))
    }

    fn cut_short(&mut self, link: LinkId, message: &[u8], tape: &mut Tape<'_>) {
        let come = tape.number() % (message.len() as u64 + 1);
        let beginning = message.get(..come as usize).unwrap_or_default();
        self.replica
            .broken_off(self.now_ms, link, Channel::Live, beginning);
    }

    /// What can be read goes in, as it would from a link.
    fn say(&mut self, link: LinkId, message: Message) {
        if let Ok(Some(message)) = Message::from_bytes(&message.to_bytes()) {
            self.replica
                .message(self.now_ms, link, Channel::Control, message);
        }
    }

    fn wishes(&mut self) {
        while let Some(action) = self.replica.poll() {
            match action {
                Action::Send { message, .. } => {
                    let bytes = message.to_bytes();
                    assert!(bytes.len() <= MESSAGE_BYTES_MAX);
                    assert_eq!(
                        Message::from_bytes(&bytes),
                        Ok(Some(message.clone())),
                        "it can be read"
                    );
                    if let Message::Want { begun, .. } = message {
                        self.begun.extend(begun);
                    }
                }
                Action::Read { read, range, rows } => self.reads.push((read, range, rows)),
                Action::Received { segments, .. } => {
                    for segment in &segments {
                        let span = Span::new(segment.header.first, segment.header.last());
                        assert_eq!(segment.header.shop, SHOP);
                        assert!(span.count() > 0);
                    }
                    self.arrived.extend(segments);
                }
                Action::StatementDue { runs, to } => self.statements.push((runs, to)),
                Action::Progress { done, total, .. } => assert!(done <= total),
                _ => {}
            }
        }
    }

    /// Hands do with some of what came what the tape says.
    fn finish(&mut self, tape: &mut Tape<'_>) {
        let count = tape.below(4).min(self.arrived.len());
        let segments: Vec<_> = self.arrived.drain(..count).collect();
        let headers: Vec<Header> = segments.iter().map(|it| it.header.clone()).collect();
        match tape.below(5) {
            0 => self.replica.received_set_aside(self.now_ms, &headers),
            1 => {
                let failure = if tape.flag() {
                    Failure::Refused
                } else {
                    Failure::NoRoom
                };
                self.replica.received_failed(self.now_ms, &headers, failure);
            }
            4 => {
                self.replica.received_unstored(self.now_ms, &headers);
                self.arrived.extend(segments);
            }
            how => {
                for segment in segments {
                    if how == 2 {
                        let chain = inside(&segment.header);
                        self.replica.received_opened(&segment.header, &chain);
                    }
                    let key = (segment.header.log(), segment.header.first);
                    self.store.insert(key, segment);
                }
                self.replica.received_stored(self.now_ms, &headers);
            }
        }
        if let Some((runs, to)) = self.statements.pop() {
            self.replica.statement_made(self.now_ms, &[7], &runs, &to);
            self.replica
                .stated(self.now_ms, DeviceId([3; 16]), &runs, None);
        }
    }

    /// The store answers a question, or does not.
    fn load(&mut self, tape: &mut Tape<'_>) {
        if self.reads.is_empty() {
            return;
        }
        let (read, range, rows) = self.reads.remove(0);
        if tape.below(8) == 1 {
            return self.replica.loaded(self.now_ms, read, Err(()));
        }
        let from = (range.log, range.first)..=(range.log, range.last);
        let found = self.store.range(from).take(rows as usize);
        let found = found.map(|(_, segment)| segment.to_bytes()).collect();
        let rows = Rows::as_read(found);
        self.replica.loaded(self.now_ms, read, Ok(rows));
    }

    /// This device writes on.
    fn commit(&mut self, tape: &mut Tape<'_>) {
        let log = LogId::new(ME, tape.pick(&Stream::ALL));
        let first = self.replica.holdings().last(log) + 1;
        if first > SEQ_MAX / 2 {
            return;
        }
        let segment = made(log, first, 1 + u32::from(tape.byte()), 0);
        self.store.insert((log, first), segment.clone());
        self.replica.committed(self.now_ms, &[segment], &[]);
        self.replica
            .packed_to(self.now_ms, log, u64::from(tape.byte() % 4) * 256);
    }
}

/// What the other end says of what it holds, wants and lets through.
fn said(tape: &mut Tape<'_>) -> Message {
    match tape.below(4) {
        0 | 1 => {
            let mut vector = Vector::default();
            for _ in 0..=tape.below(3) {
                let log = log(tape);
                let runs: Spans = (0..tape.below(3)).map(|_| span(tape)).collect();
                let mark = |last| {
                    let chain = chain(log, last, tape.clone().byte() % 2);
                    if last > 0 { chain.mark() } else { Mark([0; 8]) }
                };
                let run = |span: Span| Run {
                    first: span.first,
                    last: span.last,
                    mark: mark(span.last),
                };
                let one: Vector = [(log, runs.iter().map(run).collect())]
                    .into_iter()
                    .collect();
                vector = joined(vector, one);
                let reach = if tape.flag() { tape.number() } else { 512 };
                vector.set_blocks(log, reach);
            }
            Message::Vector {
                vector,
                whole: tape.flag(),
                asks: tape.flag(),
            }
        }
        2 => {
            let range = |_| Range::new(log(tape), span(tape));
            let ranges = (0..3).map(range).collect();
            Message::Want {
                ranges,
                bulk_limit: tape.number(),
                begun: Vec::new(),
            }
        }
        _ => Message::Credit {
            live_limit: tape.number(),
            bulk_limit: tape.number(),
        },
    }
}

fn joined(one: Vector, other: Vector) -> Vector {
    let reaches: Vec<_> = one.reaches().chain(other.reaches()).collect();
    let logs = one.logs().chain(other.logs());
    let mut vector: Vector = logs.map(|(log, runs)| (log, runs.to_vec())).collect();
    reaches
        .into_iter()
        .for_each(|(log, reach)| vector.set_blocks(log, reach));
    vector
}

fn log(tape: &mut Tape<'_>) -> LogId {
    LogId::new(DeviceId([1 + tape.byte() % 3; 16]), tape.pick(&Stream::ALL))
}

/// Numbers near the beginning, or anywhere.
fn span(tape: &mut Tape<'_>) -> Span {
    let first = if tape.below(4) == 3 {
        tape.number()
    } else {
        1 + u64::from(tape.byte())
    };
    let first = first.clamp(1, SEQ_MAX);
    let count = if tape.below(4) == 3 {
        tape.number()
    } else {
        u64::from(tape.byte())
    };
    Span::new(first, first.saturating_add(count).min(SEQ_MAX))
}

fn segment(tape: &mut Tape<'_>) -> Segment {
    let log = log(tape);
    let first = if tape.below(8) == 7 {
        tape.number()
    } else {
        1 + u64::from(tape.byte())
    };
    let branch = u8::from(tape.below(8) == 7);
    made(
        log,
        first.clamp(1, SEQ_MAX),
        1 + u32::from(tape.byte()),
        branch,
    )
}

/// `c(seq)` of a log on one of its branches.
fn chain(log: LogId, seq: u64, branch: u8) -> ChainValue {
    match seq {
        0 => ChainValue::start(SHOP, log),
        _ => ChainValue(
            sha256(&[
                &log.device.0,
                &[log.stream.number(), branch],
                &seq.to_be_bytes(),
            ])
            .0,
        ),
    }
}

fn inside(header: &Header) -> Vec<ChainValue> {
    let log = header.log();
    let branch = u8::from(chain(log, header.last(), 0) != header.last_chain);
    (header.first..=header.last())
        .map(|seq| chain(log, seq, branch))
        .collect()
}

/// An unsigned segment of entries that nobody opens.
fn made(log: LogId, first: u64, count: u32, branch: u8) -> Segment {
    let mut segment = crate::segment::made(log.stream, first, count, vec![branch; 9]);
    let header = &mut segment.header;
    let control = log.stream == Stream::Control;
    (header.shop, header.device) = (SHOP, log.device);
    header.epoch = if control {
        EpochName::NONE
    } else {
        EpochName([1; 8])
    };
    header.before = chain(log, first - 1, branch);
    header.last_chain = chain(log, first + u64::from(count) - 1, branch);
    Segment::new(segment.header, segment.signature, segment.body)
}

/// A member that tells and brings what was asked for; one that asks; one that claims everything;
/// every message as it is written.
pub fn seeds() -> Vec<Vec<u8>> {
    // Link 1: a vector of the sales of device 2, entries 1 to 9, and the segment with them.
    let tells = vec![0, 2, 0, 0, 1, 1, 1, 0, 0, 0, 8, 0, 1, 1];
    let brings = vec![0, 4, 0, 1, 1, 0, 0, 0, 8, 1, 0];
    let stores = vec![0, 6, 1, 2];
    let asks = vec![
        1, 2, 2, 1, 1, 0, 0, 0, 9, 1, 1, 0, 0, 0, 9, 1, 2, 0, 0, 0, 9,
    ];
    let limit = [0, 0, 0, 0, 1, 0, 0, 0];
    let credit = [&[1, 2, 3], &limit[..], &limit].concat();
    let everything = [vec![0, 2, 0, 0, 1, 1, 1, 0, 0, 3], vec![0xff; 20]].concat();
    // Link 1 brings the beginning of sales 2 of device 2, is made anew, and tells of them.
    let half = [0, 0, 0, 0, 0, 0, 0x80, 0];
    let broken = [&[0, 11, 1, 1, 1, 1, 0, 0, 1, 1, 2, 0, 0][..], &half, &[1]].concat();
    let breaks_off = [broken, tells.clone(), vec![0, 11, 3, 0, 0, 1]].concat();
    let messages = crate::message::examples();
    let each = messages
        .iter()
        .flat_map(|it| [vec![0, 0, 2], piece(&it.to_bytes())].concat());
    vec![
        [tells.clone(), brings.clone(), stores.clone(), vec![0, 9, 9]].concat(),
        [
            tells,
            brings,
            stores,
            asks,
            credit.clone(),
            vec![0, 7, 0, 0, 7, 0],
        ]
        .concat(),
        [vec![0, 8, 1, 30, 1], credit, vec![0, 9, 2]].concat(),
        breaks_off,
        everything,
        each.collect(),
    ]
}
