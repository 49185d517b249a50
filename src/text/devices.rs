//! Devices: members, links, what waits for whom.

use device::api::LinkTrouble;

pub const TITLE: &str = "Devices";
pub const ADD: &str = "Add a device";
pub const LINK_AGAIN: &str = "Link again";
pub const MEMBERS: &str = "Members of the shop";
pub const WAITING: &str = "What waits for whom";
pub const NOTHING_WAITS: &str = "Nothing waits. Every device has what this one has.";
pub const KEPT: &str = "Where this till's sales are";
pub const THIS_DEVICE: &str = "this device";
pub const LINKED: &str = "linked";
pub const NOT_LINKED: &str = "not linked";
pub const NEVER_HEARD: &str = "not heard of yet";
pub const CONNECT: &str = "Connect";
pub const NAME: &str = "Device";
pub const TOPIC: &str = "What";
pub const ENTRIES: &str = "How many";
pub const SINCE: &str = "Since";
pub const TRIES: &str = "Tries";
pub const ALONE_TITLE: &str = "This is the only device";
pub const ALONE: &str =
    "Add a second device: then every sale is kept twice, and the owner sees the day as it happens.";
pub const READ: &str = "I have read this";
pub const UP_TO_DATE: &str = "in step";

pub const NOT_COUNTED: &str = "Kept and not counted";
pub const WHY: &str = "Why";
pub const SAVE_AS_FILE: &str = "Save as a file";
pub const NOT_SAVED: &str =
    "The browser did not save the file. Everything is kept here all the same.";
pub const FILE_NAME: &str = "not-counted.csv";
pub const FILE_HEAD: &str = "device,name,what,first entry,last entry,why\r\n";
pub const PUT_OUT: &str = "Put out";
pub const PUT_OUT_DO: &str = "Put it out";
pub const PUT_OUT_LEAVE: &str = "Leave it in";
pub const PUT_OUT_KEEPS: &str = "Sales of its that have not arrived here yet are kept when they \
     come, and not counted until you say so. To use the device again, clear this page's data in \
     its browser, and let it in like a new one.";
pub const PUT_OUT_DEVICES: &str = "Put out";
pub const NOTHING_LATE: &str = "Nothing has come from it since.";
pub const COUNT_LATE: &str = "Count them";

pub const COPIED_HERE_OWNER: &str = "This device runs twice: its profile was copied, or put back to \
     what it was before. What either sold is kept and counted. Put it out on another device of the \
     owner, clear this page's data in its browser, and add each of the two anew.";

pub const COPIED_HERE: &str = "This device runs twice: its profile was copied, or put back to what it \
     was before. What either sold is kept and counted. Receipts here get letters of their own behind \
     the till number, until the owner makes a device of its own of it in Devices.";

pub fn copied(name: &str, machines: usize) -> String {
    match machines {
        0 => format!(
            "{name} runs twice: its profile was copied, or put back to what it was before. What \
             either sold is kept and counted. Open the app on each of its machines near this one: \
             then they can become devices of their own."
        ),
        1 => format!(
            "{name} was copied, or put back to what it was before. What it sold is kept and counted. \
             If none of you did that, put it out."
        ),
        machines => format!(
            "{name} runs on {machines} machines: its profile was copied. What each of them sold is \
             kept and counted. If none of you did that, put it out."
        ),
    }
}

pub fn copied_of_owner(name: &str) -> String {
    format!(
        "{name} runs twice: its profile was copied, or put back to what it was before. What either \
         sold is kept and counted. Put it out, clear this page's data in its browser, and add each of \
         the two anew."
    )
}

pub const SUCCEEDED: &str = "Its machines go on under numbers of their own. Put it out once each of \
     them is linked here under its new one.";

pub const fn separate(machines: usize) -> &'static str {
    match machines {
        1 => "Give it a number of its own",
        _ => "Make them separate devices",
    }
}

pub fn keys_since(moment: &str) -> String {
    format!(
        "Keys in use since {moment}. They are renewed every 30 days, and whenever a device is put \
         out, so that it can read nothing new."
    )
}

pub fn put_out(name: &str) -> String {
    format!("{PUT_OUT}: {name}")
}

pub fn put_out_title(name: &str) -> String {
    format!("Put {name} out of the shop?")
}

pub fn put_out_means(name: &str) -> String {
    format!(
        "As soon as {name} hears of it, nobody can sell on it any more, and it is told nothing \
         new. What it sold and this device has heard of stays counted."
    )
}

pub fn late(entries: u64) -> String {
    let came = super::common::counted(entries, "sale or delivery has", "sales or deliveries have");
    let kept = if entries == 1 { "It is" } else { "They are" };
    format!("{came} come from it since. {kept} kept, and not counted.")
}

pub fn count_late(name: &str) -> String {
    format!("{COUNT_LATE}: {name}")
}

pub fn connect(name: &str) -> String {
    format!("{CONNECT}: {name}")
}

pub fn heard(ago: &str) -> String {
    format!("last heard {ago}")
}

pub fn behind(entries: u64) -> String {
    format!(
        "{} to send",
        super::common::counted(entries, "entry", "entries")
    )
}

pub fn ahead(entries: u64) -> String {
    format!(
        "{} to receive",
        super::common::counted(entries, "entry", "entries")
    )
}

pub fn quarantined(entries: u32) -> String {
    format!(
        "{} could not be applied here and {} kept aside. Nothing else is held up by it.",
        super::common::counted(u64::from(entries), "entry", "entries"),
        if entries == 1 { "is" } else { "are" }
    )
}

pub fn set_aside(entries: u32) -> String {
    format!(
        "{} set aside: nobody has let in the device that wrote this, or its key has not come yet. \
         Until then it counts for nothing here.",
        super::common::counted(u64::from(entries), "entry is", "entries are")
    )
}

pub fn newer(entries: u32) -> String {
    format!(
        "{} written by a newer version of the app. Reload the app here to update it; until then \
         this counts for nothing on this device.",
        super::common::counted(u64::from(entries), "entry was", "entries were")
    )
}

/// What a member sent that was not taken, and when it last did.
pub fn trouble(trouble: LinkTrouble, name: &str, at: &str) -> String {
    match trouble {
        LinkTrouble::Unreadable => format!(
            "{name} sent something that can’t be read ({at}). It was thrown away and the link \
             closed; it is made anew by itself. Nothing here changed. If it goes on, reload the \
             app on {name}."
        ),
        LinkTrouble::Unproven => format!(
            "Somebody who claimed to be {name} could not prove it ({at}). The link was closed. \
             Nothing was shared, and nothing here changed."
        ),
        LinkTrouble::Unsigned => format!(
            "{name} passed on entries that their author did not sign ({at}). They were thrown \
             away and the link closed; it is made anew by itself. Nothing here changed. If it \
             goes on, look at who uses {name}."
        ),
    }
}

pub fn round_trip(milliseconds: u32) -> String {
    format!("{milliseconds} ms")
}

pub fn topic(word: &str) -> String {
    match word {
        "transaction" => "Sales",
        "inventory" => "Prices",
        "employee" => "Devices and staff",
        "office" => "Office",
        other => other,
    }
    .into()
}
