//! Runs, gaps, overlaps and forks.

use base::{DeviceId, EntryRef, EpochName, Stream};

use super::*;

mod branches;

const SHOP: ShopId = ShopId([1; 16]);

fn log() -> LogId {
    LogId::new(DeviceId([2; 16]), Stream::Sales)
}

/// `c(seq)` on a branch.
fn chain(seq: u64, branch: u8) -> ChainValue {
    match seq {
        0 => ChainValue::start(SHOP, log()),
        _ => ChainValue(base::hash::sha256(&[&seq.to_be_bytes(), &[branch]]).0),
    }
}

fn header_on(first: u64, last: u64, before: u8, branch: u8) -> Header {
    Header {
        version: 1,
        shop: SHOP,
        device: log().device,
        stream: log().stream,
        first,
        count: u32::try_from(last - first + 1).unwrap(),
        epoch: EpochName([1; 8]),
        before: chain(first - 1, before),
        last_chain: chain(last, branch),
        nonce: [0; 12],
        body_hash: None,
    }
}

fn header(first: u64, last: u64) -> Header {
    header_on(first, last, 0, 0)
}

fn holding(segments: &[(u64, u64)]) -> Holdings {
    let mut holdings = Holdings::new(SHOP, Switches::default());
    for (first, last) in segments {
        holdings.add(&header(*first, *last), &[]);
    }
    holdings
}

fn runs(holdings: &Holdings) -> Vec<(u64, u64)> {
    let vector = holdings.vector();
    let runs = vector.runs(log()).to_vec();
    assert!(runs.iter().all(|run| run.mark == chain(run.last, 0).mark()));
    runs.iter().map(|run| (run.first, run.last)).collect()
}

#[test]
fn a_gap_stays_a_gap_until_it_is_filled() {
    let mut holdings = holding(&[(1, 2), (5, 6)]);
    assert_eq!(runs(&holdings), [(1, 2), (5, 6)]);
    assert_eq!(holdings.contiguous(log()), 2);
    assert_eq!(
        holdings.missing(log(), Span::new(1, 9)),
        [Span::new(3, 4), Span::new(7, 9)]
    );
    assert_eq!(
        holdings.add(&header(3, 4), &[]),
        Fit::New(vec![Span::new(3, 4)])
    );
    assert_eq!(
        (runs(&holdings), holdings.contiguous(log())),
        (vec![(1, 6)], 6)
    );
}

#[test]
fn the_order_of_arrival_does_not_matter() {
    let forward = holding(&[(1, 1), (2, 5), (6, 6), (9, 12)]);
    let backward = holding(&[(9, 12), (6, 6), (2, 5), (1, 1)]);
    assert_eq!(forward.vector(), backward.vector());
}

#[test]
fn the_same_segment_twice_changes_nothing() {
    let mut holdings = holding(&[(1, 4)]);
    let before = holdings.vector();
    assert_eq!(holdings.add(&header(1, 4), &[]), Fit::Duplicate);
    assert_eq!((holdings.vector(), holdings.entries()), (before, 4));
}

#[test]
fn only_the_lacking_part_of_an_overlap_is_new() {
    let mut holdings = holding(&[(1, 2), (3, 4)]);
    let block = header(1, 8);
    let elsewhere = [(5, chain(5, 0).mark())];
    assert_eq!(
        holdings.clone().add(&block, &elsewhere),
        Fit::Unproven,
        "nothing shows that it passes c(4)"
    );
    let inside = [(4, chain(4, 0).mark())];
    assert_eq!(
        holdings.add(&block, &inside),
        Fit::New(vec![Span::new(5, 8)])
    );
    assert_eq!(runs(&holdings), [(1, 8)]);
}

