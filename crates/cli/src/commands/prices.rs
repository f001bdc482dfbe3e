//! `tollkeeper prices`: models' prices on a running gateway, set one by one or imported.

mod import;

use anyhow::{Context, Result};
use clap::{ArgMatches, Command};
use std::process::ExitCode;

use super::verb::{self, Family, Flag, Verb};

const MODEL: (&str, &str, &str) = ("model", "MODEL", "The model, as clients call it");

const RATES: &[Flag] = &[
    Flag::amount("input", "Uncached input, USD per million tokens"),
    Flag::amount("cached-input", "Input from a prompt cache [default: --input]"),
    Flag::amount("cache-write", "Input written to a prompt cache [default: --input]"),
    Flag::amount("cache-write-1h", "Input written to a one-hour cache [default: --cache-write]"),
    Flag::amount("output", "Output, USD per million tokens"),
    Flag::amount("image", "One image, USD"),
    Flag::amount("audio-minute", "One minute of audio, USD"),
    Flag::amount("per-request", "One call, USD, for keys that pay per use"),
    Flag::number("context-window", "Tokens that the model reads and writes in one call"),
    Flag::number("max-output", "Tokens that the model writes in one answer"),
    Flag::json("tiers", "File with the JSON list of other prices for long inputs"),
];

const FAMILY: Family = Family {
    name: "prices",
    about: "Prices of models on a running gateway: list, set, delete, import",
    verbs: &[
        Verb::get("list", "/api/v1/prices", "List the prices in force").rows(&[
            "model",
            "input",
            "cached_input",
            "cache_write",
            "cache_write_1h",
            "output",
            "image",
            "audio_minute",
            "per_request",
            "version",
        ]),
        Verb::get("get", "/api/v1/prices/{model}", "Show a model's price").names(&[MODEL]),
        Verb::put(
            "set",
            "/api/v1/prices/{model}",
            "Set a model's price, all of it: what is not said it has not",
        )
        .names(&[MODEL])
        .flags(&[RATES]),
        Verb::delete(
            "delete",
            "/api/v1/prices/{model}",
            "Take a model's price away: calls of it are refused",
        )
        .names(&[MODEL])
        .asks("Delete the price of {model}? Calls of it are refused then.")
        .says("The price of {model} is deleted."),
        Verb::get("starter", "/api/v1/prices/starter", "List vendors' prices with source and date")
            .rows(&[
                "vendor",
                "model",
                "price.input",
                "price.cached_input",
                "price.output",
                "as_of",
            ]),
    ],
    families: &[],
};

pub(super) fn command() -> Command {
    FAMILY.command().subcommand(import::command())
}

pub(super) fn run(matches: &ArgMatches) -> Result<ExitCode> {
    if let Some(("import", matches)) = matches.subcommand() {
        return import::run(matches);
    }
    verb::run(FAMILY.find(matches).context("name a verb")?)
}
