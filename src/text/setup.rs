//! First steps: welcome, founding a shop, the recovery words, permissions.

pub const WELCOME_TITLE: &str = "A till that needs no server";
pub const WELCOME_LEAD: &str = "Sell with or without a network. Devices of the shop keep each other in step, and no sale is lost.";
pub const WAY_START: &str = "Start a new shop";
pub const WAY_START_NOTE: &str = "You are the owner, and this is the shop's first device.";
pub const WAY_JOIN: &str = "Join a shop";
pub const WAY_JOIN_NOTE: &str = "Another device of the shop lets this one in.";
pub const WAY_SAMPLE: &str = "Try the sample shop";
pub const WAY_SAMPLE_NOTE: &str = "A small grocery with 150 products, to play with.";
pub const HAVE_WORDS: &str = "I have the twelve recovery words";

pub const CREATE_TITLE: &str = "Start a new shop";
pub const SAMPLE_TITLE: &str = "Try the sample shop";
pub const SHOP: &str = "The shop";
pub const SHOP_NAME: &str = "Shop name";
pub const SHOP_NAME_NOTE: &str = "Stands on every receipt.";
pub const CURRENCY: &str = "Currency";
pub const TIME_ZONE: &str = "Time zone";
pub const CHOOSE: &str = "Choose…";
pub const TAX: &str = "Tax";
pub const TAX_MODE: &str = "How prices are written";
pub const TAX_INCLUDED: &str = "Prices include tax";
pub const TAX_ADDED: &str = "Tax is added at the till";
pub const RATE_NAME: &str = "Name of the rate";
pub const RATE_PERCENT: &str = "Percent";
pub const RATE_STANDARD: &str = "standard";
pub const RATE_REDUCED: &str = "reduced";
pub const RATE_DEFAULT: &str = "Used for products that name no rate";
pub const RATE_USUAL: &str = "usual";
pub const ADD_RATE: &str = "Add a rate";
pub const OWNER: &str = "You and this device";
pub const OWNER_DEFAULT: &str = "Owner";
pub const OWNER_NAME: &str = "Your name";
pub const PIN: &str = "PIN, 4 to 8 digits";
pub const PIN_AGAIN: &str = "The same PIN again";
pub const DEVICE_NAME: &str = "What this device is called";
pub const DEVICE_DEFAULT: &str = "Front till";
pub const CREATE: &str = "Create the shop";
pub const CREATING: &str = "Making keys and opening the shop";
pub const FILLING: &str = "Putting the sample products on the shelf";
pub const SAMPLE_NAME: &str = "Sample shop";

pub const NEED_NAME: &str = "Give the shop a name.";
pub const NEED_CURRENCY: &str = "Choose the currency. It can't be changed after the first sale.";
pub const NEED_ZONE: &str = "Choose the time zone. It decides when a business day ends.";
pub const NEED_TAX: &str = "Choose how prices are written.";
pub const NEED_RATE: &str = "Each rate needs a name and a percentage, as 20 or 5.5.";
pub const NEED_OWNER: &str = "Tell your name. It stands in the list of who can sign in.";
pub const NEED_PIN: &str = "The PIN needs 4 to 8 digits.";
pub const PINS_DIFFER: &str = "The two PINs differ.";
pub const NEED_DEVICE: &str = "Give this device a name.";

pub const WORDS_TITLE: &str = "Twelve words that bring the shop back";
pub const WORDS_LEAD: &str = "If every device is lost or the owner's one breaks, these words and any copy of the data bring the shop back. Nobody else has them. They are shown once.";
pub const WORDS_PAPER: &str =
    "Write them down or print them, and keep them where you keep the lease. Never photograph them.";
pub const PRINT_WORDS: &str = "Print the words";
pub const WORDS_WRITTEN: &str = "I have written them down";
pub const WORDS_CHECK: &str = "Two words, to be sure";
pub const WORDS_WRONG: &str = "That is not the word. Look at your paper once more.";
pub const CHECK_WORDS: &str = "Check the words";
pub const SHOW_WORDS: &str = "Show the words again";

pub fn currency(code: &str, name: &str) -> String {
    if name == code {
        code.into()
    } else {
        format!("{code} · {name}")
    }
}

pub fn word_number(number: usize) -> String {
    format!("Word {number}")
}

pub const PERMISSIONS_TITLE: &str = "What this app asks the browser for";
pub const PERMISSIONS_LEAD: &str =
    "Each is asked when you tap it. All can be changed later in the browser.";
pub const STORAGE: &str = "Keep the data";
pub const STORAGE_WHY: &str = "So that the browser never clears this till's sales to make room.";
pub const CAMERA: &str = "Camera";
pub const CAMERA_WHY: &str = "To scan the card of another device. Pictures stay on this device.";
pub const NOTIFICATIONS: &str = "Notifications";
pub const NOTIFICATIONS_WHY: &str =
    "Not used yet. Later: to tell the owner when a till has been silent for long.";
pub const ALLOW: &str = "Allow";
pub const ALLOWED: &str = "Allowed";
pub const REFUSED: &str = "Refused";
pub const STORAGE_REFUSED: &str = "The browser did not promise to keep this data. In a private window, or when the disk runs full, it may delete every sale that only this till has. Install the app, or add a second device soon.";
pub const UNDERSTOOD: &str = "I understand, go on";

pub fn allow(what: &str) -> String {
    format!("{ALLOW}: {what}")
}

pub const RECOVER_TITLE: &str = "Make this device the owner's";
pub const RECOVER_LEAD: &str =
    "Type the twelve words of the shop, in order. This device must already hold the shop's data.";
pub const RECOVER_WORDS: &str = "The twelve words";
pub const RECOVER: &str = "Recover the shop";
pub const RECOVERING: &str = "Checking the words";
pub const RECOVERED: &str =
    "This device is the shop's owner now. Devices learn it when they are linked.";

pub fn words_typed(count: usize) -> String {
    format!("{count} of 12 words")
}
