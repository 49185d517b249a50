//! Passing on what others stated, so that a till learns that the tablet has its sale even when the
//! two never meet.
//!
//! Seldom, and a bounded number at a time: whoever is linked with a signer hears of it at once.

use std::collections::{BTreeMap, BTreeSet};

use base::limits::{
    PASS_ON_INTERVAL_MS, PASSED_AT_ONCE_MAX, PASSED_BYTES_AT_ONCE_MAX, PASSED_BYTES_MAX,
    PASSED_BYTES_OF_ONE_MAX,
};
use base::machine::Channel;
use base::{DeviceId, LinkId, LogId};
use identity::statement::{SignedStatement, Statement};
use minicbor::bytes::ByteVec;

use super::Replica;
use crate::message::Message;

/// Statements of others whose signatures count: of each signer those that are the latest of some log.
#[derive(Debug, Default)]
pub(super) struct Words {
    of: BTreeMap<DeviceId, BTreeMap<u64, Word>>,
    /// Of all of them.
    bytes: usize,
}

#[derive(Debug)]
struct Word {
    /// As its signer made it.
    bytes: Vec<u8>,
    /// The logs of which it is the latest.
    logs: BTreeSet<LogId>,
}

/// Which statements of others a peer has.
#[derive(Debug, Default)]
pub(super) struct Heard {
    /// The highest counter of each signer that it sent or was sent. They are passed on in their
    /// order, so it has those before, or something in their place.
    counters: BTreeMap<DeviceId, u64>,
    /// Whose were passed on to it last: the next one's turn comes then.
    last: Option<DeviceId>,
    /// When to pass on what it may lack.
    pub due_ms: Option<u64>,
}

impl Heard {
    /// It may lack something, from now on.
    fn wait(&mut self, now_ms: u64) {
        self.due_ms.get_or_insert(now_ms + PASS_ON_INTERVAL_MS);
    }

    fn has(&mut self, signer: DeviceId, counter: u64) {
        let highest = self.counters.entry(signer).or_default();
        *highest = counter.max(*highest);
    }

    fn lacks(&self, signer: DeviceId, counter: u64) -> bool {
        self.counters
            .get(&signer)
            .is_none_or(|highest| *highest < counter)
    }
}

impl Words {
    /// Whether a statement is kept.
    fn has(&self, signer: DeviceId, counter: u64) -> bool {
        let words = self.of.get(&signer);
        words.is_some_and(|words| words.contains_key(&counter))
    }

    /// Keeps a statement for as long as it is the latest of one of its logs. One that there is no
    /// room for is not passed on.
    fn keep(&mut self, signed: &SignedStatement) {
        let Statement {
            signer,
            counter,
            ref runs,
            ..
        } = signed.statement;
        let bytes = signed.to_bytes();
        let words = self.of.entry(signer).or_default();
        let others = self.bytes - bytes_of(words);
        let newer = words.range(counter..);
        let known: BTreeSet<LogId> = newer.flat_map(|(_, word)| &word.logs).copied().collect();
        let logs = runs.logs().map(|(log, _)| log);
        let logs: BTreeSet<LogId> = logs.filter(|log| !known.contains(log)).collect();
        let stays = |word: &Word| word.logs.iter().any(|log| !logs.contains(log));
        let staying = words.values().filter(|word| stays(word));
        let ours = bytes.len() + staying.map(|word| word.bytes.len()).sum::<usize>();
        let fits = ours <= PASSED_BYTES_OF_ONE_MAX && others + ours <= PASSED_BYTES_MAX;
        if words.contains_key(&counter) || logs.is_empty() || !fits {
            return;
        }
        for (_, older) in words.range_mut(..counter) {
            older.logs.retain(|log| !logs.contains(log));
        }
        words.retain(|_, word| !word.logs.is_empty());
        words.insert(counter, Word { bytes, logs });
        self.bytes = others + bytes_of(words);
    }

