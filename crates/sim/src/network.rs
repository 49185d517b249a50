//! Links between nodes, as WebRTC gives them: two descriptions that match open one, three
//! channels carry frames, each in order and at a pace of its own, until the link is down.
//!
//! A path that is blocked holds frames back, as SCTP does, and takes the link down only when it
//! stays blocked; a link that is cut loses what is under way.

mod connection;
mod matching;

use std::collections::BTreeMap;

use base::effect::LinkTask;
use base::limits::{CARD_LIFETIME_MS, FRAME_BYTES_MAX, SEND_QUEUE_BYTES_MAX};
use base::machine::Channel;
use base::{LinkEvent, LinkId};

use crate::clock::Moment;
use crate::random::{SeededRandom, Spread};
use crate::world::NodeId;
use connection::Connection;
use matching::End;

/// One side of a link: the number that a node gave it in one of its lives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Endpoint {
    /// Whose.
    pub node: NodeId,
    /// In which of its lives: numbers begin again after a restart.
    pub life: u32,
    /// The machine's number.
    pub link: LinkId,
}

/// How the network behaves in fair weather.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NetworkSettings {
    /// How long a frame of each channel is under way.
    pub latency: [Spread; 3],
    /// How much one direction of a link carries, bytes per millisecond.
    pub bytes_per_ms: u64,
    /// From `Offer` or `Answer` to `Described`: gathering of candidates.
    pub describing: Spread,
    /// From the second description to `Open`: checks and the DTLS handshake.
    pub opening: Spread,
    /// How long the side that accepted tries; milliseconds.
    pub open_timeout_ms: u64,
    /// From a cut, a death or a blocked path to `Down` on the sides that live.
    pub noticing: Spread,
}

impl Default for NetworkSettings {
    fn default() -> Self {
        let shop_wifi = Spread::even(500, 6_000).with_tail(80_000, 10_000);
        Self {
            latency: [shop_wifi, shop_wifi, Spread::even(1_000, 20_000)],
            bytes_per_ms: 2_000,
            describing: Spread::even(5_000, 200_000),
            opening: Spread::even(20_000, 400_000),
            open_timeout_ms: 20_000,
            noticing: Spread::even(50_000, 15_000_000),
        }
    }
}

/// What a broken peer does to frames of every link.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct FrameFaults {
    /// Chance that a frame is delivered twice, in millionths.
    pub doubled_per_million: u32,
    /// Chance that a frame overtakes others of its channel, in millionths.
    pub reordered_per_million: u32,
}

/// What the network has done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct NetworkCounters {
    /// Links that opened.
    pub opened: u64,
    /// Links that broke: cut, blocked too long, dead, overfull. Not those that a side closed.
    pub broken: u64,
    /// Frames handed to the network.
    pub sent: u64,
    /// Frames delivered, doubled ones twice.
    pub delivered: u64,
    /// Frames lost with their link.
    pub dropped: u64,
    /// Frames put on the way twice.
    pub doubled: u64,
    /// Frames that overtook another.
    pub reordered: u64,
    /// Frames sent into a link that was not open; they are dropped.
    pub unsent: u64,
    /// Bytes handed to the network.
    pub bytes: u64,
}

/// Something that the network does at a later moment; the world hands it back then.
#[derive(Debug)]
pub enum NetworkEvent {
    /// An end tells its machine something.
    Tell(Endpoint, LinkEvent),
    /// Two ends that know each other try to open.
    Meet(Endpoint, Endpoint),
    /// A frame reaches the other side.
    Arrival(Direction, Channel),
    /// An end that never opened stops trying.
    GiveUp(Endpoint),
    /// A path that was blocked at this moment may have been for too long.
    Starve(u32, Moment),
}

impl NetworkEvent {
    /// Whether it is only a limit on waiting, not something under way.
    pub fn is_timer(&self) -> bool {
        matches!(self, Self::GiveUp(_) | Self::Starve(..))
    }
}

/// One direction of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Direction {
    connection: u32,
    from_side: usize,
}

