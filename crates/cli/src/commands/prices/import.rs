//! `tollkeeper prices import`: all or nothing, on a running gateway.

use anyhow::{Context, Result};
use clap::{Arg, ArgAction, ArgMatches, Command};
use serde_json::value::RawValue;
use serde_json::{Value, json};
use std::process::ExitCode;

use crate::commands::remote::{Remote, flags, rows, text};
use crate::commands::runtime;
use crate::output;

pub(super) fn command() -> Command {
    let source = Arg::new("source")
        .value_name("SOURCE")
        .required(true)
        .value_parser(["starter", "litellm", "new-api"])
        .help("The list of this release, LiteLLM's price file, or a new-api site's ratios");
    let file =
        Arg::new("file").long("file").value_name("FILE").help("The file, for litellm and new-api");
    let models = Arg::new("models")
        .long("models")
        .value_name("PATTERN")
        .action(ArgAction::Append)
        .help("Only models that fit, with * for any run of characters; repeatable");
    let flag = |name: &'static str, help: &'static str| {
        Arg::new(name).long(name).action(ArgAction::SetTrue).help(help)
    };
    let dry_run = flag("dry-run", "Only say what would be done");
    let overwrite = flag("overwrite", "Replace prices that differ");
    let about = "Import prices, all or nothing";
    let arguments = [source, file, models, dry_run, overwrite];
    flags(Command::new("import").about(about).args(arguments))
}

pub(super) fn run(matches: &ArgMatches) -> Result<ExitCode> {
    let (body, remote) = (body(matches)?, Remote::of(matches)?);
    let answer = runtime()?.block_on(remote.post_text("/api/v1/prices/import", body))?;
    if matches.get_flag("json") {
        output::say(&answer.to_string());
    } else {
        report(&answer);
    }
    Ok(ExitCode::SUCCESS)
}

/// The request, with the file's text as it stands: no number passes through a floating-point one.
fn body(matches: &ArgMatches) -> Result<String> {
    let models: Vec<&String> = matches.get_many("models").into_iter().flatten().collect();
    let fields = json!({
        "source": matches.get_one::<String>("source"),
        "models": models,
        "dry_run": matches.get_flag("dry-run"),
        "overwrite": matches.get_flag("overwrite"),
    });
    let Some(path) = matches.get_one::<String>("file") else { return Ok(fields.to_string()) };
    let file = std::fs::read_to_string(path).with_context(|| format!("{path} cannot be read"))?;
    let data: &RawValue =
        serde_json::from_str(&file).with_context(|| format!("{path} is not JSON"))?;
    let fields = fields.to_string();
    let open = fields.strip_suffix('}').unwrap_or(&fields);
    Ok(format!("{open},\"data\":{data}}}"))
}

fn report(answer: &Value) {
    let skipped = rows(answer, "skipped").iter();
    let skipped = skipped.map(|row| vec![text(row, "model"), text(row, "why")]);
    let differs = rows(answer, "differs").iter().map(|row| {
        let replaced = row.get("replaced") == Some(&Value::Bool(true));
        let why = if replaced { "replaced" } else { "differs: left as it is (--overwrite)" };
        vec![text(row, "model"), why.to_owned()]
    });
    let told: Vec<Vec<String>> = differs.chain(skipped).collect();
    if !told.is_empty() {
        output::say(&output::table(&["model", ""], told));
    }
    let would = if answer.get("dry_run") == Some(&Value::Bool(true)) { "would be " } else { "" };
    output::say(&format!(
        "{} {would}set, {} differ, {} unchanged, {} skipped",
        rows(answer, "set").len(),
        rows(answer, "differs").len(),
        rows(answer, "unchanged").len(),
        rows(answer, "skipped").len()
    ));
}
