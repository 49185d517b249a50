//! Many seeds at once. A run is a function of its seed alone, so threads change nothing but the
//! time that it takes.

use std::sync::Mutex;
use std::thread;

/// Runs every seed on a few threads; gives the results in the order of the seeds.
///
/// A panic in one run ends the whole.
pub fn run_all<R: Send>(
    seeds: impl IntoIterator<Item = u64>,
    threads: usize,
    run: impl Fn(u64) -> R + Sync,
) -> Vec<R> {
    let seeds: Vec<u64> = seeds.into_iter().collect();
    let next = Mutex::new(seeds.iter().enumerate());
    let take = || match next.lock() {
        Ok(mut next) => next.next(),
        Err(_) => None,
    };
    let work = || {
        let mut done = Vec::new();
        while let Some((place, seed)) = take() {
            done.push((place, run(*seed)));
        }
        done
    };
    let mut results: Vec<(usize, R)> = thread::scope(|scope| {
        let workers: Vec<_> = (0..threads.max(1)).map(|_| scope.spawn(work)).collect();
        let done = workers.into_iter().flat_map(|worker| match worker.join() {
            Ok(done) => done,
            Err(panic) => std::panic::resume_unwind(panic),
        });
        done.collect()
    });
    results.sort_by_key(|(place, _)| *place);
    results.into_iter().map(|(_, result)| result).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_come_in_the_order_of_the_seeds() {
        let wanted: Vec<u64> = (5..105).map(|seed| seed * seed).collect();
        assert_eq!(run_all(5..105, 3, |seed| seed * seed), wanted);
    }
}
