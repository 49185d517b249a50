//! The meeting place for offers: rooms at the relay that serves the app. Sealed messages pass
//! between devices that are in one room at the same time; nothing is kept.
//!
//! It introduces neighbours of a graph to each other and nobody else, so that a shop of many tills
//! can be played as one that is too big for everybody to be linked with everybody.

use std::collections::BTreeMap;

use base::DeviceId;
use base::effect::SignalTask;
use base::limits::SIGNAL_BYTES_MAX;
use base::machine::SignalEvent;
use base::meeting::PUSHED_OUT_MS;

use crate::clock::Moment;
use crate::graph::Graph;
use crate::random::{SeededRandom, Spread};
use crate::world::NodeId;

/// One life of a node, as the relay sees it: a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Visitor {
    /// Which node.
    pub node: NodeId,
    /// In which of its lives.
    pub life: u32,
}

/// Something that happens at a later moment; the world hands it back then.
#[derive(Debug)]
pub enum RoomEvent {
    /// A visitor comes into a room.
    Enter(Visitor, [u8; 16], DeviceId),
    /// A visitor hears something.
    Tell(Visitor, SignalEvent),
}

/// Events to schedule, with their moments.
pub type Plan = Vec<(Moment, RoomEvent)>;

/// What the meeting place has done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RoomCounters {
    /// Messages passed on.
    pub passed: u64,
    /// Messages to somebody who was not there.
    pub undelivered: u64,
}

/// The rooms.
#[derive(Debug)]
pub struct MeetingPlace {
    random: SeededRandom,
    graph: Graph,
    latency: Spread,
    /// How long the hands wait before they try again.
    retrying: Spread,
    /// How long they wait where another connection of their device pushed them out.
    returning: Spread,
    is_up: bool,
    /// Rooms that visitors want to be in.
    wanted: BTreeMap<(Visitor, [u8; 16]), DeviceId>,
    /// Who is in which room.
    present: BTreeMap<([u8; 16], DeviceId), Visitor>,
    counters: RoomCounters,
    breaches: Vec<String>,
}

impl MeetingPlace {
    /// Empty rooms in which neighbours of this graph meet.
    pub fn new(random: SeededRandom, graph: Graph) -> Self {
        Self {
            random,
            graph,
            latency: Spread::even(1_000, 15_000).with_tail(500_000, 5_000),
            retrying: Spread::even(500_000, 8_000_000),
            returning: Spread::even(PUSHED_OUT_MS.start * 1_000, PUSHED_OUT_MS.end * 1_000),
            is_up: true,
            wanted: BTreeMap::new(),
            present: BTreeMap::new(),
            counters: RoomCounters::default(),
            breaches: Vec::new(),
        }
    }

    /// Does what a machine asks.
    pub fn perform(&mut self, now: Moment, who: Visitor, task: SignalTask, plan: &mut Plan) {
        match task {
            SignalTask::Join { room, device } => {
                self.wanted.insert((who, room), device);
                if self.is_up {
                    let at = now + self.random.duration(self.latency);
                    plan.push((at, RoomEvent::Enter(who, room, device)));
                }
            }
            SignalTask::Send { to, sealed } => self.pass_on(now, who, to, sealed, plan),
            SignalTask::Leave => self.visitor_gone(who),
        }
    }

    fn pass_on(
        &mut self,
        now: Moment,
        who: Visitor,
        to: DeviceId,
        sealed: Vec<u8>,
        plan: &mut Plan,
    ) {
        if sealed.len() > SIGNAL_BYTES_MAX {
            let size = sealed.len();
            self.breaches
                .push(format!("{who:?} sent a signal of {size} bytes"));
            return;
        }
        let sender = self.present.iter().filter(|(_, visitor)| **visitor == who);
        let mut met = sender.filter_map(|((room, from), _)| {
            let reader = self.present.get(&(*room, to))?;
            let meets = self.graph.joins(who.node, reader.node);
            meets.then_some((*from, *reader))
        });
        let Some((from, reader)) = met.next() else {
            self.counters.undelivered += 1;
            return;
        };
        self.counters.passed += 1;
        let at = now + self.random.duration(self.latency);
        let received = SignalEvent::Received { from, sealed };
        plan.push((at, RoomEvent::Tell(reader, received)));
    }

