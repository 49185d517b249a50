//! Listing sales: the fold knows in which entries a day's sales are, the store has their bodies.
//! The latest are at hand: a sale can be folded before the store has it.

mod order;

use std::collections::{BTreeMap, BTreeSet};

use base::effect::Row;
use base::limits::EFFECT_ITEMS_MAX;
use base::segment::Segment;
use base::{Effect, Entry, EntryRef, LogId};
use domain::event::Event;
use domain::fold::Numbers;
use domain::sale::{Printed, SaleId, SaleView};
use domain::settings::BusinessDate;

use crate::api::{Copies, Reply, RequestId};
use crate::outbox::Turn;
use crate::purpose::Purpose;
use crate::records;
use crate::sales::order::Place;
use crate::shop::Shop;

/// A list that is being read.
#[derive(Debug)]
pub struct Listing {
    /// Who waits.
    pub request: RequestId,
    total: u32,
    /// The page, in order.
    places: Vec<Listed>,
    /// Sales that were at hand.
    views: Vec<(SaleView, Copies)>,
    /// What the store has to give.
    wanted: Vec<EntryRange>,
    /// How many of these it was asked for.
    asked: usize,
    /// What it gave, by its keys.
    segments: BTreeMap<Vec<u8>, Segment>,
    plains: Vec<Option<Vec<u8>>>,
}

/// Entries of a log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct EntryRange {
    log: LogId,
    first: u64,
    last: u64,
}

/// A sale of the page. After a fork several have one number, and which is which their marks say, that
/// only their bodies tell: the first by mark is number 0.
type Listed = (BusinessDate, Place, u32);

/// Longest page of sales: one screen, or one call of a script.
const SALES_PAGE_MAX: u32 = 1_000;
/// Longest segment that may reach into a range from before it.
const REACH: u64 = base::limits::SEGMENT_ENTRIES_MAX as u64 - 1;

/// Which sales to list.
#[derive(Debug, Clone, Copy)]
pub struct Page {
    /// First day.
    pub from: BusinessDate,
    /// Last day, included.
    pub to: BusinessDate,
    /// How many to skip.
    pub offset: u32,
    /// How many at most.
    pub limit: u32,
}

/// Asks the store for a page of sales, newest day first, within a day newest first.
pub fn list(shop: &Shop, request: RequestId, page: Page, turn: &mut Turn<'_>) {
    let mut total = 0_u64;
    let mut skip = u64::from(page.offset);
    let mut left = u64::from(page.limit.min(SALES_PAGE_MAX));
    let time = |(log, seq): Place| shop.sale_times.of(log, seq);
    let mut places = Vec::new();
    for (date, day) in shop.state.days(page.from, page.to) {
        let count: u64 = day.logs().values().map(Numbers::count).sum();
        total += count;
        let skipped = skip.min(count);
        skip -= skipped;
        let taken = left.min(count - skipped);
        left -= taken;
        let logs = day.logs().iter();
        let sales =
            order::newest_first(logs.map(|(log, numbers)| (*log, backwards(numbers))), time);
        let mut before = BTreeMap::new();
        let sales = sales.map(|place| {
            let again = before.entry(place.0).or_insert((place.1, 0));
            *again = if again.0 == place.1 {
                (place.1, again.1 + 1)
            } else {
                (place.1, 1)
            };
            (date, place, again.1 - 1)
        });
        places.extend(sales.skip(in_memory(skipped)).take(in_memory(taken)));
    }
    let mut views = Vec::new();
    let ranges = ranges(&places).into_iter();
    let wanted = ranges
        .filter_map(|range| take_recent(shop, range, &mut views))
        .collect();
    let total = u32::try_from(total).unwrap_or(u32::MAX);
    let listing = Listing {
        request,
        total,
        places,
        views,
        wanted,
        asked: 0,
        segments: BTreeMap::new(),
        plains: Vec::new(),
    };
    if listing.wanted.is_empty() {
        return listing.reply(turn);
    }
    listing.load_next(shop, turn);
}

/// The numbers of a log, highest first, each as often as it is there.
fn backwards(numbers: &Numbers) -> impl Iterator<Item = u64> {
    let runs = numbers.runs().rev();
    let each = runs.flat_map(|(first, last)| (first..=last).rev());
    each.flat_map(|number| std::iter::repeat_n(number, numbers.times(number) as usize))
}

/// A number of sales of a day, which fit into memory.
fn in_memory(count: u64) -> usize {
    usize::try_from(count).unwrap_or(usize::MAX)
}

/// What to ask the store for to have these.
fn ranges(places: &[Listed]) -> Vec<EntryRange> {
    let mut sorted: Vec<Place> = places.iter().map(|(_, place, _)| *place).collect();
    sorted.sort_unstable();
    sorted.dedup();
    let mut ranges: Vec<EntryRange> = Vec::new();
    for (log, seq) in sorted {
        match ranges.last_mut() {
            Some(range) if range.log == log && range.last + 1 == seq => range.last = seq,
            _ => ranges.push(EntryRange {
                log,
                first: seq,
                last: seq,
            }),
        }
    }
    ranges
}

/// Takes the end of a range from what is at hand; gives the rest of it.
fn take_recent(
    shop: &Shop,
    range: EntryRange,
    views: &mut Vec<(SaleView, Copies)>,
) -> Option<EntryRange> {
    let EntryRange { log, first, last } = range;
    for seq in (first..=last).rev() {
        // Of two sales with one number perhaps only one is at hand.
        let single = shop.judged.marks(log, seq) == 1;
        let Some((sale, chain, raw)) = shop.recent.get(log, seq).filter(|_| single) else {
            let last = seq;
            return Some(EntryRange { log, first, last });
        };
        views.extend(view(shop, sale, chain, raw));
    }
    None
}

