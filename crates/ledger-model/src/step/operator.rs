//! What the operator does: forget a node, change a limit, resolve what is held.

use crate::design::Design;
use crate::flaws::Flaw;
use crate::setup::Amount;
use crate::state::World;
use crate::state::database::{LeaseStatus, Limit};
use crate::table::{CallId, LimitId, NodeId};

/// Gives the node up: what its leases have outstanding is held, not returned, because the node may
/// have spent it, or may be alive and spend it yet.
pub(super) fn forget(design: &Design, world: &mut World, node: NodeId) {
    world.left.forgets -= 1;
    let leases = world.database.leases.get_mut(node);
    leases.status = LeaseStatus::Forgotten;
    for limit in LimitId::ALL {
        let books = world.database.limits.get_mut(*limit);
        let lease = leases.of.get_mut(*limit);
        if design.has(Flaw::ForgetReturnsLease) {
            books.available += lease.outstanding();
        } else {
            lease.held = lease.outstanding();
            books.held += lease.held;
        }
    }
}

/// Sets a limit, but never below what is charged, held and leased.
pub(super) fn set_limit(world: &mut World, limit: LimitId, total: Amount) {
    world.left.edits -= 1;
    let leased = world.outstanding(limit);
    let books = world.database.limits.get_mut(limit);
    let taken = books.settled + books.held + leased;
    books.total = total.max(taken);
    books.available = books.total - taken;
}

/// Charges `amount` of what is held for the call and releases the rest. The rest is booked as
/// absorbed even where the true cost is known: after a power loss the hold may also stand for
/// calls that used what this one had given back, and of which no record is left.
pub(super) fn resolve_doubt(world: &mut World, id: CallId, amount: Amount) {
    world.left.resolutions -= 1;
    let row = world.database.rows.get_mut(id);
    row.ended = true;
    row.resolved = true;
    row.settles += u8::from(amount > 0);
    for limit in LimitId::ALL {
        let doubt = std::mem::take(row.doubt.get_mut(*limit));
        let charged = amount.min(doubt);
        let books = world.database.limits.get_mut(*limit);
        books.held -= charged;
        books.settled += charged;
        *row.charged.get_mut(*limit) += charged;
        absorb(books, doubt - charged);
    }
}

/// Releases what is held for a forgotten lease.
pub(super) fn release_forgotten(world: &mut World, node: NodeId, limit: LimitId) {
    world.left.resolutions -= 1;
    let lease = world.database.leases.get_mut(node).of.get_mut(limit);
    absorb(world.database.limits.get_mut(limit), std::mem::take(&mut lease.held));
}

/// Releases what is held for lost journal tails.
pub(super) fn release_exposure(world: &mut World, limit: LimitId) {
    world.left.resolutions -= 1;
    let books = world.database.limits.get_mut(limit);
    let exposure = std::mem::take(&mut books.exposure);
    absorb(books, exposure);
}

/// Gives what was held back to the user; should it have been spent, the operator answers for it.
fn absorb(books: &mut Limit, amount: Amount) {
    books.held -= amount;
    books.available += amount;
    books.absorbed += amount;
}