    /// Does what was planned for now; gives what a visitor hears, if anything.
    pub fn happen(
        &mut self,
        now: Moment,
        event: RoomEvent,
        plan: &mut Plan,
    ) -> Option<(Visitor, SignalEvent)> {
        match event {
            RoomEvent::Tell(who, event) => Some((who, event)),
            RoomEvent::Enter(who, room, device) => {
                let wanted = self.wanted.contains_key(&(who, room));
                let inside = self.present.get(&(room, device)) == Some(&who);
                if !self.is_up || !wanted || inside {
                    return None;
                }
                for ((other_room, other), visitor) in &self.present {
                    let meets = self.graph.joins(who.node, visitor.node);
                    if *other_room == room && *other != device && meets {
                        let at = now + self.random.duration(self.latency);
                        let arrived = SignalEvent::Arrived(device);
                        plan.push((at, RoomEvent::Tell(*visitor, arrived)));
                    }
                }
                if let Some(before) = self.present.insert((room, device), who) {
                    // The relay closes the older connection of a device, and its hands come back.
                    let told = now + self.random.duration(self.latency);
                    plan.push((told, RoomEvent::Tell(before, SignalEvent::Left)));
                    let back = now + self.random.duration(self.returning);
                    plan.push((back, RoomEvent::Enter(before, room, device)));
                }
                Some((who, SignalEvent::Joined))
            }
        }
    }

    /// A visitor left or died. Nobody is told: the room has no list to watch.
    pub fn visitor_gone(&mut self, who: Visitor) {
        self.wanted.retain(|(visitor, _), _| *visitor != who);
        self.present.retain(|_, visitor| *visitor != who);
    }

    /// Switches the relay on or off. Whoever wants to be in a room comes back with backoff.
    pub fn set_up(&mut self, now: Moment, is_up: bool, plan: &mut Plan) {
        if self.is_up == is_up {
            return;
        }
        self.is_up = is_up;
        if is_up {
            for ((who, room), device) in &self.wanted {
                let at = now + self.random.duration(self.retrying);
                plan.push((at, RoomEvent::Enter(*who, *room, *device)));
            }
        } else {
            for who in std::mem::take(&mut self.present).into_values() {
                let at = now + self.random.duration(self.latency);
                plan.push((at, RoomEvent::Tell(who, SignalEvent::Left)));
            }
        }
    }

    /// Who meets whom.
    pub fn graph(&self) -> &Graph {
        &self.graph
    }

    /// Whether the relay is on.
    pub fn is_up(&self) -> bool {
        self.is_up
    }

    /// What it has done so far.
    pub fn counters(&self) -> RoomCounters {
        self.counters
    }