/// Events to schedule, with their moments.
pub type Plan = Vec<(Moment, NetworkEvent)>;

/// All links of the world.
#[derive(Debug)]
pub struct Network {
    settings: NetworkSettings,
    random: SeededRandom,
    faults: FrameFaults,
    ends: BTreeMap<Endpoint, End>,
    by_ufrag: BTreeMap<String, Endpoint>,
    connections: BTreeMap<u32, Connection>,
    connections_made: u32,
    /// How many times a path, from one node to another, is blocked.
    blocked: BTreeMap<(NodeId, NodeId), u32>,
    counters: NetworkCounters,
    /// The most bytes of each channel that a side ever had under way on one link.
    under_way_most: [usize; 3],
    breaches: Vec<String>,
}

impl Network {
    /// A network without links.
    pub fn new(settings: NetworkSettings, random: SeededRandom) -> Self {
        Self {
            settings,
            random,
            faults: FrameFaults::default(),
            ends: BTreeMap::new(),
            by_ufrag: BTreeMap::new(),
            connections: BTreeMap::new(),
            connections_made: 0,
            blocked: BTreeMap::new(),
            counters: NetworkCounters::default(),
            under_way_most: [0; 3],
            breaches: Vec::new(),
        }
    }

    /// Does what a machine asks of one of its links.
    pub fn perform(&mut self, now: Moment, end: Endpoint, task: LinkTask, plan: &mut Plan) {
        match task {
            LinkTask::Offer => self.begin(now, end, None, plan),
            LinkTask::Answer(offer) => self.begin(now, end, Some(offer), plan),
            LinkTask::Accept(answer) => self.accept(now, end, answer, plan),
            LinkTask::Send(channel, frame) => self.send(now, end, channel, frame, plan),
            LinkTask::Close => self.close(now, end, plan),
        }
    }

    /// Does what was planned for now; gives what an end tells its machine, if anything.
    pub fn happen(
        &mut self,
        now: Moment,
        event: NetworkEvent,
        plan: &mut Plan,
    ) -> Option<(Endpoint, LinkEvent)> {
        match event {
            NetworkEvent::Tell(end, event) => {
                // The machine may have closed it meanwhile.
                self.ends.get(&end)?;
                if matches!(event, LinkEvent::Down { .. }) {
                    self.forget(end);
                }
                Some((end, event))
            }
            NetworkEvent::Meet(offerer, answerer) => {
                self.meet(now, offerer, answerer, plan);
                None
            }
            NetworkEvent::Arrival(direction, channel) => self.arrive(direction, channel),
            NetworkEvent::GiveUp(end) => {
                let open = self.ends.get(&end)?.met;
                if open {
                    return None;
                }
                self.forget(end);
                let reason = "nobody answered".into();
                Some((end, LinkEvent::Down { reason }))
            }
            NetworkEvent::Starve(connection, since) => {
                if self.connections.get(&connection)?.blocked_since == Some(since) {
                    self.break_connection(now, connection, "the path stayed blocked", plan);
                }
                None
            }
        }
    }

