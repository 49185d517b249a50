//! From runs of entries to segments: Seal, then Sign.

use base::cbor;
use base::effect::{SealTask, SignTask};
use base::hash;
use base::limits::EFFECT_ITEMS_MAX;
use base::segment::SEGMENT_VERSION;
use base::{EpochName, Header, KeyHandle, Random, Segment, ShopId, Stream};

use crate::shop::batch::PlainRun;
use crate::shop::keyring::Keyring;

/// Runs on their way to segments, one each. What is in `control` is signed and not sealed.
#[derive(Debug)]
pub struct Sealing {
    headers: Vec<Header>,
    /// Sealed, but for what the hands still work on: that is empty.
    bodies: Vec<Vec<u8>>,
}

impl Sealing {
    /// Begins to seal `runs` in `epoch`, at most [`EFFECT_ITEMS_MAX`]. `None` when its secret is
    /// not held, or a run is empty.
    pub fn begin(
        shop: ShopId,
        runs: &[PlainRun],
        epoch: EpochName,
        keyring: &Keyring,
        random: &mut dyn Random,
    ) -> Option<(Self, Vec<SealTask>)> {
        debug_assert!(runs.len() <= EFFECT_ITEMS_MAX);
        let (mut headers, mut bodies, mut tasks) = (Vec::new(), Vec::new(), Vec::new());
        for run in runs {
            let plain = seal::body::compress(run.entries.iter().map(|entry| entry.raw.as_slice()));
            let stream = run.log.stream;
            let sealed = stream != Stream::Control;
            let last = run.entries.last()?;
            let header = Header {
                version: SEGMENT_VERSION,
                shop,
                device: run.log.device,
                stream,
                first: run.first,
                count: run.entries.len() as u32,
                epoch: if sealed { epoch } else { EpochName::NONE },
                before: run.before,
                last_chain: last.chain,
                nonce: if sealed { random.bytes() } else { [0; 12] },
                body_hash: None,
            };
            if sealed {
                let key = keyring.sealing(epoch, stream)?.handle;
                let (nonce, aad) = (header.nonce, header.aad());
                tasks.push(SealTask {
                    key,
                    stream,
                    nonce,
                    aad,
                    plain,
                });
                bodies.push(Vec::new());
            } else {
                bodies.push(plain);
            }
            headers.push(header);
        }
        Some((Self { headers, bodies }, tasks))
    }

    /// Takes the sealed bodies, in order; gives what is to be signed.
    pub fn sealed(&mut self, sealed: Vec<Vec<u8>>) -> Vec<SignTask> {
        let mut sealed = sealed.into_iter();
        for (header, body) in self.headers.iter_mut().zip(&mut self.bodies) {
            if header.stream != Stream::Control {
                *body = sealed.next().unwrap_or_default();
            }
            header.body_hash = Some(hash::sha256(&[body]).0);
        }
        let sign = |header: &Header| SignTask {
            key: KeyHandle::IDENTITY,
            message: Header::signed_bytes(&cbor::encode(header)),
        };
        self.headers.iter().map(sign).collect()
    }

    /// Takes the signatures, in order; gives the segments.
    pub fn signed(self, signatures: Vec<[u8; 64]>) -> Vec<Segment> {
        let parts = self.headers.into_iter().zip(signatures).zip(self.bodies);
        parts
            .map(|((header, signature), body)| Segment::new(header, signature, body))
            .collect()
    }
}
