//! `tollkeeper findings`: what an audit would object to in the keys that work.

use super::verb::{Family, Flag, PAGE, Verb};

const FINDING: (&str, &str, &str) =
    ("finding", "FINDING", "The finding's id, as the list shows it");

const PERIOD: Flag =
    Flag::choice("period", &["week", "month", "quarter"], "How far back to look [default: month]");

const FILTERS: &[Flag] = &[
    PERIOD,
    Flag::text("kind", "Only this, such as unused or no_expiry"),
    Flag::choice("severity", &["low", "medium", "high"], "Only what is as grave as this"),
    Flag::text("key", "Only about this key (key_…)").at("key_id"),
    Flag::text("owner", "Only about this user's keys (usr_…)"),
    Flag::switch("dismissed", "true", "Also what was put aside"),
];

pub(super) const FAMILY: Family = Family {
    name: "findings",
    about: "Audit findings on a running gateway: list, fix, dismiss",
    verbs: &[
        Verb::get("list", "/api/v1/findings", "List findings").flags(&[FILTERS, PAGE]).rows(&[
            "id",
            "severity",
            "key_name",
            "text",
            "fixes.name",
            "dismissed_until",
        ]),
        Verb::post("fix", "/api/v1/findings/{finding}/fix", "Apply one of a finding's fixes")
            .names(&[FINDING])
            .flags(&[&[Flag::text("fix", "The fix, as the list names it").required(), PERIOD]])
            .asks("Change the key of {finding} so?"),
        Verb::post("dismiss", "/api/v1/findings/{finding}/dismiss", "Put a finding aside")
            .names(&[FINDING])
            .flags(&[&[Flag::time("until", "Until then (RFC 3339) [default: for good]")]])
            .says("{finding} is put aside."),
    ],
    families: &[],
};
