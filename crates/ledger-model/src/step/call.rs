//! A call's life: admit, journal the intent, forward, settle, deliver.

use super::append;
use crate::design::Design;
use crate::flaws::Flaw;
use crate::setup::{Amount, Plan};
use crate::state::World;
use crate::state::call::{Call, Stage};
use crate::state::node::Record;
use crate::table::CallId;

pub(super) fn admit(design: &Design, world: &mut World, id: CallId) -> Option<()> {
    let plan = design.plan(id)?;
    if !design.has(Flaw::AdmitWithoutReserving) {
        move_to_reserved(world, plan, plan.bound);
    }
    world.calls.get_mut(id).stage = Stage::Reserved;
    Some(())
}

pub(super) fn journal_intent(design: &Design, world: &mut World, id: CallId) -> Option<()> {
    append(world, design.plan(id)?.node, Record::Intent(id));
    world.calls.get_mut(id).stage = Stage::Intended;
    Some(())
}

pub(super) fn forward(world: &mut World, id: CallId, cost: Amount) {
    let call = world.calls.get_mut(id);
    call.spent = cost;
    call.stage = Stage::Forwarded;
}

pub(super) fn enlarge(design: &Design, world: &mut World, id: CallId) -> Option<()> {
    let plan = design.plan(id)?;
    move_to_reserved(world, plan, plan.enlargement);
    append(world, plan.node, Record::Enlarge(id));
    let call = world.calls.get_mut(id);
    call.enlarged = true;
    call.stage = Stage::Enlarging;
    Some(())
}

pub(super) fn go_on(design: &Design, world: &mut World, id: CallId) -> Option<()> {
    let call = world.calls.get_mut(id);
    call.spent += design.plan(id)?.enlargement;
    call.stage = Stage::Forwarded;
    Some(())
}

/// Journals the charge and makes the rest of the reservation free. Where the upstream spent more
/// than its bound, the charge takes what is free and the rest is the operator's overrun.
pub(super) fn settle(design: &Design, world: &mut World, id: CallId) -> Option<()> {
    let plan = design.plan(id)?;
    let call = *world.calls.get(id);
    let reserved = reserved(design, plan, &call);
    let node = world.nodes.get(plan.node);
    let free = plan.each_limit().map(|limit| *node.free.get(limit)).min()?;
    let affordable = call.bound(plan) + free.max(0);
    let charge = call.spent.min(affordable);
    append(world, plan.node, Record::Settle(id, charge));
    give_back(world, plan, reserved, charge);
    if design.has(Flaw::IntentDroppedAtSettle) {
        drop_intent(world, plan, id);
    }
    world.calls.get_mut(id).stage = if call.delivered { Stage::Over } else { Stage::Settled };
    Some(())
}

pub(super) fn deliver(world: &mut World, id: CallId) {
    let call = world.calls.get_mut(id);
    call.delivered = true;
    if call.stage == Stage::Settled {
        call.stage = Stage::Over;
    }
}

pub(super) fn release(design: &Design, world: &mut World, id: CallId) -> Option<()> {
    let plan = design.plan(id)?;
    let reserved = reserved(design, plan, world.calls.get(id));
    append(world, plan.node, Record::Release(id));
    give_back(world, plan, reserved, 0);
    world.calls.get_mut(id).stage = Stage::Over;
    Some(())
}

/// The flaw: removes the intent, once it is on the disk and shipped, as if it lay in a segment of
/// its own.
fn drop_intent(world: &mut World, plan: &Plan, id: CallId) {
    let node = world.nodes.get_mut(plan.node);
    let leases = world.database.leases.get_mut(plan.node);
    let safe = node.durable.min(leases.watermark);
    let position = node.journal.iter().position(|record| *record == Record::Intent(id));
    if let Some(position) = position.filter(|position| *position < safe) {
        node.journal.remove(position);
        node.durable -= 1;
        leases.watermark -= 1;
        node.cursor = node.cursor.saturating_sub(1);
    }
}

/// What is reserved for it.
fn reserved(design: &Design, plan: &Plan, call: &Call) -> Amount {
    if design.has(Flaw::AdmitWithoutReserving) { 0 } else { call.bound(plan) }
}

fn move_to_reserved(world: &mut World, plan: &Plan, amount: Amount) {
    let node = world.nodes.get_mut(plan.node);
    for limit in plan.each_limit() {
        *node.free.get_mut(limit) -= amount;
        *node.reserved.get_mut(limit) += amount;
    }
}

fn give_back(world: &mut World, plan: &Plan, reserved: Amount, charge: Amount) {
    let node = world.nodes.get_mut(plan.node);
    for limit in plan.each_limit() {
        *node.reserved.get_mut(limit) -= reserved;
        *node.free.get_mut(limit) += reserved - charge;
    }
}
