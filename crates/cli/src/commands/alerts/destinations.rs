//! `tollkeeper alerts destinations`: where alerts are sent.

use crate::commands::verb::{Family, Flag, IDEMPOTENCY_KEY, IF_MATCH, PAGE, Verb};

const DESTINATION: (&str, &str, &str) =
    ("destination", "DESTINATION", "The destination's id (aldest_…)");

const ADDED: &[Flag] = &[
    Flag::choice("kind", &["webhook", "email"], "How it is sent").required(),
    Flag::text("name", "What it is called").required(),
    Flag::text("address", "A URL or an e-mail address").required(),
];

const EDITED: &[Flag] = &[
    Flag::text("name", "What it is called"),
    Flag::text("address", "A URL or an e-mail address"),
    Flag::bool("disabled", "Switched off"),
    Flag::switch("new-secret", "true", "Make another secret for its signatures"),
];

pub(super) const FAMILY: Family = Family {
    name: "destinations",
    about: "Where alerts are sent",
    verbs: &[
        Verb::get("list", "/api/v1/alert-destinations", "List destinations")
            .rows(&["id", "name", "kind", "address", "disabled"]),
        Verb::post(
            "add",
            "/api/v1/alert-destinations",
            "Add a destination; a webhook's secret goes to standard output",
        )
        .flags(&[ADDED, IDEMPOTENCY_KEY])
        .once("secret"),
        Verb::patch("edit", "/api/v1/alert-destinations/{destination}", "Edit a destination")
            .names(&[DESTINATION])
            .flags(&[EDITED, IF_MATCH])
            .once("secret"),
        Verb::post("test", "/api/v1/alert-destinations/{destination}/test", "Send one message now")
            .names(&[DESTINATION])
            .well("state", "delivered"),
        Verb::get(
            "deliveries",
            "/api/v1/alert-destinations/{destination}/deliveries",
            "List what was sent there, the newest first",
        )
        .names(&[DESTINATION])
        .flags(&[PAGE])
        .rows(&["id", "event", "state", "attempts", "status", "error", "created_at"]),
        Verb::delete("delete", "/api/v1/alert-destinations/{destination}", "Delete a destination")
            .names(&[DESTINATION])
            .flags(&[IF_MATCH])
            .asks("Delete the destination {destination}?")
            .says("{destination} is deleted."),
    ],
    families: &[],
};