    /// What machines did that their contract forbids.
    pub fn breaches(&self) -> &[String] {
        &self.breaches
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::EventQueue;

    const ROOM: [u8; 16] = [1; 16];
    const FRONT: DeviceId = DeviceId([1; 16]);
    const BACK: DeviceId = DeviceId([2; 16]);

    /// The rooms with their own little event loop.
    struct Bench {
        place: MeetingPlace,
        queue: EventQueue<RoomEvent>,
        now: Moment,
    }

    impl Bench {
        fn new() -> Self {
            Self::of(Graph::complete(3))
        }

        fn of(graph: Graph) -> Self {
            Self {
                place: MeetingPlace::new(SeededRandom::new(1, "room test", 0), graph),
                queue: EventQueue::default(),
                now: Moment::default(),
            }
        }

        fn perform(&mut self, node: u32, task: SignalTask) {
            let mut plan = Plan::new();
            self.place.perform(self.now, visitor(node), task, &mut plan);
            self.plan(plan);
        }

        fn join(&mut self, node: u32, room: [u8; 16], device: DeviceId) {
            self.perform(node, SignalTask::Join { room, device });
        }

        fn plan(&mut self, plan: Plan) {
            for (at, event) in plan {
                self.queue.schedule(at, event);
            }
        }

        fn set_up(&mut self, is_up: bool) {
            let mut plan = Plan::new();
            self.place.set_up(self.now, is_up, &mut plan);
            self.plan(plan);
        }

        /// Runs until nothing is left; gives what was heard, and by whom.
        fn run(&mut self) -> Vec<(u32, SignalEvent)> {
            std::iter::from_fn(|| self.step()).flatten().collect()
        }

        /// Does what comes next; gives what is heard of it, if anything.
        fn step(&mut self) -> Option<Option<(u32, SignalEvent)>> {
            let (at, event) = self.queue.pop()?;
            self.now = at;
            let mut plan = Plan::new();
            let told = self.place.happen(at, event, &mut plan);
            self.plan(plan);
            Some(told.map(|(who, event)| (who.node.0, event)))
        }
    }

    fn visitor(node: u32) -> Visitor {
        Visitor {
            node: NodeId(node),
            life: 0,
        }
    }

    fn to(to: DeviceId) -> SignalTask {
        SignalTask::Send {
            to,
            sealed: vec![7],
        }
    }

    #[test]
    fn whoever_is_in_the_room_hears_who_arrives_and_what_is_sent() {
        let mut bench = Bench::new();
        bench.join(0, ROOM, FRONT);
        assert_eq!(bench.run(), [(0, SignalEvent::Joined)]);
        bench.join(1, ROOM, BACK);
        let heard = bench.run();
        assert_eq!(heard[0], (1, SignalEvent::Joined));
        assert_eq!(heard[1..], [(0, SignalEvent::Arrived(BACK))]);
        bench.perform(1, to(FRONT));
        let received = SignalEvent::Received {
            from: BACK,
            sealed: vec![7],
        };
        assert_eq!(bench.run(), [(0, received)]);
    }

    #[test]
    fn rooms_do_not_hear_each_other_and_nothing_is_kept_for_later() {
        let mut bench = Bench::new();
        bench.join(0, ROOM, FRONT);
        bench.join(1, [2; 16], BACK);
        assert_eq!(bench.run().len(), 2);
        bench.perform(1, to(FRONT));
        assert_eq!(bench.run(), []);
        bench.place.visitor_gone(visitor(1));
        bench.perform(0, to(BACK));
        bench.join(1, ROOM, BACK);
        let received =
            |(_, event): &(u32, SignalEvent)| matches!(event, SignalEvent::Received { .. });
        assert!(!bench.run().iter().any(received));
        assert_eq!(bench.place.counters().undelivered, 2);
    }

    #[test]
    fn whoever_is_no_neighbour_hears_nobody_arrive_and_gets_no_message() {
        const THIRD: DeviceId = DeviceId([3; 16]);
        let ring = Graph::random(4, 2, &mut SeededRandom::new(1, "graph", 0));
        let order = ring.outwards(NodeId(0));
        let [one, near, _, far] = [0, 1, 2, 3].map(|place: usize| order[place].0);
        let mut bench = Bench::of(ring);
        bench.join(one, ROOM, FRONT);
        bench.join(far, ROOM, THIRD);
        let heard = bench.run();
        assert!(heard.iter().all(|(_, it)| *it == SignalEvent::Joined));
        bench.perform(far, to(FRONT));
        assert_eq!(bench.run(), []);
        assert_eq!(bench.place.counters().undelivered, 1);
        bench.join(near, ROOM, BACK);
        let arrived = SignalEvent::Arrived(BACK);
        assert!(bench.run().contains(&(one, arrived)));
    }

    #[test]
    fn an_outage_empties_the_room_and_everybody_comes_back_by_themselves() {
        let mut bench = Bench::new();
        bench.join(0, ROOM, FRONT);
        bench.run();
        bench.set_up(false);
        assert_eq!(bench.run(), [(0, SignalEvent::Left)]);
        bench.join(1, ROOM, BACK);
        assert_eq!(bench.run(), []);
        bench.set_up(true);
        let joined = |(_, event): &(u32, SignalEvent)| *event == SignalEvent::Joined;
        assert_eq!(bench.run().into_iter().filter(joined).count(), 2);
    }

    /// Two tabs of one device: while both are open, each pushes the other out.
    #[test]
    fn whoever_a_newer_connection_of_its_device_pushes_out_hears_so_and_comes_back() {
        let mut bench = Bench::new();
        bench.join(0, ROOM, FRONT);
        bench.run();
        bench.join(1, ROOM, FRONT);
        let joined = bench.step().flatten();
        assert_eq!(joined, Some((1, SignalEvent::Joined)));
        let left = bench.step().flatten();
        assert_eq!(left, Some((0, SignalEvent::Left)));
        bench.place.visitor_gone(visitor(1));
        assert_eq!(bench.run(), [(0, SignalEvent::Joined)]);
    }

    #[test]
    fn whoever_left_does_not_come_back_after_an_outage() {
        let mut bench = Bench::new();
        bench.join(0, ROOM, FRONT);
        bench.run();
        bench.perform(0, SignalTask::Leave);
        bench.set_up(false);
        bench.set_up(true);
        assert_eq!(bench.run(), []);
    }
}
