//! Tells the device that the screen or the network is back: what it waits for may be there.

use device::api::Request;
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::connection::Device;

/// Watches for as long as the page lives.
pub fn watch(device: Device) {
    let awake = move || {
        spawn_local(async move {
            device.ask(Request::Awake).await;
        });
    };
    let seen = move |_| {
        if !document().hidden() {
            awake();
        }
    };
    // The app lives as long as its page: there is nobody to take the listeners back.
    let _ = window_event_listener_untyped("visibilitychange", seen);
    let _ = window_event_listener_untyped("online", move |_| awake());
}