#[test]
fn a_segment_takes_the_place_of_those_within_it() {
    let mut holdings = holding(&[(1, 2), (3, 3), (4, 6), (7, 9)]);
    let inside: Vec<_> = (3..=6).map(|seq| (seq, chain(seq, 0).mark())).collect();
    let block = header(3, 6);
    let mark = |seq| chain(seq, 0).mark();
    assert_eq!(
        holdings.replaced_by(&block, &inside),
        [(3, mark(3)), (4, mark(6))]
    );
    assert_eq!(holdings.add(&block, &inside), Fit::Packs);
    assert_eq!(runs(&holdings), [(1, 9)]);
    assert_eq!(holdings.add(&block, &inside), Fit::Duplicate);
    let starts: Vec<_> = (1..=10)
        .map(|seq| holdings.segment_start(log(), seq))
        .collect();
    assert_eq!(starts, [1, 1, 3, 3, 3, 3, 7, 7, 7, 10]);
    assert_eq!(
        holdings.fits(&header(4, 6)),
        Fit::Duplicate,
        "what it replaced is known still"
    );
}

#[test]
fn what_meets_an_opened_segment_in_its_middle_is_told_from_a_fork() {
    let chain_of = |first, last| {
        (first..=last)
            .map(|seq| (seq, chain(seq, 0).mark()))
            .collect::<Vec<_>>()
    };
    let mut holdings = holding(&[(1, 8)]);
    assert_eq!(holdings.fits(&header(3, 5)), Fit::Unproven);
    assert_eq!(holdings.mark(log(), 5), None);
    holdings.add(&header(1, 8), &chain_of(1, 7));
    assert_eq!(holdings.mark(log(), 5), None, "an entry is lacking");
    holdings.add(&header(1, 8), &chain_of(1, 8));
    assert_eq!(holdings.mark(log(), 5), Some(chain(5, 0).mark()));
    assert_eq!(holdings.fits(&header(3, 5)), Fit::Duplicate);
    assert_eq!(holdings.fits(&header_on(3, 5, 0, 9)), Fit::Fork);
    assert_eq!(holdings.fits(&header_on(3, 5, 9, 0)), Fit::Fork);
    assert_eq!(
        holdings.add(&header(5, 12), &[(8, chain(8, 0).mark())]),
        Fit::New(vec![Span::new(9, 12)])
    );
    holdings.remove(&header(1, 8));
    assert_eq!(holdings.mark(log(), 6), None);
}

#[test]
fn what_takes_a_place_and_is_opened_needs_no_joints_within() {
    let inside = |first, last| {
        (first..=last)
            .map(|seq| (seq, chain(seq, 0).mark()))
            .collect::<Vec<_>>()
    };
    let mut holdings = holding(&[(1, 2), (3, 3), (4, 6)]);
    holdings.add(&header(6, 9), &inside(6, 9));
    assert_eq!(holdings.add(&header(1, 8), &inside(1, 8)), Fit::Packs);
    let log = log();
    for seq in 1..=9 {
        assert_eq!(holdings.mark(log, seq), Some(chain(seq, 0).mark()), "{seq}");
    }
    let known: Vec<_> = (0..=9)
        .filter(|seq| holdings.chain(log, *seq).is_some())
        .collect();
    assert_eq!(known, [0, 5, 8, 9], "6..=9 begins behind 5");
    assert_eq!(runs(&holdings), [(1, 9)]);
}

#[test]
fn whoever_cannot_open_a_block_takes_it_on_trust_in_place_of_what_it_covers() {
    let mut holdings = holding(&[(1, 2), (3, 4)]);
    let block = header(1, 8);
    assert_eq!(holdings.add(&block, &[]), Fit::New(vec![Span::new(5, 8)]));
    assert_eq!(
        (runs(&holdings), holdings.aside().count()),
        (vec![(1, 8)], 0)
    );
    assert!(!holdings.is_needless(&header(3, 4)), "nobody knows yet");
    let inside: Vec<_> = (1..=8).map(|seq| (seq, chain(seq, 0).mark())).collect();
    holdings.add(&block, &inside);
    assert!(holdings.is_needless(&header(3, 4)), "its place is taken");
    assert!(!holdings.is_needless(&block));
    let mut behind_a_hole = holding(&[(3, 4)]);
    assert_eq!(behind_a_hole.add(&header(2, 8), &[]), Fit::Unproven);
}

