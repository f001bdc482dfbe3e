//! The design under check: a [`Setup`], and a [`Flaw`] or none, as a stateright model.

use crate::actions::{self, Action};
use crate::canonical;
use crate::flaws::Flaw;
use crate::goals;
use crate::properties;
use crate::setup::{Amount, Cover, Mode, Plan, Setup};
use crate::state::World;
use crate::state::node::{Node, Record};
use crate::step;
use crate::table::{CallId, LimitId, NodeId};
use stateright::{Model, Property};

/// What is given to the checker.
#[derive(Clone, Debug)]
pub struct Design {
    /// The small world.
    pub setup: Setup,
    /// The rule left out.
    pub flaw: Option<Flaw>,
    /// What the checker looks for.
    pub question: Question,
}

/// What the checker looks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Question {
    /// A state in which an invariant does not hold.
    IsAnythingBroken,
    /// States that the model must be able to reach, lest the invariants hold for want of events.
    IsEverythingReached,
}

impl Design {
    /// The design with all its rules.
    pub fn sound(setup: Setup) -> Self {
        Self { setup, flaw: None, question: Question::IsAnythingBroken }
    }

    /// The design without one of them.
    pub fn broken(setup: Setup, flaw: Flaw) -> Self {
        Self { flaw: Some(flaw), ..Self::sound(setup) }
    }

    /// The design with all its rules, to see how far it gets.
    pub fn explored(setup: Setup) -> Self {
        Self { question: Question::IsEverythingReached, ..Self::sound(setup) }
    }

    /// Whether `flaw` is in it.
    pub fn has(&self, flaw: Flaw) -> bool {
        self.flaw == Some(flaw)
    }

    /// The call that will come under this name.
    pub fn plan(&self, call: CallId) -> Option<&Plan> {
        self.setup.calls.get(call).as_ref()
    }

    /// The calls that will come to `node`.
    pub fn calls_on(&self, node: NodeId) -> impl Iterator<Item = (CallId, &Plan)> {
        CallId::ALL
            .iter()
            .filter_map(|call| Some((*call, self.plan(*call)?)))
            .filter(move |(_, plan)| plan.node == node)
    }

    /// Whether a record's way to the disk is an event. Where no rule waits for the disk, it is
    /// not: a power loss may then take any suffix of the whole journal, which is the worst case.
    pub fn syncs(&self) -> bool {
        let rule_waits = self.setup.mode == Mode::Strict
            || self.setup.cover == Cover::Exposure
            || self.setup.gives_back;
        self.setup.disk_matters() && rule_waits
    }

    /// The exposure declaration that the process will write next.
    pub fn next_declaration(&self, node: &Node) -> Option<(LimitId, Amount)> {
        let is_declaration = |record: &&Record| matches!(record, Record::Declare(..));
        let written = node.journal.iter().filter(is_declaration).count();
        self.setup.declarations.get(written).copied()
    }
}

impl Model for Design {
    type State = World;
    type Action = Action;

    fn init_states(&self) -> Vec<World> {
        vec![World::new(&self.setup)]
    }

    fn actions(&self, world: &World, actions: &mut Vec<Action>) {
        actions::offer(self, world, actions);
    }

    fn next_state(&self, world: &World, action: Action) -> Option<World> {
        let mut next = world.clone();
        step::take(self, &mut next, action)?;
        canonical::simplify(self, &mut next);
        Some(next)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        match self.question {
            Question::IsAnythingBroken => properties::all(),
            Question::IsEverythingReached => goals::all(),
        }
    }
}
