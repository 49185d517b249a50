//! Keeping pace: what changes with every sale is looked at once a second, not at every change.

use std::time::Duration;

use leptos::prelude::{GetValue, SetValue, StoredValue, set_timeout};

/// Often enough to be believed, seldom enough to be read; and while the browser paints, a sale that
/// a script makes waits for its share of the processor.
const REST: Duration = Duration::from_secs(1);

/// Lets something happen at once, and again at most once in a second. Copies are the same one.
#[derive(Clone, Copy)]
pub struct Pace(StoredValue<Step>);

#[derive(Clone, Copy, PartialEq, Eq)]
enum Step {
    /// It did not happen for a while.
    Ready,
    /// It happened just now.
    Resting,
    /// It happened just now and is wanted again.
    Wanted,
}

impl Pace {
    /// A pace that is ready.
    pub fn new() -> Self {
        Self(StoredValue::new(Step::Ready))
    }

    /// Does it now, or when the rest is over: once, however often it is wanted until then. It is
    /// always the same thing that one pace is kept for.
    pub fn keep(self, act: impl Fn() + Copy + 'static) {
        match self.0.try_get_value() {
            Some(Step::Ready) => self.act(act),
            Some(Step::Resting) => {
                self.0.try_set_value(Step::Wanted);
            }
            Some(Step::Wanted) | None => {}
        }
    }

    fn act(self, act: impl Fn() + Copy + 'static) {
        self.0.try_set_value(Step::Resting);
        act();
        let rested = move || match self.0.try_get_value() {
            Some(Step::Wanted) => self.act(act),
            Some(_) => {
                self.0.try_set_value(Step::Ready);
            }
            None => {}
        };
        set_timeout(rested, REST);
    }
}
