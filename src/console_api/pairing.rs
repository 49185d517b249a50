//! Pairing by text: the same cards that the codes on the screens carry.

use browser::BrowserError;
use browser::console::{Console, Failure};
use device::api::{Admission, DeviceRole, Reply, Request};

use super::{arguments, ask, bad_argument, refused, shop};
use crate::connection::Device;
use crate::text::{console as text, setup};

/// Adds the functions.
pub fn install(console: &Console, device: Device) -> Result<(), BrowserError> {
    console.function("offer", move |(options,)| offer(device, options))?;
    console.function("answer", move |(card, consent)| {
        answer(device, card, consent)
    })?;
    console.function("accept", move |(card,)| accept(device, card))
}

/// A member keeps its name; a newcomer may be given one.
async fn offer(
    device: Device,
    options: Option<arguments::OfferOptions>,
) -> Result<String, Failure> {
    let device_name = match options.and_then(|options| options.device_name) {
        Some(name) => name,
        None => {
            let own = shop::standing(device).await?.device_name;
            if own.is_empty() {
                setup::DEVICE_DEFAULT.into()
            } else {
                own
            }
        }
    };
    ask(device, Request::Offer { device_name }, card_text).await
}

/// Calling it is the owner's approval, given beforehand. Without it a member is linked again, or
/// the owner decides on the screen.
async fn answer(
    device: Device,
    card: String,
    consent: Option<arguments::Consent>,
) -> Result<String, Failure> {
    let consent = match consent {
        Some(consent) => {
            let Some(role) = DeviceRole::from_word(&consent.role) else {
                return Err(bad_argument(text::unknown("role", &consent.role)));
            };
            Some(Admission {
                name: consent.name,
                role,
                terminal: consent.terminal,
            })
        }
        None => None,
    };
    ask(device, Request::Answer { card, consent }, card_text).await
}

/// Done when linked and, for a newcomer, let in; gives the other device's id.
async fn accept(device: Device, card: String) -> Result<String, Failure> {
    ask(device, Request::Accept { card }, |reply| match reply {
        Reply::Linked { device } => Ok(device.to_string()),
        other => Err(refused(other)),
    })
    .await
}

fn card_text(reply: Reply) -> Result<String, Failure> {
    match reply {
        Reply::Card { text } => Ok(text),
        other => Err(refused(other)),
    }
}
