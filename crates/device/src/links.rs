//! Live connections: what each is for, how far it is, and who is on the other side.

use std::collections::BTreeMap;

use base::card::Card;
use base::effect::LinkTask;
use base::limits::{CARD_LIFETIME_MS, LINKS_MAX, MESSAGE_TIMEOUT_MS};
use base::machine::Channel;
use base::{DeviceId, Effect, LinkId};
use sync_core::{Counters, Established, Handshake, Link, Role};

use crate::api::{Admission, RequestId};
use crate::outbox::Turn;

/// Why a connection was begun.
#[derive(Debug, Clone)]
pub enum Aim {
    /// We are new and show our card.
    Join,
    /// We are a member without a road to the others and show our card.
    Return,
    /// We answered the card of a newcomer; `consent` is the approval given beforehand.
    Admit {
        /// The approval, where it was given beforehand.
        consent: Option<Admission>,
    },
    /// We offer, or answer, to a member.
    Member(DeviceId),
}

/// How far a connection is.
pub enum Stage {
    /// Our side is being described.
    Describing,
    /// Our card is shown; the answer is not here yet.
    Shown,
    /// Both sides know each other; nothing came through yet.
    Connecting,
    /// Both sides prove their keys.
    Proving(Box<(Link, Handshake)>),
    /// Proven.
    Up(Box<(Link, Established)>),
}

/// One connection.
pub struct Live {
    /// Who offered.
    pub role: Role,
    /// Why.
    pub aim: Aim,
    /// Our card.
    pub mine: Option<Card>,
    /// Theirs.
    pub theirs: Option<Card>,
    /// Who waits for our card, or for the link to be up.
    pub request: Option<RequestId>,
    /// Who waits for the round of comparing that is under way.
    pub comparing: Vec<RequestId>,
    /// How far it is.
    pub stage: Stage,
    /// When this stage began, by [`base::Now::mono_ms`].
    pub since_ms: u64,
}

impl Live {
    /// The device on the other side, once proven.
    pub fn peer(&self) -> Option<DeviceId> {
        match &self.stage {
            Stage::Up(up) => Some(up.1.peer),
            _ => None,
        }
    }

    /// The frames' side of the connection, once bytes flow.
    pub fn link(&mut self) -> Option<&mut Link> {
        match &mut self.stage {
            Stage::Proving(proving) => Some(&mut proving.0),
            Stage::Up(up) => Some(&mut up.0),
            _ => None,
        }
    }

    /// What went through it, once bytes flow.
    fn counters(&self) -> Option<&Counters> {
        match &self.stage {
            Stage::Proving(proving) => Some(proving.0.counters()),
            Stage::Up(up) => Some(up.0.counters()),
            _ => None,
        }
    }

    /// What has come of messages whose end has not, once it is proven.
    pub fn begun(&self) -> impl Iterator<Item = (Channel, &[u8])> {
        let proven = match &self.stage {
            Stage::Up(up) => Some(&up.0),
            _ => None,
        };
        proven.into_iter().flat_map(Link::begun)
    }

    /// Whom it is for, proven or not.
    pub fn intended(&self) -> Option<DeviceId> {
        match (&self.aim, self.peer()) {
            (_, Some(peer)) => Some(peer),
            (Aim::Member(device), None) => Some(*device),
            _ => None,
        }
    }

    /// When it has taken too long at this stage.
    fn expires_ms(&self) -> Option<u64> {
        let by_hand = !matches!(self.aim, Aim::Member(_));
        match self.stage {
            Stage::Up(_) => None,
            // Somebody walks from one screen to the other.
            Stage::Shown | Stage::Connecting if by_hand => Some(self.since_ms + CARD_LIFETIME_MS),
            _ => Some(self.since_ms + MESSAGE_TIMEOUT_MS),
        }
    }
}

/// All connections of this device. At most [`LINKS_MAX`].
#[derive(Default)]
pub struct Links {
    next: u32,
    live: BTreeMap<LinkId, Live>,
    card_lapsed: bool,
    /// What went through links that are gone, by whom they were for.
    carried: BTreeMap<Option<DeviceId>, Counters>,
}

impl Links {
    /// Begins a connection. Where there are too many, the oldest to a member that is not proven
    /// makes room: nobody waits for it. `None` when there is none.
    pub fn begin(
        &mut self,
        role: Role,
        aim: Aim,
        theirs: Option<Card>,
        request: Option<RequestId>,
        turn: &mut Turn<'_>,
    ) -> Option<LinkId> {
        if self.room() == 0 {
            let gives_way =
                |live: &Live| live.peer().is_none() && matches!(live.aim, Aim::Member(_));
            let oldest = *self.live.iter().find(|(_, live)| gives_way(live))?.0;
            self.close(oldest, turn);
        }
        let id = LinkId(self.next);
        self.next += 1;
        self.card_lapsed &= !matches!(aim, Aim::Join | Aim::Return);
        let task = match &theirs {
            Some(card) => LinkTask::Answer(card.description.clone()),
            None => LinkTask::Offer,
        };
        turn.out.order(Effect::Link(id, task));
        let (stage, since_ms) = (Stage::Describing, turn.now.mono_ms);
        let live = Live {
            role,
            aim,
            mine: None,
            theirs,
            request,
            comparing: Vec::new(),
            stage,
            since_ms,
        };
        self.live.insert(id, live);
        Some(id)
    }

