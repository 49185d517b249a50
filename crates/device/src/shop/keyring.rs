//! Which epochs' secrets the hands hold for us, by handle.

use std::collections::{BTreeMap, BTreeSet};

use base::effect::{ChainKeys, OpenTask};
use base::hash::ChainKey;
use base::limits::{EFFECT_BYTES_MAX, EFFECT_ITEMS_MAX, OPENED_ENTRIES_MAX};
use base::{EpochName, Header, KeyHandle, Segment, Stream};
use identity::control::Scope;

use super::batch::Written;

/// A secret that the hands hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Secret {
    /// Its handle.
    pub handle: KeyHandle,
    /// The chain keys that go with it. They open nothing.
    pub chain: ChainKeys,
}

/// A way to a secret: a wrap, or a secret sealed under another. By the beginning of its hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Way(pub [u8; 8]);

/// The secrets of a shop that this device holds.
#[derive(Debug, Default)]
pub struct Keyring {
    secrets: BTreeMap<(EpochName, Scope), Secret>,
    /// Asked for, and not here yet.
    asked: BTreeSet<(EpochName, Scope)>,
    avoided: BTreeSet<Way>,
    /// Those that have opened something.
    proven: BTreeSet<(EpochName, Scope)>,
    given: u32,
}

impl Keyring {
    /// No secrets. Each shop that a device opens, one after the other, has handles of its own: an
    /// answer for one that was given up must not meet the next one's.
    pub fn of_opening(number: u32) -> Self {
        Self {
            given: number << 16,
            ..Self::default()
        }
    }

    /// A handle for a secret that is about to be made or unwrapped.
    pub fn handle(&mut self) -> KeyHandle {
        let handle = KeyHandle(KeyHandle::FIRST_FREE + self.given);
        self.given += 1;
        handle
    }

    /// Whether a secret is neither held nor asked for.
    pub fn lacks(&self, epoch: EpochName, scope: Scope) -> bool {
        !self.asked.contains(&(epoch, scope)) && self.secret(epoch, scope).is_none()
    }

    /// Takes note that a secret is asked for; gives the handle to hold it under.
    pub fn ask(&mut self, epoch: EpochName, scope: Scope) -> KeyHandle {
        self.asked.insert((epoch, scope));
        self.handle()
    }

    /// Takes note that the hands hold a secret.
    pub fn hold(&mut self, epoch: EpochName, scope: Scope, secret: Secret) {
        self.asked.remove(&(epoch, scope));
        self.secrets.insert((epoch, scope), secret);
    }

    /// A secret that was asked for did not come.
    pub fn give_up(&mut self, epoch: EpochName, scope: Scope) {
        self.asked.remove(&(epoch, scope));
    }

    /// A way leads to no secret, or to a wrong one.
    pub fn avoid(&mut self, way: Way) {
        self.avoided.insert(way);
    }

    /// Whether a way leads to no secret.
    pub fn avoids(&self, way: Way) -> bool {
        self.avoided.contains(&way)
    }

    /// Whether nothing that was asked for is still to come.
    pub fn settled(&self) -> bool {
        self.asked.is_empty()
    }

    /// The handles of every secret that is held.
    pub fn handles(&self) -> impl Iterator<Item = KeyHandle> + '_ {
        self.secrets.values().map(|secret| secret.handle)
    }

    /// The secret of an epoch and scope, if held.
    pub fn secret(&self, epoch: EpochName, scope: Scope) -> Option<&Secret> {
        self.secrets.get(&(epoch, scope))
    }

    /// The key that seals a segment of `stream` in `epoch`, if held.
    pub fn sealing(&self, epoch: EpochName, stream: Stream) -> Option<&Secret> {
        self.secret(epoch, Scope::of(stream)?)
    }

    /// Whether the secret is held that opens a segment.
    pub fn opens(&self, header: &Header) -> bool {
        self.sealing(header.epoch, header.stream).is_some()
    }

    /// What opens a segment; `None` when its secret is not held.
    pub fn open_task(&self, segment: &Segment) -> Option<OpenTask> {
        let header = &segment.header;
        Some(OpenTask {
            key: self.sealing(header.epoch, header.stream)?.handle,
            stream: header.stream,
            nonce: header.nonce,
            aad: header.aad(),
            sealed: segment.body.clone(),
        })
    }

    /// What opens the first of these segments, as many as one list takes and at least one.
    pub fn open_list<'a>(&self, segments: impl IntoIterator<Item = &'a Segment>) -> Vec<OpenTask> {
        let (mut bytes, mut entries) = (0, 0);
        let fitting = segments.into_iter().take_while(|segment| {
            let is_first = entries == 0;
            bytes += segment.body.len();
            entries += segment.header.count;
            is_first || (bytes <= EFFECT_BYTES_MAX && entries <= OPENED_ENTRIES_MAX)
        });
        let tasks = fitting.map_while(|segment| self.open_task(segment));
        tasks.take(EFFECT_ITEMS_MAX).collect()
    }

    /// The entries of an opened segment; `None` where they do not lead from its beginning to its
    /// end, or its secret is not held.
    pub fn read(&self, header: &Header, plain: &[u8]) -> Option<Vec<Written>> {
        let secret = self.sealing(header.epoch, header.stream)?;
        Written::read(header, plain, &secret.chain.of(header.stream))
    }

    /// A segment was opened with the secret of an epoch: it is the right one.
    pub fn opened(&mut self, epoch: EpochName, stream: Stream) {
        if let Some(scope) = Scope::of(stream) {
            self.proven.insert((epoch, scope));
        }
    }

    /// Whether the secret of an epoch has opened anything: what it does not open is wrong then.
    pub fn has_opened(&self, epoch: EpochName, stream: Stream) -> bool {
        Scope::of(stream).is_some_and(|scope| self.proven.contains(&(epoch, scope)))
    }

    /// The chain keys of every stream that can be written in `epoch`.
    pub fn chain_keys(&self, epoch: EpochName) -> BTreeMap<Stream, ChainKey> {
        let key = |stream| Some((stream, self.sealing(epoch, stream)?.chain.of(stream)));
        [Stream::Sales, Stream::Shop, Stream::Office]
            .into_iter()
            .filter_map(key)
            .collect()
    }
}
