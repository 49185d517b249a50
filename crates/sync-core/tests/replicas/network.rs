//! Devices with a store in memory, joined by links whose three channels overtake each other.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use base::hash::ChainValue;
use base::machine::Channel;
use base::{Header, LinkId, LogId, Mark, Segment, Stream, Vector, cbor};
use sync_core::replica::Rows;
use sync_core::{
    Action, Failure, Fault, Fit, Holdings, Link, Message, Range, ReadId, Replica, Span, Standing,
    Switches,
};

use crate::toy::{SHOP, Seeded, device, forked_at, inside, log, segment_on};

/// What a device has asked of its own hands.
enum Task {
    Read(ReadId, Range, u32),
    Store(Vec<Segment>),
}

pub struct Node {
    pub number: u8,
    /// The branch of its own logs that it goes on with, and how far it has come there.
    pub branch: u8,
    written: BTreeMap<LogId, u64>,
    pub replica: Replica,
    pub store: BTreeMap<(LogId, u64, Mark), Vec<u8>>,
    pub faults: Vec<Fault>,
    pub forks: usize,
    /// Rounds of comparing that ended, and whether they were done.
    pub rounds: Vec<(LinkId, bool)>,
    /// When it was last in step with anybody.
    pub in_step_ms: Option<u64>,
    /// Segments that came through to verification, and those of them that were held.
    pub verified: usize,
    pub verified_again: usize,
    /// Logs in the order in which their segments arrived.
    pub arrivals: Vec<(Stream, u64)>,
    /// How many of the next transactions fail.
    pub failing: usize,
    switches: Switches,
    tasks: VecDeque<Task>,
    links: BTreeMap<LinkId, (Link, usize)>,
}

#[derive(Default)]
struct Wire {
    lanes: [VecDeque<Vec<u8>>; 3],
}

#[derive(Default)]
pub struct Network {
    pub now_ms: u64,
    pub nodes: Vec<Node>,
    wires: BTreeMap<(usize, LinkId), Wire>,
    next_link: u32,
    /// Messages sent, by their word.
    pub sent: BTreeMap<&'static str, usize>,
    /// Bytes of frames that arrived.
    pub arrived_bytes: usize,
}

impl Node {
    fn new(number: u8, switches: Switches) -> Self {
        let holdings = Holdings::new(SHOP, switches);
        Self {
            number,
            branch: 0,
            written: BTreeMap::new(),
            replica: Replica::new(device(number), holdings, switches),
            store: BTreeMap::new(),
            faults: Vec::new(),
            forks: 0,
            rounds: Vec::new(),
            in_step_ms: None,
            verified: 0,
            verified_again: 0,
            arrivals: Vec::new(),
            failing: 0,
            switches,
            tasks: VecDeque::new(),
            links: BTreeMap::new(),
        }
    }

    pub fn is_reading(&self) -> bool {
        let reads = |task: &Task| matches!(task, Task::Read(..));
        self.tasks.iter().any(reads)
    }

    pub fn put(&mut self, segment: &Segment) {
        let header = &segment.header;
        let key = (header.log(), header.first, header.last_chain.mark());
        self.store.insert(key, segment.to_bytes());
    }

    /// What a device holds that starts with this store.
    pub fn held_by_the_store(&self, switches: Switches) -> Holdings {
        let mut holdings = Holdings::new(SHOP, switches);
        let headers = self.headers();
        for header in &headers {
            let chain = inside(header).into_iter().map(|chain| chain.mark());
            let inside: Vec<_> = (header.first..).zip(chain).collect();
            holdings.add(header, &inside);
        }
        holdings
    }

    pub fn headers(&self) -> Vec<Header> {
        self.store
            .values()
            .map(|bytes| Segment::from_bytes(bytes).unwrap().header)
            .collect()
    }
}

impl Network {
    pub fn of(nodes: u8, switches: Switches) -> Self {
        let nodes = (1..=nodes)
            .map(|number| Node::new(number, switches))
            .collect();
        Self {
            nodes,
            ..Self::default()
        }
    }

    pub fn link(&mut self, a: usize, b: usize) {
        self.link_as(a, b, [Standing::Member; 2]);
    }

    /// `standings`: of `b` at `a`, and of `a` at `b`.
    pub fn link_as(&mut self, a: usize, b: usize, standings: [Standing; 2]) {
        let link = LinkId(self.next_link);
        self.next_link += 1;
        for (at, other, standing) in [(a, b, standings[0]), (b, a, standings[1])] {
            self.wires.entry((at, link)).or_default();
            let peer = device(self.nodes[other].number);
            let node = &mut self.nodes[at];
            node.links.insert(link, (Link::new(self.now_ms), other));
            node.replica.link_up(self.now_ms, link, peer, standing);
            self.work(at);
        }
    }