    fn send(
        &mut self,
        now: Moment,
        end: Endpoint,
        channel: Channel,
        frame: Vec<u8>,
        plan: &mut Plan,
    ) {
        if frame.len() > FRAME_BYTES_MAX {
            self.breaches.push(format!(
                "{end:?} sent a frame of {} bytes, more than {FRAME_BYTES_MAX}",
                frame.len()
            ));
            return;
        }
        self.counters.sent += 1;
        self.counters.bytes += frame.len() as u64;
        let Some((connection, from_side)) = self.ends.get(&end).and_then(|end| end.connection)
        else {
            self.counters.unsent += 1;
            return;
        };
        let Some(open) = self.connections.get_mut(&connection) else {
            self.counters.unsent += 1;
            return;
        };
        let doubled = self.random.chance(self.faults.doubled_per_million);
        let overtakes = self.random.chance(self.faults.reordered_per_million);
        let latency = self.random.duration(self.settings.latency[lane(channel)]);
        let lanes = &mut open.directions[from_side];
        let at = lanes.schedule(now, channel, frame.len(), latency, &self.settings);
        let direction = Direction {
            connection,
            from_side,
        };
        if doubled {
            self.counters.doubled += 1;
            lanes.push(channel, frame.clone(), true);
            plan.push((at, NetworkEvent::Arrival(direction, channel)));
        }
        lanes.push(channel, frame, false);
        let most = &mut self.under_way_most[lane(channel)];
        *most = lanes.bytes_in(channel).max(*most);
        plan.push((at, NetworkEvent::Arrival(direction, channel)));
        if overtakes && lanes.overtake(channel, &mut self.random) {
            self.counters.reordered += 1;
        }
        if lanes.bytes_waiting() > SEND_QUEUE_BYTES_MAX {
            self.break_connection(now, connection, "too much waits to be sent", plan);
        }
    }

    fn arrive(&mut self, direction: Direction, channel: Channel) -> Option<(Endpoint, LinkEvent)> {
        let connection = self.connections.get_mut(&direction.connection)?;
        let from = connection.ends[direction.from_side];
        let to = connection.ends[1 - direction.from_side];
        let lanes = &mut connection.directions[direction.from_side];
        if self.blocked.contains_key(&(from.node, to.node)) {
            lanes.hold(channel);
            return None;
        }
        let frame = lanes.pop(channel)?;
        self.counters.delivered += 1;
        Some((to, LinkEvent::Frame(frame)))
    }

    /// A node died: its ends are gone, the other sides notice after a while.
    pub fn node_gone(&mut self, now: Moment, node: NodeId, plan: &mut Plan) {
        let gone: Vec<Endpoint> = self.ends_of(node).collect();
        for end in gone {
            let connection = self.ends.get(&end).and_then(|end| end.connection);
            self.forget(end);
            if let Some((connection, _)) = connection {
                self.break_connection(now, connection, "the other side fell silent", plan);
            }
        }
    }

    /// One life of a node is over: its ends are gone, the other sides notice after a while.
    pub fn life_gone(&mut self, now: Moment, node: NodeId, life: u32, plan: &mut Plan) {
        self.life_silent(now, node, life, plan);
        let gone: Vec<Endpoint> = self.ends_of_life(node, life).collect();
        for end in gone {
            self.forget(end);
        }
    }

    /// One life of a node does nothing any more: its links break, which both sides hear when they
    /// can.
    pub fn life_silent(&mut self, now: Moment, node: NodeId, life: u32, plan: &mut Plan) {
        let ends: Vec<Endpoint> = self.ends_of_life(node, life).collect();
        for end in ends {
            let connection = self.ends.get(&end).and_then(|end| end.connection);
            if let Some((connection, _)) = connection {
                self.break_connection(now, connection, "a side fell silent", plan);
            }
        }
    }

    /// Cuts every link between two nodes; gives how many there were.
    pub fn cut(&mut self, now: Moment, a: NodeId, b: NodeId, plan: &mut Plan) -> usize {
        let joined = |c: &Connection| c.joins(a, b);
        let cut: Vec<u32> = self.connections_where(joined);
        for connection in &cut {
            self.break_connection(now, *connection, "the link was cut", plan);
        }
        cut.len()
    }

    /// Blocks the path from one node to another. As often as it is blocked, it must be unblocked.
    pub fn block(&mut self, now: Moment, from: NodeId, to: NodeId, plan: &mut Plan) {
        *self.blocked.entry((from, to)).or_default() += 1;
        for id in self.connections_where(|c| c.joins(from, to)) {
            let patience = self.random.duration(self.settings.noticing);
            if let Some(connection) = self.connections.get_mut(&id)
                && connection.blocked_since.is_none()
            {
                connection.blocked_since = Some(now);
                plan.push((now + patience, NetworkEvent::Starve(id, now)));
            }
        }
    }

