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

pub const WORDS_TITLE: &str = "Twelve words that keep the shop yours";
pub const WORDS_LEAD: &str = "If this device breaks or is lost, they make any other device of the shop the owner's. They hold no sales and no prices: those live on the devices, so add a second one soon. Nobody else has the words, and they are shown once.";
pub const WORDS_PAPER: &str =
    "Write them down or print them, and keep them where you keep the lease. Never photograph them.";
pub const PRINT_WORDS: &str = "Print the words";
pub const WORDS_WRITTEN: &str = "I have written them down";
pub const WORDS_CHECK: &str = "Two words, to be sure";
pub const WORDS_WRONG: &str = "That is not the word. Look at your paper once more.";
pub const CHECK_WORDS: &str = "Check the words";
pub const SHOW_WORDS: &str = "Show the words again";

pub const WORDS_OPEN: &str = "Nobody has confirmed the twelve words of this shop. Without them, it depends on this device alone.";
pub const WORDS_OPEN_STEP: &str = "Confirm the twelve words";
pub const WORDS_OPEN_TITLE: &str = "Are the twelve words on paper?";
pub const WORDS_OPEN_LEAD: &str =
    "They were shown when the shop was founded. Type them from your paper: this only checks them.";
pub const WORDS_RIGHT: &str = "These are the words of this shop. Keep the paper.";
pub const WORDS_GONE_TITLE: &str = "If they were not written down";
pub const WORDS_GONE: &str = "Then they are gone: they are stored nowhere, and nobody can show them again. The shop goes on as it is. But if this device breaks or is lost, no device can be let in any more and staff can't be changed.";
pub const WORDS_GONE_EMPTY: &str = "While the shop is still empty: tap the icon at the start of the address bar, delete this site's data, and start the shop again.";
pub const WORDS_GONE_SELLING: &str = "If it has sales already: add a second device, and choose “Owner” as its role. Either of the two can then do what the other one could.";

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
pub const NETWORK: &str = "Local network";
pub const NETWORK_WHY: &str = "So that the shop's devices reach each other without the internet.";
pub const ASKED_LATER: &str = "The browser asks when it is needed";
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
pub const RECOVER_LEAD: &str = "Type the twelve words of the shop, in order. This device holds the shop's data, and becomes the owner's.";
pub const RECOVER_NO_SHOP: &str =
    "This device belongs to no shop: there is nothing here that the words could open.";
pub const RECOVER_ELSEWHERE: &str = "Take a device that still belongs to the shop; a till will do. There, open More, then “Recover the shop with twelve words”, and type them. It becomes the owner's, and can let this device in.";
pub const RECOVER_NOTHING_LEFT: &str =
    "If no device of the shop is left, its sales and prices are lost: the words hold none of them.";
pub const RECOVER_WORDS: &str = "The twelve words";
pub const RECOVER: &str = "Recover the shop";
pub const RECOVERING: &str = "Checking the words";
pub const RECOVERED: &str =
    "This device is the shop's owner now. Devices learn it when they are linked.";

pub fn words_typed(count: usize) -> String {
    format!("{count} of 12 words")
}
