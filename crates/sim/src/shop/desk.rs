//! Asking a device something and waiting for its reply, in fair weather.

use device::api::{Command, Notice, Reply, Request, RequestId};

use super::reach::Reach;
use super::{Stuck, Till};
use crate::crypto::CryptoHands;
use crate::world::{NodeId, Told, World};

/// How long a reply may take in fair weather, milliseconds. Pairing opens a link first.
const REPLY_MS_MAX: u64 = 120_000;

/// Numbers requests and keeps what was told meanwhile.
#[derive(Debug, Default)]
pub struct Desk {
    requests: u64,
    /// What was told while waiting for something else, oldest first.
    aside: Vec<Told<Notice>>,
    /// Who hears everything, on a day; what nobody else of a day hears is not kept then.
    reach: Option<Reach>,
}

impl Desk {
    /// From here on looks how far sales get in a world of so many nodes.
    pub(super) fn begin_reach(&mut self, nodes: usize) {
        self.reach = Some(Reach::new(nodes));
    }

    /// Who looks how far sales get.
    pub(super) fn reach(&mut self) -> Option<&mut Reach> {
        self.reach.as_mut()
    }

    /// Asks and does not wait; gives the request's number, or `None` when the node is off.
    pub fn post<M: Till, H: CryptoHands>(
        &mut self,
        world: &mut World<M, H>,
        node: NodeId,
        request: Request,
    ) -> Option<RequestId> {
        self.requests += 1;
        let id = RequestId(self.requests);
        world.command(node, Command { id, request }).then_some(id)
    }

    /// Asks a tab that has lost the lock, if there is one that is awake, and does not wait.
    pub fn tap_old_tab<M: Till, H: CryptoHands>(
        &mut self,
        world: &mut World<M, H>,
        node: NodeId,
        request: Request,
    ) {
        self.requests += 1;
        let id = RequestId(self.requests);
        world.command_old_tab(node, Command { id, request });
    }

    /// Asks and waits for the reply.
    ///
    /// # Errors
    /// [`Stuck::NoReply`].
    pub fn ask<M: Till, H: CryptoHands>(
        &mut self,
        world: &mut World<M, H>,
        node: NodeId,
        request: Request,
    ) -> Result<Reply, Stuck> {
        let stuck = Stuck::NoReply {
            node,
            request: format!("{request:?}"),
        };
        let Some(id) = self.post(world, node, request) else {
            return Err(stuck);
        };
        let wanted = |told: &Told<Notice>| {
            told.node == node && matches!(&told.notice, Notice::Reply(of, _) if *of == id)
        };
        match self.wait(world, REPLY_MS_MAX, wanted) {
            Some(Told {
                notice: Notice::Reply(_, reply),
                ..
            }) => Ok(reply),
            _ => Err(stuck),
        }
    }

    /// Waits until a node says that it can be used.
    ///
    /// # Errors
    /// [`Stuck::NotReady`].
    pub fn wait_ready<M: Till, H: CryptoHands>(
        &mut self,
        world: &mut World<M, H>,
        node: NodeId,
    ) -> Result<(), Stuck> {
        let wanted = |told: &Told<Notice>| told.node == node && told.notice == Notice::Ready;
        if self.aside.iter().any(wanted) {
            return Ok(());
        }
        let ready = self.wait(world, REPLY_MS_MAX, wanted);
        ready.map(|_| ()).ok_or(Stuck::NotReady(node))
    }

    /// Takes everything told and not waited for, oldest first.
    pub fn take_told<M: Till, H: CryptoHands>(
        &mut self,
        world: &mut World<M, H>,
    ) -> Vec<Told<Notice>> {
        let news = self.hear(world);
        let mut told = std::mem::take(&mut self.aside);
        told.extend(news);
        told
    }

    fn hear<M: Till, H: CryptoHands>(&mut self, world: &mut World<M, H>) -> Vec<Told<Notice>> {
        let mut told = world.take_told();
        if let Some(reach) = &mut self.reach {
            told.iter().for_each(|told| reach.hear(told));
            told.retain(|told| matches!(told.notice, Notice::Ready | Notice::Reply(..)));
        }
        told
    }

    fn wait<M: Till, H: CryptoHands>(
        &mut self,
        world: &mut World<M, H>,
        ms_max: u64,
        wanted: impl Fn(&Told<Notice>) -> bool,
    ) -> Option<Told<Notice>> {
        let latest = world.now().plus_ms(ms_max);
        loop {
            let mut told = self.hear(world);
            let found = told
                .iter()
                .position(&wanted)
                .map(|place| told.remove(place));
            self.aside.append(&mut told);
            if found.is_some() {
                return found;
            }
            if !world.run_until_true(latest, |world| !world.told().is_empty()) {
                return None;
            }
        }
    }
}
