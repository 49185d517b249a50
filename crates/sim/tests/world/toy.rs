//! A toy machine: every node counts things, stores each count strictly before it says so, and
//! tells everybody else. Small, but it uses every kind of effect that moves or stores.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use base::card::Description;
use base::effect::{
    Change, Durability, LinkTask, Query, SignalTask, StorageTrouble, Table, Transaction,
};
use base::machine::{Channel, SignalEvent};
use base::{
    Answer, DeviceId, Effect, EffectId, Input, LinkEvent, LinkId, Machine, Now, Output, Random,
};
use sim::NodeId;

/// How often a toy looks for others.
const SEARCH_MS: u64 = 3_000;
const ROOM: [u8; 16] = [9; 16];

/// What a toy can be asked.
#[derive(Debug)]
pub struct CountOne;

/// What a toy tells.
#[derive(Debug, PartialEq, Eq)]
pub enum Said {
    /// It has read what it stored.
    Ready,
    /// A count is durable; its number.
    Counted(u64),
    /// The store refused.
    Refused,
    /// A count of its own was there already.
    Confused,
}

/// One count: whose, and its number there.
pub type Fact = (u8, u64);

#[derive(Debug)]
struct Link {
    peer: Option<DeviceId>,
    offers: bool,
    is_open: bool,
}

/// The machine.
#[derive(Debug)]
pub struct Toy {
    me: DeviceId,
    facts: BTreeSet<Fact>,
    next: u64,
    is_ready: bool,
    /// Transactions under way; the strict ones are its own counts.
    storing: BTreeMap<EffectId, (Durability, Vec<Fact>)>,
    /// What others counted and the disk refused.
    unstored: BTreeSet<Fact>,
    links: BTreeMap<LinkId, Link>,
    peers: BTreeSet<DeviceId>,
    links_made: u32,
    effects_made: u64,
    search_at: u64,
    outputs: VecDeque<Output<Said>>,
}

impl Toy {
    /// A toy that reads its disk first.
    pub fn new(node: NodeId, nodes: u32) -> Self {
        let device = |number: u32| DeviceId([number.to_be_bytes()[3]; 16]);
        let mut toy = Self {
            me: device(node.0),
            facts: BTreeSet::new(),
            next: 0,
            is_ready: false,
            storing: BTreeMap::new(),
            unstored: BTreeSet::new(),
            links: BTreeMap::new(),
            peers: (0..nodes).map(device).collect(),
            links_made: 0,
            effects_made: 0,
            search_at: SEARCH_MS,
            outputs: VecDeque::new(),
        };
        toy.load();
        toy.want(Effect::Signal(SignalTask::Join {
            room: ROOM,
            device: toy.me,
        }));
        toy
    }

    /// Everything it knows to be counted.
    pub fn facts(&self) -> &BTreeSet<Fact> {
        &self.facts
    }

    fn load(&mut self) {
        self.want(Effect::Load(vec![Query::Range {
            table: Table::Segments,
            from: vec![],
            to: vec![255; 10],
            limit: u32::MAX,
        }]));
    }

    fn want(&mut self, effect: Effect) -> EffectId {
        let id = EffectId(self.effects_made);
        self.effects_made += 1;
        self.outputs.push_back(Output::Effect(id, effect));
        id
    }

    fn say(&mut self, said: Said) {
        self.outputs.push_back(Output::Notice(said));
    }

    fn count_one(&mut self) {
        if !self.is_ready {
            return self.say(Said::Refused);
        }
        self.next += 1;
        self.store(vec![(self.me.0[0], self.next)], Durability::Strict);
    }

    fn store(&mut self, facts: Vec<Fact>, durability: Durability) {
        let changes = facts.iter().map(|(device, number)| {
            let table = Table::Segments;
            let key = [&[*device][..], &number.to_be_bytes()].concat();
            let value = vec![1];
            if durability == Durability::Strict {
                Change::Add { table, key, value }
            } else {
                Change::Put { table, key, value }
            }
        });
        let changes = changes.collect();
        let id = self.want(Effect::Store(Transaction {
            durability,
            changes,
        }));
        self.storing.insert(id, (durability, facts));
    }

    fn answered(&mut self, id: EffectId, answer: Answer) {
        match answer {
            Answer::Loaded(Ok(answers)) => {
                for (key, _) in answers.into_iter().flatten() {
                    let number = u64::from_be_bytes(key[1..].try_into().unwrap());
                    self.facts.insert((key[0], number));
                    if key[0] == self.me.0[0] {
                        self.next = self.next.max(number);
                    }
                }
                self.is_ready = true;
                self.say(Said::Ready);
            }
            Answer::Loaded(Err(_)) => self.load(),
            Answer::Stored(done) => {
                let (durability, facts) = self.storing.remove(&id).unwrap();
                self.stored(durability, &facts, done);
            }
            other => panic!("a toy never asked for {other:?}"),
        }
    }

    fn stored(&mut self, durability: Durability, facts: &[Fact], done: Result<(), StorageTrouble>) {
        let is_own = durability == Durability::Strict;
        match done {
            Ok(()) => {
                for (_, number) in facts.iter().filter(|_| is_own) {
                    self.say(Said::Counted(*number));
                }
                self.facts.extend(facts);
                self.tell_all(facts);
            }
            // A number that could not be stored stays unused: the next one is higher.
            Err(StorageTrouble::Conflict) => self.say(Said::Confused),
            Err(_) if is_own => self.say(Said::Refused),
            // Nobody sends it again on this link, so it is tried until the disk is well.
            Err(_) => self.unstored.extend(facts),
        }
    }

