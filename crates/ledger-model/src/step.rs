//! What an event changes.
//!
//! [`crate::actions`] says when an event may happen; the functions here only carry it out, and are
//! `None` where the event names a call that the setup does not have.

mod call;
mod crash;
mod lease;
mod operator;
mod ship;

pub(crate) use crash::reserved_in_journal;

use crate::actions::Action;
use crate::design::Design;
use crate::state::World;
use crate::state::node::Record;
use crate::table::NodeId;

/// Carries `action` out.
pub fn take(design: &Design, world: &mut World, action: Action) -> Option<()> {
    match action {
        Action::Admit(id) => call::admit(design, world, id)?,
        Action::JournalIntent(id) => call::journal_intent(design, world, id)?,
        Action::Forward(id, cost) => call::forward(world, id, cost),
        Action::Enlarge(id) => call::enlarge(design, world, id)?,
        Action::GoOn(id) => call::go_on(design, world, id)?,
        Action::Settle(id) => call::settle(design, world, id)?,
        Action::Deliver(id) => call::deliver(world, id),
        Action::Release(id) => call::release(design, world, id)?,
        Action::Declare(node) => {
            let (limit, amount) = design.next_declaration(world.nodes.get(node))?;
            append(world, node, Record::Declare(limit, amount));
        }
        Action::Sync(node) => world.nodes.get_mut(node).durable += 1,
        Action::Grant(node, limit) => lease::grant(design, world, node, limit),
        Action::GiveBack(node, limit) => lease::give_back(world, node, limit),
        Action::TakeBack(node) => lease::take_back(world, node),
        Action::Ship(node) => ship::replay(design, world, node)?,
        Action::Send(node) => ship::send(world, node),
        Action::Commit(node) => ship::commit(design, world, node)?,
        Action::Learn(node) => {
            world.nodes.get_mut(node).cursor = world.database.leases.get(node).watermark;
        }
        Action::Kill(node) => crash::kill(design, world, node),
        Action::PowerLoss(node, kept) => crash::lose_power(design, world, node, kept),
        Action::Replay(node) => ship::replay(design, world, node)?,
        Action::Restart(node) => crash::restart(design, world, node)?,
        Action::Forget(node) => operator::forget(design, world, node),
        Action::SetLimit(limit, total) => operator::set_limit(world, limit, total),
        Action::ResolveDoubt(id, amount) => operator::resolve_doubt(world, id, amount),
        Action::ReleaseForgotten(node, limit) => operator::release_forgotten(world, node, limit),
        Action::ReleaseExposure(limit) => operator::release_exposure(world, limit),
    }
    Some(())
}

/// `write(2)` to the end of the node's journal. With no power loss to come, the page cache is as
/// good as the disk.
fn append(world: &mut World, node: NodeId, record: Record) {
    let node = world.nodes.get_mut(node);
    node.journal.push(record);
    if world.left.power_losses == 0 {
        node.durable = node.journal.len();
    }
}
