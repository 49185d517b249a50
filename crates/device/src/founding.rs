//! Founding a shop: recovery phrase, first epoch, first owner, all in one strict commit.
//!
//! First bytes, in order: the genesis entry, whose hash is the shop's id; the first epoch, its
//! secrets wrapped to the founder and to the recovery key; the founder's enrolment; the owner as
//! first employee. Everything else of the same commit is sealed under that epoch.

use std::collections::{BTreeMap, BTreeSet};

use base::effect::{ChainKeys, KeyTask, PublicKeys};
use base::{
    ControlVector, DeviceId, Effect, EmployeeId, EpochName, HybridClock, KeyHandle, Release,
    ShopId, Stream,
};
use domain::event::{
    DeviceNamed, EmployeeFields, EmployeeProfile, Event, PinVerifier, SettingsFields,
    SettingsWritten,
};
use identity::control::{Control, EmployeeSet, Enrol, Epoch, Genesis, Recipient, Scope, Wrap};
use identity::role::{DeviceRole, EmployeeRole};

use crate::Device;
use crate::api::{NewShop, Notice, Refusal, Reply, RequestId};
use crate::outbox::Turn;
use crate::purpose::Purpose;
use crate::records::{Counters, DeviceRecord};
use crate::shop::batch::{Batch, Ground};
use crate::shop::commit::{Commit, Standing};
use crate::shop::intent::Outcome;
use crate::shop::keyring::{Keyring, Secret};
use crate::starting::record_change;

/// The founder's own terminal code.
pub const FOUNDER_CODE: &str = "A1";

/// Which answer founding waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// The time zone.
    Zone,
    /// The recovery phrase.
    Recovery,
    /// The owner's PIN.
    Pin,
    /// One of the epoch's secrets.
    Secret(Scope),
}

/// A shop that is being founded.
pub struct Founding {
    /// Who waits.
    pub request: RequestId,
    /// What was asked for.
    pub wanted: NewShop,
    me: PublicKeys,
    pepper: [u8; 32],
    pin_salt: [u8; 16],
    epoch_salt: [u8; 32],
    genesis_salt: [u8; 16],
    start_salt: [u8; 8],
    zone: Option<Vec<(u64, i32)>>,
    recovery: Option<(String, PublicKeys)>,
    pin: Option<[u8; 32]>,
    secrets: BTreeMap<Scope, (KeyHandle, ChainKeys, Vec<Vec<u8>>)>,
    /// What the device keeps about itself from then on.
    record: DeviceRecord,
}

/// What a founding writes.
pub struct Founded {
    /// The shop.
    pub shop: ShopId,
    /// The first epoch.
    pub epoch: EpochName,
    /// The owner.
    pub owner: EmployeeId,
    /// The shop's time zone.
    pub zone: Vec<(u64, i32)>,
    /// The secrets of the first epoch.
    pub keyring: Keyring,
    /// The entries.
    pub batch: Batch,
}

impl Founding {
    /// Checks what was asked for and begins.
    ///
    /// # Errors
    /// The asker's fault; nothing happened.
    pub fn begin(
        request: RequestId,
        wanted: NewShop,
        me: PublicKeys,
        turn: &mut Turn<'_>,
    ) -> Result<Self, Refusal> {
        if wanted.name.trim().is_empty() || wanted.owner_name.trim().is_empty() {
            return Err(Refusal::new(
                "name-missing",
                "The shop and its owner need a name.",
            ));
        }
        domain::settings::check_tax_rates(&wanted.tax_rates)
            .map_err(|wrong| Refusal::new("bad-tax-rates", wrong.to_string()))?;
        crate::people::check_pin(&wanted.owner_pin)?;
        let founding = Self {
            request,
            me,
            pepper: turn.random.bytes(),
            pin_salt: turn.random.bytes(),
            epoch_salt: turn.random.bytes(),
            genesis_salt: turn.random.bytes(),
            start_salt: turn.random.bytes(),
            zone: None,
            recovery: None,
            pin: None,
            secrets: BTreeMap::new(),
            record: DeviceRecord::default(),
            wanted,
        };
        let zone = Effect::Zone {
            name: founding.wanted.timezone.clone(),
            around_ms: turn.now.wall_ms,
        };
        turn.out.effect(Purpose::Founding(Step::Zone), zone);
        let recovery = Effect::Keys(KeyTask::MakeRecovery);
        turn.out.effect(Purpose::Founding(Step::Recovery), recovery);
        let pin = KeyTask::HashPin {
            pin: founding.wanted.owner_pin.clone(),
            salt: founding.pin_salt,
            pepper: founding.pepper,
        };
        turn.out
            .effect(Purpose::Founding(Step::Pin), Effect::Keys(pin));
        Ok(founding)
    }

