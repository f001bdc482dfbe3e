//! A state of the world: the database, the nodes, the calls, and what may still happen.

pub mod call;
pub mod database;
pub mod node;

use crate::setup::{Amount, Events, Setup};
use crate::table::{CallId, LimitId, NodeId, PerCall, PerNode};
use call::Call;
use database::{Database, LeaseStatus};
use node::{Node, Process, Record};

/// Everything there is, at one instant.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct World {
    /// The database that all nodes share; durable on commit.
    pub database: Database,
    /// The nodes: memory and journal.
    pub nodes: PerNode<Node>,
    /// The calls, with what really happened, which no ledger can see.
    pub calls: PerCall<Call>,
    /// What may still happen.
    pub left: Events,
}

impl World {
    /// The start: full limits, no lease, every node running with an empty journal.
    pub fn new(setup: &Setup) -> Self {
        Self {
            database: Database::new(setup),
            nodes: PerNode::default(),
            calls: PerCall::default(),
            left: setup.events,
        }
    }

    /// What a limit has granted and not seen shipped, over all leases that are open.
    pub fn outstanding(&self, limit: LimitId) -> Amount {
        NodeId::ALL
            .iter()
            .map(|node| self.database.leases.get(*node))
            .filter(|leases| leases.status == LeaseStatus::Open)
            .map(|leases| leases.of.get(limit).outstanding())
            .sum()
    }

    /// Whether the node's process runs.
    pub fn is_running(&self, node: NodeId) -> bool {
        self.nodes.get(node).process == Process::Running
    }

    /// Whether the call's settle is in its node's journal.
    pub fn settle_in_journal(&self, node: NodeId, call: CallId) -> bool {
        self.nodes.get(node).journal.iter().any(|record| record.settles(call))
    }

    /// The calls whose intent is in the node's journal and whose end is not.
    pub fn open_in_journal(&self, node: NodeId) -> impl Iterator<Item = CallId> + '_ {
        let journal = &self.nodes.get(node).journal;
        journal.iter().filter_map(|record| match *record {
            Record::Intent(call) if !journal.iter().any(|other| other.ends(call)) => Some(call),
            _ => None,
        })
    }

    /// Those of them whose end is not in the database either: the calls in doubt.
    pub fn endless(&self, node: NodeId) -> impl Iterator<Item = CallId> + '_ {
        self.open_in_journal(node).filter(|call| !self.database.rows.get(*call).ended)
    }
}
