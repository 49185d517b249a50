//! What is held of a log, against any headers in any order.

use std::collections::BTreeSet;

use base::hash::ChainValue;
use base::segment::SEQ_MAX;
use base::{DeviceId, EpochName, Header, LogId, Mark, ShopId, Stream};
use sync_core::{Fit, Holdings, Message, Span, Switches};

use crate::tape::Tape;

const SHOP: ShopId = ShopId([1; 16]);
const LOG: LogId = LogId::new(DeviceId([2; 16]), Stream::Sales);
/// Headers of one run.
const STEPS_MAX: usize = 64;
/// Numbers are mostly below this, so that segments meet.
const NEAR: u64 = 700;

/// Headers of a log, honest or of another branch or with chain values that fit nothing, opened or
/// not; and segments that turn out not to be stored. After each, every run ends with a chain value
/// that is known, all runs together are what is held, of the trunk what is held and what is missing
/// are all there is, and what was held once is a duplicate, which changes nothing but how much is
/// known of what is held; in a log with branches that may become less, where a segment that nobody
/// has opened took the place of an opened one of another branch. Without forks and losses, all that
/// was opened is held.
pub fn run(bytes: &[u8]) {
    let mut tape = Tape::new(bytes);
    let is_honest = tape.flag();
    let mut holdings = Holdings::new(SHOP, Switches::default());
    let (mut added, mut was_trusted) = (BTreeSet::new(), false);
    for _ in 0..STEPS_MAX {
        if tape.is_used_up() {
            break;
        }
        if is_honest {
            let header = header(&mut tape, 0);
            add_honest(&mut holdings, &header);
            added.extend(header.first..=header.last());
        } else {
            step(&mut holdings, &mut tape, &mut was_trusted);
        }
        sound(&holdings);
    }
    if is_honest {
        let held: BTreeSet<u64> = spans(&holdings).into_iter().flat_map(numbers).collect();
        assert_eq!(held, added);
    }
}

/// `was_trusted`: whether a segment was taken that nobody had opened.
fn step(holdings: &mut Holdings, tape: &mut Tape<'_>, was_trusted: &mut bool) {
    let mut add = |holdings: &mut Holdings, header: &Header, branch, is_opened| {
        add(holdings, header, branch, is_opened, was_trusted);
    };
    match tape.below(8) {
        0 => {
            let header = header(tape, 0);
            let (before, was_forked) = (holdings.entries(), holdings.is_forked(LOG));
            holdings.remove(&header);
            // With it may go what showed that branches have one way, and each tells its own then.
            assert!(was_forked || holdings.entries() <= before);
        }
        1 => {
            let reach = u64::from(tape.byte()) * 256;
            holdings.packed_to(LOG, reach);
        }
        // Another branch, from its beginning or from somewhere.
        2 => {
            let branch = 1 + tape.byte() % 2;
            add(holdings, &header(tape, branch), branch, true);
        }
        3 => add(holdings, &header(tape, 1), 1, false),
        // A segment that nobody has opened.
        4 | 5 => add(holdings, &header(tape, 0), 0, false),
        6 => {
            let mut header = header(tape, 0);
            header.first = tape.number().clamp(1, SEQ_MAX - 255);
            header.before = chain(header.first - 1, 0);
            header.last_chain = chain(header.last(), 0);
            add(holdings, &header, 0, false);
        }
        _ => add(holdings, &header(tape, 0), 0, true),
    }
}

fn add_honest(holdings: &mut Holdings, header: &Header) {
    let inside = inside(header, 0);
    let fit = holdings.add(header, &inside);
    assert!(
        matches!(fit, Fit::New(_) | Fit::Packs | Fit::Duplicate),
        "{fit:?}"
    );
    assert_eq!(holdings.add(header, &inside), Fit::Duplicate);
    for (seq, mark) in inside {
        assert_eq!(holdings.mark(LOG, seq), Some(mark), "{seq}");
    }
}

fn add(
    holdings: &mut Holdings,
    header: &Header,
    branch: u8,
    is_opened: bool,
    was_trusted: &mut bool,
) {
    let inside = if is_opened {
        inside(header, branch)
    } else {
        Vec::new()
    };
    let (before, was_forked) = (holdings.vector(), holdings.is_forked(LOG));
    let replaced = holdings.replaced_by(header, &inside);
    let span = Span::new(header.first, header.last());
    match holdings.add(header, &inside) {
        Fit::New(_) | Fit::Packs | Fit::Fork => {
            assert!(holdings.has(LOG, span.last, header.last_chain.mark()));
            assert_eq!(holdings.add(header, &inside), Fit::Duplicate);
            *was_trusted |= !is_opened;
        }
        // Of a log with branches it may show where they have one way, and where not.
        Fit::Duplicate if was_forked => {
            assert!(*was_trusted || holdings.lacks_of(&before) == 0);
        }
        Fit::Duplicate => assert_eq!(holdings.vector(), before),
        Fit::Unproven => {
            assert!(replaced.is_empty());
            assert_eq!(holdings.vector(), before);
        }
    }
    assert!(
        replaced
            .iter()
            .all(|(first, _)| span.first <= *first && *first <= span.last)
    );
}