    /// Takes the zone's offsets.
    ///
    /// # Errors
    /// A zone that the browser does not know is refused: a wrong business day is worse than none.
    pub fn zone(&mut self, zone: Option<Vec<(u64, i32)>>) -> Result<(), Refusal> {
        self.zone = zone;
        match self.zone {
            Some(_) => Ok(()),
            None => Err(Refusal::unknown_timezone()),
        }
    }

    /// Takes the PIN's verifier.
    pub fn pin(&mut self, verifier: [u8; 32]) {
        self.pin = Some(verifier);
    }

    /// Takes the recovery phrase and asks for the epoch's secrets.
    pub fn recovery(&mut self, words: String, public: PublicKeys, turn: &mut Turn<'_>) {
        self.recovery = Some((words, public));
        let scopes = [
            (Scope::Shop, KeyHandle::FIRST_FREE),
            (Scope::Office, KeyHandle::FIRST_FREE + 1),
        ];
        for (scope, handle) in scopes {
            let handle = KeyHandle(handle);
            let to = vec![self.me.x25519, public.x25519];
            let task = KeyTask::MakeSecret {
                handle,
                salt: self.epoch_salt,
                to,
            };
            turn.out
                .effect(Purpose::Founding(Step::Secret(scope)), Effect::Keys(task));
        }
    }

    /// Takes one of the epoch's secrets.
    pub fn secret(&mut self, scope: Scope, chain: ChainKeys, wraps: Vec<Vec<u8>>) {
        let offset = u32::from(scope == Scope::Office);
        let handle = KeyHandle(KeyHandle::FIRST_FREE + offset);
        self.secrets.insert(scope, (handle, chain, wraps));
    }

    /// Writes the first entries once everything is there; `None` while something is missing.
    pub fn write(&self, release: Release, wall_ms: u64) -> Option<Founded> {
        let recovery = self.recovery.as_ref()?.1;
        let (zone, pin) = (self.zone.clone()?, self.pin?);
        let shop_secret = self.secrets.get(&Scope::Shop)?;
        let office_secret = self.secrets.get(&Scope::Office)?;
        let device = DeviceId::of_keys(&self.me.ed25519, &self.me.x25519);
        let mut batch = Batch::new(release, self.ground(device, wall_ms), BTreeMap::new());

        let genesis = Control::Genesis(Genesis {
            founder: self.me.into(),
            recovery: recovery.into(),
            salt: self.genesis_salt,
        });
        let raw = batch.draft(genesis.kind(), None, genesis.encode()).to_raw();
        let shop = ShopId::of_genesis(&raw);
        batch.set_shop(shop);
        batch.append_raw(Stream::Control, raw).ok()?;

        let wraps = self.wraps(device)?;
        let epoch = Control::Epoch(Epoch {
            salt: self.epoch_salt,
            wraps,
            parents: Vec::new(),
            shop: shop_secret.1.commitment(),
            office: office_secret.1.commitment(),
        });
        let epoch = control(&mut batch, &epoch)?;
        let enrol = Control::Enrol(Enrol {
            keys: self.me.into(),
            role: DeviceRole::Owner,
            rank: 0,
            code: Some(FOUNDER_CODE.into()),
            letters: Some("A".into()),
            epochs: Vec::new(),
        });
        control(&mut batch, &enrol)?;
        let owner = EmployeeSet {
            id: None,
            role: EmployeeRole::Owner,
            active: true,
        };
        let owner = EmployeeId(control(&mut batch, &Control::Employee(owner))?.0);

        let epoch = EpochName(epoch.0);
        let mut keyring = Keyring::default();
        for (scope, (_, chain, _)) in &self.secrets {
            let handle = keyring.handle();
            keyring.hold(
                epoch,
                *scope,
                Secret {
                    handle,
                    chain: chain.clone(),
                },
            );
        }
        batch.set_key(Stream::Sales, shop_secret.1.of(Stream::Sales));
        batch.set_key(Stream::Shop, shop_secret.1.of(Stream::Shop));
        batch.set_key(Stream::Office, office_secret.1.of(Stream::Office));
        for event in self.events(device, owner, pin) {
            let (kind, payload) = event.encode().ok()?;
            batch.append(Stream::Shop, kind, None, payload).ok()?;
        }
        Some(Founded {
            shop,
            epoch,
            owner,
            zone,
            keyring,
            batch,
        })
    }

    /// Where a shop begins: nothing is written.
    fn ground(&self, device: DeviceId, wall_ms: u64) -> Ground {
        Ground {
            shop: ShopId([0; 16]),
            device,
            clock: HybridClock::default(),
            wall_ms,
            control: ControlVector::default(),
            heads: BTreeMap::new(),
            salt: self.start_salt,
            begun: BTreeSet::new(),
        }
    }

