//! `tollkeeper calls`: single calls, their bills, and money back.

use super::verb::{FILTERS_OF_TIME, Family, Flag, IDEMPOTENCY_KEY, PAGE, Verb};

const CALL: (&str, &str, &str) =
    ("call", "CALL", "The call's id (call_…), the answer's x-request-id");

const FILTERS: &[Flag] = &[
    Flag::text("key", "Only this key's (key_…)").at("key_id"),
    Flag::text("user", "Only this user's (usr_…)").at("user_id"),
    Flag::text("model", "Only this model"),
    Flag::text("channel", "Only what this channel served (chn_…)").at("channel_id"),
    Flag::text(
        "status",
        "An HTTP status, or completed, client_gone, upstream_cut, failed, reconciled",
    ),
];

const REFUND: &[Flag] = &[
    Flag::amount("amount", "How much, in USD [default: all that is left of the charge]"),
    Flag::text("reason", "Why, for people").required(),
];

pub(super) const FAMILY: Family = Family {
    name: "calls",
    about: "Calls on a running gateway: list, show, refund",
    verbs: &[
        Verb::get("list", "/api/v1/calls", "List calls, the newest first")
            .flags(&[FILTERS, FILTERS_OF_TIME, PAGE])
            .rows(&[
                "id",
                "started_at",
                "key_id",
                "model",
                "status",
                "outcome",
                "usage.input",
                "usage.output",
                "charged",
            ])
            .csv(),
        Verb::get("get", "/api/v1/calls/{call}", "Show a call with its bill and its tries")
            .names(&[CALL]),
        Verb::post("refund", "/api/v1/calls/{call}/refund", "Give back what a call cost")
            .names(&[CALL])
            .flags(&[REFUND, IDEMPOTENCY_KEY])
            .asks("Refund {call}?"),
    ],
    families: &[],
};