fn sound(holdings: &Holdings) {
    let vector = holdings.vector();
    let told = Message::Vector {
        vector: vector.clone(),
        whole: true,
        asks: false,
    };
    assert_eq!(
        Message::from_bytes(&told.to_bytes()),
        Ok(Some(told)),
        "others can read it"
    );
    let runs = vector.runs(LOG);
    let is_told = |span: &Span| {
        runs.iter()
            .any(|run| (run.first, run.last) == (span.first, span.last))
    };
    assert!(spans(holdings).iter().all(is_told), "the trunk is told of");
    for run in runs {
        assert!(holdings.has(LOG, run.last, run.mark));
    }
    let told: u64 = runs.iter().map(base::Run::count).sum();
    // Where branches go apart may lie in what nobody has opened: that end is not told.
    assert!(told <= holdings.entries());
    assert!(holdings.is_forked(LOG) || told == holdings.entries());
    assert!(holdings.is_forked(LOG) || spans(holdings).len() == runs.len());
    assert!(holdings.contiguous(LOG) <= holdings.last(LOG));
    assert_eq!(holdings.lacks_of(&vector), 0);
    let near = Span::new(1, NEAR + 300);
    let missing = holdings.missing(LOG, near);
    let count: u64 = missing.iter().map(Span::count).sum();
    assert!(count + holdings.count_in(LOG, near) <= near.count());
    assert!(
        missing
            .iter()
            .all(|span| holdings.count_in(LOG, *span) == 0)
    );
    if holdings.aside().next().is_none() {
        assert_eq!(count + holdings.count_in(LOG, near), near.count());
    }
    for window in holdings.loose_windows(LOG, 0, SEQ_MAX) {
        assert_eq!((window.first % 256, window.count()), (1, 256));
        assert_eq!(holdings.count_in(LOG, window), 256);
    }
    let within = |holes| holdings.last_within(LOG, holes).map_or(0, |(last, _)| last);
    assert!(within(0) <= within(u64::MAX));
}

fn spans(holdings: &Holdings) -> Vec<Span> {
    holdings
        .spans(LOG)
        .into_iter()
        .flat_map(|spans| spans.iter())
        .collect()
}

fn numbers(span: Span) -> impl Iterator<Item = u64> {
    span.first..=span.last
}

/// Branch 1 shares so many entries with branch 0, and branch 2 so many with branch 1.
const FORKS: [u64; 2] = [100, 300];

/// `c(seq)` of a branch: like real ones it proves all that comes before.
fn chain(seq: u64, branch: u8) -> ChainValue {
    if let Some(parent) = branch.checked_sub(1)
        && FORKS.get(usize::from(parent)).is_some_and(|at| seq <= *at)
    {
        return chain(seq, parent);
    }
    if seq == 0 {
        return ChainValue::start(SHOP, LOG);
    }
    let mut bytes = [branch; 32];
    bytes[..8].copy_from_slice(&seq.to_be_bytes());
    // The mark is the first eight bytes: branches differ in it.
    bytes[0] ^= branch << 4;
    ChainValue(bytes)
}

fn inside(header: &Header, branch: u8) -> Vec<(u64, Mark)> {
    (header.first..=header.last())
        .map(|seq| (seq, chain(seq, branch).mark()))
        .collect()
}

fn header(tape: &mut Tape<'_>, branch: u8) -> Header {
    let first = 1 + (u64::from(tape.byte()) << 8 | u64::from(tape.byte())) % NEAR;
    let count = 1 + u32::from(tape.byte());
    Header {
        version: 1,
        shop: SHOP,
        device: LOG.device,
        stream: LOG.stream,
        first,
        count,
        epoch: EpochName([1; 8]),
        before: chain(first - 1, branch),
        last_chain: chain(first + u64::from(count) - 1, branch),
        nonce: [0; 12],
        body_hash: None,
    }
}

/// Sales one by one, then their block; overlaps out of order; a fork; a loss in the middle.
pub fn seeds() -> Vec<Vec<u8>> {
    let honest = |runs: &[[u8; 3]]| [vec![1], runs.concat()].concat();
    let steps = |steps: &[&[u8]]| [vec![0], steps.concat()].concat();
    let (one, two, three): (&[u8], &[u8], &[u8]) = (&[7, 0, 0, 9], &[7, 0, 10, 5], &[7, 0, 16, 3]);
    vec![
        honest(&[[0, 0, 0], [0, 1, 0], [0, 2, 0], [0, 0, 2]]),
        honest(&[[0, 40, 9], [0, 30, 20], [0, 0, 255], [1, 0, 255], [0, 5, 2]]),
        steps(&[one, two, three, &[4, 0, 0, 255]]),
        steps(&[one, &[2, 0, 0, 4, 9], &[3, 0, 9, 9], two, &[5, 0, 3, 60]]),
        steps(&[one, two, three, &[0, 0, 11, 1], &[1, 1], two]),
        steps(&[one, &[6, 0, 0, 255, 255, 255, 255, 255, 255, 255, 255, 255]]),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn branches_differ_in_their_marks() {
        let marks: BTreeSet<_> = (0..3).map(|branch| chain(500, branch).mark()).collect();
        assert_eq!(marks.len(), 3);
    }
}
