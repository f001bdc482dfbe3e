//! A verb's command line, made from its description.

use clap::{Arg, ArgAction, ArgGroup, Command, ValueHint, value_parser};
use std::path::PathBuf;

use super::flag::{Flag, Kind};
use super::{Show, Verb};
use crate::commands::remote;

/// The verb as a command.
pub(super) fn command(verb: &Verb) -> Command {
    let names = verb
        .names
        .iter()
        .map(|(name, shown, help)| Arg::new(*name).value_name(*shown).required(true).help(*help));
    let mut command = Command::new(verb.name).about(verb.about).args(names);
    for flag in verb.all_flags() {
        command = with(command, flag);
    }
    if verb.question.is_some() {
        let help = "Do it without asking";
        command = command
            .arg(Arg::new("yes").long("yes").short('y').action(ArgAction::SetTrue).help(help));
    }
    let is_paged = verb.all_flags().any(|flag| flag.name == "cursor");
    if is_paged {
        let all = Arg::new("all").long("all").action(ArgAction::SetTrue);
        command = command.arg(all.conflicts_with("cursor").help("All pages, one after the other"));
    }
    if verb.has_csv {
        let csv = Arg::new("csv").long("csv").action(ArgAction::SetTrue);
        let csv = csv.conflicts_with("json").help("Print CSV: everything that the filters leave");
        let others: &[&str] = if is_paged { &["limit", "cursor", "all"] } else { &[] };
        command = command.arg(csv.conflicts_with_all(others));
    }
    if matches!(verb.show, Show::Text) {
        return remote::where_flags(command);
    }
    remote::flags(command)
}

fn with(command: Command, flag: &Flag) -> Command {
    let name = flag.name;
    let arg = || Arg::new(name).long(name).help(flag.help).required(flag.required);
    let value = |value_name: &'static str| arg().value_name(value_name);
    match flag.kind {
        Kind::Text | Kind::Header => command.arg(value("TEXT")),
        Kind::Choice(choices) => command.arg(value("WORD").value_parser(choices.to_vec())),
        Kind::Number => command.arg(value("N").allow_negative_numbers(true)),
        Kind::Amount => command.arg(value("USD").allow_negative_numbers(true)),
        Kind::Time => command.arg(value("TIME")),
        Kind::List => command.arg(value("A,B,…").action(ArgAction::Append).value_delimiter(',')),
        Kind::Pairs => command.arg(value("NAME=VALUE").action(ArgAction::Append)),
        Kind::Bool => command.arg(value("BOOL").value_parser(["true", "false"])),
        Kind::Switch(_) => command.arg(arg().action(ArgAction::SetTrue)),
        Kind::Json => command.arg(file(value("FILE"))),
        Kind::Body => {
            command.arg(file(Arg::new(name).value_name("FILE").required(true).help(flag.help)))
        }
        Kind::Secret([piped, read]) | Kind::Secrets([piped, read]) => {
            let group = ArgGroup::new(name).args([piped, read]).required(flag.required);
            let about = format!("{}: from standard input", flag.help);
            let piped = Arg::new(piped).long(piped).action(ArgAction::SetTrue).help(about);
            let about = format!("{}: from a file", flag.help);
            let read = file(Arg::new(read).long(read).value_name("FILE").help(about));
            command.arg(piped).arg(read).group(group)
        }
    }
}

fn file(arg: Arg) -> Arg {
    arg.value_parser(value_parser!(PathBuf)).value_hint(ValueHint::FilePath)
}
