//! `tollkeeper doubt`: calls that a crash cut off between the intent and the settlement.
//!
//! On a stopped deployment it works on the database itself; a running gateway is asked through its
//! management API, so that its limits take the decision over at once.

use anyhow::{Context, Result, bail};
use clap::{Arg, ArgAction, ArgMatches, Command};
use domain::id::CallId;
use ledger::OpenError;
use ledger::clock::Clock;
use ledger::doubt::{Resolution, resolve};
use serde_json::{Value, json};
use server::config::Config;
use server::deployment::{check, open_database};
use std::process::ExitCode;

use super::remote;
use crate::{output, settings};

pub(super) fn command() -> Command {
    let call = || Arg::new("call").value_name("CALL").required(true).help("The call's id (call_…)");
    let verb = |name: &'static str, about: &'static str| shared(Command::new(name).about(about));
    Command::new("doubt")
        .about("List, settle or release calls that a crash left in doubt")
        .subcommand_required(true)
        .arg_required_else_help(true)
        .subcommand(verb("list", "List the calls in doubt"))
        .subcommand(verb("settle", "Charge a call: its last noted usage, or its bound").arg(call()))
        .subcommand(
            verb("release", "Give a call's amount back; it is booked as absorbed").arg(call()),
        )
}

fn shared(command: Command) -> Command {
    let json = Arg::new("json").long("json").action(ArgAction::SetTrue).help("Print JSON");
    let url = Arg::new("url")
        .long("url")
        .value_name("URL")
        .help("The running gateway; default: http:// and --listen");
    let key = Arg::new("management-key")
        .long("management-key-variable")
        .value_name("NAME")
        .default_value("TOLLKEEPER_MANAGEMENT_KEY")
        .help("Environment variable with the management key, for a running gateway");
    settings::flags(command.arg(json).arg(url).arg(key))
}

pub(super) fn run(matches: &ArgMatches) -> Result<ExitCode> {
    let (verb, matches) = matches.subcommand().context("say list, settle or release")?;
    let config = settings::config(matches)?;
    let answer = super::runtime()?.block_on(async {
        match ledger::lock_directory(&config.data) {
            Ok(_lock) => here(verb, matches, &config).await,
            Err(OpenError::InUse(_)) => there(verb, matches, &config).await,
            Err(error) => Err(error.into()),
        }
    })?;
    if matches.get_flag("json") {
        output::say(&answer.to_string());
    } else if verb == "list" {
        print_list(&answer);
    } else {
        output::say(&format!(
            "{} is {}: {} USD charged",
            text(&answer, "id"),
            if verb == "settle" { "settled" } else { "released" },
            text(&answer, "charged")
        ));
    }
    Ok(ExitCode::SUCCESS)
}

/// On a stopped deployment.
async fn here(verb: &str, matches: &ArgMatches, config: &Config) -> Result<Value> {
    let database = open_database(config).await?;
    check(config, &database, &settings::master_key(config)?).await?;
    if verb == "list" {
        let doubts = database.open_doubts(None).await?;
        let rows: Vec<Value> = doubts
            .iter()
            .map(|doubt| json!({ "id": doubt.call_id, "key_id": doubt.key_id, "user_id": doubt.user_id, "bound": doubt.bound, "since": doubt.since.to_string() }))
            .collect();
        return Ok(json!({ "data": rows }));
    }
    let call: CallId = call(matches)?.parse()?;
    let resolution = if verb == "settle" { Resolution::Settle(None) } else { Resolution::Release };
    let finished = resolve(&database, call, resolution, Clock::system().now())
        .await
        .with_context(|| format!("{call} is not in doubt"))?;
    Ok(
        json!({ "id": call, "charged": finished.charged.to_string(), "cost": finished.cost.to_string() }),
    )
}

/// On a running one.
async fn there(verb: &str, matches: &ArgMatches, config: &Config) -> Result<Value> {
    let variable = matches
        .get_one::<String>("management-key")
        .map_or("TOLLKEEPER_MANAGEMENT_KEY", String::as_str);
    let Ok(key) = std::env::var(variable) else {
        bail!(
            "the gateway is running: put a management key into {variable}, so that it can be asked"
        );
    };
    let url = remote::url(matches, config);
    let client = remote::client(&url, config)?.bearer(&key)?;
    let response = match verb {
        "list" => client.get("/api/v1/doubts").await,
        _ => {
            client.post_json(&format!("/api/v1/doubts/{}/{verb}", call(matches)?), &json!({})).await
        }
    };
    let response = response.with_context(|| format!("the gateway at {url} cannot be asked; give the address that it was started with as --listen, or its --url"))?;
    if !response.status.is_success() {
        bail!("the gateway answered {}: {}", response.status, response.text());
    }
    response.json()
}

fn call(matches: &ArgMatches) -> Result<&str> {
    matches.get_one::<String>("call").map(String::as_str).context("name the call")
}

fn print_list(answer: &Value) {
    let rows = answer.get("data").and_then(Value::as_array).cloned().unwrap_or_default();
    if rows.is_empty() {
        output::say("No call is in doubt.");
        return;
    }
    let cells = rows.iter().map(|row| {
        ["id", "key_id", "user_id", "bound", "since"].map(|name| text(row, name)).to_vec()
    });
    output::say(&output::table(&["call", "key", "user", "held USD", "since"], cells));
}

fn text(value: &Value, name: &str) -> String {
    match value.get(name) {
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
        None => String::new(),
    }
}
