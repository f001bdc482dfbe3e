//! States that can only have the same future are made the same state.
//!
//! Nothing here is part of the design. It spares the checker the many orders in which records
//! that can no longer be told apart came into the journals.

use crate::design::Design;
use crate::flaws::Flaw;
use crate::state::World;
use crate::state::node::{Node, Record};
use crate::table::{CallId, NodeId};

/// Simplifies the journals.
pub fn simplify(design: &Design, world: &mut World) {
    // These look at records that the design never looks at again.
    if design.has(Flaw::ReplayWithoutIdCheck)
        || design.has(Flaw::LateBatchNotFenced)
        || design.has(Flaw::DoubtWithoutBooksCheck)
    {
        return;
    }
    for node in design.setup.nodes {
        forget_finished_calls(design, world, *node);
        sort_what_is_safe(design, world, *node);
    }
}

/// Drops the records that are on the disk and known to be shipped, of calls whose end is in the
/// database: no restart looks at them any more.
fn forget_finished_calls(design: &Design, world: &mut World, id: NodeId) {
    let leases = world.database.leases.get_mut(id);
    let node = world.nodes.get_mut(id);
    let safe = safe_length(design, node, leases.watermark);
    let rows = &world.database.rows;
    let mut index = 0;
    let mut dropped = 0;
    node.journal.retain(|record| {
        let finished = match record {
            Record::Intent(call)
            | Record::Enlarge(call)
            | Record::Settle(call, _)
            | Record::Release(call) => rows.get(*call).ended,
            Record::Declare(..) => false,
        };
        let drop = index < safe && finished;
        index += 1;
        dropped += usize::from(drop);
        !drop
    });
    node.durable -= dropped;
    leases.watermark -= dropped;
    node.cursor = node.cursor.saturating_sub(dropped);
    if let Some(batch) = &mut node.sent {
        batch.from -= dropped;
    }
}

/// Sorts the records that are on the disk, those shipped and those not, each by themselves.
/// Declarations stay in their order.
fn sort_what_is_safe(design: &Design, world: &mut World, id: NodeId) {
    let leases = world.database.leases.get(id);
    let node = world.nodes.get_mut(id);
    let safe = safe_length(design, node, leases.watermark);
    let Some((shipped, rest)) = node.journal.split_at_mut_checked(safe) else { return };
    shipped.sort_by_key(sort_key);
    if design.setup.slow_database {
        return;
    }
    if let Some((unshipped, _)) = rest.split_at_mut_checked(node.durable - safe) {
        unshipped.sort_by_key(sort_key);
    }
}

fn sort_key(record: &Record) -> (u8, Option<CallId>) {
    match record {
        Record::Declare(..) => (0, None),
        Record::Intent(call) => (1, Some(*call)),
        Record::Enlarge(call) => (2, Some(*call)),
        Record::Settle(call, _) => (3, Some(*call)),
        Record::Release(call) => (4, Some(*call)),
    }
}

/// How many records are on the disk and shipped, and known to be.
fn safe_length(design: &Design, node: &Node, watermark: usize) -> usize {
    let shipped = node.durable.min(watermark);
    if !design.setup.slow_database {
        return shipped;
    }
    let sent = node.sent.as_ref().map_or(shipped, |batch| batch.from);
    shipped.min(node.cursor).min(sent)
}
