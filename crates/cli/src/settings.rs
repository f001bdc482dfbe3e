//! The settings as flags: made from the same table as the variables and the file's lines.

use anyhow::{Context, Result};
use clap::{Arg, ArgAction, ArgMatches, Command};
use server::config::{Config, Resolved, SETTINGS, Sources};
use server::master_key::{MasterKey, VARIABLE};
use std::path::PathBuf;

/// Adds every setting as a flag.
pub(crate) fn flags(command: Command) -> Command {
    some_flags(command, &|_| true)
}

/// Adds the settings that a verb needs as flags.
pub(crate) fn some_flags(command: Command, is_needed: &dyn Fn(&str) -> bool) -> Command {
    let file = Arg::new("config")
        .long("config")
        .value_name("FILE")
        .help("Settings file; default: tollkeeper.toml in --data, if there is one");
    let needed = SETTINGS.iter().filter(|setting| is_needed(setting.name));
    needed.fold(command.arg(file), |command, setting| {
        let mut help = format!("{} [env: {}]", setting.help, setting.variable());
        if let Some(default) = setting.default {
            help = format!("{help} [default: {default}]");
        }
        let action = if setting.repeatable { ArgAction::Append } else { ArgAction::Set };
        command.arg(
            Arg::new(setting.name).long(setting.name).value_name("VALUE").action(action).help(help),
        )
    })
}

/// Finds where each setting's value comes from.
pub(crate) fn resolve(matches: &ArgMatches) -> Result<Resolved> {
    // A verb may have only some of the settings as flags.
    let flag = |name: &str| {
        let values = matches.try_get_many::<String>(name).ok().flatten();
        values.map(|values| values.cloned().collect())
    };
    let environment = |name: &str| std::env::var(name).ok();
    let named = matches.get_one::<String>("config").map(PathBuf::from);
    let bare = Resolved::new(&Sources { flag: &flag, environment: &environment, file: None })?;
    let beside = || {
        bare.text("data")
            .map(|data| PathBuf::from(data).join("tollkeeper.toml"))
            .filter(|path| path.exists())
    };
    match named.or_else(beside) {
        Some(file) => Ok(Resolved::new(&Sources {
            flag: &flag,
            environment: &environment,
            file: Some(&file),
        })?),
        None => Ok(bare),
    }
}

/// The settings with their meaning; logging is started by them.
pub(crate) fn config(matches: &ArgMatches) -> Result<Config> {
    let resolved = resolve(matches)?;
    server::logging::start(&resolved).map_err(anyhow::Error::msg)?;
    Ok(Config::new(&resolved)?)
}

/// The text of the variable that can hold the master key.
pub(crate) fn master_key_variable() -> Option<String> {
    std::env::var(VARIABLE).ok()
}

/// The master key of a deployment.
pub(crate) fn master_key(config: &Config) -> Result<MasterKey> {
    MasterKey::load(master_key_variable(), config.master_key_file.as_deref(), &config.data)
        .context("the deployment cannot be opened")
}
