//! What an effect in flight is for. Its answer goes to whoever the purpose names.

use base::effect::Change;
use base::{DeviceId, EmployeeId, EpochName, LinkId};
use identity::control::Scope;
use identity::statement::{SignedStatement, Statement};

use sync_core::replica::ReadId;

use crate::api::{Reply, RequestId};
use crate::checkpointing;
use crate::configuring::{Checked, OwnConfig};
use crate::epochs;
use crate::founding;
use crate::packing::Packing;
use crate::pairing::joining::Joining;
use crate::recounting;
use crate::recovering;
use crate::sales;
use crate::serving::Serving;
use crate::shop::unlocking::Unlocking;
use crate::shop::{boot, commit, intake};

/// What an effect is for.
#[derive(Debug)]
pub enum Purpose {
    /// Our own public keys, at the very start.
    Identity,
    /// The public keys with which we would go on as another device.
    NextIdentity,
    /// Going on with them.
    Succeed,
    /// Our own record, at the very start.
    Record,
    /// Writing our own record, and what to tell whom then.
    KeepRecord(Option<Box<(RequestId, Reply)>>),
    /// Remembering the shop that let us in.
    Join(Joining),
    /// The offsets of the shop's time zone, by its name, around a moment.
    Zone(String, u64),
    /// Whether the time zone of a change of the configuration is known.
    Config(RequestId, Box<Checked>),
    /// Keeping what a change of the configuration sets for this device alone.
    OwnConfig(RequestId, OwnConfig),
    /// Reading a shop from the disk.
    Boot(boot::Step),
    /// The start of our writer: what it writes.
    TakeOver(Vec<Change>),
    /// Founding a shop.
    Founding(founding::Step),
    /// The commit in flight.
    Commit(commit::Step),
    /// Segments on their way in.
    Intake(intake::Step),
    /// A secret that control lets us open.
    Unlock(Unlocking),
    /// The verifier of a PIN that somebody typed to sign in.
    SignIn {
        /// Who waits.
        request: RequestId,
        /// Who it claims to be.
        employee: EmployeeId,
    },
    /// The verifier of an employee's new PIN.
    NewPin(Box<crate::people::NewPin>),
    /// Sales to be listed.
    Sales(sales::Listing),
    /// The disk's word that everything before is durable.
    Barrier(Statement, Vec<LinkId>),
    /// Keeping what somebody stated.
    KeepStatement(DeviceId),
    /// The signature of a statement of ours.
    SignStatement(Statement, Vec<LinkId>),
    /// The signature of somebody's statement, and who brought it.
    VerifyStatement(DeviceId, Box<SignedStatement>),
    /// A signature that a handshake needs.
    HandshakeSign(LinkId),
    /// A check that a handshake needs.
    HandshakeVerify(LinkId),
    /// A card sealed to a member, to go through the meeting place.
    SealCard(DeviceId),
    /// A sealed card that came from the meeting place.
    OpenCard(DeviceId),
    /// Segments that a peer lacks.
    Serve(ReadId),
    /// The same, being put together for it.
    Serving(Box<Serving>),
    /// A block of an own log.
    Packing(Box<Packing>),
    /// A checkpoint, written or read.
    Checkpoint(checkpointing::Step),
    /// Entries that a cut has moved over.
    Recount(recounting::Step),
    /// Secrets of a new epoch, or for members that lack them.
    Epochs(epochs::Step),
    /// Secrets wrapped for a newcomer.
    WrapFor {
        /// Its link.
        link: LinkId,
        /// Of which epoch.
        epoch: EpochName,
        /// Which secret.
        scope: Scope,
    },
    /// Making a founder of this device by the recovery phrase.
    Recovering(recovering::Step),
    /// Nobody waits for the answer.
    Nobody,
}
