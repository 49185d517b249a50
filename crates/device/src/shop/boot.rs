//! Reading a shop from the disk, in the order in which it makes sense: where we stand, then
//! control, then the secrets that control wraps, then everything else.

use base::effect::Row;
use base::{Effect, Segment, ShopId, Stream};

use crate::outbox::Turn;
use crate::purpose::Purpose;
use crate::records::{self, PAGE_ROWS, standing};

/// Which rows an answer brings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Where we stand, and statements.
    Standing,
    /// A page of a stream.
    Page(Stream),
}

/// Asks where we stand, and for everybody's statements.
pub fn ask_standing(shop: ShopId, turn: &mut Turn<'_>) {
    let queries = vec![standing::last_standing(shop), records::statements_of(shop)];
    turn.out
        .effect(Purpose::Boot(Step::Standing), Effect::Load(queries));
}

/// Asks for the page of a stream behind the row with key `after`.
pub fn ask_page(shop: ShopId, stream: Stream, after: Option<&[u8]>, turn: &mut Turn<'_>) {
    let query = records::stream_page(shop, stream, after);
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

/// The streams that are read after control, in order: a device can sell when `shop` is there.
pub fn stream_after(stream: Stream) -> Option<Stream> {
    match stream {
        Stream::Control => Some(Stream::Shop),
        Stream::Shop => Some(Stream::Sales),
        Stream::Sales => Some(Stream::Office),
        Stream::Office => None,
    }
}
