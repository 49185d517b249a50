//! The offsets of the shop's time zone, asked of the browser whenever the shop's settings name
//! another one.

use base::Effect;

use crate::Device;
use crate::api::Notice;
use crate::outbox::Turn;
use crate::purpose::Purpose;

impl Device {
    /// Asks for the offsets of the zone that the settings name, unless they were asked for.
    pub(crate) fn ask_zone(&mut self, turn: &mut Turn<'_>) {
        let Some(shop) = &mut self.shop else { return };
        let named = shop.state.timezone();
        let Some(name) = named.filter(|name| shop.zone_asked.as_deref() != Some(*name)) else {
            return;
        };
        let (name, around_ms) = (name.to_owned(), turn.now.wall_ms);
        shop.zone_asked = Some(name.clone());
        shop.zone_answered = false;
        turn.out.effect(
            Purpose::Zone(name.clone()),
            Effect::Zone { name, around_ms },
        );
    }

    /// Takes the offsets of the shop's zone. An unknown one is told, and nothing is guessed: the
    /// device is there for everything but selling.
    pub(crate) fn zone_known(
        &mut self,
        name: &str,
        zone: Option<Vec<(u64, i32)>>,
        turn: &mut Turn<'_>,
    ) {
        let shop = self.shop.as_mut();
        if let Some(shop) = shop.filter(|shop| shop.zone_asked.as_deref() == Some(name)) {
            shop.zone = zone.unwrap_or_default();
            shop.zone_answered = true;
            turn.out.notice(Notice::StatusChanged);
        }
        self.settle_start(turn);
        self.check_joined(turn);
    }
}
