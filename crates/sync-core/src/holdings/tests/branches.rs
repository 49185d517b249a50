//! Which branch something is of that nobody had opened when it came.

use super::*;

/// Nobody could open either when they came.
#[test]
fn what_was_taken_on_trust_in_place_of_another_branch_gives_it_back() {
    let mut holdings = holding(&[(1, 2), (3, 3)]);
    let other = header_on(3, 4, 0, 9);
    assert_eq!(holdings.add(&other, &[]), Fit::New(vec![Span::new(4, 4)]));
    assert!(!holdings.is_needless(&header(3, 3)));
    let inside = [(3, chain(3, 9).mark()), (4, chain(4, 9).mark())];
    assert_eq!(holdings.add(&other, &inside), Fit::Duplicate);
    let of_ours = Run {
        first: 1,
        last: 3,
        mark: chain(3, 0).mark(),
    };
    assert_eq!(holdings.lacks_in(log(), &[of_ours]), 3, "it is asked for");
    assert_eq!(holdings.add(&header(3, 3), &[]), Fit::Fork);
    let has = |seq, branch| holdings.has(log(), seq, chain(seq, branch).mark());
    assert!(has(3, 0) && has(3, 9) && has(4, 9));
    assert_eq!(holdings.entries(), 2 + 2 + 1);
}

/// Something opened leads on from a segment that was taken on trust, and shows that what that took
/// the place of was of another branch.
#[test]
fn what_leads_on_from_a_segment_taken_on_trust_is_of_its_branch() {
    let mut holdings = holding(&[]);
    holdings.add(&header_on(3, 4, 9, 9), &[]);
    holdings.add(&header(1, 6), &[]);
    let inside: Vec<_> = (2..=8).map(|seq| (seq, chain(seq, 0).mark())).collect();
    let on = header(2, 8);
    assert_eq!(holdings.add(&on, &inside), Fit::New(vec![Span::new(7, 8)]));
    assert_eq!(holdings.add(&on, &inside), Fit::Duplicate, "once");
    assert!(!holdings.is_forked(log()));
    let theirs = header_on(3, 4, 9, 9);
    assert_eq!(holdings.add(&theirs, &[]), Fit::Fork, "it is brought again");
    assert_eq!(holdings.entries(), 8 + 2);
}

/// What came first lies beyond a hole, and turns out to be of another branch than what came then.
#[test]
fn a_run_beyond_a_hole_goes_with_the_branch_that_leads_to_it() {
    let mut holdings = holding(&[]);
    holdings.add(&header_on(7, 7, 9, 9), &[]);
    holdings.add(&header(1, 4), &[]);
    assert!(!holdings.is_forked(log()), "nothing shows it");
    assert_eq!(holdings.add(&header_on(5, 6, 9, 9), &[]), Fit::Fork);
    let runs = holdings.vector().runs(log()).to_vec();
    let ends: Vec<_> = runs.iter().map(|run| (run.first, run.last)).collect();
    assert_eq!(ends, [(1, 4), (5, 7)]);
    assert_eq!(
        holdings.add(&header(5, 9), &[]),
        Fit::New(vec![Span::new(5, 9)])
    );
    assert_eq!(holdings.contiguous(log()), 9);
    // The trunk is lost: what is left is one branch.
    holdings.remove(&header(1, 4));
    holdings.remove(&header(5, 9));
    assert_eq!(holdings.entries(), 3);
    assert!(!holdings.is_forked(log()));
}

/// Two branches leave each other at 3. One of them was taken on trust for the other, whose segment
/// ended within it.
#[test]
fn where_something_taken_on_trust_was_met_before_no_branch_leads_to_it() {
    let fork = |seq, branch| {
        if seq <= 3 {
            chain(seq, 0)
        } else {
            chain(seq, branch)
        }
    };
    let on = |first, last, branch| Header {
        before: fork(first - 1, branch),
        last_chain: fork(last, branch),
        ..header(first, last)
    };
    let inside = |first: u64, last, branch| -> Vec<_> {
        let mark = |seq| (seq, fork(seq, branch).mark());
        (first..=last).map(mark).collect()
    };
    let mut holdings = holding(&[]);
    holdings.add(&on(5, 6, 0), &inside(5, 6, 0));
    holdings.add(&on(8, 8, 9), &inside(8, 8, 9));
    holdings.add(&on(7, 10, 0), &[]);
    assert_eq!(holdings.add(&on(3, 7, 9), &inside(3, 7, 9)), Fit::Fork);
    let run = |last, branch| Run {
        first: 3,
        last,
        mark: fork(last, branch).mark(),
    };
    assert_eq!(holdings.lacks_in(log(), &[run(7, 9)]), 0);
    assert!(holdings.lacks_in(log(), &[run(10, 0)]) > 0, "4 is not here");
    assert!(
        holdings.has(log(), 6, fork(6, 0).mark()),
        "it is held still"
    );
}

/// What agrees with it beyond a hole says nothing of what lies before the hole.
#[test]
fn a_block_that_was_opened_takes_the_place_of_its_own_branch_only() {
    let mut holdings = holding(&[(3, 5)]);
    holdings.add(&header_on(9, 12, 9, 9), &[]);
    let inside: Vec<_> = (3..=12).map(|seq| (seq, chain(seq, 9).mark())).collect();
    let block = header_on(3, 12, 9, 9);
    assert_eq!(holdings.replaced_by(&block, &inside), []);
    assert_eq!(holdings.add(&block, &inside), Fit::Fork);
    assert!(holdings.has(log(), 5, chain(5, 0).mark()));
    assert!(holdings.has(log(), 5, chain(5, 9).mark()));
}

/// It was held with what came first, and is seen to be of the other branch only when it is opened.
#[test]
fn what_lies_beyond_a_hole_takes_nothing_of_another_branch_with_it() {
    let opened = |first, last| -> Vec<_> {
        let mark = |seq| (seq, chain(seq, 9).mark());
        (first..=last).map(mark).collect()
    };
    let mut holdings = holding(&[(1, 2)]);
    holdings.add(&header_on(8, 9, 9, 9), &[]);
    let other = header_on(1, 4, 0, 9);
    assert_eq!(holdings.add(&other, &opened(1, 4)), Fit::Fork);
    holdings.add(&header_on(3, 8, 9, 9), &opened(3, 8));
    let last = header_on(8, 9, 9, 9);
    assert_eq!(holdings.add(&last, &opened(8, 9)), Fit::Duplicate);
    let runs = holdings.vector().runs(log()).to_vec();
    let run = |first, last, branch| Run {
        first,
        last,
        mark: chain(last, branch).mark(),
    };
    assert_eq!(runs, [run(1, 2, 0), run(1, 9, 9)]);
}

#[test]
fn what_ends_at_an_entry_that_is_known_proves_all_that_it_takes_the_place_of() {
    let mut holdings = holding(&[]);
    let inside = |first, last| -> Vec<_> {
        let numbers = first..=last;
        numbers.map(|seq| (seq, chain(seq, 0).mark())).collect()
    };
    for (first, last) in [(3, 4), (5, 8)] {
        holdings.add(&header(first, last), &inside(first, last));
    }
    holdings.add(&header_on(3, 4, 9, 9), &[]);
    // Nobody has opened it; 6 is within what was.
    let fit = holdings.add(&header(2, 6), &[]);
    assert_eq!(fit, Fit::New(vec![Span::new(2, 2)]));
    for seq in [2, 4, 6] {
        assert!(holdings.has(log(), seq, chain(seq, 0).mark()), "{seq}");
    }
}