    /// Everything on its way is lost.
    pub fn cut(&mut self, link: LinkId) {
        for at in 0..self.nodes.len() {
            let node = &mut self.nodes[at];
            if let Some((end, _)) = node.links.remove(&link) {
                for (channel, beginning) in end.begun() {
                    let replica = &mut node.replica;
                    replica.broken_off(self.now_ms, link, channel, beginning);
                }
                node.replica.link_down(self.now_ms, link);
                self.work(at);
            }
            self.wires.remove(&(at, link));
        }
    }

    pub fn links(&self) -> Vec<LinkId> {
        let mut links: Vec<_> = self.wires.keys().map(|(_, link)| *link).collect();
        links.sort_unstable();
        links.dedup();
        links
    }

    /// Entries of a device's own log become durable there.
    pub fn commit(&mut self, at: usize, stream: Stream, entries: u64, bytes: usize) {
        let node = &mut self.nodes[at];
        let log = log(node.number, stream);
        let written = node.written.entry(log).or_default();
        let first = *written + 1;
        *written += entries;
        let segment = segment_on(log, first, *written, bytes, node.branch);
        node.put(&segment);
        let chain = inside(&segment.header);
        node.replica.committed(self.now_ms, &[segment], &[chain]);
        self.work(at);
    }

    /// As [`Network::commit`], many segments of one entry, without anybody linked.
    pub fn fill(&mut self, at: usize, stream: Stream, segments: u64) {
        (0..segments).for_each(|_| self.commit(at, stream, 1, 60));
    }

    /// In each window one segment takes the place of all in the store that a device wrote itself.
    pub fn pack(&mut self, at: usize, stream: Stream) {
        let node = &self.nodes[at];
        let log = log(node.number, stream);
        let last = node.written.get(&log).copied().unwrap_or(0);
        let windows = (last > 0).then(|| Span::new(1, last).blocks());
        for window in windows.into_iter().flatten() {
            self.pack_window(at, stream, window);
        }
    }

    /// The same in one window.
    pub fn pack_window(&mut self, at: usize, stream: Stream, window: Span) {
        let node = &mut self.nodes[at];
        let log = log(node.number, stream);
        let block = segment_on(log, window.first, window.last, 60, node.branch);
        let own: Vec<_> = inside(&block.header).iter().map(ChainValue::mark).collect();
        let inside_it = |first: u64| window.first <= first && first <= window.last;
        node.store
            .retain(|(of, first, end), _| *of != log || !inside_it(*first) || !own.contains(end));
        node.put(&block);
        let chain = inside(&block.header);
        node.replica.packed(self.now_ms, &block.header, &chain);
        self.work(at);
    }

    /// A copy of a device's disk is started beside it, and goes on along a branch of its own. What
    /// the device has written must end where that branch begins.
    pub fn copy(&mut self, at: usize, branch: u8) -> usize {
        let from = &self.nodes[at];
        let mut copy = Node::new(from.number, from.switches);
        copy.store = from.store.clone();
        copy.written = from.written.clone();
        copy.branch = branch;
        assert!(copy.written.values().all(|it| *it == forked_at(branch)));
        self.nodes.push(copy);
        self.restart(self.nodes.len() - 1);
        self.nodes.len() - 1
    }

    /// The device starts again from what is in its store.
    pub fn restart(&mut self, at: usize) {
        let links: Vec<_> = self.nodes[at].links.keys().copied().collect();
        links.into_iter().for_each(|link| self.cut(link));
        let node = &mut self.nodes[at];
        node.tasks.clear();
        let holdings = node.held_by_the_store(node.switches);
        node.replica = Replica::new(device(node.number), holdings, node.switches);
    }

    /// One thing happens: a frame arrives, or a device's store answers.
    pub fn step(&mut self, random: &mut Seeded) -> bool {
        let mut choices: Vec<(usize, Option<(LinkId, usize)>)> = Vec::new();
        for ((at, link), wire) in &self.wires {
            let lanes = wire
                .lanes
                .iter()
                .enumerate()
                .filter(|(_, lane)| !lane.is_empty());
            choices.extend(lanes.map(|(lane, _)| (*at, Some((*link, lane)))));
        }
        let busy = self
            .nodes
            .iter()
            .enumerate()
            .filter(|(_, node)| !node.tasks.is_empty());
        choices.extend(busy.map(|(at, _)| (at, None)));
        if choices.is_empty() {
            return false;
        }
        match choices[random.below(choices.len())] {
            (at, Some((link, lane))) => self.arrive(at, link, lane),
            (at, None) => self.perform(at),
        }
        true
    }

