//! What can happen next: each event, and the rule that says when it may happen.

use crate::design::Design;
use crate::exposure;
use crate::flaws::Flaw;
use crate::setup::{Amount, Mode, Plan};
use crate::state::World;
use crate::state::call::Stage;
use crate::state::database::LeaseStatus;
use crate::state::node::{Process, Record};
use crate::table::{CallId, LimitId, NodeId};

/// One event. Whatever is one variant here is one instant: a crash can fall between any two.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Action {
    /// The bound is reserved on every limit of the call, or nothing is.
    Admit(CallId),
    /// `write(2)` of the intent.
    JournalIntent(CallId),
    /// The request goes out; the upstream will have spent this much.
    Forward(CallId, Amount),
    /// More is reserved and the enlargement is written, while the upstream waits.
    Enlarge(CallId),
    /// The upstream goes on after an enlargement.
    GoOn(CallId),
    /// The usage is known; `write(2)` of the settle; bound − charge is free again.
    Settle(CallId),
    /// The client gets the terminal bytes.
    Deliver(CallId),
    /// The call ends before any byte reached the upstream; `write(2)` of the release.
    Release(CallId),
    /// `write(2)` of the next exposure declaration.
    Declare(NodeId),
    /// One more record reaches the disk. (`fdatasync` is several of these.)
    Sync(NodeId),
    /// The database grants a slice of what is available.
    Grant(NodeId, LimitId),
    /// The node gives all of its free amount back.
    GiveBack(NodeId, LimitId),
    /// Everything unshipped is shipped, at once.
    Ship(NodeId),
    /// A batch with everything that the process believes unshipped is sent.
    Send(NodeId),
    /// The batch's transaction runs in the database, and commits if the watermark is as expected.
    Commit(NodeId),
    /// The process learns the watermark. Until then it sends the same again.
    Learn(NodeId),
    /// `kill -9`.
    Kill(NodeId),
    /// The machine loses its power; of the journal this many records are left.
    PowerLoss(NodeId, usize),
    /// Restart, first step: ship what the journal holds beyond the watermark.
    Replay(NodeId),
    /// Restart, second step, one transaction: hold what is in doubt, return or hold the remainder,
    /// close the epoch, open the next.
    Restart(NodeId),
    /// `cluster forget`.
    Forget(NodeId),
    /// A limit is raised or lowered.
    SetLimit(LimitId, Amount),
    /// An in-doubt call is settled with this amount; 0 releases it as absorbed.
    ResolveDoubt(CallId, Amount),
    /// What is held for a forgotten lease is released as absorbed.
    ReleaseForgotten(NodeId, LimitId),
    /// What is held for lost journal tails is released as absorbed.
    ReleaseExposure(LimitId),
    /// [`Flaw::SilentLeaseTakenBack`] only.
    TakeBack(NodeId),
}

/// Everything that can happen next.
pub fn offer(design: &Design, world: &World, actions: &mut Vec<Action>) {
    for call in CallId::ALL {
        if let Some(plan) = design.plan(*call) {
            offer_call(design, world, *call, plan, actions);
            offer_resolution(world, *call, actions);
        }
    }
    for node in design.setup.nodes {
        match world.nodes.get(*node).process {
            Process::Running => offer_running(design, world, *node, actions),
            Process::Dead => offer_dead(design, world, *node, actions),
        }
        offer_fate(design, world, *node, actions);
    }
    if world.left.edits > 0 {
        let change = |edit: &&(LimitId, Amount)| world.database.limits.get(edit.0).total != edit.1;
        let edits = design.setup.edits.iter().filter(change);
        actions.extend(edits.map(|(limit, total)| Action::SetLimit(*limit, *total)));
    }
    if world.left.resolutions > 0 {
        let held = |limit: &&LimitId| world.database.limits.get(**limit).exposure > 0;
        actions.extend(LimitId::ALL.iter().filter(held).map(|l| Action::ReleaseExposure(*l)));
    }
}

fn offer_call(design: &Design, world: &World, id: CallId, plan: &Plan, actions: &mut Vec<Action>) {
    let node = world.nodes.get(plan.node);
    let call = world.calls.get(id);
    match call.stage {
        Stage::New => {
            let fits = plan.each_limit().all(|limit| *node.free.get(limit) >= plan.bound);
            let first = !an_equal_call_is_before(design, world, id, plan);
            if fits && first && node.process == Process::Running {
                actions.push(Action::Admit(id));
            }
        }
        Stage::Reserved => actions.push(Action::JournalIntent(id)),
        Stage::Intended => {
            if exposure::may_go_out(design, world, plan, Record::Intent(id)) {
                actions.extend(plan.costs.iter().map(|cost| Action::Forward(id, *cost)));
            }
            if design.setup.releases {
                actions.push(Action::Release(id));
            }
        }
        Stage::Forwarded => {
            actions.push(Action::Settle(id));
            let fits = plan.each_limit().all(|limit| *node.free.get(limit) >= plan.enlargement);
            if plan.enlargement > 0 && !call.enlarged && fits {
                actions.push(Action::Enlarge(id));
            }
            if design.has(Flaw::TerminalBeforeJournal) && !call.delivered {
                actions.push(Action::Deliver(id));
            }
        }
        Stage::Enlarging => {
            if exposure::may_go_out(design, world, plan, Record::Enlarge(id)) {
                actions.push(Action::GoOn(id));
            }
        }
        Stage::Settled => {
            let on_disk = || node.on_disk().iter().any(|record| record.settles(id));
            let shipped = world.database.rows.get(id).ended;
            if design.setup.mode == Mode::Standard || shipped || on_disk() {
                actions.push(Action::Deliver(id));
            }
        }
        Stage::Over => {}
    }
}

