//! States that the model must be able to reach.
//!
//! An invariant also holds where nothing happens. These show that the interesting things do.

use crate::design::Design;
use crate::setup::Cover;
use crate::state::World;
use crate::state::call::Stage;
use crate::state::database::{LeaseStatus, Limit, Row};
use crate::state::node::{Node, Process, Record};
use crate::table::{CallId, LimitId, NodeId};
use stateright::Property;

/// Every call that came was delivered and charged.
pub const ALL_DELIVERED: &str = "all calls delivered and charged";
/// A call is held in doubt.
pub const IN_DOUBT: &str = "a call in doubt";
/// The operator settled a call in doubt.
pub const DOUBT_SETTLED: &str = "a doubt settled";
/// The operator absorbed something.
pub const ABSORBED: &str = "a hold absorbed";
/// A delivered call's settle was lost with the power, and its amount is held.
pub const BILL_IN_DOUBT: &str = "a delivered call's settle lost, its amount held";
/// A power loss left a part of the limit held and gave a part back, though one node leased all.
pub const PART_RETURNED: &str = "a part held after a power loss, a part returned";
/// A forgotten node is alive and ships what it did since.
pub const FORGOTTEN_SHIPS: &str = "a forgotten node ships";
/// A dead process's batch can still commit.
pub const LATE_BATCH: &str = "a dead process's batch under way";
/// A batch is sent again though it was committed, because the answer was lost.
pub const SENT_AGAIN: &str = "a committed batch under way again";
/// A call is at the upstream while its intent is only in the page cache, within the exposure.
pub const UNSYNCED: &str = "a call forwarded unsynced";
/// An upstream spent more than its bound, and the limit could not pay for all of it.
pub const OVERRUN: &str = "an overrun";
/// A limit was lowered as far as what is charged, held and leased allows.
pub const LOWERED: &str = "a limit held up by what is leased";

/// All of them.
pub fn all() -> Vec<Property<Design>> {
    vec![
        Property::sometimes(ALL_DELIVERED, all_delivered),
        Property::sometimes(IN_DOUBT, |_, world| any_row(world, |row| row.largest_doubt() > 0)),
        Property::sometimes(DOUBT_SETTLED, |_, world| {
            any_row(world, |row| row.resolved && row.settles > 0)
        }),
        Property::sometimes(ABSORBED, |_, world| any_limit(world, |books| books.absorbed > 0)),
        Property::sometimes(BILL_IN_DOUBT, |_, world: &World| {
            CallId::ALL.iter().any(|call| world.calls.get(*call).excused)
                && any_limit(world, |books| books.held > 0)
        }),
        Property::sometimes(PART_RETURNED, |_, world: &World| {
            any_limit(world, |books| books.exposure > 0 && books.available > 0)
        }),
        Property::sometimes(FORGOTTEN_SHIPS, forgotten_ships),
        Property::sometimes(LATE_BATCH, |_, world: &World| {
            any_node(world, |node, watermark| {
                let expected = node.sent.as_ref().is_some_and(|batch| batch.from == watermark);
                node.process == Process::Dead && expected
            })
        }),
        Property::sometimes(SENT_AGAIN, |_, world: &World| {
            any_node(world, |node, watermark| {
                node.sent.as_ref().is_some_and(|batch| batch.from < watermark)
            })
        }),
        Property::sometimes(UNSYNCED, |design: &Design, world: &World| {
            let forwarded = |record: &Record| match record {
                Record::Intent(call) => world.calls.get(*call).stage == Stage::Forwarded,
                _ => false,
            };
            design.setup.cover == Cover::Exposure
                && any_node(world, |node, _| node.in_page_cache().iter().any(forwarded))
        }),
        Property::sometimes(OVERRUN, overrun),
        Property::sometimes(LOWERED, |design: &Design, world: &World| {
            let wanted = |limit, total| design.setup.edits.contains(&(limit, total));
            LimitId::ALL.iter().any(|limit| {
                let (total, start) =
                    (world.database.limits.get(*limit).total, *design.setup.limits.get(*limit));
                total < start && !wanted(*limit, total)
            })
        }),
    ]
}

fn all_delivered(design: &Design, world: &World) -> bool {
    let planned = || CallId::ALL.iter().filter(|call| design.plan(**call).is_some());
    planned()
        .all(|call| world.calls.get(*call).delivered && world.database.rows.get(*call).settles == 1)
}

fn forgotten_ships(_: &Design, world: &World) -> bool {
    NodeId::ALL.iter().any(|node| {
        let leases = world.database.leases.get(*node);
        let charged = LimitId::ALL.iter().any(|limit| {
            let lease = leases.of.get(*limit);
            lease.shipped > 0 && lease.held > 0
        });
        leases.status == LeaseStatus::Forgotten && world.is_running(*node) && charged
    })
}

fn overrun(design: &Design, world: &World) -> bool {
    CallId::ALL.iter().any(|call| {
        let (spent, row) = (world.calls.get(*call).spent, world.database.rows.get(*call));
        design.plan(*call).is_some_and(|plan| {
            plan.each_limit().any(|limit| row.settles > 0 && *row.charged.get(limit) < spent)
        })
    })
}

fn any_row(world: &World, holds: impl Fn(&Row) -> bool) -> bool {
    CallId::ALL.iter().any(|call| holds(world.database.rows.get(*call)))
}

fn any_limit(world: &World, holds: impl Fn(&Limit) -> bool) -> bool {
    LimitId::ALL.iter().any(|limit| holds(world.database.limits.get(*limit)))
}

fn any_node(world: &World, holds: impl Fn(&Node, usize) -> bool) -> bool {
    NodeId::ALL
        .iter()
        .any(|node| holds(world.nodes.get(*node), world.database.leases.get(*node).watermark))
}