    /// Until nothing happens any more.
    pub fn settle(&mut self, random: &mut Seeded) {
        let mut steps = 0;
        while self.step(random) {
            steps += 1;
            assert!(steps < 2_000_000, "it never comes to rest");
        }
    }

    /// Settles, and lets every deadline up to `until_ms` from now pass.
    pub fn run(&mut self, until_ms: u64, random: &mut Seeded) {
        let end = self.now_ms + until_ms;
        loop {
            self.settle(random);
            let due = self
                .nodes
                .iter()
                .filter_map(|node| node.replica.deadline())
                .min();
            let Some(due) = due.filter(|due| *due <= end) else {
                break;
            };
            self.now_ms = self.now_ms.max(due);
            self.tick();
        }
        self.now_ms = end;
    }

    pub fn tick(&mut self) {
        for at in 0..self.nodes.len() {
            self.nodes[at].replica.tick(self.now_ms);
            self.work(at);
        }
    }

    /// One flight: everything that is under way arrives, and is answered for the next flight.
    pub fn flight(&mut self) {
        let keys: Vec<_> = self.wires.keys().copied().collect();
        let under_way: Vec<_> = keys
            .iter()
            .map(|key| {
                (
                    *key,
                    std::mem::take(&mut self.wires.get_mut(key).unwrap().lanes),
                )
            })
            .collect();
        for ((at, link), lanes) in under_way {
            for frame in lanes.into_iter().flatten() {
                self.take(at, link, &frame);
            }
        }
        for at in 0..self.nodes.len() {
            while !self.nodes[at].tasks.is_empty() {
                self.perform(at);
            }
        }
    }

    fn arrive(&mut self, at: usize, link: LinkId, lane: usize) {
        let wire = self.wires.get_mut(&(at, link)).unwrap();
        let frame = wire.lanes[lane].pop_front().unwrap();
        self.take(at, link, &frame);
    }

    fn take(&mut self, at: usize, link: LinkId, frame: &[u8]) {
        let node = &mut self.nodes[at];
        let Some((end, _)) = node.links.get_mut(&link) else {
            return;
        };
        self.arrived_bytes += frame.len();
        let now = base::Now {
            wall_ms: self.now_ms,
            mono_ms: self.now_ms,
        };
        if let Some(came) = end.take(frame, now).unwrap() {
            node.replica
                .message(self.now_ms, link, came.channel, came.message);
        }
        self.work(at);
    }

    fn perform(&mut self, at: usize) {
        let now_ms = self.now_ms;
        let node = &mut self.nodes[at];
        match node.tasks.pop_front() {
            Some(Task::Read(read, range, rows)) => {
                let from = (range.log, range.first, Mark([0; 8]));
                let to = (range.log, range.last, Mark([255; 8]));
                let rows = node.store.range(from..=to).take(rows as usize);
                let rows = rows.map(|(_, bytes)| bytes.clone()).collect();
                node.replica.loaded(now_ms, read, Ok(Rows::as_read(rows)));
            }
            Some(Task::Store(segments)) => {
                let headers: Vec<_> = segments.iter().map(|s| s.header.clone()).collect();
                if node.failing > 0 {
                    node.failing -= 1;
                    node.replica
                        .received_failed(now_ms, &headers, Failure::NoRoom);
                } else {
                    for segment in &segments {
                        let header = &segment.header;
                        let values = inside(header);
                        for (first, mark) in node.replica.received_opened(header, &values) {
                            node.store.remove(&(header.log(), first, mark));
                        }
                        node.put(segment);
                    }
                    node.replica.received_stored(now_ms, &headers);
                }
            }
            None => {}
        }
        self.work(at);
    }

    /// Does what a device asks for, until it asks for nothing more.
    pub fn work(&mut self, at: usize) {
        while let Some(action) = self.nodes[at].replica.poll() {
            self.act(at, action);
        }
    }

