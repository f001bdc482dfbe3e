//! `tollkeeper management-keys`: the keys that this program and scripts manage a gateway with.

use super::verb::{Family, Flag, IDEMPOTENCY_KEY, PAGE, Verb};

const MADE: &[Flag] = &[
    Flag::text("name", "What it is called").required(),
    Flag::list("scopes", "What it may do, such as keys:write,usage:read").required(),
    Flag::text("owner", "In whose name it acts (usr_…) [default: the asking key's owner]"),
    Flag::time("expires-at", "When it ends (RFC 3339), or never"),
];

pub(super) const FAMILY: Family = Family {
    name: "management-keys",
    about: "Management keys on a running gateway: list, make, revoke",
    verbs: &[
        Verb::get("list", "/api/v1/management-keys", "List management keys, the newest first")
            .flags(&[PAGE])
            .rows(&["id", "name", "masked", "owner", "scopes", "expires_at", "created_at"]),
        Verb::post(
            "create",
            "/api/v1/management-keys",
            "Make a management key; its value alone goes to standard output",
        )
        .flags(&[MADE, IDEMPOTENCY_KEY])
        .once("key"),
        Verb::delete("revoke", "/api/v1/management-keys/{key}", "End a management key for good")
            .names(&[("key", "KEY", "The management key's id (mgk_…)")])
            .asks("Revoke {key}? It never works again.")
            .says("{key} is revoked."),
    ],
    families: &[],
};
