//! Full-page messages and errors: what happened, what was kept, what to do.

pub const DEVICE_GONE: &str = "The app has stopped. Your sales are kept: reload this page.";
pub const UNEXPECTED: &str =
    "The app answered something it should not. Nothing was changed. Reload this page.";

pub const TOO_OLD_TITLE: &str = "This browser is too old";
pub const TOO_OLD: &str = "TillMesh signs every sale with a method that Chrome has known since \
    version 137. Update Chrome, or open this address in a newer one. Nothing was changed here.";

pub const NO_STORE_TITLE: &str = "This browser stores nothing";
pub const NO_STORE: &str = "A till keeps every sale on this device, and this window may not: \
    private windows and some settings forbid it. Open this address in an ordinary window. Nothing \
    was changed here.";

pub const NO_LINKS_TITLE: &str = "This browser may not link devices";
pub const NO_LINKS: &str = "Devices of a shop reach each other by WebRTC, and it is switched off \
    here, by a setting, an add-on or whoever manages this device. Switch it on and reload. \
    Nothing was changed here.";

pub const INSECURE_TITLE: &str = "This address is not secure";
pub const INSECURE: &str = "Browsers let a page keep keys and open the camera only on an address \
    that begins with https, or on localhost. Open the same address with https. Nothing was \
    changed here.";

pub const CAMERA_TITLE: &str = "The camera is closed to this page";
pub const CAMERA: &str = "Tap the icon at the start of the address bar, allow the camera, then \
    try again. Or go on without it: paste the other device's text.";
pub const CAMERA_WITHOUT: &str = "Go on without a camera";

pub const DISK_FULL_TITLE: &str = "This device has no room left";
pub const DISK_FULL: &str = "The till can’t open its store on a full disk. Nothing was changed, \
    and every sale that was shown as paid is kept. Free some space on this device, then try again.";

pub const STORE_SHUT_TITLE: &str = "The browser can’t open the store";
pub const STORE_SHUT: &str = "Most often the disk is full. Nothing was changed, and every sale \
    that was shown as paid is kept. Free some space on this device, then try again. If that does \
    not help, restart the browser.";
pub const TRY_AGAIN: &str = "Try again";

pub const CRASH_TITLE: &str = "Something broke in the app";
pub const CRASH: &str = "Your sales are kept: they were stored before they were shown as paid. \
    Reload to go on.";
pub const RELOAD: &str = "Reload";

pub const OTHER_TAB_TITLE: &str = "Another tab is selling";
pub const OTHER_TAB: &str = "One tab at a time writes this till's sales. Take over here: the \
    other tab finishes what it has begun, then rests.";
pub const TAKE_OVER: &str = "Take over here";
pub const BUSY: &str =
    "Too much waits to be done, so this was not begun. Nothing was changed: try again soon.";
pub const RESTING: &str =
    "Another tab writes this till's sales. Nothing was done here: take over first.";

pub const NOT_FOUND_TITLE: &str = "There is no such page";
pub const NOT_FOUND: &str = "The address leads nowhere in this app. Nothing was changed.";
pub const TO_SELL: &str = "Go to Sell";
