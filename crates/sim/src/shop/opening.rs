//! Opening day, in fair weather: the shop is founded, its wares are read in, tills are let in.

use base::EmployeeId;
use device::api::{Admission, DeviceRole, Reply, Request};

use super::desk::Desk;
use super::{Stuck, Till, wares};
use crate::crypto::CryptoHands;
use crate::world::{NodeId, World};

/// The node that founds the shop.
const FOUNDER: NodeId = NodeId(0);

/// Who stands at every till.
#[derive(Debug, Clone)]
pub struct Staff {
    /// The employee.
    pub employee: EmployeeId,
    /// Their PIN.
    pub pin: String,
}

/// Founds a shop on node 0 and lets in every other node as a till that can sell.
pub fn open_shop<M: Till, H: CryptoHands>(
    world: &mut World<M, H>,
    desk: &mut Desk,
) -> Result<Staff, Stuck> {
    for node in world.nodes() {
        desk.wait_ready(world, node)?;
    }
    let found = Request::CreateShop(wares::new_shop());
    expect(world, desk, FOUNDER, found, |reply| {
        matches!(reply, Reply::ShopCreated { .. }).then_some(())
    })?;
    let import = Request::Import {
        csv: wares::catalogue(),
        dry_run: false,
    };
    expect(world, desk, FOUNDER, import, |reply| {
        matches!(reply, Reply::Imported { .. }).then_some(())
    })?;
    let employee = expect(
        world,
        desk,
        FOUNDER,
        Request::Employees,
        |reply| match reply {
            Reply::Employees(all) => all.first().map(|owner| owner.id),
            _ => None,
        },
    )?;
    for node in world.nodes() {
        if node != FOUNDER {
            let_in(world, desk, node)?;
        }
    }
    Ok(Staff {
        employee,
        pin: wares::OWNER_PIN.into(),
    })
}

/// Two cards: the newcomer shows one, the founder answers it with consent given beforehand.
fn let_in<M: Till, H: CryptoHands>(
    world: &mut World<M, H>,
    desk: &mut Desk,
    node: NodeId,
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
            role: DeviceRole::Till,
            terminal: None,
        }),
    };
    let answered = expect(world, desk, FOUNDER, answer, card)?;
    let accept = Request::Accept { card: answered };
    expect(world, desk, node, accept, |reply| {
        matches!(reply, Reply::Linked { .. }).then_some(())
    })
}

/// Asks, and takes what it needs from the reply.
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
