//! Reading a shop from the disk, in the order in which it makes sense: where we stand, then
//! control, then the secrets that control wraps, then a checkpoint, then everything that it does not
//! count.

use base::effect::Row;
use base::{Effect, Segment, ShopId, Stream};

use crate::outbox::Turn;
use crate::purpose::Purpose;
use crate::records::{self, PAGE_ROWS, checkpoint, standing};

/// Which rows an answer brings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Where we stand, and statements.
    Standing,
    /// Checkpoints.
    Checkpoints,
    /// A page of a stream.
    Page(Stream),
}

/// Asks for what is read next.
pub fn ask(shop: ShopId, next: Step, turn: &mut Turn<'_>) {
    let queries = match next {
        Step::Standing => vec![standing::last_standing(shop), records::statements_of(shop)],
        Step::Checkpoints => vec![checkpoint::all(shop)],
        Step::Page(stream) => vec![records::stream_page(shop, stream, None)],
    };
    turn.out.effect(Purpose::Boot(next), Effect::Load(queries));
}

/// Asks for the page of a stream behind the row with key `after`.
pub fn ask_page_after(shop: ShopId, stream: Stream, after: &[u8], turn: &mut Turn<'_>) {
    let query = records::stream_page(shop, stream, Some(after));
    turn.out
        .effect(Purpose::Boot(Step::Page(stream)), Effect::Load(vec![query]));
}

/// The key behind which the next page begins; `None` when this page was the last.
pub fn next_page(rows: &[Row]) -> Option<&[u8]> {
    let full = rows.len() == PAGE_ROWS as usize;
    rows.last().filter(|_| full).map(|(key, _)| key.as_slice())
}

/// The segments in a page's rows. What cannot be read is left out and counted: it is on the disk
/// still, and others have it too.
pub fn segments(rows: Vec<Row>) -> (Vec<Segment>, u32) {
    let mut damaged = 0;
    let read = |(_, value): Row| match Segment::from_bytes(&value) {
        Ok(segment) => Some(segment),
        Err(_) => {
            damaged += 1;
            None
        }
    };
    let segments = rows.into_iter().filter_map(read).collect();
    (segments, damaged)
}

/// What is read after a stream, in order: by control a checkpoint was judged, and a device can sell
/// when `shop` is there.
pub fn after_stream(stream: Stream) -> Option<Step> {
    match stream {
        Stream::Control => Some(Step::Checkpoints),
        Stream::Shop => Some(Step::Page(Stream::Sales)),
        Stream::Sales => Some(Step::Page(Stream::Office)),
        Stream::Office => None,
    }
}
