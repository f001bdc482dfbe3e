//! `tollkeeper channels`: presets for new ones, and the active test, on a running gateway.

use anyhow::{Context, Result};
use clap::{Arg, ArgMatches, Command};
use serde_json::{Value, json};
use std::process::ExitCode;

use super::remote::{Remote, flags, rows, text};
use crate::output;

pub(super) fn command() -> Command {
    let channel =
        Arg::new("channel").value_name("CHANNEL").required(true).help("The channel's id (chn_…)");
    let model = Arg::new("model")
        .long("model")
        .value_name("MODEL")
        .help("One of its models; the first where nothing is said");
    let dialect = Arg::new("dialect")
        .long("dialect")
        .value_name("DIALECT")
        .help("One of its wire formats; the first where nothing is said");
    Command::new("channels")
        .about("List presets for channels, or test a channel, on a running gateway")
        .subcommand_required(true)
        .arg_required_else_help(true)
        .subcommand(flags(Command::new("presets").about("List the services that are known here")))
        .subcommand(flags(
            Command::new("test")
                .about(
                    "Ask the upstream for a few tokens with each secret; it is in nobody's books",
                )
                .args([channel, model, dialect]),
        ))
}

pub(super) fn run(matches: &ArgMatches) -> Result<ExitCode> {
    let (verb, matches) = matches.subcommand().context("say presets or test")?;
    let remote = Remote::of(matches)?;
    let answer = super::runtime()?.block_on(async {
        if verb == "presets" {
            return remote.get("/api/v1/channel-presets").await;
        }
        let channel = matches.get_one::<String>("channel").context("name the channel")?;
        let given = |name: &str| matches.get_one::<String>(name);
        let body = json!({ "model": given("model"), "dialect": given("dialect") });
        remote.post(&format!("/api/v1/channels/{channel}/test"), &body).await
    })?;
    if matches.get_flag("json") {
        output::say(&answer.to_string());
    } else if verb == "presets" {
        let cells = rows(&answer, "data").iter();
        let cells =
            cells.map(|row| ["name", "provider", "base_url"].map(|c| text(row, c)).to_vec());
        output::say(&output::table(&["preset", "provider", "base URL"], cells));
    } else {
        let cells = rows(&answer, "secrets").iter();
        let columns = ["masked", "ok", "status", "latency_ms", "error"];
        let cells = cells.map(|row| columns.map(|column| text(row, column)).to_vec());
        output::say(&output::table(&["secret", "ok", "status", "ms", "error"], cells));
    }
    let failed = answer.get("ok") == Some(&Value::Bool(false));
    Ok(if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}
