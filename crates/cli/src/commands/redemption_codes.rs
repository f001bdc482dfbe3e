//! `tollkeeper redemption-codes`: codes that people turn into balance.

use super::verb::{Family, Flag, IDEMPOTENCY_KEY, PAGE, Verb};

const MADE: &[Flag] = &[
    Flag::amount("amount", "What each is worth, in USD").required(),
    Flag::number("count", "How many, 1 to 1000 [default: 1]"),
    Flag::time("expires-at", "When they end (RFC 3339), or never"),
    Flag::text("note", "What for, for people"),
];

pub(super) const FAMILY: Family = Family {
    name: "redemption-codes",
    about: "Redemption codes on a running gateway: list, make, revoke",
    verbs: &[
        Verb::get("list", "/api/v1/redemption-codes", "List codes, the newest first")
            .flags(&[PAGE])
            .rows(&["id", "masked", "status", "amount", "expires_at", "redeemed_by", "note"]),
        Verb::post(
            "create",
            "/api/v1/redemption-codes",
            "Make codes; they go to standard output, one a line",
        )
        .flags(&[MADE, IDEMPOTENCY_KEY])
        .rows(&["id", "masked", "amount", "expires_at"])
        .once("data.code"),
        Verb::delete(
            "revoke",
            "/api/v1/redemption-codes/{code}",
            "End a code that nobody redeemed",
        )
        .names(&[("code", "CODE", "The code's id (rdm_…)")])
        .asks("Revoke {code}? Nobody can redeem it then.")
        .says("{code} is revoked."),
    ],
    families: &[],
};
