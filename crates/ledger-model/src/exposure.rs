//! The exposure refinement: when bytes may go to the upstream before their intent is on the disk.
//!
//! A record that lets the upstream spend (an intent, an enlargement) either waits for the disk or
//! counts against the *declared exposure* of every limit that it reserves on. After a power loss
//! the lost records then stand for at most that amount, and no more needs to be held.

use crate::design::Design;
use crate::flaws::Flaw;
use crate::setup::{Amount, Cover, Plan};
use crate::state::World;
use crate::state::call::Stage;
use crate::state::node::{Node, Record};
use crate::table::LimitId;

/// Whether the upstream may now spend what `record`, already written, has reserved for it.
pub fn may_go_out(design: &Design, world: &World, plan: &Plan, record: Record) -> bool {
    let node = world.nodes.get(plan.node);
    if design.setup.cover == Cover::Remainder || node.on_disk().contains(&record) {
        return true;
    }
    if matches!(record, Record::Enlarge(_)) && design.has(Flaw::EnlargementNotCounted) {
        return true;
    }
    plan.each_limit().all(|limit| {
        let allowed = allowed(design, node, limit);
        let amount = amount(design, plan, record);
        let others = unsynced(design, world, node, limit);
        allowed > 0 && (others + amount <= allowed || design.has(Flaw::ExposureNotBounded))
    })
}

/// The exposure that may be used: what is declared on the disk, or less if a smaller declaration
/// is already written. Raising it waits for the disk, lowering it does not.
fn allowed(design: &Design, node: &Node, limit: LimitId) -> Amount {
    if design.has(Flaw::ExposureBeforeDeclared) {
        return Node::declared(&node.journal, limit);
    }
    if design.has(Flaw::ExposureLoweredLate) {
        return Node::declared(node.on_disk(), limit);
    }
    let newer = node.in_page_cache().iter().filter_map(|record| match record {
        Record::Declare(of, amount) if *of == limit => Some(*amount),
        _ => None,
    });
    newer.fold(Node::declared(node.on_disk(), limit), Amount::min)
}

/// What the upstream may already spend on the strength of records that are not on the disk. A call
/// counts until its record is synced, however long it has been settled by then.
fn unsynced(design: &Design, world: &World, node: &Node, limit: LimitId) -> Amount {
    let amount_of = |record: &Record| {
        let (Record::Intent(call) | Record::Enlarge(call)) = *record else {
            return 0;
        };
        let stage = world.calls.get(call).stage;
        let waits = match record {
            Record::Enlarge(_) => stage == Stage::Enlarging,
            _ => stage == Stage::Intended,
        };
        let released = node.journal.contains(&Record::Release(call));
        let settled = matches!(stage, Stage::Settled | Stage::Over);
        if waits || released || settled && design.has(Flaw::ExposureFreedAtSettle) {
            return 0;
        }
        design
            .plan(call)
            .filter(|plan| *plan.limits.get(limit))
            .map_or(0, |p| amount(design, p, *record))
    };
    node.in_page_cache().iter().map(amount_of).sum()
}

fn amount(design: &Design, plan: &Plan, record: Record) -> Amount {
    match record {
        Record::Enlarge(_) if design.has(Flaw::EnlargementNotCounted) => 0,
        Record::Enlarge(_) => plan.enlargement,
        _ => plan.bound,
    }
}