    fn tell_all(&mut self, facts: &[Fact]) {
        let open = self.links.iter().filter(|(_, link)| link.is_open);
        let open: Vec<LinkId> = open.map(|(id, _)| *id).collect();
        for link in open {
            self.tell(link, facts.iter().copied(), Channel::Live);
        }
    }

    fn tell(&mut self, link: LinkId, facts: impl Iterator<Item = Fact>, channel: Channel) {
        for (device, number) in facts {
            let frame = [&[device][..], &number.to_be_bytes()].concat();
            self.want(Effect::Link(link, LinkTask::Send(channel, frame)));
        }
    }

    fn linked(&mut self, id: LinkId, event: LinkEvent) {
        match event {
            LinkEvent::Described(description) => {
                let link = self.links.get(&id).unwrap();
                let (to, kind) = (link.peer.unwrap(), u8::from(!link.offers));
                let sealed = pack(kind, &description);
                self.want(Effect::Signal(SignalTask::Send { to, sealed }));
            }
            LinkEvent::Open { .. } => {
                self.links.get_mut(&id).unwrap().is_open = true;
                let all: Vec<Fact> = self.facts.iter().copied().collect();
                self.tell(id, all.into_iter(), Channel::Bulk);
            }
            LinkEvent::Frame(frame) => {
                assert!(self.links[&id].is_open, "a frame before the link is open");
                let number = u64::from_be_bytes(frame[1..].try_into().unwrap());
                let fact = (frame[0], number);
                if !self.facts.contains(&fact) {
                    self.store(vec![fact], Durability::Relaxed);
                }
            }
            LinkEvent::Down { .. } => {
                self.links.remove(&id);
            }
        }
    }

    fn signalled(&mut self, event: SignalEvent) {
        match event {
            SignalEvent::Arrived(device) => self.offer(device),
            SignalEvent::Received { from, sealed } => {
                let (kind, description) = unpack(&sealed);
                if kind == 0 {
                    let link = self.new_link(from, false);
                    self.want(Effect::Link(link, LinkTask::Answer(description)));
                } else {
                    let waiting =
                        |(_, l): &(&LinkId, &Link)| l.peer == Some(from) && l.offers && !l.is_open;
                    if let Some((link, _)) = self.links.iter().find(waiting) {
                        let link = *link;
                        self.want(Effect::Link(link, LinkTask::Accept(description)));
                    }
                }
            }
            SignalEvent::Joined | SignalEvent::Left => {}
        }
    }

    fn offer(&mut self, peer: DeviceId) {
        let link = self.new_link(peer, true);
        self.want(Effect::Link(link, LinkTask::Offer));
    }

    fn new_link(&mut self, peer: DeviceId, offers: bool) -> LinkId {
        let same = |(_, l): &(&LinkId, &Link)| l.peer == Some(peer);
        let old: Vec<LinkId> = self.links.iter().filter(same).map(|(id, _)| *id).collect();
        for link in old {
            self.links.remove(&link);
            self.want(Effect::Link(link, LinkTask::Close));
        }
        let id = LinkId(self.links_made);
        self.links_made += 1;
        let link = Link {
            peer: Some(peer),
            offers,
            is_open: false,
        };
        self.links.insert(id, link);
        id
    }

    /// Stores what was refused, and offers a link to everybody with a higher id who has none
    /// that is open.
    fn search(&mut self, now: Now) {
        self.search_at = now.mono_ms + SEARCH_MS;
        let again: Vec<Fact> = std::mem::take(&mut self.unstored).into_iter().collect();
        if !again.is_empty() {
            self.store(again, Durability::Relaxed);
        }
        let open = self.links.values().filter(|l| l.is_open);
        let open: BTreeSet<DeviceId> = open.filter_map(|l| l.peer).collect();
        let higher = self.peers.range(self.me..).filter(|p| **p != self.me);
        let lacking: Vec<DeviceId> = higher.filter(|p| !open.contains(p)).copied().collect();
        for peer in lacking {
            self.offer(peer);
        }
    }
}

impl Machine for Toy {
    type Command = CountOne;
    type Notice = Said;

    fn handle(&mut self, now: Now, _random: &mut dyn Random, input: Input<CountOne>) {
        match input {
            Input::Command(CountOne) => self.count_one(),
            Input::Answer(id, answer) => self.answered(id, answer),
            Input::Link(link, event) if self.links.contains_key(&link) => self.linked(link, event),
            Input::Link(..) => {}
            Input::Signal(event) => self.signalled(event),
            Input::Timeout => self.search(now),
        }
    }

    fn poll(&mut self) -> Option<Output<Said>> {
        self.outputs.pop_front()
    }

    fn deadline(&self) -> Option<u64> {
        Some(self.search_at)
    }
}

fn pack(kind: u8, description: &Description) -> Vec<u8> {
    let mut bytes = vec![kind];
    bytes.extend(description.fingerprint);
    bytes.extend(description.ufrag.as_bytes());
    bytes.push(b' ');
    bytes.extend(description.password.as_bytes());
    bytes
}

fn unpack(bytes: &[u8]) -> (u8, Description) {
    let text = std::str::from_utf8(&bytes[33..]).unwrap();
    let (ufrag, password) = text.split_once(' ').unwrap();
    let description = Description {
        ufrag: ufrag.into(),
        password: password.into(),
        fingerprint: bytes[1..33].try_into().unwrap(),
        candidates: Vec::new(),
    };
    (bytes[0], description)
}
