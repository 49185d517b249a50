//! What to ask a peer for, and in which order.

use std::collections::{BTreeMap, BTreeSet};

use base::{LogId, Mark, Run, Stream};

use crate::holdings::Holdings;
use crate::spans::{Range, Span, Spans};

/// A new till can sell as soon as `control` and `shop` are there.
const ORDER: [Stream; 4] = [Stream::Control, Stream::Shop, Stream::Sales, Stream::Office];

/// The first `room` ranges to ask for: what `theirs` has, we lack, and nobody is asked for yet.
///
/// Each is a block or less. By stream in the order above; within a stream every log gets its
/// turn; of sales the newest block comes first, because today's numbers are wanted today.
pub(super) fn next(
    holdings: &Holdings,
    theirs: &BTreeMap<LogId, &Spans>,
    taken: &BTreeMap<LogId, Spans>,
    allowed: impl Fn(LogId) -> bool,
    room: usize,
) -> Vec<Range> {
    let mut ranges = Vec::new();
    for stream in ORDER {
        let logs = theirs
            .iter()
            .filter(|(log, _)| log.stream == stream && allowed(**log));
        let mut turns = Vec::new();
        for (log, spans) in logs {
            let lacking = lacking(holdings, *log, spans, taken.get(log));
            let blocks = lacking.iter().flat_map(|span| span.blocks());
            let blocks: Vec<_> = match stream {
                Stream::Sales => blocks.rev().take(room).collect(),
                _ => blocks.take(room).collect(),
            };
            let range = |span| Range::new(*log, span);
            turns.extend(blocks.into_iter().map(range).enumerate());
        }
        turns.sort_unstable();
        ranges.extend(turns.into_iter().map(|(_, range)| range));
        if ranges.len() >= room {
            break;
        }
    }
    ranges.truncate(room);
    ranges
}

/// The first `room` ranges to ask for along the runs that somebody told, of logs that have branches.
/// Each with the mark of its run; what was `asked` is not asked again.
///
/// Whoever has several branches sends all that it has of the numbers asked for.
pub(super) fn branches<'a>(
    holdings: &Holdings,
    told: impl Iterator<Item = (LogId, &'a [Run])>,
    taken: &BTreeMap<LogId, Spans>,
    asked: &BTreeSet<(Range, Mark)>,
    room: usize,
) -> Vec<(Range, Mark)> {
    let mut ranges: Vec<(Range, Mark)> = Vec::new();
    for (log, runs) in told {
        for run in runs {
            for span in holdings.needs(log, run) {
                if ranges.len() >= room {
                    return ranges;
                }
                let range = Range::new(log, span);
                let is_taken = taken
                    .get(&log)
                    .is_some_and(|taken| taken.count_in(span) > 0);
                let is_asked = |(it, _): &(Range, Mark)| it.log == log && it.span().overlaps(&span);
                let again = asked.contains(&(range, run.mark));
                if !is_taken && !again && !ranges.iter().any(is_asked) {
                    ranges.push((range, run.mark));
                }
            }
        }
    }
    ranges
}

/// Whether a log has several branches, as far as we hold and were told.
pub(super) fn has_branches(holdings: &Holdings, log: LogId, told: &[Run]) -> bool {
    holdings.is_forked(log)
        || told
            .iter()
            .any(|run| holdings.contradicts(log, run.last, run.mark))
}

fn lacking(holdings: &Holdings, log: LogId, theirs: &Spans, taken: Option<&Spans>) -> Vec<Span> {
    let missing = theirs.iter().flat_map(|span| holdings.missing(log, span));
    match taken {
        None => missing.collect(),
        Some(taken) => missing.flat_map(|span| taken.missing(span)).collect(),
    }
}

#[cfg(test)]
mod tests {
    use base::{DeviceId, ShopId};

    use super::*;
    use crate::switches::Switches;

    fn log(device: u8, stream: Stream) -> LogId {
        LogId::new(DeviceId([device; 16]), stream)
    }

    fn spans(first: u64, last: u64) -> Spans {
        [Span::new(first, last)].into_iter().collect()
    }

    fn ask(theirs: &[(LogId, Spans)], taken: &[(LogId, Spans)], room: usize) -> Vec<Range> {
        let holdings = Holdings::new(ShopId([1; 16]), Switches::default());
        let theirs = theirs.iter().map(|(log, spans)| (*log, spans)).collect();
        let taken = taken.iter().cloned().collect();
        next(&holdings, &theirs, &taken, |_| true, room)
    }

    fn seen(ranges: &[Range]) -> Vec<(u8, Stream, u64, u64)> {
        ranges
            .iter()
            .map(|r| (r.log.device.0[0], r.log.stream, r.first, r.last))
            .collect()
    }

    #[test]
    fn control_then_shop_then_newest_sales_then_office() {
        let theirs = Stream::ALL.map(|stream| (log(1, stream), spans(1, 300)));
        let expected = [
            (1, Stream::Control, 1, 256),
            (1, Stream::Control, 257, 300),
            (1, Stream::Shop, 1, 256),
            (1, Stream::Shop, 257, 300),
            (1, Stream::Sales, 257, 300),
            (1, Stream::Sales, 1, 256),
            (1, Stream::Office, 1, 256),
            (1, Stream::Office, 257, 300),
        ];
        assert_eq!(seen(&ask(&theirs, &[], 64)), expected);
        assert_eq!(seen(&ask(&theirs, &[], 3)), expected[..3]);
    }

    #[test]
    fn every_till_gets_its_turn() {
        let theirs = [1, 2].map(|device| (log(device, Stream::Sales), spans(1, 512)));
        let order = seen(&ask(&theirs, &[], 64));
        let devices: Vec<_> = order.iter().map(|(device, ..)| *device).collect();
        assert_eq!(devices, [1, 2, 1, 2]);
        assert_eq!((order[0].2, order[1].2), (257, 257));
    }

    #[test]
    fn what_somebody_else_is_asked_for_is_left_alone() {
        let sales = log(1, Stream::Sales);
        let ranges = ask(&[(sales, spans(1, 100))], &[(sales, spans(20, 40))], 64);
        assert_eq!(
            seen(&ranges),
            [(1, Stream::Sales, 41, 100), (1, Stream::Sales, 1, 19)]
        );
        assert!(ask(&[(sales, spans(1, 9))], &[(sales, spans(1, 9))], 64).is_empty());
    }
}
