//! What a day costs and how quick it is, beside the least that it could cost.

use std::fmt;
use std::iter::Sum;

use super::Till;
use super::reach::Reached;
use crate::crypto::CryptoHands;
use crate::world::World;

/// What was sent and written up to some moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Meter {
    frames: u64,
    frame_bytes: u64,
    written: u64,
    written_bytes: u64,
}

impl Meter {
    /// Reads it.
    pub fn read<M: Till, H: CryptoHands>(world: &World<M, H>) -> Self {
        let network = world.network().counters();
        let nodes = world.nodes();
        let disks = nodes.iter().filter_map(|node| world.disk(*node));
        let disks: Vec<_> = disks.map(|disk| disk.counters()).collect();
        Self {
            frames: network.sent,
            frame_bytes: network.bytes,
            written: disks.iter().map(|disk| disk.written).sum(),
            written_bytes: disks.iter().map(|disk| disk.written_bytes).sum(),
        }
    }

    fn since(self, before: Self) -> Self {
        Self {
            frames: self.frames - before.frames,
            frame_bytes: self.frame_bytes - before.frame_bytes,
            written: self.written - before.written,
            written_bytes: self.written_bytes - before.written_bytes,
        }
    }
}

/// The figures of a day, or of several together.
///
/// # How it is counted
/// From the opening of the shop, when every till is let in, until all tills have the same state for
/// the first time after the weather has cleared. *Sent* is every frame that a device hands to the
/// network and its bytes, whatever it carries (sales, vectors, statements, credit, heartbeats) and
/// whether it arrives or not; not what the browser adds below it. *Written* are the sealed and signed
/// segments as devices commit them, one for each sale unless several are committed at once.
///
/// The ideal: every other device receives each written segment once, as one frame, and nothing else
/// is ever sent. Beneath it one can get only by packing: what a device fetches late comes in blocks,
/// in which a sale takes a fraction of what it does alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Figures {
    /// Frames sent.
    pub frames: u64,
    /// Bytes of frames sent.
    pub frame_bytes: u64,
    /// Frames of the ideal.
    pub ideal_frames: u64,
    /// Bytes of the ideal.
    pub ideal_bytes: u64,
    /// Sales that were shown as paid, times the devices that did not make them.
    pub deliveries: u64,
    /// How far sales got, and how soon.
    pub reached: Reached,
}

impl Figures {
    /// What was metered from the opening to the first agreement, in a shop of so many devices.
    pub(super) fn new(
        opened: Meter,
        agreed: Meter,
        devices: u64,
        paid: u64,
        reached: Reached,
    ) -> Self {
        let day = agreed.since(opened);
        let others = devices.saturating_sub(1);
        Self {
            frames: day.frames,
            frame_bytes: day.frame_bytes,
            ideal_frames: day.written * others,
            ideal_bytes: day.written_bytes * others,
            deliveries: paid * others,
            reached,
        }
    }
}

impl Sum for Figures {
    fn sum<I: Iterator<Item = Self>>(all: I) -> Self {
        all.fold(Self::default(), |one, other| Self {
            frames: one.frames + other.frames,
            frame_bytes: one.frame_bytes + other.frame_bytes,
            ideal_frames: one.ideal_frames + other.ideal_frames,
            ideal_bytes: one.ideal_bytes + other.ideal_bytes,
            deliveries: one.deliveries + other.deliveries,
            reached: [one.reached, other.reached].into_iter().sum(),
        })
    }
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (each, reached) = (self.deliveries, self.reached);
        write!(
            f,
            "for each sale and other device {} frames (ideal {}) of {} bytes together (ideal {}); ",
            tenths(self.frames, each),
            tenths(self.ideal_frames, each),
            tenths(self.frame_bytes, each),
            tenths(self.ideal_bytes, each),
        )?;
        write!(f, "within 5 minutes {reached}")
    }
}

/// A ratio with one digit behind the point; `-` where nothing is divided by nothing.
fn tenths(part: u64, whole: u64) -> String {
    match (part.saturating_mul(10) + whole / 2).checked_div(whole) {
        Some(ratio) => format!("{}.{}", ratio / 10, ratio % 10),
        None => "-".into(),
    }
}

/// A share in percent with three digits behind the point, rounded down: what is not all of it never
/// looks like it.
pub(super) fn percent(part: u64, whole: u64) -> String {
    match part.saturating_mul(100_000).checked_div(whole) {
        Some(share) => format!("{}.{:03} %", share / 1_000, share % 1_000),
        None => "-".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn meter(sent: u64, written: u64) -> Meter {
        Meter {
            frames: sent,
            frame_bytes: sent * 1_000,
            written,
            written_bytes: written * 300,
        }
    }

    #[test]
    fn only_what_was_sent_and_written_since_the_opening_counts() {
        let reached = Reached {
            pairs: 40,
            soon: 38,
            pairs_joined: 30,
            soon_joined: 30,
        };
        let figures = Figures::new(meter(50, 5), meter(250, 15), 5, 10, reached);
        assert_eq!((figures.frames, figures.frame_bytes), (200, 200_000));
        assert_eq!((figures.ideal_frames, figures.ideal_bytes), (40, 12_000));
        assert_eq!(
            figures.to_string(),
            "for each sale and other device 5.0 frames (ideal 1.0) of 5000.0 bytes together (ideal \
             300.0); within 5 minutes 100.000 % of 30 sales at devices with the shop, 95.000 % of \
             all 40"
        );
        let twice: Figures = [figures, figures].into_iter().sum();
        assert_eq!(twice.frames, 400);
        assert_eq!(twice.reached.soon, 76);
    }

    #[test]
    fn a_share_that_is_not_whole_never_looks_whole_and_nothing_is_no_share() {
        assert_eq!(percent(999_999, 1_000_000), "99.999 %");
        assert_eq!(percent(9_999_999, 10_000_000), "99.999 %");
        assert_eq!((percent(0, 0), tenths(0, 0)), ("-".into(), "-".into()));
    }
}
