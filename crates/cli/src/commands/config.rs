//! `tollkeeper config`: what is in force, and where it comes from.

use anyhow::Result;
use clap::{Arg, ArgAction, ArgMatches, Command};
use server::config::{Config, Resolved};
use std::process::ExitCode;

use crate::{output, settings};

pub(super) fn command() -> Command {
    let json = Arg::new("json").long("json").action(ArgAction::SetTrue).help("Print JSON");
    settings::flags(
        Command::new("config")
            .about("Print every setting in force and where it comes from")
            .arg(json),
    )
}

pub(super) fn run(matches: &ArgMatches) -> Result<ExitCode> {
    let resolved = settings::resolve(matches)?;
    if matches.get_flag("json") {
        output::say(&serde_json::to_string_pretty(&as_json(&resolved))?);
    } else {
        let rows = resolved.all().map(|(setting, values, source)| {
            let values: Vec<String> = values.iter().map(|value| without_password(value)).collect();
            let value = if values.is_empty() { "(not set)".to_owned() } else { values.join(", ") };
            vec![
                setting.name.to_owned(),
                value,
                source.to_string(),
                setting.variable(),
                setting.help.to_owned(),
            ]
        });
        output::say(&output::table(
            &["setting", "value", "from", "variable", "what it is for"],
            rows,
        ));
    }
    // Printed first, so that a bad value can be seen where it stands.
    Config::new(&resolved)?;
    Ok(ExitCode::SUCCESS)
}

fn as_json(resolved: &Resolved) -> serde_json::Value {
    let settings = resolved.all().map(|(setting, values, source)| {
        let values: Vec<String> = values.iter().map(|value| without_password(value)).collect();
        let value: serde_json::Value = if setting.repeatable { values.into() } else { values.into_iter().next().into() };
        let about = serde_json::json!({
            "value": value, "from": source.to_string(), "variable": setting.variable(), "help": setting.help,
        });
        (setting.name.to_owned(), about)
    });
    serde_json::Value::Object(settings.collect())
}

/// A database URL may hold a password: it is not shown.
fn without_password(value: &str) -> String {
    let Some((scheme, rest)) = value.split_once("://") else { return value.to_owned() };
    match rest.rsplit_once('@') {
        Some((user, host)) => {
            let user = user.split_once(':').map_or(user, |(user, _)| user);
            format!("{scheme}://{user}:***@{host}")
        }
        None => value.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::without_password;

    #[test]
    fn a_password_is_not_shown() {
        assert_eq!(without_password("postgres://me:p@ss@db/x"), "postgres://me:***@db/x");
        assert_eq!(without_password("postgres://db/x"), "postgres://db/x");
        assert_eq!(without_password("127.0.0.1:1"), "127.0.0.1:1");
    }
}
