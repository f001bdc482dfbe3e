//! `tollkeeper alerts rules`: when an alert is raised.

use crate::commands::verb::{Family, Flag, IDEMPOTENCY_KEY, IF_MATCH, Verb};

pub(super) const KINDS: &[&str] = &[
    "soft_limit",
    "usage_threshold",
    "balance_low",
    "key_expiring",
    "anomaly",
    "channel_down",
    "call_suspect",
];

const RULE: (&str, &str, &str) = ("rule", "RULE", "The rule's id (alrule_…)");

const KIND: &[Flag] = &[Flag::choice("kind", KINDS, "What it watches for").required()];

const FIELDS: &[Flag] = &[
    Flag::amount("threshold", "From when on: percent, USD, days, or times, by the kind"),
    Flag::text("key", "Only this key (key_…)").at("scope.key_id"),
    Flag::text("user", "Only this user's keys (usr_…)").at("scope.user_id"),
    Flag::text("tag", "Only keys with this label").at("scope.tag"),
    Flag::switch("everything", "\"all\"", "All keys and users again").at("scope"),
    Flag::list("destinations", "Where it goes (aldest_…), or none: to all"),
    Flag::bool("disabled", "Switched off"),
];

pub(super) const FAMILY: Family = Family {
    name: "rules",
    about: "When an alert is raised",
    verbs: &[
        Verb::get("list", "/api/v1/alert-rules", "List the rules").rows(&[
            "id",
            "kind",
            "threshold",
            "scope",
            "destinations",
            "disabled",
        ]),
        Verb::post("create", "/api/v1/alert-rules", "Make a rule").flags(&[
            KIND,
            FIELDS,
            IDEMPOTENCY_KEY,
        ]),
        Verb::patch("edit", "/api/v1/alert-rules/{rule}", "Edit a rule; its kind is fixed")
            .names(&[RULE])
            .flags(&[FIELDS, IF_MATCH]),
        Verb::delete("delete", "/api/v1/alert-rules/{rule}", "Delete a rule")
            .names(&[RULE])
            .flags(&[IF_MATCH])
            .asks("Delete the rule {rule}?")
            .says("{rule} is deleted."),
    ],
    families: &[],
};
