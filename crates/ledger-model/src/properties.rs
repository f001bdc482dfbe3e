//! The invariants, by the numbers that the design gives them.

use crate::design::Design;
use crate::setup::{Amount, Mode};
use crate::state::World;
use crate::state::call::Stage;
use crate::state::database::LeaseStatus;
use crate::state::node::{Process, Record};
use crate::step::reserved_in_journal;
use crate::table::{CallId, LimitId, NodeId};
use stateright::Property;

/// S + H + A + Σ(g − u) = L, and each ≥ 0.
pub const CONSERVATION: &str = "1 conservation";
/// g = u + journaled and unshipped + r + f, and each ≥ 0.
pub const LEASE: &str = "2 lease";
/// S + H ≤ L.
pub const NO_OVERSPEND: &str = "3 no overspend";
/// What the upstream really spent is ≤ L, but for what the operator chose to absorb.
pub const SPEND_WITHIN_LIMIT: &str = "3 upstream spend within the limit";
/// What the upstream really spent is charged, held, leased or absorbed.
pub const SPEND_COVERED: &str = "3 upstream spend covered";
/// At most one settle for a call, in the journals and in the database.
pub const ONE_SETTLE: &str = "4 one settle";
/// Terminal bytes delivered ⇒ the settle is durable at the mode's level.
pub const SETTLE_FIRST: &str = "5 settle before the terminal bytes";
/// Terminal bytes delivered ⇒ the settle is still there, whatever happened since.
pub const NO_LOST_BILL: &str = "5 no lost bill";
/// The charge is what the upstream spent.
pub const EXACT: &str = "6 exact";
/// S and H can be recomputed from the rows and the holds.
pub const BOOKS: &str = "7 books balance";
/// r is the sum of the bounds of the calls under way, so 0 when idle.
pub const NO_LEAK: &str = "9 reserved returns";

/// All of them.
pub fn all() -> Vec<Property<Design>> {
    vec![
        Property::always(CONSERVATION, |_, world| each_limit(|limit| conserved(world, limit))),
        Property::always(LEASE, |design: &Design, world| {
            each_node_and_limit(|node, limit| lease_adds_up(design, world, node, limit))
        }),
        Property::always(NO_OVERSPEND, |_, world: &World| {
            each_limit(|limit| {
                let books = world.database.limits.get(limit);
                books.settled + books.held <= books.total
            })
        }),
        Property::always(SPEND_WITHIN_LIMIT, |design: &Design, world: &World| {
            each_limit(|limit| {
                let books = world.database.limits.get(limit);
                spent(design, world, limit) <= books.total + books.absorbed
            })
        }),
        Property::always(SPEND_COVERED, |design: &Design, world: &World| {
            each_limit(|limit| {
                let books = world.database.limits.get(limit);
                let covered = books.settled + books.held + world.outstanding(limit);
                spent(design, world, limit) <= covered + books.absorbed
            })
        }),
        Property::always(ONE_SETTLE, |_, world| each_call(|call| settled_once(world, call))),
        Property::always(SETTLE_FIRST, |design: &Design, world| {
            each_call(|call| settle_is_durable(design, world, call))
        }),
        Property::always(NO_LOST_BILL, |design: &Design, world| {
            each_call(|call| bill_survives(design, world, call))
        }),
        Property::always(EXACT, |design: &Design, world| {
            each_call(|call| charge_is_exact(design, world, call))
        }),
        Property::always(BOOKS, |design: &Design, world| {
            each_limit(|limit| recomputes(design, world, limit))
        }),
        Property::always(NO_LEAK, |design: &Design, world| {
            each_node_and_limit(|node, limit| no_leak(design, world, node, limit))
        }),
    ]
}

fn each_limit(holds: impl Fn(LimitId) -> bool) -> bool {
    LimitId::ALL.iter().all(|limit| holds(*limit))
}

fn each_node_and_limit(holds: impl Fn(NodeId, LimitId) -> bool) -> bool {
    NodeId::ALL.iter().all(|node| each_limit(|limit| holds(*node, limit)))
}

fn each_call(holds: impl Fn(CallId) -> bool) -> bool {
    CallId::ALL.iter().all(|call| holds(*call))
}

fn conserved(world: &World, limit: LimitId) -> bool {
    let books = world.database.limits.get(limit);
    let sum = books.settled + books.held + books.available + world.outstanding(limit);
    sum == books.total
        && books.settled >= 0
        && books.held >= 0
        && books.exposure >= 0
        && books.available >= 0
}