    fn act(&mut self, at: usize, action: Action) {
        let now_ms = self.now_ms;
        let node = &mut self.nodes[at];
        match action {
            Action::Send {
                link,
                channel,
                message,
            } => self.send(at, link, channel, &message),
            Action::Read { read, range, rows } => {
                node.tasks.push_back(Task::Read(read, range, rows));
            }
            Action::Received { segments, .. } => {
                node.verified += segments.len();
                let held =
                    |it: &&Segment| node.replica.holdings().fits(&it.header) == Fit::Duplicate;
                node.verified_again += segments.iter().filter(held).count();
                let seen = segments.iter().map(|s| (s.header.stream, s.header.first));
                node.arrivals.extend(seen);
                node.tasks.push_back(Task::Store(segments));
            }
            Action::StatementDue { runs, to } => {
                let bytes = cbor::encode(&(device(node.number), &runs));
                node.replica.statement_made(now_ms, &bytes, &runs, &to);
            }
            Action::Statement { bytes, .. } => {
                let (signer, runs): (_, Vector) = cbor::decode_open(&bytes, "toy").unwrap();
                assert!(node.replica.stated(now_ms, signer, &runs, None));
            }
            Action::Forked { .. } => node.forks += 1,
            Action::Fault { link, fault } => {
                node.faults.push(fault);
                self.cut(link);
            }
            Action::Progress { done, total, .. } => assert!(done <= total),
            Action::Compared { link, done } => node.rounds.push((link, done)),
            Action::InStep { .. } => node.in_step_ms = Some(now_ms),
            Action::OwnLogAhead { .. } | Action::Unproven { .. } => {}
            Action::RowDamaged { range } => panic!("{range:?} is damaged"),
        }
    }

    fn send(&mut self, at: usize, link: LinkId, channel: Channel, message: &Message) {
        *self.sent.entry(message.word()).or_default() += 1;
        let Some((end, other)) = self.nodes[at].links.get_mut(&link) else {
            return;
        };
        end.send(channel, 0, message).unwrap();
        let other = *other;
        // The other end may not have heard of the link yet; its lane is there all the same.
        while let Some((channel, frame)) = end.poll() {
            let wire = self.wires.entry((other, link)).or_default();
            wire.lanes[usize::from(channel.number())].push_back(frame);
        }
    }

    /// Everybody holds the same, and would after a restart, in whatever segments.
    #[track_caller]
    pub fn assert_all_in_step(&self, seed: u64) {
        let all = self.nodes[0].replica.holdings().vector();
        for node in &self.nodes {
            let number = node.number;
            assert_eq!(node.faults, [], "seed {seed}, device {number}");
            assert_eq!(node.forks, 0, "seed {seed}, device {number}");
            assert_eq!(
                node.replica.holdings().vector(),
                all,
                "seed {seed}, {number}"
            );
            let stored = node.held_by_the_store(Switches::default());
            assert_eq!(stored.vector(), all, "seed {seed}, the store of {number}");
        }
    }

    /// Everybody holds each entry of every branch, in whatever segments, and would after a restart.
    #[track_caller]
    pub fn assert_all_branches_everywhere(&self, seed: u64) {
        let entries = |node: &Node| -> BTreeSet<(LogId, u64, Mark)> {
            let of = |header: &Header| {
                let log = header.log();
                let values = (header.first..).zip(inside(header));
                values.map(move |(seq, chain)| (log, seq, chain.mark()))
            };
            node.headers().iter().flat_map(of).collect()
        };
        let all: BTreeSet<_> = self.nodes.iter().flat_map(entries).collect();
        for (at, node) in self.nodes.iter().enumerate() {
            assert_eq!(node.faults, [], "seed {seed}, node {at}");
            let lacking: Vec<_> = all.difference(&entries(node)).copied().collect();
            assert_eq!(lacking, [], "seed {seed}, node {at}");
            let stored = node.held_by_the_store(Switches::default());
            for holdings in [node.replica.holdings(), &stored] {
                let count = holdings.entries();
                assert_eq!(count, all.len() as u64, "seed {seed}, node {at}");
                let ends = node.headers().into_iter();
                let mut ends = ends.map(|it| (it.log(), it.last(), it.last_chain.mark()));
                let lost = ends.find(|(log, seq, mark)| !holdings.has(*log, *seq, *mark));
                assert_eq!(lost, None, "seed {seed}, node {at}");
                assert_eq!(holdings.aside().count(), 0, "seed {seed}, node {at}");
            }
        }
    }

    #[track_caller]
    pub fn assert_all_equal(&self) {
        let first = &self.nodes[0];
        for node in &self.nodes {
            assert_eq!(node.faults, [], "device {}", node.number);
            assert_eq!(
                node.replica.holdings().vector(),
                first.replica.holdings().vector()
            );
            assert_eq!(node.store, first.store, "device {}", node.number);
        }
    }
}