/// Calls that are planned alike come in the order of their names; any other order would be the
/// same with other names.
fn an_equal_call_is_before(design: &Design, world: &World, id: CallId, plan: &Plan) -> bool {
    CallId::ALL
        .iter()
        .take_while(|call| **call != id)
        .filter(|call| design.plan(**call) == Some(plan))
        .any(|call| world.calls.get(*call).stage == Stage::New)
}

fn offer_resolution(world: &World, id: CallId, actions: &mut Vec<Action>) {
    let doubt = world.database.rows.get(id).largest_doubt();
    if doubt > 0 && world.left.resolutions > 0 {
        actions.extend((0..=doubt).map(|amount| Action::ResolveDoubt(id, amount)));
    }
}

fn offer_running(design: &Design, world: &World, id: NodeId, actions: &mut Vec<Action>) {
    let node = world.nodes.get(id);
    let leases = world.database.leases.get(id);
    if world.left.kills > 0 {
        actions.push(Action::Kill(id));
    }
    if design.next_declaration(node).is_some() {
        actions.push(Action::Declare(id));
    }
    if design.syncs() && node.durable < node.journal.len() {
        actions.push(Action::Sync(id));
    }
    offer_shipping(design, world, id, actions);
    if leases.status == LeaseStatus::Open {
        for limit in LimitId::ALL {
            if wants_more(design, world, id, *limit) {
                actions.push(Action::Grant(id, *limit));
            }
            let synced = node.durable == node.journal.len();
            if design.setup.gives_back
                && *node.free.get(*limit) > 0
                && (synced || design.has(Flaw::GiveBackBeforeSync))
            {
                actions.push(Action::GiveBack(id, *limit));
            }
        }
    }
}

fn offer_shipping(design: &Design, world: &World, id: NodeId, actions: &mut Vec<Action>) {
    let node = world.nodes.get(id);
    let watermark = world.database.leases.get(id).watermark;
    if !design.setup.slow_database {
        if watermark < node.journal.len() {
            actions.push(Action::Ship(id));
        }
        return;
    }
    if node.sent.is_none() && node.cursor < node.journal.len() {
        actions.push(Action::Send(id));
    }
    if node.cursor < watermark {
        actions.push(Action::Learn(id));
    }
}

/// Whether a call is waiting for more than is free, and the limit has something left to grant.
fn wants_more(design: &Design, world: &World, node: NodeId, limit: LimitId) -> bool {
    let free = *world.nodes.get(node).free.get(limit);
    let short = |call: &CallId| {
        design
            .plan(*call)
            .is_some_and(|plan| plan.node == node && *plan.limits.get(limit) && plan.bound > free)
            && world.calls.get(*call).stage == Stage::New
    };
    world.database.limits.get(limit).available > 0 && CallId::ALL.iter().any(short)
}

fn offer_dead(design: &Design, world: &World, id: NodeId, actions: &mut Vec<Action>) {
    let unshipped = world.database.leases.get(id).watermark < world.nodes.get(id).journal.len();
    if unshipped && !design.has(Flaw::ReplayWithoutIdCheck) {
        actions.push(Action::Replay(id));
    } else {
        actions.push(Action::Restart(id));
    }
}

/// What can happen to a node whether it runs or not.
fn offer_fate(design: &Design, world: &World, id: NodeId, actions: &mut Vec<Action>) {
    let node = world.nodes.get(id);
    let leases = world.database.leases.get(id);
    if node.sent.is_some() {
        actions.push(Action::Commit(id));
    }
    if world.left.power_losses > 0 {
        let kept = node.durable..=node.journal.len();
        actions.extend(kept.map(|records| Action::PowerLoss(id, records)));
    }
    match leases.status {
        LeaseStatus::Open => {
            if LimitId::ALL.iter().any(|limit| leases.of.get(*limit).outstanding() > 0) {
                if world.left.forgets > 0 {
                    actions.push(Action::Forget(id));
                }
                if design.has(Flaw::SilentLeaseTakenBack) {
                    actions.push(Action::TakeBack(id));
                }
            }
        }
        LeaseStatus::Forgotten => {
            if world.left.resolutions > 0 {
                let held = |limit: &&LimitId| leases.of.get(**limit).held > 0;
                let limits = LimitId::ALL.iter().filter(held);
                actions.extend(limits.map(|limit| Action::ReleaseForgotten(id, *limit)));
            }
        }
    }
}