/// While the process runs, its memory adds up with the lease. When it is dead, what its restart
/// would compute from the journal does: what is neither shipped, nor journaled, nor in doubt is
/// not negative.
fn lease_adds_up(design: &Design, world: &World, id: NodeId, limit: LimitId) -> bool {
    let node = world.nodes.get(id);
    let leases = world.database.leases.get(id);
    let lease = leases.of.get(limit);
    let applies = |call: CallId| design.plan(call).is_some_and(|plan| *plan.limits.get(limit));
    let journaled: Amount = node
        .unshipped(leases.watermark)
        .iter()
        .map(|record| match record {
            Record::Settle(call, cost) if applies(*call) => *cost,
            _ => 0,
        })
        .sum();
    match (node.process, leases.status) {
        (Process::Running, _) => {
            let (reserved, free) = (*node.reserved.get(limit), *node.free.get(limit));
            lease.granted == lease.shipped + journaled + reserved + free
                && lease.shipped >= 0
                && reserved >= 0
                && free >= 0
        }
        (Process::Dead, LeaseStatus::Open) => {
            let in_doubt: Amount = world
                .endless(id)
                .filter(|call| applies(*call))
                .filter_map(|call| reserved_in_journal(design, node, call))
                .sum();
            lease.outstanding() - journaled - in_doubt >= 0
        }
        (Process::Dead, LeaseStatus::Forgotten) => lease.held >= 0,
    }
}

/// What the upstream spent on the limit's calls, each up to the bound that it was given.
fn spent(design: &Design, world: &World, limit: LimitId) -> Amount {
    let within_bound = |id: &CallId| {
        let plan = design.plan(*id).filter(|plan| *plan.limits.get(limit))?;
        let call = world.calls.get(*id);
        Some(call.spent.min(call.bound(plan)))
    };
    CallId::ALL.iter().filter_map(within_bound).sum()
}

fn settled_once(world: &World, call: CallId) -> bool {
    let journaled = NodeId::ALL
        .iter()
        .flat_map(|node| &world.nodes.get(*node).journal)
        .filter(|record| record.settles(call))
        .count();
    journaled <= 1 && world.database.rows.get(call).settles <= 1
}

fn settle_is_durable(design: &Design, world: &World, id: CallId) -> bool {
    let call = world.calls.get(id);
    let in_journal = || {
        design.plan(id).is_some_and(|plan| {
            let node = world.nodes.get(plan.node);
            let records = match design.setup.mode {
                Mode::Standard => node.journal.as_slice(),
                Mode::Strict => node.on_disk(),
            };
            records.iter().any(|record| record.settles(id))
        })
    };
    !call.delivered || call.excused || world.database.rows.get(id).settles > 0 || in_journal()
}

/// A bill is lost once nothing that still runs could write it.
fn bill_survives(design: &Design, world: &World, id: CallId) -> bool {
    let call = world.calls.get(id);
    let in_journal = || design.plan(id).is_some_and(|plan| world.settle_in_journal(plan.node, id));
    !call.delivered
        || call.excused
        || call.stage != Stage::Over
        || world.database.rows.get(id).settles > 0
        || in_journal()
}

/// For calls that the operator did not decide and whose upstream kept to its bound.
fn charge_is_exact(design: &Design, world: &World, id: CallId) -> bool {
    let (call, row) = (world.calls.get(id), world.database.rows.get(id));
    let Some(plan) = design.plan(id) else {
        return true;
    };
    if row.settles == 0 || row.resolved || call.spent > call.bound(plan) {
        return true;
    }
    plan.each_limit().all(|limit| *row.charged.get(limit) == call.spent)
}

fn recomputes(design: &Design, world: &World, limit: LimitId) -> bool {
    let books = world.database.limits.get(limit);
    let rows = || CallId::ALL.iter().map(|call| world.database.rows.get(*call));
    let charged: Amount = rows().map(|row| *row.charged.get(limit)).sum();
    let in_doubt: Amount = rows().map(|row| *row.doubt.get(limit)).sum();
    let forgotten: Amount = design
        .setup
        .nodes
        .iter()
        .map(|node| world.database.leases.get(*node).of.get(limit).held)
        .sum();
    books.settled == charged && books.held == in_doubt + forgotten + books.exposure
}

fn no_leak(design: &Design, world: &World, id: NodeId, limit: LimitId) -> bool {
    let under_way: Amount = design
        .calls_on(id)
        .filter(|(call, plan)| {
            *plan.limits.get(limit) && world.calls.get(*call).stage.holds_reservation()
        })
        .map(|(call, plan)| world.calls.get(call).bound(plan))
        .sum();
    *world.nodes.get(id).reserved.get(limit) == under_way
}