    /// How many more connections there may be before one must make room.
    pub fn room(&self) -> usize {
        LINKS_MAX.saturating_sub(self.live.len())
    }

    /// Goes on to the next stage.
    pub fn reach(&mut self, id: LinkId, stage: Stage, turn: &Turn<'_>) {
        if let Some(live) = self.live.get_mut(&id) {
            live.stage = stage;
            live.since_ms = turn.now.mono_ms;
        }
    }

    /// A connection.
    pub fn get(&self, id: LinkId) -> Option<&Live> {
        self.live.get(&id)
    }

    /// A connection, to be changed.
    pub fn get_mut(&mut self, id: LinkId) -> Option<&mut Live> {
        self.live.get_mut(&id)
    }

    /// Every connection, oldest first.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (LinkId, &Live)> {
        self.live.iter().map(|(id, live)| (*id, live))
    }

    /// The numbers of all connections.
    pub fn ids(&self) -> Vec<LinkId> {
        self.live.keys().copied().collect()
    }

    /// The proven connection to a device.
    pub fn to(&self, device: DeviceId) -> Option<LinkId> {
        self.iter()
            .find(|(_, live)| live.peer() == Some(device))
            .map(|(id, _)| id)
    }

    /// The frames' side of the proven connection to a device.
    pub fn up_to(&self, device: DeviceId) -> Option<&Link> {
        self.live.values().find_map(|live| match &live.stage {
            Stage::Up(up) if up.1.peer == device => Some(&up.0),
            _ => None,
        })
    }

    /// Devices that are linked now.
    pub fn linked(&self) -> Vec<DeviceId> {
        self.iter().filter_map(|(_, live)| live.peer()).collect()
    }

    /// Whether a connection to a device is there or on its way.
    pub fn pursued(&self, device: DeviceId) -> bool {
        self.iter().any(|(_, live)| live.intended() == Some(device))
    }

    /// Our shown cards that the other device may answer, oldest first.
    pub fn shown(&self) -> impl DoubleEndedIterator<Item = (LinkId, &Live)> {
        let open = |live: &Live| {
            matches!(live.stage, Stage::Shown) && matches!(live.aim, Aim::Join | Aim::Return)
        };
        self.iter().filter(move |(_, live)| open(live))
    }

    /// Whether our last shown card was taken back because of its age, and no newer one is shown.
    pub fn card_lapsed(&self) -> bool {
        self.card_lapsed
    }

    /// Takes note that a card of ours became too old.
    pub fn lapse_card(&mut self, id: LinkId) {
        let by_hand = |live: &Live| matches!(live.aim, Aim::Join | Aim::Return);
        self.card_lapsed |= self.get(id).is_some_and(by_hand);
    }

    /// Closes a connection and forgets it; gives it for whoever waits on it.
    pub fn close(&mut self, id: LinkId, turn: &mut Turn<'_>) -> Option<Live> {
        turn.out.order(Effect::Link(id, LinkTask::Close));
        self.forget(id)
    }

    /// Forgets a connection that is down.
    pub fn forget(&mut self, id: LinkId) -> Option<Live> {
        let live = self.live.remove(&id)?;
        if let Some(counters) = live.counters() {
            let carried = self.carried.entry(live.intended()).or_default();
            carried.add(counters);
        }
        Some(live)
    }

    /// What went through all links so far, by whom they were for; `None`: nobody that we know.
    pub fn carried(&self) -> BTreeMap<Option<DeviceId>, Counters> {
        let mut carried = self.carried.clone();
        for live in self.live.values() {
            if let Some(counters) = live.counters() {
                carried.entry(live.intended()).or_default().add(counters);
            }
        }
        carried
    }

    /// Connections that have taken too long.
    pub fn expired(&self, mono_ms: u64) -> Vec<LinkId> {
        let late = |live: &Live| live.expires_ms().is_some_and(|at| at <= mono_ms);
        self.iter()
            .filter(|(_, live)| late(live))
            .map(|(id, _)| id)
            .collect()
    }

    /// When [`Links::expired`], or the heartbeat of a link, is due.
    pub fn deadline(&self) -> Option<u64> {
        let due = |live: &Live| {
            let beat = match &live.stage {
                Stage::Proving(proving) => Some(proving.0.deadline()),
                Stage::Up(up) => Some(up.0.deadline()),
                _ => None,
            };
            beat.into_iter().chain(live.expires_ms()).min()
        };
        self.live.values().filter_map(due).min()
    }

    /// Hands over the frames that wait in a connection.
    pub fn flush(&mut self, id: LinkId, turn: &mut Turn<'_>) {
        let Some(link) = self.live.get_mut(&id).and_then(Live::link) else {
            return;
        };
        while let Some((channel, frame)) = link.poll() {
            turn.out
                .order(Effect::Link(id, LinkTask::Send(channel, frame)));
        }
    }
}