impl Listing {
    /// Asks the store for what it was not asked for, a list at a time; then for what it gave to be
    /// opened.
    fn load_next(mut self, shop: &Shop, turn: &mut Turn<'_>) {
        let next = self.wanted.iter().skip(self.asked).take(EFFECT_ITEMS_MAX);
        let query = |range: &EntryRange| {
            let from = range.first.saturating_sub(REACH).max(1);
            records::segments_of(shop.id, range.log, from, range.last)
        };
        let queries: Vec<_> = next.map(query).collect();
        if queries.is_empty() {
            return self.open_next(shop, turn);
        }
        self.asked += queries.len();
        turn.out.effect(Purpose::Sales(self), Effect::Load(queries));
    }

    /// Takes segments.
    pub fn loaded(mut self, shop: &Shop, answers: Vec<Vec<Row>>, turn: &mut Turn<'_>) {
        let rows = answers.into_iter().flatten();
        let read = |(_, value): Row| Segment::from_bytes(&value).ok();
        let inside = |segment: &Segment| {
            let header = &segment.header;
            let meets = |range: &EntryRange| {
                range.log == header.log()
                    && header.first <= range.last
                    && range.first <= header.last()
            };
            self.wanted.iter().any(meets)
        };
        let unstored = shop.intake.storing.unstored().cloned();
        let came = rows.filter_map(read).chain(unstored).filter(inside);
        let came: Vec<_> = came.collect();
        for segment in came {
            let key = records::segment_key(&segment.header);
            self.segments.insert(key, segment);
        }
        self.load_next(shop, turn);
    }

    /// Takes opened bodies; answers once all are there.
    pub fn opened(mut self, shop: &Shop, plains: Vec<Option<Vec<u8>>>, turn: &mut Turn<'_>) {
        self.plains.extend(plains);
        self.open_next(shop, turn);
    }

    fn open_next(mut self, shop: &Shop, turn: &mut Turn<'_>) {
        // A segment that was folded has a secret that is held.
        let next = self.segments.values().skip(self.plains.len());
        let tasks = shop.keyring.open_list(next);
        if tasks.is_empty() {
            let stored = self.stored_views(shop);
            self.views.extend(stored);
            self.reply(turn);
        } else {
            turn.out.effect(Purpose::Sales(self), Effect::Open(tasks));
        }
    }

    fn reply(self, turn: &mut Turn<'_>) {
        let (total, mut views) = (self.total, self.views);
        let place = |(view, _): &(SaleView, Copies)| {
            let EntryRef { log, seq, .. } = view.id.0;
            (view.business_date, (log, seq))
        };
        views.sort_by_key(|listed| (place(listed), listed.0.id.0.mark));
        let order: BTreeMap<Listed, _> = self.places.into_iter().zip(0_usize..).collect();
        let mut page = BTreeMap::new();
        for listed in views.chunk_by(|a, b| place(a) == place(b)) {
            for (number, listed) in (0..).zip(listed) {
                let (date, at) = place(listed);
                if let Some(at) = order.get(&(date, at, number)) {
                    page.insert(*at, listed.clone());
                }
            }
        }
        let page = page.into_values().collect();
        turn.out.reply(self.request, Reply::Sales { total, page });
    }

    fn stored_views(&self, shop: &Shop) -> Vec<(SaleView, Copies)> {
        let mut views = Vec::new();
        // A block and what it takes the place of may both be there while the disk is at work.
        let mut seen = BTreeSet::new();
        for (segment, plain) in self.segments.values().zip(&self.plains) {
            let plain = plain.as_deref();
            let entries = plain.and_then(|plain| shop.keyring.read(&segment.header, plain));
            for entry in entries.into_iter().flatten() {
                let EntryRef { log, seq, .. } = entry.reference;
                let wanted = |range: &EntryRange| {
                    range.log == log && range.first <= seq && seq <= range.last
                };
                let listed = self.wanted.iter().any(wanted) && shop.counts(&entry.reference);
                if listed && seen.insert(entry.reference) {
                    views.extend(view(shop, entry.reference, &entry.chain, &entry.raw));
                }
            }
        }
        views
    }
}

fn view(
    shop: &Shop,
    reference: EntryRef,
    chain: &base::ChainValue,
    raw: &[u8],
) -> Option<(SaleView, Copies)> {
    let entry = Entry::from_raw(raw).ok()?;
    let Ok(Event::Sale(sale)) = Event::decode(entry.kind, &entry.payload) else {
        return None;
    };
    let (id, wall_ms, employee) = (SaleId(reference), entry.wall_ms(), entry.employee);
    let printed = Printed {
        id,
        chain,
        wall_ms,
        employee,
        sale: &sale,
    };
    Some((printed.view(&shop.state), copies(shop, reference)))
}

/// Where an entry is kept, as living members have signed.
pub fn copies(shop: &Shop, reference: EntryRef) -> Copies {
    let (log, seq) = (reference.log, reference.seq);
    // Nobody said which of two branches they hold: it is here, and with its author.
    let branched = log.device != shop.me && shop.forked.contains(&log);
    if branched {
        return Copies::Peers(1);
    }
    if shop.holders.in_cloud(log, seq) {
        return Copies::Cloud;
    }
    let living = |device| shop.membership.living(device).is_some();
    // What another device wrote and we hold is on two devices whatever anybody signed.
    let ours = u32::from(log.device != shop.me);
    match shop
        .holders
        .copies(log, seq, |device| device != shop.me && living(device))
        + ours
    {
        0 => Copies::Pending,
        count => Copies::Peers(count),
    }
}