    /// What somebody lacks of whoever does not tell it itself, signer by signer from the one whose
    /// turn it is, and whether there is more.
    fn next(&self, heard: &mut Heard, tells: impl Fn(DeviceId) -> bool) -> (Vec<ByteVec>, bool) {
        let after = self
            .of
            .iter()
            .filter(|(signer, _)| Some(**signer) > heard.last);
        let before = self
            .of
            .iter()
            .filter(|(signer, _)| Some(**signer) <= heard.last);
        let others = after.chain(before).filter(|(signer, _)| !tells(**signer));
        let all = others.flat_map(|(signer, words)| {
            let each = words.iter();
            each.map(move |(counter, word)| (*signer, *counter, word))
        });
        let lacking: Vec<_> = all
            .filter(|(signer, counter, _)| heard.lacks(*signer, *counter))
            .take(PASSED_AT_ONCE_MAX + 1)
            .collect();
        let (mut passed, mut bytes) = (Vec::new(), 0);
        for (signer, counter, word) in &lacking {
            bytes += word.bytes.len();
            // One is below the bound, see [`Words::keep`].
            if passed.len() == PASSED_AT_ONCE_MAX || bytes > PASSED_BYTES_AT_ONCE_MAX {
                break;
            }
            heard.has(*signer, *counter);
            heard.last = Some(*signer);
            passed.push(ByteVec::from(word.bytes.clone()));
        }
        let more = passed.len() < lacking.len();
        (passed, more)
    }
}

fn bytes_of(words: &BTreeMap<u64, Word>) -> usize {
    words.values().map(|word| word.bytes.len()).sum()
}

impl Replica {
    /// A device has a statement: it sent it, whoever made it.
    pub fn statement_seen(&mut self, link: LinkId, signer: DeviceId, counter: u64) {
        if let Some(peer) = self.peers.get_mut(&link) {
            peer.heard.has(signer, counter);
        }
    }

    /// Whether a statement is at hand to be passed on.
    pub fn passes_on(&self, signer: DeviceId, counter: u64) -> bool {
        self.words.has(signer, counter)
    }

    /// A statement of somebody else counts: whoever is linked may lack it.
    pub fn pass_on(&mut self, now_ms: u64, signed: &SignedStatement) {
        self.words.keep(signed);
        let peers = self.peers.values_mut();
        peers.for_each(|peer| peer.heard.wait(now_ms));
    }

    /// A link may lack whatever was passed on before. Not at once: it has to hear from whom it comes,
    /// and we with whom it is linked.
    pub(super) fn pass_on_all(&mut self, now_ms: u64, link: LinkId) {
        if let Some(peer) = self.peers.get_mut(&link) {
            peer.heard.wait(now_ms);
        }
    }

    /// When something is to be passed on.
    pub(super) fn pass_due_ms(&self) -> Option<u64> {
        let peers = self.peers.values().filter(|peer| peer.listens());
        peers.filter_map(|peer| peer.heard.due_ms).min()
    }

    /// Passes on what is due.
    pub(super) fn pass(&mut self, now_ms: u64) {
        let Self { words, peers, .. } = self;
        let mut passed = Vec::new();
        for (link, peer) in peers.iter_mut().filter(|(_, peer)| peer.listens()) {
            if peer.heard.due_ms.take_if(|due| *due <= now_ms).is_none() {
                continue;
            }
            let (device, linked_with) = (peer.device, &peer.linked_with);
            let tells = |signer| signer == device || linked_with.contains(&signer);
            let (statements, more) = words.next(&mut peer.heard, tells);
            if more {
                peer.heard.wait(now_ms);
            }
            if !statements.is_empty() {
                passed.push((*link, statements));
            }
        }
        for (link, statements) in passed {
            self.send(link, Channel::Control, Message::Passed(statements));
        }
    }
}

#[cfg(test)]
mod tests {
    use base::{Mark, Run, ShopId, Stream};
    use identity::statement::{Place, STATEMENT_VERSION};

    use super::*;

    const SIGNER: DeviceId = DeviceId([2; 16]);
    const PEER: DeviceId = DeviceId([9; 16]);

    fn log(device: u8) -> LogId {
        LogId::new(DeviceId([device; 16]), Stream::Sales)
    }

    fn signed(signer: DeviceId, counter: u64, logs: &[u8]) -> SignedStatement {
        let run = |device: &u8| {
            let (first, last, mark) = (1, counter, Mark([1; 8]));
            (log(*device), vec![Run { first, last, mark }])
        };
        let statement = Statement {
            version: STATEMENT_VERSION,
            shop: ShopId([4; 16]),
            signer,
            place: Place::Device,
            counter,
            wall_ms: 9,
            runs: logs.iter().map(run).collect(),
        };
        SignedStatement::new(statement, [0; 64])
    }

    /// The counters of what is passed on.
    fn passed(words: &Words, heard: &mut Heard) -> Vec<u64> {
        let (passed, _) = words.next(heard, |signer| signer == PEER);
        let read = |bytes: ByteVec| SignedStatement::from_bytes(&bytes).unwrap();
        let counters = passed
            .into_iter()
            .map(|bytes| read(bytes).statement.counter);
        counters.collect()
    }

