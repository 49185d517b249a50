//! Opening day, in fair weather: the shop is founded, its wares are read in, tills are let in.

use base::EmployeeId;
use device::api::{Admission, DeviceRole, Reply, Request};

use super::desk::Desk;
use super::{FOUNDER, Stuck, Till, wares};
use crate::crypto::CryptoHands;
use crate::graph::Graph;
use crate::world::{NodeId, World};

/// How long a newcomer may take until it is linked with a neighbour, milliseconds: the neighbour has
/// to hear of it first, from device to device.
const LINKED_MS_MAX: u64 = 120_000;
/// From one look at the links to the next, milliseconds.
const LOOK_MS: u64 = 100;

/// Who stands at every till.
#[derive(Debug, Clone)]
pub struct Staff {
    /// The employee.
    pub employee: EmployeeId,
    /// Their PIN.
    pub pin: String,
    /// The twelve words of the shop.
    pub recovery: String,
}

/// Founds a shop on node 0 and lets in every other node as a till that can sell, but one that is
/// left out, and one as a second owner's device.
///
/// Whom the founder's device does not meet again is let in once a neighbour has been, and their
/// link is cut as soon as the newcomer is linked with one: a device has room for so many links.
///
/// # Errors
/// [`Stuck`].
pub fn open_shop<M: Till, H: CryptoHands>(
    world: &mut World<M, H>,
    desk: &mut Desk,
    left_out: Option<NodeId>,
    second_owner: Option<NodeId>,
) -> Result<Staff, Stuck> {
    let staff = found_shop(world, desk, FOUNDER)?;
    let graph = world.meeting_place().graph().clone();
    for node in graph.outwards(FOUNDER) {
        if node == FOUNDER || Some(node) == left_out {
            continue;
        }
        let role = match second_owner {
            Some(second) if second == node => DeviceRole::Owner,
            _ => DeviceRole::Till,
        };
        let_in(world, desk, FOUNDER, node, role)?;
        if !graph.joins(FOUNDER, node) {
            wait_linked(world, &graph, node)?;
            world.cut_strangers();
        }
    }
    Ok(staff)
}

/// Waits until a node is linked with one that it meets.
fn wait_linked<M: Till, H: CryptoHands>(
    world: &mut World<M, H>,
    graph: &Graph,
    node: NodeId,
) -> Result<(), Stuck> {
    let latest = world.now().plus_ms(LINKED_MS_MAX);
    loop {
        let mut links = world.network().linked_with(node);
        if links.any(|other| graph.joins(node, other)) {
            return Ok(());
        }
        drop(links);
        if world.now() >= latest {
            return Err(Stuck::NotLinked(node));
        }
        world.run_for_ms(LOOK_MS);
    }
}

/// Founds a shop and reads in its wares. Whoever founds it is signed in.
///
/// # Errors
/// [`Stuck`].
pub fn found_shop<M: Till, H: CryptoHands>(
    world: &mut World<M, H>,
    desk: &mut Desk,
    founder: NodeId,
) -> Result<Staff, Stuck> {
    for node in world.nodes() {
        desk.wait_ready(world, node)?;
    }
    let found = Request::CreateShop(wares::new_shop());
    let recovery = expect(world, desk, founder, found, |reply| match reply {
        Reply::ShopCreated { recovery, .. } => Some(recovery),
        _ => None,
    })?;
    world.note(format_args!("{founder} founds the shop"));
    let import = Request::Import {
        csv: wares::catalogue(),
        dry_run: false,
    };
    expect(world, desk, founder, import, |reply| {
        matches!(reply, Reply::Imported { .. }).then_some(())
    })?;
    let employees = Request::Employees;
    let employee = expect(world, desk, founder, employees, |reply| match reply {
        Reply::Employees(all) => all.first().map(|owner| owner.id),
        _ => None,
    })?;
    Ok(Staff {
        employee,
        pin: wares::OWNER_PIN.into(),
        recovery,
    })
}

/// Two cards: the newcomer shows one, an owner's device answers it with consent given beforehand.
///
/// # Errors
/// [`Stuck`].
pub fn let_in<M: Till, H: CryptoHands>(
    world: &mut World<M, H>,
    desk: &mut Desk,
    owner: NodeId,
    node: NodeId,
    role: DeviceRole,
) -> Result<(), Stuck> {
    let name = format!("Till {}", node.0 + 1);
    let card = |reply| match reply {
        Reply::Card { text } => Some(text),
        _ => None,
    };
    let offer = Request::Offer {
        device_name: name.clone(),
    };
    let offered = expect(world, desk, node, offer, card)?;
    let answer = Request::Answer {
        card: offered,
        consent: Some(Admission {
            name,
            role,
            terminal: None,
        }),
    };
    let answered = expect(world, desk, owner, answer, card)?;
    let accept = Request::Accept { card: answered };
    expect(world, desk, node, accept, |reply| {
        matches!(reply, Reply::Linked { .. }).then_some(())
    })?;
    world.note(format_args!("{node} joins"));
    Ok(())
}

/// Asks, and takes what it needs from the reply.
///
/// # Errors
/// [`Stuck::WrongReply`] when `wanted` finds nothing in it.
pub fn expect<M: Till, H: CryptoHands, T>(
    world: &mut World<M, H>,
    desk: &mut Desk,
    node: NodeId,
    request: Request,
    wanted: impl FnOnce(Reply) -> Option<T>,
) -> Result<T, Stuck> {
    let asked = format!("{request:?}");
    let reply = desk.ask(world, node, request)?;
    let came = format!("{reply:?}");
    wanted(reply).ok_or(Stuck::WrongReply {
        node,
        request: asked,
        reply: came,
    })
}
