//! `tollkeeper users`: people and their money on a running gateway; and letting somebody in again.

mod reset;

use anyhow::{Context, Result};
use clap::{ArgMatches, Command};
use std::process::ExitCode;

use super::verb::{self, Family, Flag, IDEMPOTENCY_KEY, IF_MATCH, PAGE, Verb};

const USER: (&str, &str, &str) = ("user", "USER", "The user's id (usr_…)");

const FIELDS: &[Flag] = &[
    Flag::text("email", "Where they log in with"),
    Flag::secret("password", ["password-stdin", "password-file"], "A password for them"),
    Flag::choice("role", &["owner", "admin", "member"], "What they may do"),
    Flag::choice(
        "tier",
        &["standard", "professional", "enterprise"],
        "How many keys they may have",
    ),
    Flag::list("groups", "The groups that their keys may route through, in order"),
    Flag::choice("credit", &["balance", "unlimited"], "Whether their balance bounds their calls"),
];

const EDITED: &[Flag] = &[
    Flag::text("name", "What people call them"),
    Flag::switch("no-email", "null", "Take the e-mail address away").at("email"),
    Flag::switch("no-password", "null", "Take the password away").at("password"),
    Flag::bool("disabled", "Shut out, keys included"),
];

const FAMILY: Family = Family {
    name: "users",
    about: "Users on a running gateway: list, make, edit, top up, freeze; let somebody in again",
    verbs: &[
        Verb::get("list", "/api/v1/users", "List users, the newest first")
            .flags(&[
                &[Flag::text("search", "Only with this in the name or the e-mail address").at("q")],
                PAGE,
            ])
            .rows(&[
                "id",
                "name",
                "email",
                "role",
                "tier",
                "balance",
                "available",
                "disabled",
                "frozen_at",
            ]),
        Verb::get("get", "/api/v1/users/{user}", "Show a user").names(&[USER]),
        Verb::post(
            "create",
            "/api/v1/users",
            "Make a user; without a password, the link that sets one goes to standard output",
        )
        .flags(&[
            &[Flag::text("name", "What people call them").required()],
            FIELDS,
            IDEMPOTENCY_KEY,
        ])
        .once("invite_url"),
        Verb::patch("edit", "/api/v1/users/{user}", "Edit a user; what is not said stays as it is")
            .names(&[USER])
            .flags(&[FIELDS, EDITED, IF_MATCH]),
        Verb::post("top-up", "/api/v1/users/{user}/topups", "Raise a user's balance")
            .names(&[USER])
            .flags(&[
                &[
                    Flag::amount("amount", "How much, in USD").required(),
                    Flag::text("note", "What for, for people"),
                ],
                IDEMPOTENCY_KEY,
            ]),
        Verb::get(
            "ledger",
            "/api/v1/users/{user}/ledger",
            "List the lines of a user's account, the newest first",
        )
        .names(&[USER])
        .flags(&[PAGE])
        .rows(&["created_at", "kind", "amount", "reference", "note", "transaction_id"])
        .csv(),
        Verb::post(
            "freeze",
            "/api/v1/users/{user}/freeze",
            "Refuse every new call of a user's keys",
        )
        .names(&[USER])
        .says("The balance of {user} is frozen."),
        Verb::post("thaw", "/api/v1/users/{user}/thaw", "Let a user's keys work again")
            .names(&[USER])
            .says("The balance of {user} is thawed."),
    ],
    families: &[],
};

pub(super) fn command() -> Command {
    FAMILY.command().subcommand(reset::command())
}

pub(super) fn run(matches: &ArgMatches) -> Result<ExitCode> {
    if let Some(("reset", matches)) = matches.subcommand() {
        return reset::run(matches);
    }
    verb::run(FAMILY.find(matches).context("name a verb")?)
}
