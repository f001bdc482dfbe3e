//! Shipping: the journal goes into the database in batches, each exactly once.

use crate::design::Design;
use crate::flaws::Flaw;
use crate::setup::Amount;
use crate::state::World;
use crate::state::database::LeaseStatus;
use crate::state::node::{Batch, Record};
use crate::table::{CallId, NodeId};

pub(super) fn send(world: &mut World, node: NodeId) {
    let node = world.nodes.get_mut(node);
    let records = node.unshipped(node.cursor).to_vec();
    node.sent = Some(Batch { from: node.cursor, records });
}

/// Runs the batch's transaction: compare-and-set of the watermark, then the inserts. A batch that
/// comes too late or twice finds another watermark and changes nothing.
pub(super) fn commit(design: &Design, world: &mut World, node: NodeId) -> Option<()> {
    let batch = world.nodes.get_mut(node).sent.take()?;
    insert(design, world, node, &batch)
}

/// Ships what the journal holds beyond the watermark that the database names.
pub(super) fn replay(design: &Design, world: &mut World, node: NodeId) -> Option<()> {
    let from = world.database.leases.get(node).watermark;
    let records = world.nodes.get(node).unshipped(from).to_vec();
    insert(design, world, node, &Batch { from, records })
}

/// The flaw: ships the whole journal, whatever the database has of it.
pub(super) fn replay_blindly(design: &Design, world: &mut World, node: NodeId) -> Option<()> {
    for record in world.nodes.get(node).journal.clone() {
        if let Record::Settle(call, cost) = record {
            charge(design, world, node, call, cost)?;
        }
    }
    Some(())
}

fn insert(design: &Design, world: &mut World, node: NodeId, batch: &Batch) -> Option<()> {
    let leases = world.database.leases.get_mut(node);
    if leases.watermark != batch.from {
        return Some(());
    }
    leases.watermark += batch.records.len();
    for record in &batch.records {
        match *record {
            Record::Settle(call, cost) => {
                let checks = !design.has(Flaw::ReplayWithoutIdCheck);
                if !(checks && world.database.rows.get(call).ended) {
                    charge(design, world, node, call, cost)?;
                }
            }
            Record::Release(call) => world.database.rows.get_mut(call).ended = true,
            Record::Intent(_) | Record::Enlarge(_) | Record::Declare(..) => {}
        }
    }
    Some(())
}

/// Inserts the call's row and charges its limits. A forgotten lease pays out of what is held for
/// it; what the operator has already released from there, he has taken over.
fn charge(
    design: &Design,
    world: &mut World,
    node: NodeId,
    call: CallId,
    cost: Amount,
) -> Option<()> {
    let leases = world.database.leases.get_mut(node);
    let row = world.database.rows.get_mut(call);
    row.ended = true;
    row.settles += 1;
    for limit in design.plan(call)?.each_limit() {
        let lease = leases.of.get_mut(limit);
        let books = world.database.limits.get_mut(limit);
        lease.shipped += cost;
        let paid = match leases.status {
            LeaseStatus::Open => cost,
            LeaseStatus::Forgotten => {
                let paid = cost.min(lease.held);
                lease.held -= paid;
                books.held -= paid;
                row.resolved |= paid < cost;
                paid
            }
        };
        books.settled += paid;
        *row.charged.get_mut(limit) += paid;
    }
    Some(())
}
