//! The two cards: made, answered, accepted.

use base::card::{Card, CardKind};
use base::effect::LinkTask;
use base::limits::CARD_LIFETIME_MS;
use base::{DeviceId, Effect, LinkId};
use identity::role::{DeviceRole, Right};
use sync_core::Role;

use super::admission::check_admission;
use crate::Device;
use crate::api::{Admission, Refusal, RequestId};
use crate::links::{Aim, Live, Stage};
use crate::outbox::Turn;
use crate::people;

impl Device {
    /// Makes an offer card.
    pub(crate) fn offer(&mut self, request: RequestId, name: String, turn: &mut Turn<'_>) {
        let aim = if self.shop.as_ref().is_some_and(|shop| shop.own().is_some()) {
            Aim::Return
        } else {
            self.abandon_joining();
            self.record.name = name;
            Aim::Join
        };
        if self
            .links
            .begin(Role::Offerer, aim, None, Some(request), turn)
            .is_none()
        {
            turn.out
                .refuse(request, Refusal::ours("too many connections"));
        }
    }

    /// Answers another device's card.
    pub(crate) fn answer_card(
        &mut self,
        request: RequestId,
        text: &str,
        consent: Option<Admission>,
        turn: &mut Turn<'_>,
    ) -> Result<(), Refusal> {
        let card = Card::from_text(text).map_err(Refusal::card)?;
        let shop = self.shop.as_ref().ok_or_else(Refusal::no_shop)?;
        if card.kind != CardKind::Offer || Some(card.device) == self.me() {
            return Err(Refusal::card_wrong_side());
        }
        let used = |device: DeviceId, secret: [u8; 12]| {
            let same = |theirs: &Card| theirs.device == device && theirs.secret == secret;
            self.links
                .iter()
                .any(|(_, live)| live.theirs.as_ref().is_some_and(same))
        };
        if used(card.device, card.secret) {
            return Err(Refusal::card_used());
        }
        let aim = if shop.membership.living(card.device).is_some() {
            // A member that lost its links: no approval, same identity.
            Aim::Admit { consent: None }
        } else {
            let own = shop.own().ok_or_else(Refusal::no_shop)?;
            people::allowed(&shop.membership, self.record.employee, Right::Devices)?;
            if own.role != DeviceRole::Owner {
                return Err(Refusal::not_allowed());
            }
            if let Some(admission) = &consent {
                check_admission(shop, admission)?;
            }
            Aim::Admit { consent }
        };
        let link = self
            .links
            .begin(Role::Answerer, aim, Some(card), Some(request), turn);
        link.map(|_| ())
            .ok_or_else(|| Refusal::ours("too many connections"))
    }

    /// Takes the answer card.
    pub(crate) fn accept_card(
        &mut self,
        request: RequestId,
        text: &str,
        turn: &mut Turn<'_>,
    ) -> Result<(), Refusal> {
        let card = Card::from_text(text).map_err(Refusal::card)?;
        if !matches!(card.kind, CardKind::Answer(_)) || Some(card.device) == self.me() {
            return Err(Refusal::card_wrong_side());
        }
        let own = self.shop.as_ref().filter(|shop| shop.own().is_some());
        if own.is_some_and(|shop| !card.is_of(shop.id)) {
            return Err(Refusal::card_foreign());
        }
        let id = self.answered_by(&card)?;
        let Some(live) = self.links.get_mut(id) else {
            return Err(Refusal::card_used());
        };
        if live.since_ms + CARD_LIFETIME_MS <= turn.now.mono_ms {
            return Err(Refusal::card_expired());
        }
        let description = card.description.clone();
        live.theirs = Some(card);
        live.request = Some(request);
        self.links.reach(id, Stage::Connecting, turn);
        turn.out
            .order(Effect::Link(id, LinkTask::Accept(description)));
        // One card was answered; the others have served.
        for other in self.shown_cards() {
            self.links.close(other, turn);
        }
        Ok(())
    }

    fn shown_cards(&self) -> Vec<LinkId> {
        self.links.shown().map(|(id, _)| id).collect()
    }

    /// Which of our shown cards this one answers. An answer to a card that is not shown any more
    /// can never come to a link.
    fn answered_by(&self, card: &Card) -> Result<LinkId, Refusal> {
        let answered = |live: &Live| live.mine.as_ref().is_some_and(|mine| card.answers(mine));
        let mut found = self.links.shown().filter(|(_, live)| answered(live));
        match (found.next_back(), self.links.shown().next()) {
            (Some((id, _)), _) => Ok(id),
            (None, None) if self.links.card_lapsed() => Err(Refusal::card_expired()),
            (None, _) => Err(Refusal::card_used()),
        }
    }
}
