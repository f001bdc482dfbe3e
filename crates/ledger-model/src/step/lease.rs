//! Leases: granted by the database, spent from in memory, given back.

use crate::design::Design;
use crate::state::World;
use crate::table::{LimitId, NodeId};

/// One conditional update, and the process knows of it. (That it does not, because it died, is the
/// same as dying right after.)
pub(super) fn grant(design: &Design, world: &mut World, node: NodeId, limit: LimitId) {
    let row = world.database.limits.get_mut(limit);
    let slice = row.available.min(design.setup.slice);
    row.available -= slice;
    world.database.leases.get_mut(node).of.get_mut(limit).granted += slice;
    *world.nodes.get_mut(node).free.get_mut(limit) += slice;
}

/// The node takes what is free out of use, then gives it back in one transaction.
pub(super) fn give_back(world: &mut World, node: NodeId, limit: LimitId) {
    let free = std::mem::take(world.nodes.get_mut(node).free.get_mut(limit));
    world.database.leases.get_mut(node).of.get_mut(limit).granted -= free;
    world.database.limits.get_mut(limit).available += free;
}

/// The flaw: the database takes everything back and the node knows nothing of it.
pub(super) fn take_back(world: &mut World, node: NodeId) {
    let leases = world.database.leases.get_mut(node);
    for limit in LimitId::ALL {
        let lease = leases.of.get_mut(*limit);
        world.database.limits.get_mut(*limit).available += lease.outstanding();
        lease.granted = lease.shipped;
    }
}
