//! How two ends find each other: each must hold the other's description.

use base::card::{Candidate, Description};
use base::{LinkEvent, Random};

use super::{ANSWER_PATIENCE_MS, Connection, Endpoint, Network, NetworkEvent, Plan};
use crate::clock::Moment;

/// How long two ends wait between tries while the path is blocked, milliseconds.
const RETRY_MS: u64 = 500;

/// One end, from `Offer` or `Answer` until it is closed or down.
#[derive(Debug)]
pub(super) struct End {
    local: Description,
    remote: Option<Description>,
    offers: bool,
    /// Whether it ever opened, or was refused.
    pub met: bool,
    /// The connection and its side in it, while open.
    pub connection: Option<(u32, usize)>,
}

impl Network {
    /// Begins an end: an offerer, or an answerer of `offer`.
    pub(super) fn begin(
        &mut self,
        now: Moment,
        at: Endpoint,
        offer: Option<Description>,
        plan: &mut Plan,
    ) {
        if self.ends.contains_key(&at) {
            self.breaches.push(format!("{at:?} was begun twice"));
            return;
        }
        let local = self.describe(at);
        let described = LinkEvent::Described(local.clone());
        let delay = self.random.duration(self.settings.describing);
        plan.push((now + delay, NetworkEvent::Tell(at, described)));
        let answers = offer.is_some();
        self.by_ufrag.insert(local.ufrag.clone(), at);
        let end = End {
            local,
            remote: offer,
            offers: !answers,
            met: false,
            connection: None,
        };
        self.ends.insert(at, end);
        if answers {
            plan.push((now.plus_ms(ANSWER_PATIENCE_MS), NetworkEvent::GiveUp(at)));
        }
    }

    /// Gives an offerer the answer to its offer. A second answer changes nothing.
    pub(super) fn accept(
        &mut self,
        now: Moment,
        at: Endpoint,
        answer: Description,
        plan: &mut Plan,
    ) {
        let Some(end) = self.ends.get_mut(&at) else {
            return;
        };
        if !end.offers || end.remote.is_some() {
            return;
        }
        let answerer = self.by_ufrag.get(&answer.ufrag).copied();
        end.remote = Some(answer);
        let give_up = now.plus_ms(self.settings.open_timeout_ms);
        plan.push((give_up, NetworkEvent::GiveUp(at)));
        if let Some(answerer) = answerer {
            let delay = self.random.duration(self.settings.opening);
            plan.push((now + delay, NetworkEvent::Meet(at, answerer)));
        }
    }

    /// Opens both ends when each holds the other's description and the path is free.
    pub(super) fn meet(
        &mut self,
        now: Moment,
        offerer: Endpoint,
        answerer: Endpoint,
        plan: &mut Plan,
    ) {
        let (Some(a), Some(b)) = (self.ends.get(&offerer), self.ends.get(&answerer)) else {
            return;
        };
        if a.met || b.met || !addresses(a, b) || !addresses(b, a) {
            return;
        }
        let there = (offerer.node, answerer.node);
        if self.is_blocked(there.0, there.1) || self.is_blocked(there.1, there.0) {
            let again = NetworkEvent::Meet(offerer, answerer);
            plan.push((now.plus_ms(RETRY_MS), again));
            return;
        }
        let [a_print, b_print] = [a.local.fingerprint, b.local.fingerprint];
        let honest = trusts(a, b) && trusts(b, a);
        let late = now + self.random.duration(self.settings.latency[0]);
        let opens = [now, late];
        let id = self.connections_made;
        self.connections_made += 1;
        let sides = [(offerer, a_print, b_print), (answerer, b_print, a_print)];
        for (side, (at, local, remote)) in sides.into_iter().enumerate() {
            let event = if honest {
                LinkEvent::Open { local, remote }
            } else {
                LinkEvent::Down {
                    reason: "the certificate is not the one of the description".into(),
                }
            };
            plan.push((opens[side], NetworkEvent::Tell(at, event)));
            if let Some(end) = self.ends.get_mut(&at) {
                end.met = true;
                end.connection = honest.then_some((id, side));
            }
        }
        if honest {
            self.counters.opened += 1;
            self.connections
                .insert(id, Connection::new([offerer, answerer], opens));
        }
    }

    /// Forgets an end; its number is of no use any more.
    pub(super) fn forget(&mut self, at: Endpoint) {
        if let Some(end) = self.ends.remove(&at) {
            self.by_ufrag.remove(&end.local.ufrag);
        }
    }

    fn describe(&mut self, at: Endpoint) -> Description {
        let mut secret = [0; 16];
        self.random.fill(&mut secret);
        let mut fingerprint = [0; 32];
        self.random.fill(&mut fingerprint);
        let hex = |bytes: &[u8]| bytes.iter().map(|b| format!("{b:02x}")).collect::<String>();
        let [_, third, fourth, fifth] = at.node.0.to_be_bytes();
        let address = ([10, third, fourth, fifth], 50_000).into();
        Description {
            ufrag: hex(&secret[..4]),
            password: hex(&secret[4..]),
            fingerprint,
            candidates: vec![Candidate::Address(address)],
        }
    }
}

/// Whether `one` was given `other`'s fragment and password, as ICE (RFC 8445) checks.
fn addresses(one: &End, other: &End) -> bool {
    one.remote.as_ref().is_some_and(|remote| {
        remote.ufrag == other.local.ufrag && remote.password == other.local.password
    })
}

/// Whether `one` was given `other`'s certificate, as DTLS checks.
fn trusts(one: &End, other: &End) -> bool {
    one.remote
        .as_ref()
        .is_some_and(|remote| remote.fingerprint == other.local.fingerprint)
}
