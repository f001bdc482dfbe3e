//! Crashes and the restart after them.

use super::ship;
use crate::design::Design;
use crate::flaws::Flaw;
use crate::setup::{Amount, Cover, Mode};
use crate::state::World;
use crate::state::call::Stage;
use crate::state::database::{LeaseStatus, Leases};
use crate::state::node::{Node, Process, Record};
use crate::table::{CallId, LimitId, NodeId, PerLimit};

/// The process dies. Memory is gone; the page cache, and a transaction under way, are not.
pub(super) fn kill(design: &Design, world: &mut World, id: NodeId) {
    world.left.kills -= 1;
    die(design, world, id);
}

/// The machine dies. Of the journal, `kept` records are left, at least those on the disk.
pub(super) fn lose_power(design: &Design, world: &mut World, id: NodeId, kept: usize) {
    world.left.power_losses -= 1;
    die(design, world, id);
    let node = world.nodes.get_mut(id);
    node.journal.truncate(kept);
    node.durable = kept;
    node.suspect = true;
    if design.setup.mode == Mode::Standard {
        for (call, _) in design.calls_on(id) {
            if !world.database.rows.get(call).ended && !world.settle_in_journal(id, call) {
                let call = world.calls.get_mut(call);
                call.excused |= call.delivered;
            }
        }
    }
    if world.left.power_losses == 0 {
        for node in NodeId::ALL {
            let node = world.nodes.get_mut(*node);
            node.durable = node.journal.len();
        }
    }
}

fn die(design: &Design, world: &mut World, id: NodeId) {
    let node = world.nodes.get_mut(id);
    node.process = Process::Dead;
    node.cursor = 0;
    node.free = PerLimit::default();
    node.reserved = PerLimit::default();
    for (call, _) in design.calls_on(id) {
        let call = world.calls.get_mut(call);
        if call.stage != Stage::New {
            call.stage = Stage::Over;
        }
    }
}

/// Closes the epoch in one transaction, once all that its journal holds is shipped: calls without
/// an end are held in doubt; the remainder goes back, or is held where the journal's end may be
/// missing; from then on nothing that names this epoch is accepted.
pub(super) fn restart(design: &Design, world: &mut World, id: NodeId) -> Option<()> {
    if design.has(Flaw::ReplayWithoutIdCheck) {
        ship::replay_blindly(design, world, id)?;
    }
    if !design.has(Flaw::DoubtReleasedAtRestart) {
        let in_doubt: Vec<CallId> = if design.has(Flaw::DoubtWithoutBooksCheck) {
            world.open_in_journal(id).collect()
        } else {
            world.endless(id).collect()
        };
        for call in in_doubt {
            hold_doubt(design, world, id, call)?;
        }
    }
    for limit in LimitId::ALL {
        return_or_hold(design, world, id, *limit);
    }
    *world.database.leases.get_mut(id) = Leases::default();
    let node = world.nodes.get_mut(id);
    let late = node.sent.take().filter(|_| design.has(Flaw::LateBatchNotFenced));
    *node = Node { sent: late, ..Node::default() };
    Some(())
}

/// Moves what the call had reserved from the lease (or from what is held for it) to the call.
fn hold_doubt(design: &Design, world: &mut World, id: NodeId, call: CallId) -> Option<()> {
    let reserved = reserved_in_journal(design, world.nodes.get(id), call)?;
    let leases = world.database.leases.get_mut(id);
    for limit in design.plan(call)?.each_limit() {
        let lease = leases.of.get_mut(limit);
        let amount = match leases.status {
            LeaseStatus::Open => {
                lease.granted -= reserved;
                world.database.limits.get_mut(limit).held += reserved;
                reserved
            }
            LeaseStatus::Forgotten => {
                let amount = reserved.min(lease.held);
                lease.held -= amount;
                amount
            }
        };
        *world.database.rows.get_mut(call).doubt.get_mut(limit) = amount;
    }
    Some(())
}

fn return_or_hold(design: &Design, world: &mut World, id: NodeId, limit: LimitId) {
    let node = world.nodes.get(id);
    let leases = world.database.leases.get(id);
    let lease = leases.of.get(limit);
    let books = world.database.limits.get_mut(limit);
    let remainder = match leases.status {
        LeaseStatus::Open => lease.outstanding(),
        LeaseStatus::Forgotten => {
            books.held -= lease.held;
            lease.held
        }
    };
    let tail_may_be_missing = node.suspect && !design.has(Flaw::LeaseReturnedAfterPowerLoss);
    let kept = match design.setup.cover {
        _ if !tail_may_be_missing => 0,
        Cover::Remainder => remainder,
        Cover::Exposure if design.has(Flaw::ExposureHeldInFull) => {
            Node::declared(&node.journal, limit)
        }
        Cover::Exposure => remainder.min(Node::declared(&node.journal, limit)),
    };
    books.held += kept;
    books.exposure += kept;
    books.available += remainder - kept;
}

/// What the journal says was reserved for the call.
pub(crate) fn reserved_in_journal(design: &Design, node: &Node, call: CallId) -> Option<Amount> {
    let plan = design.plan(call)?;
    let enlarged = node.journal.contains(&Record::Enlarge(call));
    Some(plan.bound + if enlarged { plan.enlargement } else { 0 })
}
