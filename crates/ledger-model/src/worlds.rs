//! The small worlds that the tests check, each with one side of the design in the foreground.

use crate::setup::{Amount, Cover, Events, Mode, Plan, Setup};
use crate::table::LimitId::{Key, User};
use crate::table::NodeId::{One, Two};
use crate::table::{PerCall, PerLimit};

const ONE_OR_TWO: &[Amount] = &[1, 2];
const ONE: &[Amount] = &[1];
const TWO: &[Amount] = &[2];

/// Two nodes, four calls and one limit that cannot hold them all; a process is killed, a machine
/// loses its power.
pub fn two_nodes() -> Setup {
    Setup {
        calls: PerCall {
            a: Some(Plan::new(One, 2, ONE_OR_TWO)),
            b: Some(Plan::new(One, 1, ONE)),
            c: Some(Plan::new(Two, 1, ONE)),
            d: Some(Plan::new(Two, 1, ONE)),
        },
        slice: 2,
        events: Events { kills: 1, power_losses: 1, ..Events::default() },
        ..Setup::on(&[One, Two], 4)
    }
}

/// The operator resolves what is held, on a limit that is too small for all calls.
pub fn doubts_resolved() -> Setup {
    Setup {
        events: Events { kills: 1, power_losses: 1, resolutions: 2, ..Events::default() },
        ..three_calls(3)
    }
}

/// A node is forgotten, dead or alive, while the other goes on; what is held for it is resolved.
pub fn node_forgotten() -> Setup {
    let mut setup = three_calls(3);
    setup.calls.c = Some(Plan::new(Two, 2, TWO));
    let events = Events { kills: 1, power_losses: 1, forgets: 1, resolutions: 1, edits: 0 };
    Setup { events, ..setup }
}

/// Batches whose answer is lost, or that commit only after their process has died.
pub fn slow_database() -> Setup {
    Setup {
        calls: PerCall {
            a: Some(Plan::new(One, 2, ONE_OR_TWO)),
            b: Some(Plan::new(One, 1, ONE)),
            c: None,
            d: None,
        },
        slow_database: true,
        events: Events { kills: 2, power_losses: 1, resolutions: 1, ..Events::default() },
        ..Setup::on(&[One], 3)
    }
}

/// The limit is lowered and raised, and free amounts are recalled from the nodes.
pub fn limit_changed() -> Setup {
    Setup {
        edits: &[(Key, 2), (Key, 5)],
        gives_back: true,
        events: Events { kills: 1, edits: 2, ..Events::default() },
        ..three_calls(4)
    }
}

/// Free amounts are recalled while the records that made them free may yet be lost.
pub fn recalled() -> Setup {
    Setup {
        calls: PerCall {
            a: Some(Plan::new(One, 2, ONE_OR_TWO)),
            b: Some(Plan::new(One, 1, ONE)),
            c: Some(Plan::new(Two, 2, ONE_OR_TWO)),
            d: None,
        },
        slice: 3,
        gives_back: true,
        events: Events { kills: 1, power_losses: 1, ..Events::default() },
        ..Setup::on(&[One, Two], 3)
    }
}

/// One node that leases everything, two limits, in the strict mode.
pub fn strict() -> Setup {
    Setup {
        mode: Mode::Strict,
        events: Events { kills: 1, power_losses: 1, ..Events::default() },
        ..two_limits()
    }
}

/// Reservations are enlarged, an upstream ignores its bound, calls end before they are forwarded.
pub fn bounds_moved() -> Setup {
    Setup {
        calls: PerCall {
            a: Some(Plan::new(One, 1, ONE).on_both().enlarged_by(1)),
            b: Some(Plan::new(One, 1, ONE_OR_TWO).on_user()),
            c: Some(Plan::new(One, 1, ONE)),
            d: None,
        },
        limits: PerLimit { key: 2, user: 3 },
        releases: true,
        events: Events { power_losses: 1, ..Events::default() },
        ..Setup::on(&[One], 2)
    }
}

/// The exposure refinement on one node that leases everything, with two limits.
pub fn exposure() -> Setup {
    Setup {
        cover: Cover::Exposure,
        declarations: &[(Key, 1), (User, 1)],
        events: Events { kills: 1, power_losses: 1, ..Events::default() },
        ..two_limits()
    }
}

/// The exposure refinement with a declaration that is raised, then lowered.
pub fn exposure_changed() -> Setup {
    Setup {
        calls: PerCall {
            a: Some(Plan::new(One, 2, ONE_OR_TWO)),
            b: Some(Plan::new(One, 1, ONE)),
            c: None,
            d: None,
        },
        cover: Cover::Exposure,
        declarations: &[(Key, 1), (Key, 3), (Key, 1)],
        events: Events { kills: 1, power_losses: 1, ..Events::default() },
        ..Setup::on(&[One], 4)
    }
}

/// The exposure refinement with a limit so small that what is not held is spent again.
pub fn exposure_overspent() -> Setup {
    Setup {
        calls: PerCall {
            a: Some(Plan::new(One, 1, ONE)),
            b: Some(Plan::new(One, 1, ONE)),
            c: Some(Plan::new(One, 1, ONE)),
            d: None,
        },
        cover: Cover::Exposure,
        declarations: &[(Key, 1)],
        events: Events { kills: 1, power_losses: 2, ..Events::default() },
        ..Setup::on(&[One], 2)
    }
}

/// The exposure refinement with an enlargement, an overrun, a release and recall.
pub fn exposure_enlarged() -> Setup {
    Setup {
        calls: PerCall {
            a: Some(Plan::new(One, 1, ONE).enlarged_by(1)),
            b: Some(Plan::new(One, 1, ONE_OR_TWO)),
            c: None,
            d: None,
        },
        cover: Cover::Exposure,
        declarations: &[(Key, 1)],
        gives_back: true,
        releases: true,
        events: Events { kills: 1, power_losses: 1, ..Events::default() },
        ..Setup::on(&[One], 4)
    }
}

/// The exposure refinement on two nodes.
pub fn exposure_on_two_nodes() -> Setup {
    Setup {
        calls: PerCall {
            a: Some(Plan::new(One, 1, ONE)),
            b: None,
            c: Some(Plan::new(Two, 2, ONE_OR_TWO)),
            d: None,
        },
        slice: 2,
        cover: Cover::Exposure,
        declarations: &[(Key, 1)],
        events: Events { kills: 1, power_losses: 1, ..Events::default() },
        ..Setup::on(&[One, Two], 3)
    }
}

/// Two calls on one node, one on the other.
fn three_calls(limit: Amount) -> Setup {
    Setup {
        calls: PerCall {
            a: Some(Plan::new(One, 2, ONE_OR_TWO)),
            b: Some(Plan::new(One, 1, ONE)),
            c: Some(Plan::new(Two, 2, ONE_OR_TWO)),
            d: None,
        },
        slice: 3,
        ..Setup::on(&[One, Two], limit)
    }
}

/// One node that leases everything; a call on the key's limit, one on the user's, one on both.
fn two_limits() -> Setup {
    Setup {
        calls: PerCall {
            a: Some(Plan::new(One, 1, ONE).on_both()),
            b: Some(Plan::new(One, 2, ONE_OR_TWO)),
            c: Some(Plan::new(One, 1, ONE).on_user()),
            d: None,
        },
        limits: PerLimit { key: 2, user: 2 },
        ..Setup::on(&[One], 2)
    }
}
