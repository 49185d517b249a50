//! The camera, looking for a code until it finds one, is closed, or is refused.

use browser::camera::Scanner;
use leptos::html::Video;
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::components::icon::{Icon, Symbol};
use crate::pages::trouble::CameraRefused;
use crate::text::pairing as text;

/// What the camera does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Looking {
    /// Closed; a tap opens it.
    Closed,
    /// Open, or being opened.
    Open,
    /// The browser or the device said no.
    Refused,
}

/// A button that opens the camera, then its picture.
#[component]
pub fn Camera(
    /// Called with the text of a code.
    #[prop(into)]
    on_text: Callback<String>,
) -> impl IntoView {
    let looking = RwSignal::new(Looking::Closed);
    view! {
        {move || match looking.get() {
            Looking::Closed => {
                view! {
                    <button
                        type="button"
                        class="button button-main button-tall"
                        on:click=move |_| looking.set(Looking::Open)
                    >
                        <Icon symbol=Symbol::Camera />
                        {text::OPEN_CAMERA}
                    </button>
                }
                    .into_any()
            }
            Looking::Open => view! { <Picture looking on_text /> }.into_any(),
            Looking::Refused => {
                view! {
                    <CameraRefused
                        on_again=move |()| looking.set(Looking::Open)
                        on_without=move |()| looking.set(Looking::Closed)
                    />
                }
                    .into_any()
            }
        }}
    }
}

#[component]
fn Picture(looking: RwSignal<Looking>, on_text: Callback<String>) -> impl IntoView {
    let video = NodeRef::<Video>::new();
    // Dropped with this view: that lets the camera go.
    let scanner = StoredValue::new_local(None::<Scanner>);
    Effect::new(move |_| {
        let Some(video) = video.get() else { return };
        spawn_local(async move {
            match Scanner::start(video, move |read| on_text.run(read)).await {
                // Somebody may have left meanwhile; then the scanner ends here.
                Ok(started) => {
                    scanner.try_set_value(Some(started));
                }
                Err(_) => {
                    looking.try_set(Looking::Refused);
                }
            }
        });
    });
    view! {
        <div class="camera">
            <video node_ref=video playsinline muted aria-label=text::CAMERA_VIEW></video>
        </div>
        <button
            type="button"
            class="button button-plain"
            on:click=move |_| looking.set(Looking::Closed)
        >
            {text::CLOSE_CAMERA}
        </button>
    }
}
