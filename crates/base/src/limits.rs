//! Every bound in one place, each with its reason. Relations between them are checked when the
//! house is built.

/// One frame on a link. Chrome accepts 256 KiB, others less; 16 KiB passes everywhere and keeps
/// a live sale from waiting behind a big message.
pub const FRAME_BYTES_MAX: usize = 16 * 1024;
/// One message, fragmented over frames: one list of segments plus its wrapping.
pub const MESSAGE_BYTES_MAX: usize = 2 * 1024 * 1024;
/// Messages of one link that are being put together at the same time (one per channel and spare).
pub const MESSAGES_PARTIAL_MAX: usize = 8;
/// One entry: a page of a catalogue import, a picture of a receipt later.
pub const ENTRY_BYTES_MAX: usize = 1024 * 1024;
/// One opened segment body.
pub const BODY_BYTES_MAX: usize = 1536 * 1024;
/// Entries in a block. Measured on real baskets: 64 → 48 bytes a sale, 256 → 31, 1,024 → 25.
pub const BLOCK_ENTRIES: u32 = 256;
/// Entries in one segment.
pub const SEGMENT_ENTRIES_MAX: u32 = BLOCK_ENTRIES;
/// Items in one list effect.
pub const EFFECT_ITEMS_MAX: usize = 64;
/// Bytes in one list effect.
pub const EFFECT_BYTES_MAX: usize = 1024 * 1024;
/// Entries of the segments that are opened in one list: they are folded in one go, which is to take
/// no longer than a tap may wait. A block takes some 10 ms on a desktop.
pub const OPENED_ENTRIES_MAX: u32 = BLOCK_ENTRIES;
/// The longest wait before a start that failed is tried again, in milliseconds: each writes a little.
pub const START_RETRY_MS_MAX: u64 = 60_000;
/// First credit window of a link. A bigger one made SCTP lose packets and stall.
pub const CREDIT_FIRST_BYTES: u32 = 64 * 1024;
/// Largest credit window that a link grows to.
pub const CREDIT_BYTES_MAX: u32 = 1024 * 1024;
/// Frames that wait for a slow data channel before the link is closed as unusable.
pub const SEND_QUEUE_BYTES_MAX: usize = 4 * 1024 * 1024;
/// How far another device's stamp may be ahead and still move our clock.
pub const CLOCK_AHEAD_MAX_MS: u64 = 5 * 60 * 1000;
/// Durable statements to linked peers: at most one in this time.
pub const STATEMENT_INTERVAL_MS: u64 = 200;
/// What changed is stated at most this often to linked devices that did not write it.
pub const STATEMENT_LATER_MS: u64 = 5_000;
/// What others said that they hold is kept for after a restart so long after they said it: it is said
/// again and again, and nothing is lost without it.
pub const STATEMENTS_KEPT_MS: u64 = 1_000;
/// What others stated is passed on to linked peers at most this often.
pub const PASS_ON_INTERVAL_MS: u64 = 5_000;
/// Statements that one message passes on, and so one link in that time.
pub const PASSED_AT_ONCE_MAX: usize = 16;
/// Bytes of statements that one message passes on.
pub const PASSED_BYTES_AT_ONCE_MAX: usize = 64 * 1024;
/// Bytes of one signer's statements that are kept to be passed on: some two thousand logs.
pub const PASSED_BYTES_OF_ONE_MAX: usize = 64 * 1024;
/// Bytes of statements of others that are kept to be passed on: of two hundred devices that each
/// speak of all the others.
pub const PASSED_BYTES_MAX: usize = 4 * 1024 * 1024;
/// A pairing card is good this long by the clock of the device that shows it.
pub const CARD_LIFETIME_MS: u64 = 10 * 60 * 1000;
/// A pairing card in bytes: small enough for a QR code that a cheap camera reads.
pub const CARD_BYTES_MAX: usize = 119;
/// Connection candidates on a card.
pub const CARD_CANDIDATES_MAX: usize = 3;
/// Connections of one device; the least useful is dropped.
pub const LINKS_MAX: usize = 30;
/// A heartbeat on a silent link.
pub const PING_INTERVAL_MS: u64 = 2_000;
/// A link is given up when nothing came for this long.
pub const LINK_SILENT_MAX_MS: u64 = 10_000;
/// A message that nobody answers is given up after this time.
pub const MESSAGE_TIMEOUT_MS: u64 = 30_000;
/// First wait before a new connection is tried.
pub const BACKOFF_FIRST_MS: u64 = 1_000;
/// Longest wait before a new connection is tried.
pub const BACKOFF_MAX_MS: u64 = 3_600_000;
/// Devices of one shop.
pub const MEMBERS_MAX: usize = 1_000;
/// Control entries that a device we do not know yet may send to prove itself.
pub const STRANGER_CONTROL_ENTRIES_MAX: usize = 4_096;
/// Runs of one log in a vector: more means that somebody makes holes on purpose.
pub const RUNS_PER_LOG_MAX: usize = 1_024;
/// Logs of which one signer may say what it holds: every stream of every member.
pub const STATED_LOGS_MAX: usize = 4 * MEMBERS_MAX;
/// Runs of one signer that are kept although nothing shows yet that they are of our own branch.
pub const STATED_RUNS_MAX: usize = 16_384;
/// Places for which one signer may say what they hold.
pub const STATED_PLACES_MAX: usize = 16;
/// Entries that wait for something (a key, a control entry, an author, a newer version).
pub const WAITING_ENTRIES_MAX: usize = 65_536;
/// Bytes of what waits in memory for one thing: an author, a key, control, a newer version, the
/// disk. As much as a year of a small shop; whoever sends more at once is up to something.
pub const WAITING_BYTES_MAX: usize = 32 * 1024 * 1024;
/// Rejected entries that are kept with the reason; of what is beyond only the number is.
pub const QUARANTINE_ENTRIES_MAX: usize = 65_536;
/// What a peer may say before its signature counts: one vector, however long.
pub const EARLY_BYTES_MAX: usize = MESSAGE_BYTES_MAX;
/// One sealed signal (an offer or an answer) through a relay.
pub const SIGNAL_BYTES_MAX: usize = 4 * 1024;
/// Commands that wait for the device: a person cannot type faster, a script must await.
pub const COMMANDS_WAITING_MAX: usize = 10_000;
/// Ranges that may be asked of one peer at a time, each a block at most: 16,384 entries.
pub const WANT_RANGES_MAX: usize = 64;
/// Loose segments of an own log in a row that are put together for a peer that lacks them: fewer
/// are not worth the seal and the signature.
pub const MERGE_ROWS_MIN: usize = 8;
/// Answers that wait for their rows to be put together; what is beyond goes as it is.
pub const MERGES_WAITING_MAX: usize = 4;
/// Bytes of what was put together lately and is kept for the next peer that asks for it.
pub const MERGED_BYTES_MAX: usize = 256 * 1024;
/// Sealed bytes of the rows that one block takes the place of.
pub const BLOCK_BYTES_MAX: usize = EFFECT_BYTES_MAX / 2;
/// Blocks of what is held loose that are asked of one peer at a time: there is no hurry.
pub const PACKS_ASKED_MAX: usize = 4;
/// Rows that one question of a peer may load from the store at a time.
pub const READ_ROWS_MAX: u32 = BLOCK_ENTRIES;
/// Segments of which the beginning is kept whose link broke: one or two of each link that is tried.
pub const BEGUN_SEGMENTS_MAX: usize = 4;
/// Less than this of a segment is not worth going on from.
pub const BEGUN_BYTES_MIN: usize = FRAME_BYTES_MAX;
/// Links that are told of changes, and given statements, as often as can be. With more of them each
/// hears less often, so that telling does not grow with the square of a shop.
pub const LINKS_TOLD_AT_ONCE: usize = 8;
/// What changed is told to linked peers at the latest after this time, if no statement did.
pub const ANNOUNCE_INTERVAL_MS: u64 = 500;
/// What changed is told this late where its author is linked with whoever may lack it, and no statement
/// told it before.
pub const ANNOUNCE_LATER_MS: u64 = 6_000;
/// Linked peers are told so long after it changed with whom else a device is linked.
pub const NEIGHBOURS_TOLD_MS: u64 = 1_000;
/// Linked peers compare whole vectors this often, whatever they believe of each other.
pub const RECONCILE_INTERVAL_MS: u64 = 10 * 60 * 1000;
/// After the store failed, nothing is asked of peers for this long.
pub const STORAGE_PAUSE_MS: u64 = 5_000;
/// Blocks are made when a device has written nothing for this long: no sale queues behind one.
pub const PACK_PAUSE_MS: u64 = 2_000;
/// Entries that a start folds anew before a checkpoint is worth its bytes: a millisecond of them.
pub const CHECKPOINT_ENTRIES_MIN: u64 = 64;
/// Bytes of a checkpoint for each entry that is judged before the next one is written: some three
/// times what the entry itself takes on the disk.
pub const CHECKPOINT_BYTES_PER_ENTRY: u64 = 1024;
/// A checkpoint is written so long after it was worth it: what comes in a row comes into one.
pub const CHECKPOINT_PAUSE_MS: u64 = 5_000;
/// Bytes of one part of a checkpoint.
pub const CHECKPOINT_PART_BYTES: usize = EFFECT_BYTES_MAX / 2;
/// Parts of one checkpoint: some three million sales. A bigger shop folds everything at each start.
pub const CHECKPOINT_PARTS_MAX: usize = 64;
/// An epoch is written in this long; then an owner's device begins another one.
pub const EPOCH_LIFETIME_MS: u64 = 30 * 24 * 3_600_000;
/// How often an owner's device looks whether it is time for that, at least: clocks jump.
pub const EPOCH_LOOK_MS: u64 = 3_600_000;
/// How much longer than the one above it each owner's device waits before it begins an epoch.
pub const EPOCH_TURN_MS: u64 = 20_000;
/// An epoch that could not be begun is tried again after this time.
pub const EPOCH_RETRY_MS: u64 = 30_000;
/// Epochs that another one follows: more than owners' devices that were apart for a month.
pub const EPOCH_PARENTS_MAX: usize = 64;
/// Members that lack a secret and are given it at a time.
pub const GRANTS_MAX: usize = 32;
/// Entries that may be missing before the end of a log that is cut there: more than a newcomer
/// waits for at a time, and no more than a modified till could keep for later.
pub const CUT_HOLES_MAX: u64 = 16_384;
/// Branches of one log that are held: a till that is copied again and again has so many.
pub const BRANCHES_PER_LOG_MAX: usize = 16;
/// Windows along one run that are looked at when a log with branches is asked for: a quarter of a
/// million entries.
pub const BRANCH_WINDOWS_MAX: usize = 1_024;
/// Runs of one log that nothing shows to meet ours and that are kept aside.
pub const FORK_RUNS_MAX: usize = 64;
/// Shops of one device, and so the shops in a hello.
pub const SHOPS_MAX: usize = 64;
/// A message of a member's script: kind and data together.
pub const SCRIPT_MESSAGE_BYTES_MAX: usize = 256 * 1024;
/// What a device may call itself, in bytes.
pub const NAME_BYTES_MAX: usize = 256;

const _: () = assert!(ENTRY_BYTES_MAX < BODY_BYTES_MAX, "an entry fits a segment");
const _: () = assert!(
    BODY_BYTES_MAX < MESSAGE_BYTES_MAX,
    "a segment fits a message"
);
const _: () = assert!(
    FRAME_BYTES_MAX < CREDIT_FIRST_BYTES as usize,
    "a window holds frames"
);
const _: () = assert!(CREDIT_FIRST_BYTES <= CREDIT_BYTES_MAX);
const _: () = assert!(
    PING_INTERVAL_MS * 2 < LINK_SILENT_MAX_MS,
    "a lost ping is no lost link"
);
const _: () = assert!(
    PASSED_BYTES_OF_ONE_MAX <= PASSED_BYTES_AT_ONCE_MAX,
    "one is passed on"
);
const _: () = assert!(
    STATEMENT_LATER_MS < ANNOUNCE_LATER_MS,
    "a statement tells what a vector would"
);
const _: () = assert!(SEGMENT_ENTRIES_MAX == BLOCK_ENTRIES);
