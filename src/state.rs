//! What the screens know, as signals: filled from the device's notices and replies.

use std::mem::replace;

use base::DeviceId;
use browser::turn;
use device::api::{LinkTrouble, Notice, PairingStep, Refusal, Reply, Request, Right, Status};
use domain::money::Currency;
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::arriving::Arriving;
use crate::connection::Device;
use crate::dom;
use crate::pace::Pace;

/// History that is coming in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Progress {
    /// From whom.
    pub from: DeviceId,
    /// How many entries of how many are here.
    pub arriving: Arriving,
}

/// What a member sent that was not taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// Who.
    pub device: DeviceId,
    /// What people call it.
    pub name: String,
    /// What it sent.
    pub trouble: LinkTrouble,
    /// When it last did, milliseconds since 1970.
    pub at_ms: u64,
}

/// Everything that more than one screen looks at. Provided once, copied freely.
#[derive(Clone, Copy)]
pub struct State {
    /// Where commands go.
    pub device: Device,
    /// Whether the device can be used.
    pub ready: RwSignal<bool>,
    /// Where the device stands; `None` until it first said.
    pub status: RwSignal<Option<Status>>,
    /// The shop's currency: the status changes with every sale, amounts need not be written anew.
    pub currency: Memo<Option<Currency>>,
    /// The step of pairing that was last reported.
    pub pairing: RwSignal<Option<PairingStep>>,
    /// History coming in, while it does.
    pub progress: RwSignal<Option<Progress>>,
    /// Goes up with every sale; lists of sales follow it.
    pub sales: RwSignal<u32>,
    /// Goes up when catalogue, settings or staff change.
    pub catalogue: RwSignal<u32>,
    /// Goes up when a link opens or closes, and when it is known better what waits for whom.
    pub links: RwSignal<u32>,
    /// What members sent that was not taken, newest last, until somebody has read it.
    pub link_troubles: RwSignal<Vec<Told>>,
    /// What a screen reader should say next.
    pub announcement: RwSignal<String>,
    /// Whether the status will be asked for soon.
    asking: StoredValue<bool>,
    /// How often it is asked for because the device says that it changed.
    pace: Pace,
    /// History coming in as of now, and how often `progress` says so.
    coming: StoredValue<Option<Progress>>,
    coming_pace: Pace,
}

impl State {
    /// Fresh signals that follow `device`.
    pub fn following(device: Device) -> Self {
        let status = RwSignal::new(None::<Status>);
        let state = Self {
            device,
            ready: RwSignal::new(false),
            status,
            currency: Memo::new(move |_| Some(status.read().as_ref()?.shop.as_ref()?.currency)),
            pairing: RwSignal::new(None),
            progress: RwSignal::new(None),
            sales: RwSignal::new(0),
            catalogue: RwSignal::new(0),
            links: RwSignal::new(0),
            link_troubles: RwSignal::new(Vec::new()),
            announcement: RwSignal::new(String::new()),
            asking: StoredValue::new(false),
            pace: Pace::new(),
            coming: StoredValue::new(None),
            coming_pace: Pace::new(),
        };
        device.watch(move |notice| state.take(notice));
        state
    }

    /// The state that the app provides.
    pub fn here() -> Self {
        expect_context::<Self>()
    }

    /// Whether whoever is signed in may do this. It only keeps screens honest: what a role may do
    /// is decided by the device.
    pub fn may(self, right: Right) -> bool {
        let status = self.status.read();
        let employee = status.as_ref().and_then(|status| status.employee.as_ref());
        employee.is_some_and(|employee| employee.role.has(right))
    }

    /// Forgets where the device stands: another tab has moved it on. Nothing of the shop is shown
    /// until the device is ready again and has said, and what was coming in comes anew.
    pub fn forget_standing(self) {
        self.ready.set(false);
        self.status.set(None);
        self.coming.set_value(None);
        self.tell_progress();
    }

    /// Asks where the device stands, once for all that happens in this turn of the browser, and
    /// after it: whatever came is drawn first.
    pub fn refresh_status(self) {
        if self.asking.try_update_value(|asking| replace(asking, true)) != Some(false) {
            return;
        }
        spawn_local(async move {
            turn::give().await;
            self.asking.try_set_value(false);
            if let Reply::Status(status) = self.device.ask(Request::Status).await
                && self.status.try_get_untracked().flatten().as_ref() != Some(&*status)
            {
                self.status.try_set(Some(*status));
            }
        });
    }

    fn take(self, notice: &Notice) {
        match notice {
            Notice::Ready => {
                self.ready.set(true);
                self.refresh_status();
            }
            Notice::StatusChanged => {
                self.links.update(|version| *version += 1);
                self.pace.keep(move || self.refresh_status());
            }
            Notice::StorageTrouble(_) => self.refresh_status(),
            Notice::CatalogueChanged => {
                self.catalogue.update(|version| *version += 1);
                self.refresh_status();
            }
            Notice::Sales { .. } => self.sales.update(|version| *version += 1),
            Notice::Pairing(step) => self.pairing.set(Some(step.clone())),
            Notice::PeerConnected(_) | Notice::PeerDisconnected(_) => {
                if let Notice::PeerDisconnected(gone) = notice {
                    // It sends no more: what it had begun comes with another link.
                    let ended = |progress: &mut Progress| progress.from == *gone;
                    self.coming.update_value(|coming| {
                        coming.take_if(ended);
                    });
                    self.tell_progress();
                }
                self.links.update(|version| *version += 1);
                self.refresh_status();
            }
            Notice::LinkTrouble {
                device,
                name,
                trouble,
            } => self.link_troubles.update(|list| {
                list.retain(|told| (told.device, told.trouble) != (*device, *trouble));
                list.push(Told {
                    device: *device,
                    name: name.clone(),
                    trouble: *trouble,
                    at_ms: dom::now_ms(),
                });
            }),
            Notice::Progress {
                device,
                done,
                total,
            } => self.progressed(*device, *done, *total),
            Notice::ConflictsDetected { .. }
            | Notice::InventoryReceived { .. }
            | Notice::Reply(..)
            | Notice::Message { .. } => {}
        }
    }

    fn progressed(self, from: DeviceId, done: u64, total: u64) {
        self.coming.update_value(|coming| {
            let known = coming.take().filter(|known| known.from == from);
            let mut arriving = known.map(|known| known.arriving).unwrap_or_default();
            arriving.came(dom::now_ms(), done, total);
            *coming = (done < total).then_some(Progress { from, arriving });
        });
        if done < total {
            self.coming_pace.keep(move || self.tell_progress());
        } else {
            self.tell_progress();
        }
    }

    fn tell_progress(self) {
        let coming = self.coming.try_get_value().flatten();
        if self.progress.try_get_untracked() != Some(coming.clone()) {
            self.progress.try_set(coming);
        }
    }
}

/// The refusal in a reply that should have been something else.
pub fn refusal_of(reply: Reply) -> Refusal {
    match reply {
        Reply::Refused(refusal) => refusal,
        _ => Refusal {
            code: "unexpected",
            message: crate::text::trouble::UNEXPECTED.into(),
        },
    }
}
