//! A till, or an owner's device, whose disk is copied while the weather rages: started beside it on
//! another machine, or put back in its place after it has sold on; and an owner who makes each machine
//! of a till a device of its own.

use device::api::{CopiedDevice, Notice, Reply, Request, RequestId, Status};

use crate::clock::Moment;
use crate::crypto::CryptoHands;
use crate::oracle::Oracle;
use crate::random::SeededRandom;
use crate::world::{Image, NodeId, Told, World};

use super::desk::Desk;
use super::{Day, FOUNDER, Stuck, Till, opening};

/// How often the owner looks whether a machine asks to be a device of its own, milliseconds.
const LOOK_EVERY_MS: u64 = 30_000;
/// After how many looks that brought nothing all is as it stays.
const QUIET_LOOKS: u32 = 4;

/// Somebody who copies a disk.
#[derive(Debug)]
pub(super) struct Copies<H> {
    /// Whose.
    of: NodeId,
    /// When the disk is copied, until it is.
    copied_at: Option<Moment>,
    /// When the copy is started, until it is, and on which node.
    started_at: Option<(Moment, NodeId)>,
    image: Option<(Moment, Image<H>)>,
    /// When the owner looks next.
    looks_at: Moment,
    /// What the founder's device was asked, until it answers or the owner looks again.
    asked: Option<RequestId>,
}

impl<H: CryptoHands> Copies<H> {
    /// What a day has in store that begins now; `None` when nobody copies anything.
    pub fn of(day: &Day, now: Moment) -> Option<Self> {
        let of = day.copied();
        let to = match (day.is_copied, day.is_rolled_back) {
            (true, _) => day.copy()?,
            (false, true) => of,
            (false, false) => return None,
        };
        let mut random = SeededRandom::new(day.world.seed, "copies", 0);
        let copied = random.below(day.selling_ms.max(2) / 2);
        let started = copied + random.below(day.selling_ms - copied);
        Some(Self {
            of,
            copied_at: Some(now.plus_ms(copied)),
            started_at: Some((now.plus_ms(started), to)),
            image: None,
            looks_at: now,
            asked: None,
        })
    }

    /// Copies the disk and starts the copy, each when it is time, and lets the owner look.
    pub fn look<M: Till>(&mut self, world: &mut World<M, H>, desk: &mut Desk, oracle: &mut Oracle) {
        let now = world.now();
        self.copy(now, world, oracle);
        if now >= self.looks_at {
            self.looks_at = now.plus_ms(LOOK_EVERY_MS);
            self.asked = desk.post(world, FOUNDER, Request::Status);
        }
    }

    /// Hears which machines ask, and lets them in.
    pub fn hear<M: Till>(&mut self, world: &mut World<M, H>, desk: &mut Desk, told: &Told<Notice>) {
        let Notice::Reply(id, Reply::Status(status)) = &told.notice else {
            return;
        };
        if told.node != FOUNDER || self.asked != Some(*id) {
            return;
        }
        for copied in status.copied.iter().filter(|it| !it.machines.is_empty()) {
            let count = copied.machines.len();
            world.note(format_args!("{count} machines of {} ask", copied.name));
            desk.post(world, FOUNDER, separate(copied));
        }
    }

    /// The day is over: what has not been done is done now.
    pub fn leave<M: Till>(&mut self, world: &mut World<M, H>, oracle: &mut Oracle) {
        let end = self.started_at.map_or(world.now(), |(at, _)| at);
        self.copy(end.max(world.now()), world, oracle);
    }

    fn copy<M: Till>(&mut self, now: Moment, world: &mut World<M, H>, oracle: &mut Oracle) {
        if self.copied_at.take_if(|at| now >= *at).is_some() {
            self.image = world.image(self.of).map(|image| (world.now(), image));
        }
        if let Some((copied, image)) = &self.image
            && let Some((_, to)) = self.started_at.take_if(|(at, _)| now >= *at)
        {
            // Until either knows of the other they take the same numbers.
            oracle.may_take_the_same_numbers([self.of, to]);
            oracle.overwritten(to, *copied);
            world.restore(to, image);
            world.start(to);
        }
    }
}

/// In fair weather: lets every machine in that asks, and opens anew whoever is another device then,
/// until nobody asks any more and nobody has changed for a while.
pub(super) fn separate_all<M: Till, H: CryptoHands>(
    world: &mut World<M, H>,
    desk: &mut Desk,
) -> Result<(), Stuck> {
    let mut quiet = 0;
    while quiet < QUIET_LOOKS {
        world.run_for_ms(LOOK_EVERY_MS);
        quiet += 1;
        for copied in status(world, desk, FOUNDER)?.copied {
            if !copied.machines.is_empty() {
                desk.ask(world, FOUNDER, separate(&copied))?;
                quiet = 0;
            }
        }
        for node in world.nodes() {
            if status(world, desk, node)?.succeeds {
                world.reload(node);
                quiet = 0;
            }
        }
    }
    Ok(())
}

fn separate(copied: &CopiedDevice) -> Request {
    Request::Separate {
        device: copied.device,
        machines: copied.machines.clone(),
    }
}

fn status<M: Till, H: CryptoHands>(
    world: &mut World<M, H>,
    desk: &mut Desk,
    node: NodeId,
) -> Result<Box<Status>, Stuck> {
    opening::expect(world, desk, node, Request::Status, |reply| match reply {
        Reply::Status(status) => Some(status),
        _ => None,
    })
}