/// Aligned windows, as authors put entries together at different times and for different peers.
#[test]
fn whoever_cannot_open_anything_takes_aligned_windows_in_whatever_order_they_come() {
    let order = [
        (1, 4),
        (5, 6),
        (7, 7),
        (5, 8),
        (9, 12),
        (1, 8),
        (17, 24),
        (13, 16),
        (1, 16),
        (1, 32),
    ];
    let mut holdings = holding(&[]);
    for (first, last) in order {
        let fit = holdings.add(&header(first, last), &[]);
        assert!(
            matches!(fit, Fit::New(_) | Fit::Packs),
            "{first} to {last}: {fit:?}"
        );
    }
    assert_eq!(runs(&holdings), [(1, 32)]);
    let fits = |(first, last): &(u64, u64)| holdings.fits(&header(*first, *last));
    assert!(
        order[..9]
            .iter()
            .all(|window| fits(window) == Fit::Duplicate)
    );
    // One that is not aligned shows nothing.
    let mut holdings = holding(&[(1, 4), (5, 12)]);
    assert_eq!(holdings.add(&header(1, 8), &[]), Fit::Unproven);
}

/// A window that covers ours came before what leads to it: nothing shows that the two meet.
#[test]
fn what_came_too_early_to_be_trusted_is_lacking_again_when_something_leads_to_it() {
    let mut holdings = holding(&[(37, 40)]);
    let window = header(33, 48);
    assert_eq!(holdings.add(&window, &[]), Fit::Unproven);
    let lacking = |holdings: &Holdings| holdings.missing(log(), Span::new(33, 48));
    assert!(
        lacking(&holdings).is_empty(),
        "nobody brings it again as things are"
    );
    holdings.add(&header(1, 16), &[]);
    assert!(lacking(&holdings).is_empty());
    holdings.add(&header(17, 32), &[]);
    let around = [Span::new(33, 36), Span::new(41, 48)];
    assert_eq!(lacking(&holdings), around);
    assert_eq!(holdings.add(&window, &[]), Fit::New(around.to_vec()));
    assert_eq!(runs(&holdings), [(1, 48)]);
    // What begins behind ours and does not show all the same is not asked for over and over.
    let mut holdings = holding(&[(1, 4), (5, 12)]);
    assert_eq!(holdings.add(&header(5, 8), &[]), Fit::Unproven);
    holdings.add(&header(13, 16), &[]);
    assert_eq!(holdings.aside().count(), 1);
}

#[test]
fn what_waited_for_a_proof_is_held_once_it_is_opened() {
    let mut holdings = holding(&[(5, 6)]);
    let block = header(4, 8);
    assert_eq!(holdings.add(&block, &[]), Fit::Unproven);
    let inside: Vec<_> = (4..=8).map(|seq| (seq, chain(seq, 0).mark())).collect();
    let lacking = vec![Span::new(4, 4), Span::new(7, 8)];
    assert_eq!(holdings.add(&block, &inside), Fit::New(lacking));
    assert_eq!(
        (runs(&holdings), holdings.aside().count()),
        (vec![(4, 8)], 0)
    );
}

#[test]
fn a_segment_replaces_nothing_of_another_branch() {
    let mut holdings = holding(&[(1, 2), (3, 4)]);
    let other = header_on(1, 4, 0, 9);
    assert_eq!(holdings.replaced_by(&other, &[]), []);
    assert_eq!(holdings.add(&other, &[]), Fit::Fork);
    assert_eq!(holdings.fits(&header(3, 4)), Fit::Duplicate);
    assert!(!holdings.is_needless(&header(3, 4)));
    assert_eq!(holdings.segment_start(log(), 4), 1, "of either branch");
}

#[test]
fn what_two_segments_bring_is_held_while_one_of_them_is_there() {
    let mut holdings = holding(&[(1, 4)]);
    let inside = [(4, chain(4, 0).mark())];
    holdings.add(&header(3, 8), &inside);
    assert_eq!(runs(&holdings), [(1, 8)]);
    holdings.remove(&header(3, 8));
    assert_eq!(runs(&holdings), [(1, 4)]);
    holdings.add(&header(3, 8), &inside);
    holdings.remove(&header(1, 4));
    assert_eq!(
        holdings.spans(log()).unwrap().iter().collect::<Vec<_>>(),
        [Span::new(3, 8)]
    );
}

