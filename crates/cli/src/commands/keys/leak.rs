//! A key that leaked: ended by its value or its id, replaced, and what it did.

use super::KEY;
use crate::commands::verb::{Flag, IDEMPOTENCY_KEY, Verb};

const MEASURES: &[Flag] = &[
    Flag::time("since", "From when on calls may be another's (RFC 3339) [default: 24 hours ago]"),
    Flag::switch("replace", "true", "Make a key with the same settings in its place"),
    Flag::switch("freeze-balance", "true", "Freeze the owner's balance"),
    Flag::text("note", "What happened, for people"),
];

const VALUES: &[Flag] = &[
    Flag::secrets(
        "value",
        ["value-stdin", "value-file"],
        "The leaked value, or several, one a line",
    )
    .at("values")
    .required(),
    Flag::switch("check", "false", "Only say which of them are keys of this gateway")
        .at("revoke")
        .harmless(),
];

pub(super) const LEAKED: Verb = Verb::post(
    "leaked",
    "/v1/api-keys/leaked",
    "Report leaked values: those that are keys end now",
)
.flags(&[VALUES, MEASURES, IDEMPOTENCY_KEY])
.asks("Revoke those that are keys of this gateway? They never work again.")
.rows(&["masked", "known_as", "id", "name", "revoked", "replacement.id", "message"])
.once("data.replacement.key");

pub(super) const COMPROMISED: Verb = Verb::post(
    "compromised",
    "/v1/api-keys/{key}/compromised",
    "Declare a key compromised: it and its calls end now",
)
.names(&[KEY])
.flags(&[MEASURES, IDEMPOTENCY_KEY])
.asks("Revoke {key} and cut its calls? It never works again.")
.once("replacement.key");

pub(super) const REPORT: Verb = Verb::get(
    "leak-report",
    "/v1/api-keys/{key}/compromised",
    "Show what a leaked key did, and what of it is new",
)
.names(&[KEY])
.flags(&[&[Flag::text("since", "Calls from this RFC 3339 time on")]]);
