//! The icon set: our own drawings on a grid of 24, one stroke of 2, so that they read as one hand.

use leptos::prelude::*;

/// What an icon shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Symbol {
    /// A basket: selling.
    Basket,
    /// A torn slip: receipts.
    Receipt,
    /// Three bars: the day's numbers.
    Bars,
    /// A box: products.
    Box,
    /// Two screens: devices.
    Devices,
    /// Head and shoulders: staff.
    Person,
    /// Three dots: more.
    More,
    /// A tick.
    Check,
    /// A triangle with a mark.
    Warning,
    /// A circle with a cross.
    Failure,
    /// A circle with an i.
    Note,
    /// A cloud.
    Cloud,
    /// Two linked rings.
    Linked,
    /// One screen by itself.
    Alone,
    /// A magnifier.
    Search,
    /// Nine dots.
    Keypad,
    /// Four squares.
    Tiles,
    /// An arrow that turns back.
    Undo,
    /// A bin.
    Bin,
    /// A plus.
    Plus,
    /// A minus.
    Minus,
    /// A cross.
    Close,
    /// A printer.
    Printer,
    /// A camera.
    Camera,
    /// A bell.
    Bell,
    /// A stack of disks.
    Storage,
    /// A padlock.
    Lock,
    /// Two sheets.
    Copy,
    /// An arrow into a tray.
    Download,
    /// A key that wipes to the left.
    Backspace,
    /// Two upright bars.
    Hold,
    /// A shop front.
    Shop,
    /// An arrow to the start.
    Back,
    /// An arrow out of a door.
    Leave,
}

impl Symbol {
    fn path(self) -> &'static str {
        match self {
            Self::Basket => "M3 9h18l-2 11H5L3 9zM8 9l4-6 4 6M9 13v3M15 13v3",
            Self::Receipt => "M6 3v18l2-2 2 2 2-2 2 2 2-2 2 2V3H6zM9.5 8h5M9.5 12h5",
            Self::Bars => "M5 20v-7M12 20V4M19 20v-10",
            Self::Box => "M4 8l8-4 8 4v8l-8 4-8-4V8zM4 8l8 4 8-4M12 12v8",
            Self::Devices => "M3 5h11v8H3V5zM6 17h5M17 9h4v11h-6v-4",
            Self::Person => "M12 11a4 4 0 100-8 4 4 0 000 8zM4 21c0-4 3.5-6.5 8-6.5s8 2.5 8 6.5",
            Self::More => {
                "M4 12a1 1 0 102 0 1 1 0 10-2 0M11 12a1 1 0 102 0 1 1 0 10-2 0M18 12a1 1 0 102 0 1 1 0 10-2 0"
            }
            Self::Check => "M4 12.5l5 5L20 6.5",
            Self::Warning => "M12 3.5L2.5 20h19L12 3.5zM12 10v4M12 17h.01",
            Self::Failure => "M12 21a9 9 0 100-18 9 9 0 000 18zM9 9l6 6M15 9l-6 6",
            Self::Note => "M12 21a9 9 0 100-18 9 9 0 000 18zM12 11v5M12 8h.01",
            Self::Cloud => "M7 19a4.5 4.5 0 01-.5-9 6 6 0 0111.5 1.5A3.8 3.8 0 0117.5 19H7z",
            Self::Linked => {
                "M9 17a5 5 0 110-10c2 0 3.3 1.2 4 2.5M15 7a5 5 0 110 10c-2 0-3.3-1.2-4-2.5"
            }
            Self::Alone => "M4 5h16v11H4V5zM9 20h6M12 16v4",
            Self::Search => "M11 18a7 7 0 100-14 7 7 0 000 14zM16 16l5 5",
            Self::Keypad => "M5 4v2M12 4v2M19 4v2M5 11v2M12 11v2M19 11v2M5 18v2M12 18v2M19 18v2",
            Self::Tiles => "M4 4h6v6H4V4zM14 4h6v6h-6V4zM4 14h6v6H4v-6zM14 14h6v6h-6v-6z",
            Self::Undo => "M8 5L4 9l4 4M4 9h10a5 5 0 010 10H8",
            Self::Bin => "M4 7h16M9 7V4h6v3M6 7l1 13h10l1-13M10 11v5M14 11v5",
            Self::Plus => "M12 5v14M5 12h14",
            Self::Minus => "M5 12h14",
            Self::Close => "M6 6l12 12M18 6L6 18",
            Self::Printer => "M7 8V3h10v5M7 17H4V8h16v9h-3M7 14h10v7H7v-7z",
            Self::Camera => "M3 8h4l2-3h6l2 3h4v11H3V8zM12 16.5a3.5 3.5 0 100-7 3.5 3.5 0 000 7z",
            Self::Bell => "M6 16V11a6 6 0 0112 0v5l2 2H4l2-2zM10 21h4",
            Self::Storage => {
                "M12 9c4.4 0 8-1.3 8-3s-3.6-3-8-3-8 1.3-8 3 3.6 3 8 3zM4 6v12c0 1.7 3.6 3 8 3s8-1.3 8-3V6M4 12c0 1.7 3.6 3 8 3s8-1.3 8-3"
            }
            Self::Lock => "M5 11h14v10H5V11zM8 11V8a4 4 0 018 0v3M12 15v2",
            Self::Copy => "M8 8h12v12H8V8zM16 8V4H4v12h4",
            Self::Download => "M12 4v11M7.5 10.5L12 15l4.5-4.5M4 19h16",
            Self::Backspace => "M9 5h12v14H9l-6-7 6-7zM12.5 9.5l5 5M17.5 9.5l-5 5",
            Self::Hold => "M8 5v14M16 5v14",
            Self::Shop => {
                "M4 10v10h16V10M2.5 9L5 4h14l2.5 5M2.5 9a3.2 3.2 0 006.3 0 3.2 3.2 0 006.4 0 3.2 3.2 0 006.3 0M10 20v-5h4v5"
            }
            Self::Back => "M14 6l-6 6 6 6",
            Self::Leave => "M13 4H5v16h8M10 12h11M17 8l4 4-4 4",
        }
    }
}

/// An icon. It is never read out: the control that holds it has the words.
#[component]
pub fn Icon(
    /// What it shows.
    symbol: Symbol,
    /// Width and height in CSS pixels.
    #[prop(default = 24)]
    size: u32,
) -> impl IntoView {
    view! {
        <svg
            width=size
            height=size
            viewBox="0 0 24 24"
            fill="none"
            stroke="currentColor"
            stroke-width="2"
            stroke-linecap="round"
            stroke-linejoin="round"
            aria-hidden="true"
        >
            <path d=symbol.path()></path>
        </svg>
    }
}