    /// Takes one block from a path; when it was the last, frames that were held go on.
    pub fn unblock(&mut self, now: Moment, from: NodeId, to: NodeId, plan: &mut Plan) {
        if let Some(times) = self.blocked.get_mut(&(from, to)) {
            *times -= 1;
            if *times > 0 {
                return;
            }
            self.blocked.remove(&(from, to));
        }
        let other_way = self.blocked.contains_key(&(to, from));
        for id in self.connections_where(|c| c.joins(from, to)) {
            let Some(connection) = self.connections.get_mut(&id) else {
                continue;
            };
            if !other_way {
                connection.blocked_since = None;
            }
            for from_side in [0, 1] {
                if connection.ends[from_side].node != from {
                    continue;
                }
                let direction = Direction {
                    connection: id,
                    from_side,
                };
                for channel in Channel::ALL {
                    let held = connection.directions[from_side].release(channel);
                    for _ in 0..held {
                        let latency = self.random.duration(self.settings.latency[lane(channel)]);
                        let arrival = NetworkEvent::Arrival(direction, channel);
                        plan.push((now + latency, arrival));
                    }
                }
            }
        }
    }

    /// Whether frames can go from one node to another.
    pub fn is_blocked(&self, from: NodeId, to: NodeId) -> bool {
        self.blocked.contains_key(&(from, to))
    }

    /// Whom a node has an open link with; somebody twice where there are two links.
    pub fn linked_with(&self, node: NodeId) -> impl Iterator<Item = NodeId> {
        let open = |end: Endpoint| self.ends.get(&end)?.connection;
        self.ends_of(node)
            .filter_map(open)
            .filter_map(|(connection, side)| {
                let connection = self.connections.get(&connection)?;
                Some(connection.ends[1 - side].node)
            })
    }

    /// Pairs of nodes with an open link, lower number first, without repeats.
    pub fn linked_pairs(&self) -> Vec<(NodeId, NodeId)> {
        let mut pairs: Vec<_> = self.connections.values().map(Connection::pair).collect();
        pairs.sort();
        pairs.dedup();
        pairs
    }

    /// The same of those pairs whose paths nothing blocks, either way.
    pub fn passable_pairs(&self) -> Vec<(NodeId, NodeId)> {
        let mut pairs = self.linked_pairs();
        pairs.retain(|(a, b)| !self.is_blocked(*a, *b) && !self.is_blocked(*b, *a));
        pairs
    }

    /// Begins or ends what broken peers do to frames.
    pub fn set_frame_faults(&mut self, faults: FrameFaults) {
        self.faults = faults;
    }

    /// What it has done so far.
    pub fn counters(&self) -> NetworkCounters {
        self.counters
    }

    /// The most bytes of a channel that one side of a link ever had under way.
    pub fn under_way_most(&self, channel: Channel) -> usize {
        self.under_way_most[lane(channel)]
    }

    /// What machines did that their contract forbids.
    pub fn breaches(&self) -> &[String] {
        &self.breaches
    }

    fn connections_where(&self, wanted: impl Fn(&Connection) -> bool) -> Vec<u32> {
        let all = self.connections.iter();
        all.filter(|(_, c)| wanted(c)).map(|(id, _)| *id).collect()
    }

    fn ends_of_life(&self, node: NodeId, life: u32) -> impl Iterator<Item = Endpoint> {
        self.ends_of(node).filter(move |end| end.life == life)
    }

    fn ends_of(&self, node: NodeId) -> impl Iterator<Item = Endpoint> {
        let whole_node = Endpoint {
            node,
            life: 0,
            link: LinkId(0),
        };
        let ends = self.ends.range(whole_node..);
        ends.map(|(end, _)| *end)
            .take_while(move |end| end.node == node)
    }
}

/// Where a channel stands in arrays of three.
fn lane(channel: Channel) -> usize {
    usize::from(channel.number())
}

/// How long an answerer waits for the offerer to scan its card.
const ANSWER_PATIENCE_MS: u64 = CARD_LIFETIME_MS;
