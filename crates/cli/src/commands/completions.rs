//! `tollkeeper completions`: what a shell completes, made from the command line itself.

use anyhow::{Context, Result};
use clap::{Arg, ArgMatches, Command, value_parser};
use clap_complete::{Shell, generate};
use std::process::ExitCode;

use crate::output;

const EXAMPLES: &str = "\
bash:  tollkeeper completions bash > ~/.local/share/bash-completion/completions/tollkeeper
zsh:   tollkeeper completions zsh > \"${fpath[1]}/_tollkeeper\"
fish:  tollkeeper completions fish > ~/.config/fish/completions/tollkeeper.fish";

pub(super) fn command() -> Command {
    let shell = Arg::new("shell")
        .value_name("SHELL")
        .required(true)
        .value_parser(value_parser!(Shell))
        .help("The shell");
    Command::new("completions")
        .about("Print what a shell needs to complete this command")
        .after_help(EXAMPLES)
        .arg(shell)
}

pub(super) fn run(matches: &ArgMatches) -> Result<ExitCode> {
    let shell = matches.get_one::<Shell>("shell").context("name the shell")?;
    let mut script = Vec::new();
    generate(*shell, &mut super::root(), "tollkeeper", &mut script);
    output::say(String::from_utf8(script)?.trim_end());
    Ok(ExitCode::SUCCESS)
}
