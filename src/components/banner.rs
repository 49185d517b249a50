//! A message in place: what happened, what was kept, what to do.

use device::api::Refusal;
use leptos::prelude::*;

use crate::components::icon::{Icon, Symbol};

/// How serious a message is. Never told by colour alone: each brings its icon.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// Nothing to do.
    Plain,
    /// It went well.
    Good,
    /// Should be looked at.
    Warn,
    /// Did not work, or something is at risk.
    Bad,
}

impl Tone {
    /// The word that style sheets know it by.
    pub fn word(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::Good => "good",
            Self::Warn => "warn",
            Self::Bad => "bad",
        }
    }

    /// The icon that goes with it.
    pub fn symbol(self) -> Symbol {
        match self {
            Self::Plain => Symbol::Note,
            Self::Good => Symbol::Check,
            Self::Warn => Symbol::Warning,
            Self::Bad => Symbol::Failure,
        }
    }
}

/// A message in place. Bad news is read out at once, other news when there is a pause.
#[component]
pub fn Banner(
    /// How serious.
    tone: Tone,
    /// The words, and a button when there is something to do.
    children: Children,
) -> impl IntoView {
    let role = if tone == Tone::Bad { "alert" } else { "status" };
    view! {
        <div class="banner" data-tone=tone.word() role=role>
            <Icon symbol=tone.symbol() />
            <div class="banner-body">{children()}</div>
        </div>
    }
}

/// Shows why something was not done, as long as `refusal` holds a reason.
#[component]
pub fn RefusalBanner(
    /// The reason.
    #[prop(into)]
    refusal: Signal<Option<Refusal>>,
) -> impl IntoView {
    move || {
        refusal.get().map(|refusal| {
            view! { <Banner tone=Tone::Bad>{refusal.message}</Banner> }
        })
    }
}