    /// Both secrets of the first epoch, wrapped to the founder and to the recovery key.
    fn wraps(&self, device: DeviceId) -> Option<Vec<Wrap>> {
        let mut wraps = Vec::new();
        for (scope, (_, _, bytes)) in &self.secrets {
            let to = [Recipient::Device(device), Recipient::Recovery];
            for (to, bytes) in to.into_iter().zip(bytes) {
                wraps.push(Wrap {
                    to,
                    scope: *scope,
                    bytes: bytes.as_slice().try_into().ok()?,
                });
            }
        }
        Some(wraps)
    }

    fn events(&self, device: DeviceId, owner: EmployeeId, pin: [u8; 32]) -> [Event; 3] {
        let wanted = &self.wanted;
        let settings = SettingsFields {
            name: Some(wanted.name.trim().to_owned()),
            currency: Some(wanted.currency),
            timezone: Some(wanted.timezone.clone()),
            tax_mode: Some(wanted.tax_mode),
            tax_rates: Some(wanted.tax_rates.clone()),
            day_cutoff_minutes: Some(0),
            pin_pepper: Some(self.pepper),
        };
        let verifier = PinVerifier {
            salt: self.pin_salt,
            verifier: pin,
        };
        let name = Some(wanted.owner_name.trim().to_owned());
        let fields = EmployeeFields {
            name,
            pin: Some(verifier),
        };
        [
            Event::Settings(SettingsWritten {
                replaces: Vec::new(),
                fields: settings,
            }),
            Event::Employee(EmployeeProfile {
                employee: owner,
                replaces: Vec::new(),
                fields,
            }),
            Event::DeviceName(DeviceNamed {
                device,
                replaces: Vec::new(),
                name: wanted.device_name.trim().to_owned(),
            }),
        ]
    }
}

impl Device {
    /// Writes the first commit of a shop, once everything that it needs is there.
    pub(crate) fn found(&mut self, turn: &mut Turn<'_>) {
        let Some(founding) = &self.founding else {
            return;
        };
        let Some(founded) = founding.write(self.setup.release, turn.now.wall_ms) else {
            return;
        };
        let Some(me) = self.me() else { return };
        let request = founding.request;
        let name = founding.wanted.device_name.trim().to_owned();
        let timezone = founding.wanted.timezone.clone();
        self.open_shop(founded.shop, me);
        let record = DeviceRecord {
            name,
            shop: Some(founded.shop),
            employee: Some(founded.owner),
            words_unconfirmed: Some(true),
            ..DeviceRecord::default()
        };
        let change = record_change(&record);
        if let Some(founding) = &mut self.founding {
            founding.record = record;
        }
        let Some(shop) = &mut self.shop else { return };
        shop.keyring = founded.keyring;
        shop.zone = founded.zone;
        shop.zone_asked = Some((timezone, turn.now.wall_ms));
        shop.zone_answered = true;
        let ground = founded.batch.ground().clone();
        let counters = Counters {
            receipt: 0,
            writer: 1,
            stamp: ground.clock.last(),
            session: 1,
            commit: 0,
        };
        let after = Standing {
            ground,
            counters,
            opening: Vec::new(),
        };
        let outcomes = vec![Outcome::Founded(request)];
        let runs = founded.batch.into_runs();
        let (epoch, keyring) = (founded.epoch, &shop.keyring);
        shop.commit = Commit::begin(after, runs, outcomes, epoch, keyring, turn);
        if let Some(commit) = &mut shop.commit {
            commit.also(change);
        }
    }

    /// The shop's first commit is durable.
    pub(crate) fn founded(&mut self, turn: &mut Turn<'_>) {
        let me = self.me();
        let (Some(founding), Some(shop), Some(me)) = (self.founding.take(), &mut self.shop, me)
        else {
            return;
        };
        shop.open = true;
        let shop = shop.id;
        // Not before: a shop that is not on the disk must not be remembered by a later write.
        self.record = founding.record;
        self.begin_replica(turn);
        self.join_meeting(turn);
        let forget = Effect::Keys(KeyTask::Forget(KeyHandle::RECOVERY));
        turn.out.effect(Purpose::Nobody, forget);
        let recovery = founding
            .recovery
            .map(|(words, _)| words)
            .unwrap_or_default();
        let terminal = FOUNDER_CODE.to_owned();
        let reply = Reply::ShopCreated {
            shop,
            device: me,
            terminal,
            recovery,
        };
        turn.out.reply(founding.request, reply);
        turn.out.notice(Notice::CatalogueChanged);
    }
}

/// Appends a control entry and gives its mark.
fn control(batch: &mut Batch, control: &Control) -> Option<base::Mark> {
    let written = batch
        .append(Stream::Control, control.kind(), None, control.encode())
        .ok()?;
    Some(written.reference.mark)
}
