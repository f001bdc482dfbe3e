//! `tollkeeper keys`: API keys on a running gateway, from making them to a leak.

mod leak;
mod templates;
mod terms;

use super::verb::{Family, Flag, IDEMPOTENCY_KEY, IF_MATCH, PAGE, Show, Verb};

const KEY: (&str, &str, &str) = ("key", "KEY", "The key's id (key_…)");

const FILTERS: &[Flag] = &[
    Flag::text("owner", "Only this user's (usr_…)"),
    Flag::text("search", "Only with this in the name, or of this value's form").at("q"),
    Flag::choice(
        "status",
        &["active", "not_used", "disabled", "expired", "exhausted", "revoked"],
        "Only those that are this now",
    ),
    Flag::text("model", "Only those that may call this model"),
    Flag::text("group", "Only those of this group"),
    Flag::text("tag", "Only those with this label"),
    Flag::text("sort", "Such as name, used or last_used_at; with a - before it, backwards"),
];

const MADE: &[Flag] = &[
    Flag::text("name", "What it is called; or the three --name-… flags"),
    Flag::text("name-env", "The environment in a name such as prod-shop-chat-2026-11")
        .at("name_parts.env"),
    Flag::text("name-project", "The project in it").at("name_parts.project"),
    Flag::text("name-purpose", "What for, in it; the month is put behind it")
        .at("name_parts.purpose"),
    Flag::text("owner", "Whose it is and who pays (usr_…) [default: the management key's owner]"),
    Flag::text("template", "Take what is not said here from this template"),
    terms::BILLING_METHOD,
];

const EDITED: &[Flag] = &[
    Flag::text("name", "What it is called"),
    Flag::amount("quota-delta", "Add this to the quota, or take it away"),
];

const ROTATED: &[Flag] =
    &[Flag::number("grace-seconds", "How long the old value works, 0 to 2592000 [default: 86400]")];

const PASSWORD: &[Flag] = &[Flag::secret(
    "password",
    ["password-stdin", "password-file"],
    "Your password, where you have one",
)];

const REFUNDED: &[Flag] = &[
    Flag::time("since", "Calls from this RFC 3339 time on").required(),
    Flag::time("until", "Calls before this RFC 3339 time [default: now]"),
    Flag::text("reason", "Why, for people").required(),
];

pub(super) const FAMILY: Family = Family {
    name: "keys",
    about: "API keys on a running gateway: list, make, edit, rotate, end them",
    verbs: &[
        Verb::get("list", "/v1/api-keys", "List keys, the newest first")
            .flags(&[FILTERS, PAGE])
            .rows(&[
                "id",
                "name",
                "masked",
                "status",
                "owner",
                "used",
                "remaining",
                "last_used_at",
            ]),
        Verb::get("get", "/v1/api-keys/{key}", "Show a key with its figures").names(&[KEY]),
        Verb::post("create", "/v1/api-keys", "Make a key; its value alone goes to standard output")
            .flags(&[MADE, terms::TERMS, IDEMPOTENCY_KEY])
            .once("key"),
        Verb::patch("edit", "/v1/api-keys/{key}", "Edit a key; what is not said stays as it is")
            .names(&[KEY])
            .flags(&[EDITED, terms::TERMS, IF_MATCH]),
        Verb::post("enable", "/v1/api-keys/{key}/enable", "Let a disabled key work again")
            .names(&[KEY])
            .says("{key} is enabled."),
        Verb::post("disable", "/v1/api-keys/{key}/disable", "Switch a key off")
            .names(&[KEY])
            .says("{key} is disabled."),
        Verb::post("revoke", "/v1/api-keys/{key}/revoke", "End a key for good")
            .names(&[KEY])
            .asks("Revoke {key}? It never works again.")
            .says("{key} is revoked."),
        Verb::delete("delete", "/v1/api-keys/{key}", "Delete a key; its calls stay in the books")
            .names(&[KEY])
            .flags(&[IF_MATCH])
            .asks("Delete {key}? It never works again.")
            .says("{key} is deleted."),
        Verb::post(
            "rotate",
            "/v1/api-keys/{key}/rotate",
            "Give a key a new value; the old one works for a while",
        )
        .names(&[KEY])
        .flags(&[ROTATED, IF_MATCH, IDEMPOTENCY_KEY])
        .once("key"),
        Verb::post(
            "end-grace",
            "/v1/api-keys/{key}/rotate/end",
            "End a rotated key's old value now",
        )
        .names(&[KEY])
        .asks("End the old value of {key} now?")
        .says("The old value of {key} works no more."),
        Verb::post(
            "reveal",
            "/v1/api-keys/{key}/reveal",
            "Show the value of a key of yours again, where values are kept sealed",
        )
        .names(&[KEY])
        .flags(&[PASSWORD])
        .once("key"),
        Verb::post(
            "bulk",
            "/v1/api-keys/bulk",
            "Make the keys that a JSON file lists, all or none; their values go to standard output",
        )
        .flags(&[
            &[Flag::body(
                "keys",
                "JSON: a list of keys, each with the API's fields, or {\"keys\": […]}",
            )],
            IDEMPOTENCY_KEY,
        ])
        .rows(&["id", "name", "masked", "owner"])
        .once("data.key"),
        Verb::get("export", "/v1/api-keys.csv", "Print all keys that the filters leave as CSV")
            .flags(&[FILTERS])
            .show(Show::Text),
        Verb::post(
            "refund",
            "/v1/api-keys/{key}/refund",
            "Give back what a key's calls cost in a stretch of time",
        )
        .names(&[KEY])
        .flags(&[REFUNDED, IDEMPOTENCY_KEY])
        .asks("Refund these calls of {key}?"),
        leak::LEAKED,
        leak::COMPROMISED,
        leak::REPORT,
    ],
    families: &[templates::FAMILY],
};