#[test]
fn a_part_that_ends_where_a_held_segment_ends_is_known() {
    let holdings = holding(&[(1, 2), (3, 4), (5, 6)]);
    assert_eq!(holdings.fits(&header(2, 4)), Fit::Duplicate);
    assert_eq!(holdings.fits(&header(2, 3)), Fit::Unproven);
}

#[test]
fn an_overlap_that_shares_only_an_early_chain_value_may_be_a_fork() {
    let mut holdings = holding(&[(1, 4), (5, 8)]);
    let other = header_on(5, 12, 0, 9);
    assert_eq!(holdings.add(&other, &[(8, chain(8, 9).mark())]), Fit::Fork);
    let marks = |seq| [0, 9].map(|branch| holdings.has(log(), seq, chain(seq, branch).mark()));
    assert_eq!(marks(8), [true, false], "not known to be passed");
    assert_eq!(marks(12), [false, true]);
}

/// Two branches of one log: both are held, told, and go on.
#[test]
fn what_contradicts_ours_is_a_branch_that_is_held_beside_it() {
    let mut holdings = holding(&[(1, 4)]);
    let other = header_on(3, 3, 0, 9);
    assert_eq!(holdings.add(&header_on(5, 6, 9, 9), &[]), Fit::Fork);
    let ends = |holdings: &Holdings| -> Vec<_> {
        let runs = holdings.vector().runs(log()).to_vec();
        runs.iter()
            .map(|run| (run.first, run.last, run.mark))
            .collect()
    };
    let ours = (1, 4, chain(4, 0).mark());
    let theirs = |first, last| (first, last, chain(last, 9).mark());
    assert_eq!(ends(&holdings), [ours, theirs(5, 6)]);
    assert_eq!(holdings.entries(), 6);
    // What leads to it is lacking, and is asked for backwards.
    let told = |first, last| Run {
        first,
        last,
        mark: chain(last, 9).mark(),
    };
    assert_eq!(holdings.needs(log(), &told(1, 6)), [Span::new(1, 4)]);
    assert_eq!(
        holdings.add(&header_on(4, 4, 9, 9), &[]),
        Fit::New(vec![Span::new(4, 4)])
    );
    assert_eq!(ends(&holdings), [ours, theirs(4, 6)]);
    // 2 is the last number that both share, and the segment shows it.
    holdings.add(
        &header(1, 4),
        &(1..=4)
            .map(|seq| (seq, chain(seq, 0).mark()))
            .collect::<Vec<_>>(),
    );
    assert_eq!(holdings.add(&other, &[]), Fit::New(vec![Span::new(3, 3)]));
    assert_eq!(holdings.needs(log(), &told(1, 6)), []);
    assert_eq!(holdings.lacks_in(log(), &[told(1, 6)]), 0);
    assert_eq!(holdings.entries(), 4 + 4);
    // Either goes on.
    assert_eq!(
        holdings.add(&header(5, 6), &[]),
        Fit::New(vec![Span::new(5, 6)])
    );
    assert_eq!(
        holdings.add(&header_on(7, 7, 9, 9), &[]),
        Fit::New(vec![Span::new(7, 7)])
    );
    assert_eq!(ends(&holdings), [(1, 6, chain(6, 0).mark()), theirs(3, 7)]);
    let mark = |seq, branch| chain(seq, branch).mark();
    let shared = |(seq, branch), run: Run| {
        let (log, mark) = (log(), mark(seq, branch));
        holdings.shared_by(EntryRef { log, seq, mark }, &run)
    };
    let ours = Run {
        mark: mark(6, 0),
        ..told(1, 6)
    };
    assert_eq!([shared((6, 0), ours), shared((7, 9), told(3, 7))], [6, 7]);
    assert_eq!([shared((7, 9), ours), shared((6, 0), told(3, 7))], [2, 2]);
    assert_eq!(shared((6, 0), told(3, 9)), 0, "nobody knows");
}

#[test]
fn a_log_that_begins_with_a_wrong_chain_value_is_kept_aside() {
    let mut holdings = holding(&[]);
    let mut first = header(1, 2);
    first.before = ChainValue([9; 32]);
    assert_eq!(holdings.add(&first, &[]), Fit::Unproven);
    assert_eq!(holdings.vector(), Vector::default());
    assert_eq!(holdings.aside().count(), 1);
}

