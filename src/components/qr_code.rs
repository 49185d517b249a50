//! A QR code, black on white whatever the theme, so that every camera reads it.

use leptos::prelude::*;

/// A text as a QR code.
#[component]
pub fn QrImage(
    /// What the code holds.
    #[prop(into)]
    text: String,
    /// Its accessible name.
    name: &'static str,
) -> impl IntoView {
    // The only failure is a text beyond 2,300 bytes; a card has under 250 characters.
    let picture = browser::qr::svg(&text).unwrap_or_default();
    view! { <div class="qr" role="img" aria-label=name inner_html=picture></div> }
}
