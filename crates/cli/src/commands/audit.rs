//! `tollkeeper audit`: who did what, and whether the log still says so.

use super::verb::{FILTERS_OF_TIME, Family, Flag, PAGE, Verb};

const FILTERS: &[Flag] = &[
    Flag::text("actor", "Only what this user did (usr_…)"),
    Flag::text("action", "Only this, such as users.edit"),
    Flag::text("object", "Only what was done to this: an id or a name"),
    Flag::text("number", "Only this row, with everything that it touched"),
];

pub(super) const FAMILY: Family = Family {
    name: "audit",
    about: "The audit log on a running gateway: list, verify",
    verbs: &[
        Verb::get("list", "/api/v1/audit", "List who did what, the newest first")
            .flags(&[FILTERS, FILTERS_OF_TIME, PAGE])
            .rows(&["number", "at", "actor", "via", "client_ip", "action", "object", "summary"]),
        Verb::get(
            "verify",
            "/api/v1/audit/verify",
            "Recompute the log's hashes from the first row on",
        )
        .well("sound", "true"),
    ],
    families: &[],
};
