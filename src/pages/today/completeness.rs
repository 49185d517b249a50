//! How complete the numbers are: every selling device, and when it was last heard of.

use device::api::Heard;
use leptos::prelude::*;

use crate::components::banner::{Banner, Tone};
use crate::dom;
use crate::text::today as text;

/// Says in one line whether numbers are missing, and whose.
#[component]
pub fn Completeness(
    /// Every selling device but this one.
    heard: Vec<Heard>,
) -> impl IntoView {
    let silent: Vec<String> = heard
        .iter()
        .filter(|till| !till.linked)
        .map(in_words)
        .collect();
    let (tone, words) = match (heard.is_empty(), silent.is_empty()) {
        (true, _) => (Tone::Plain, text::NO_TILLS.to_owned()),
        (false, true) => (Tone::Good, text::ALL_HEARD.to_owned()),
        (false, false) => (Tone::Plain, silent.join(" · ")),
    };
    view! {
        <section aria-label=text::COMPLETE>
            <Banner tone=tone>{words}</Banner>
        </section>
    }
}

fn in_words(till: &Heard) -> String {
    match till.last_heard_ms {
        Some(at) => text::heard(&till.name, &dom::clock_moment(at)),
        None => text::never_heard(&till.name),
    }
}
