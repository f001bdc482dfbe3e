//! `tollkeeper alerts`: what is or was wrong, the rules that say so, and where it is sent.

mod destinations;
mod rules;

use super::verb::{Family, Flag, PAGE, Verb};

const FILTERS: &[Flag] = &[
    Flag::choice("kind", rules::KINDS, "Only of this kind"),
    Flag::text("subject", "Only about this key, user or channel"),
    Flag::choice("state", &["open", "resolved"], "Whether the cause goes on"),
];

pub(super) const FAMILY: Family = Family {
    name: "alerts",
    about: "Alerts on a running gateway: list, acknowledge; rules and destinations",
    verbs: &[
        Verb::get("list", "/api/v1/alerts", "List alerts, the newest first")
            .flags(&[FILTERS, PAGE])
            .rows(&["id", "severity", "raised_at", "resolved_at", "acknowledged_at", "text"]),
        Verb::post("acknowledge", "/api/v1/alerts/{alert}/acknowledge", "Say that somebody knows")
            .names(&[("alert", "ALERT", "The alert's id (alr_…)")])
            .says("{alert} is acknowledged."),
    ],
    families: &[rules::FAMILY, destinations::FAMILY],
};
