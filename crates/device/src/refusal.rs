//! Every reason why something is not done: a steady code, what happened, what to do next.

use base::card::NotACard;
use base::effect::StorageTrouble;

use crate::api::Refusal;

impl Refusal {
    /// A refusal with its steady code and its sentence.
    pub fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
        }
    }

    /// Nobody is signed in.
    pub fn not_signed_in() -> Self {
        Self::new(
            "not-signed-in",
            "Nobody is signed in. Choose your name and type your PIN.",
        )
    }

    /// The signed-in employee may not do this.
    pub fn not_allowed() -> Self {
        Self::new(
            "not-allowed",
            "Your role does not allow this. Ask the owner.",
        )
    }

    /// Nobody of that id works here.
    pub fn unknown_employee() -> Self {
        Self::new(
            "unknown-employee",
            "No such employee is in this shop. Nothing was changed.",
        )
    }

    /// Without this owner nobody could change staff, devices or settings any more.
    pub fn last_owner() -> Self {
        Self::new(
            "last-owner",
            "This is the only owner who can sign in. Make somebody else an owner first. \
             Nothing was changed.",
        )
    }

    /// A code of another product.
    pub fn code_taken(code: &str, holder: &str) -> Self {
        Self::new(
            "code-taken",
            format!(
                "“{holder}” has the code {code} already. Change that product, or give another \
                 code. Nothing was changed."
            ),
        )
    }

    /// A device whose role writes no products.
    pub fn looks_on() -> Self {
        Self::new(
            "device-role",
            "This device only looks on. Change products on a till or on the owner's device.",
        )
    }

    /// The device is in no shop.
    pub fn no_shop() -> Self {
        Self::new(
            "no-shop",
            "This device is not in a shop yet. Start a shop or join one.",
        )
    }

    /// The device is in a shop already.
    pub fn has_shop() -> Self {
        Self::new(
            "has-shop",
            "This device is already in a shop. Nothing was changed.",
        )
    }

    /// The shop's own data is not on the disk, or cannot be opened.
    pub fn unread() -> Self {
        Self::new(
            "shop-unread",
            "This device belongs to a shop, but can't read all of its data. What other devices \
             hold is safe there. Leave this page open near them: what is missing may come. If it \
             does not, erase this site's data in the browser and join the shop again.",
        )
    }

    /// A till number that another device has, or has numbered receipts under.
    pub fn terminal_taken() -> Self {
        Self::new("code-taken", "Another device has that till number.")
    }

    /// Whoever let this device in writes what only a newer release can read.
    pub fn shop_newer() -> Self {
        Self::new(
            "shop-newer",
            "This shop uses a newer version of the app. Update this device, then join again.",
        )
    }

    /// Nobody of that id was ever let in.
    pub fn unknown_device() -> Self {
        Self::new("unknown-device", "No such device is in this shop.")
    }

    /// The device was put out of its shop.
    pub fn put_out() -> Self {
        Self::new(
            "put-out",
            "This device was put out of its shop. Leave it on near the shop's other devices until \
             the owner has all that it sold. To use it again after that, clear this page's data in \
             the browser, and let it in like a new device.",
        )
    }

    /// A time zone that the browser does not know.
    pub fn unknown_timezone() -> Self {
        Self::new(
            "unknown-timezone",
            "This device does not know that time zone. Choose another one.",
        )
    }

    /// There is no link to the device that was named.
    pub fn not_linked() -> Self {
        Self::new("not-linked", "That device is not linked now.")
    }

    /// Two devices compared, and one of them does not come by what it lacks.
    pub fn out_of_step() -> Self {
        Self::new(
            "out-of-step",
            "The two devices are linked, but one of them can't get what it lacks. Nothing is lost.",
        )
    }

    /// The device has no terminal code.
    pub fn no_terminal() -> Self {
        Self::new(
            "no-terminal",
            "This device was not given a till number, so it cannot sell.",
        )
    }

    /// Something of ours went wrong; the sentence says that sales are kept.
    pub fn ours(detail: &str) -> Self {
        Self::new(
            "internal",
            format!("Something went wrong here ({detail}). Your sales are kept. Try again."),
        )
    }

    /// The store did not take it.
    pub fn storage(trouble: &StorageTrouble) -> Self {
        match trouble {
            StorageTrouble::Full => Self::new(
                "disk-full",
                "The disk is full, so this was not saved. Everything saved before is kept. \
                 Free some space on this device, then try again.",
            ),
            StorageTrouble::Conflict => Self::new(
                "other-tab",
                "Another tab of this device wrote first, so this was not saved. \
                 Everything saved before is kept. Reload this page.",
            ),
            StorageTrouble::Broken(said) => Self::new(
                "storage",
                format!(
                    "The browser could not save this ({said}). Everything saved before is \
                     kept. Reload this page, then try again."
                ),
            ),
        }
    }

    /// What was scanned or pasted is not a card that can be used.
    pub fn card(what: NotACard) -> Self {
        match what {
            NotACard::Other => Self::new(
                "not-a-card",
                "That is not a TillMesh card. Scan the code on the other screen.",
            ),
            NotACard::Damaged => Self::new(
                "card-damaged",
                "The card was not read whole. Scan it again, or copy all of its text.",
            ),
            NotACard::Newer => Self::new(
                "card-newer",
                "The other device runs a newer version. Update this device, then try again.",
            ),
        }
    }

    /// The card is too old.
    pub fn card_expired() -> Self {
        Self::new(
            "card-expired",
            "That card is older than 10 minutes. Make new cards on both screens.",
        )
    }

    /// The card answers for another shop.
    pub fn card_foreign() -> Self {
        Self::new(
            "card-foreign",
            "That card belongs to another shop. Nothing was changed. Scan the code of your own \
             shop's device.",
        )
    }

    /// The card is our own, or of the wrong kind for this step.
    pub fn card_wrong_side() -> Self {
        Self::new(
            "card-wrong-side",
            "That is this device's own card, or the wrong one for this step. Scan the code on \
             the other screen.",
        )
    }

    /// The card was used before, or answers nothing that we asked.
    pub fn card_used() -> Self {
        Self::new(
            "card-used",
            "That card was already used or answers an older one. Make new cards on both screens.",
        )
    }

    /// The other device did not prove itself.
    pub fn not_proven() -> Self {
        Self::new(
            "not-proven",
            "The other device could not prove who it is. Nothing was shared. Make new cards on \
             both screens.",
        )
    }

    /// The link did not open, or broke.
    pub fn link_lost() -> Self {
        Self::new(
            "link-lost",
            "The connection broke before it was done. Nothing is lost. Make new cards on both \
             screens.",
        )
    }

    /// The other side did not let us in.
    pub fn not_admitted() -> Self {
        Self::new(
            "not-admitted",
            "The owner did not let this device in. Nothing was shared.",
        )
    }

    /// Somebody else must be there for this.
    pub fn not_pairing() -> Self {
        Self::new("not-pairing", "No device is waiting to be let in.")
    }
}