    #[test]
    fn what_is_the_latest_of_some_log_is_passed_on_once_in_order() {
        let mut words = Words::default();
        for (counter, logs) in [(1, &[5, 6, 7][..]), (2, &[5]), (4, &[5, 6]), (3, &[6])] {
            words.keep(&signed(SIGNER, counter, logs));
        }
        let mut heard = Heard::default();
        assert_eq!(passed(&words, &mut heard), [1, 4]);
        assert_eq!(passed(&words, &mut heard), [0; 0]);
        words.keep(&signed(SIGNER, 5, &[5, 6, 7]));
        assert_eq!(passed(&words, &mut heard), [5]);
        assert_eq!(words.of[&SIGNER].len(), 1, "nothing else is the latest");
    }

    #[test]
    fn who_made_it_or_has_sent_it_is_not_told() {
        let mut words = Words::default();
        words.keep(&signed(PEER, 1, &[5]));
        words.keep(&signed(SIGNER, 3, &[5]));
        let mut heard = Heard::default();
        heard.has(SIGNER, 3);
        assert_eq!(passed(&words, &mut heard), [0; 0]);
    }

    #[test]
    fn everybody_has_a_turn_however_much_is_said() {
        let mut words = Words::default();
        let signers = || (1..=PASSED_AT_ONCE_MAX as u8 + 4).map(|byte| DeviceId([byte; 16]));
        let signers: Vec<_> = signers().filter(|signer| *signer != PEER).collect();
        let mut heard = Heard::default();
        let mut told = BTreeSet::new();
        for counter in 1..=2 {
            for signer in &signers {
                words.keep(&signed(*signer, counter, &[200]));
            }
            let (passed, more) = words.next(&mut heard, |signer| signer == PEER);
            assert!(more && passed.len() == PASSED_AT_ONCE_MAX);
            for bytes in passed {
                told.insert(
                    SignedStatement::from_bytes(&bytes)
                        .unwrap()
                        .statement
                        .signer,
                );
            }
        }
        assert!(told.into_iter().eq(signers));
    }

    #[test]
    fn what_is_kept_for_it_is_bounded_and_nobody_takes_the_room_of_all() {
        let mut words = Words::default();
        let logs: Vec<u8> = (10..200).collect();
        let size = signed(SIGNER, 1, &logs).to_bytes().len();
        let signer = |number: u16| {
            let mut signer = SIGNER;
            signer.0[..2].copy_from_slice(&number.to_be_bytes());
            signer
        };
        let fit = PASSED_BYTES_MAX / size;
        for number in 0..fit as u16 + 9 {
            words.keep(&signed(signer(number), 1, &logs));
        }
        assert_eq!(words.of.values().map(BTreeMap::len).sum::<usize>(), fit);
        assert_eq!(words.bytes, fit * size);
        // There is room for what takes the place of something.
        words.keep(&signed(signer(0), 2, &logs));
        assert!(words.has(signer(0), 2) && !words.has(signer(0), 1));
        assert_eq!(words.bytes, fit * size);

        let mut words = Words::default();
        for log in 0..=u8::MAX {
            let mut long = signed(SIGNER, u64::from(log), &[log]);
            long.raw.resize(PASSED_BYTES_OF_ONE_MAX / 8, 0);
            words.keep(&long);
        }
        assert_eq!(words.of[&SIGNER].len(), 7);
        let mut long = signed(PEER, 1, &[1]);
        long.raw.resize(PASSED_BYTES_OF_ONE_MAX, 0);
        words.keep(&long);
        assert!(!words.has(PEER, 1));
    }

    #[test]
    fn the_same_number_twice_is_kept_once() {
        let mut words = Words::default();
        words.keep(&signed(SIGNER, 1, &[5]));
        words.keep(&signed(SIGNER, 1, &[6]));
        assert_eq!(words.of[&SIGNER][&1].logs, BTreeSet::from([log(5)]));
    }

    #[test]
    fn one_message_passes_on_no_more_bytes_than_its_bound() {
        let mut words = Words::default();
        for byte in 1..=4 {
            let mut long = signed(DeviceId([byte; 16]), 1, &[1]);
            long.raw.resize(PASSED_BYTES_AT_ONCE_MAX / 3, 0);
            words.keep(&long);
        }
        let mut heard = Heard::default();
        let (passed, more) = words.next(&mut heard, |_| false);
        assert_eq!((passed.len(), more), (2, true));
        let (passed, more) = words.next(&mut heard, |_| false);
        assert_eq!((passed.len(), more), (2, false));
    }
}
