//! `--help` of every verb: it is there, says what the verb is for, and explains each flag.

use anyhow::{Context, ensure};
use serde_json::Value;

use crate::stage::{said, tollkeeper};

async fn help(verbs: &[String]) -> anyhow::Result<String> {
    let mut arguments: Vec<&str> = verbs.iter().map(String::as_str).collect();
    arguments.push("--help");
    let output = tollkeeper(&arguments).output().await?;
    ensure!(output.status.code() == Some(0) && output.stderr.is_empty(), "{}", said(&output));
    Ok(String::from_utf8(output.stdout)?)
}

/// The lines of a section, without its title.
fn section<'h>(help: &'h str, title: &str) -> Vec<&'h str> {
    let after = help.lines().skip_while(|line| *line != title).skip(1);
    after.take_while(|line| line.starts_with(' ') || line.is_empty()).collect()
}

#[tokio::test]
async fn every_verb_is_explained() -> anyhow::Result<()> {
    let mut waiting = vec![Vec::<String>::new()];
    let mut seen = Vec::new();
    while let Some(verbs) = waiting.pop() {
        let name = ["tollkeeper".to_owned()].into_iter().chain(verbs.clone()).collect::<Vec<_>>();
        let name = name.join(" ");
        let help = help(&verbs).await?;
        ensure!(help.contains(&format!("Usage: {name}")), "{name}: {help}");
        let about = help.lines().next().unwrap_or_default();
        ensure!(about.len() > 10 && !about.starts_with("Usage"), "{name} is not explained: {help}");
        let options = section(&help, "Options:");
        for (at, line) in options.iter().enumerate() {
            if !line.trim_start().starts_with('-') {
                continue;
            }
            // The explanation stands behind the flag or below it.
            let words = line.split("  ").filter(|part| !part.trim().is_empty()).count();
            let below = options
                .get(at + 1)
                .is_some_and(|next| next.starts_with("          ") && !next.trim().is_empty());
            ensure!(words > 1 || below, "{name}: {line:?} is not explained");
        }
        for line in section(&help, "Commands:") {
            // The explanation of a verb may go on in the next line.
            let Some(line) = line.strip_prefix("  ").filter(|rest| !rest.starts_with(' ')) else {
                continue;
            };
            let (verb, about) = line.split_once("  ").with_context(|| format!("{name}: {line}"))?;
            ensure!(!about.trim().is_empty(), "{name} {verb} is not explained");
            if verb != "help" {
                waiting.push([verbs.clone(), vec![verb.to_owned()]].concat());
            }
        }
        seen.push(name);
    }
    for verb in [
        "serve",
        "config",
        "channels test",
        "prices import",
        "import new-api",
        "completions",
        "doubt list",
    ] {
        ensure!(seen.contains(&format!("tollkeeper {verb}")), "{verb}: {seen:?}");
    }
    Ok(())
}

/// Every setting is a flag of `serve`, with its variable.
#[tokio::test]
async fn every_setting_is_in_the_help() -> anyhow::Result<()> {
    let output = tollkeeper(&["config", "--json"]).output().await?;
    let settings: Value = serde_json::from_slice(&output.stdout)?;
    let help = help(&["serve".to_owned()]).await?;
    for (name, setting) in settings.as_object().context("no settings")? {
        let variable = setting["variable"].as_str().context("no variable")?;
        ensure!(help.contains(&format!("--{name} <")), "no --{name}: {help}");
        ensure!(help.contains(variable), "no {variable}: {help}");
    }
    Ok(())
}
