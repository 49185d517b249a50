//! The offsets of the shop's time zone, asked of the browser whenever the shop's settings name
//! another one, and whenever our clock leaves what the last answer covers.

use base::Effect;

use crate::Device;
use crate::api::Notice;
use crate::outbox::Turn;
use crate::purpose::Purpose;

/// How far from the moment that was asked about the offsets are used, milliseconds: a year, which
/// the answer covers to either side.
const ZONE_MS_MAX: u64 = 365 * 24 * 60 * 60 * 1_000;

impl Device {
    /// Asks for the offsets of the zone that the settings name, unless they were asked for.
    pub(crate) fn ask_zone(&mut self, turn: &mut Turn<'_>) {
        let Some(shop) = &mut self.shop else { return };
        let Some(name) = shop.state.timezone() else {
            return;
        };
        let around_ms = turn.now.wall_ms;
        let asked = shop.zone_asked.as_ref().is_some_and(|(asked, at_ms)| {
            // A clock that was set right is far away from where it was.
            asked == name && at_ms.abs_diff(around_ms) <= ZONE_MS_MAX
        });
        if asked {
            return;
        }
        let name = name.to_owned();
        shop.zone_asked = Some((name.clone(), around_ms));
        shop.zone_answered = false;
        turn.out.effect(
            Purpose::Zone(name.clone(), around_ms),
            Effect::Zone { name, around_ms },
        );
    }

    /// Takes the offsets of the shop's zone. An unknown one is told, and nothing is guessed: the
    /// device is there for everything that needs no business day.
    pub(crate) fn zone_known(
        &mut self,
        asked: &(String, u64),
        zone: Option<Vec<(u64, i32)>>,
        turn: &mut Turn<'_>,
    ) {
        let shop = self.shop.as_mut();
        if let Some(shop) = shop.filter(|shop| shop.zone_asked.as_ref() == Some(asked)) {
            shop.zone = zone.unwrap_or_default();
            shop.zone_answered = true;
            turn.out.notice(Notice::StatusChanged);
        }
        self.settle_start(turn);
        self.check_joined(turn);
    }
}