#[test]
fn branches_and_runs_kept_aside_are_bounded() {
    let mut holdings = holding(&[(1, 1)]);
    for branch in 1..=200 {
        holdings.add(&header_on(2, 2, branch, branch), &[]);
    }
    let branches = base::limits::BRANCHES_PER_LOG_MAX;
    assert_eq!(holdings.vector().runs(log()).len(), branches);
    assert_eq!(holdings.aside().count(), base::limits::FORK_RUNS_MAX);
}

#[test]
fn what_was_not_stored_is_not_held() {
    let mut holdings = holding(&[(1, 2), (3, 5), (6, 8), (9, 9)]);
    holdings.remove(&header(3, 5));
    assert_eq!(runs(&holdings), [(1, 2), (6, 9)]);
    assert_eq!(
        holdings.add(&header(3, 5), &[]),
        Fit::New(vec![Span::new(3, 5)])
    );
    assert_eq!(runs(&holdings), [(1, 9)]);
    for (first, last) in [(1, 2), (3, 5), (6, 8), (9, 9)] {
        holdings.remove(&header(first, last));
    }
    assert!(holdings.vector().is_empty());
    assert_eq!(
        holdings.add(&header_on(1, 4, 0, 7), &[]),
        Fit::New(vec![Span::new(1, 4)])
    );
}

#[test]
fn blocks_reach_as_far_as_full_windows_are_held_in_one_piece() {
    let loose = |holdings: &Holdings, from, reach| -> Vec<Span> {
        holdings.loose_windows(log(), from, reach).collect()
    };
    let [first, second] = [Span::new(1, 256), Span::new(257, 512)];
    let mut holdings = holding(&[(1, 100), (101, 256), (257, 512), (513, 600)]);
    assert_eq!(holdings.packed(log()), 0);
    assert_eq!(loose(&holdings, 0, u64::MAX), [first]);
    assert_eq!(loose(&holdings, 0, 255), []);
    assert_eq!(loose(&holdings, 256, u64::MAX), []);
    assert_eq!(holdings.add(&header(1, 256), &[]), Fit::Packs);
    assert_eq!(holdings.packed(log()), 512);
    assert_eq!(holdings.vector().blocks(log()), 512);
    assert_eq!(holdings.runs_of([&log()]).blocks(log()), 0);
    // A part of it turns out not to be there.
    holdings.remove(&header(257, 512));
    assert_eq!(holdings.packed(log()), 256);
    holdings.add(&header(257, 300), &[]);
    holdings.add(&header(301, 512), &[]);
    assert_eq!(loose(&holdings, 0, u64::MAX), [second]);
    holdings.packed_to(log(), 512);
    assert_eq!(
        (holdings.packed(log()), loose(&holdings, 0, 999).len()),
        (512, 0)
    );
}

#[test]
fn numbers_that_somebody_merely_said_take_no_time() {
    let far = u64::MAX / 4;
    let holdings = holding(&[(1, 2), (far, far + 4)]);
    assert_eq!(holdings.loose_windows(log(), 0, u64::MAX).count(), 0);
    assert_eq!(holdings.last_within(log(), 16_384), Some((2, chain(2, 0))));
    let near = holding(&[(5, 9), (21, 30), (60_000, 60_001)]);
    assert_eq!(near.last_within(log(), 15), Some((30, chain(30, 0))));
    assert_eq!(near.last_within(log(), 14), Some((9, chain(9, 0))));
    assert_eq!(near.last_within(log(), 3), None);
}

#[test]
fn without_gap_tracking_a_hole_is_claimed() {
    let switches = Switches {
        gap_tracking: false,
        ..Switches::default()
    };
    let mut holdings = Holdings::new(SHOP, switches);
    holdings.add(&header(5, 6), &[]);
    assert_eq!(holdings.contiguous(log()), 6);
}

#[test]
fn more_runs_than_the_bound_are_not_told() {
    let mut holdings = holding(&[]);
    for n in 1..=(RUNS_PER_LOG_MAX as u64 + 5) {
        holdings.add(&header(2 * n, 2 * n), &[]);
    }
    assert_eq!(runs(&holdings).len(), RUNS_PER_LOG_MAX);
}
