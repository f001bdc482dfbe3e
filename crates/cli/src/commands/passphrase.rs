//! Where a backup's passphrase comes from: a file, a variable, or the terminal; never an argument,
//! which every user of the machine could read.

use anyhow::{Context, Result, bail};
use clap::{Arg, ArgMatches};
use domain::secret::Secret;
use rustix::termios::{LocalModes, OptionalActions, tcgetattr, tcsetattr};
use std::io::{BufRead, IsTerminal, Write};

/// The variable that can hold it.
const VARIABLE: &str = "TOLLKEEPER_BACKUP_PASSPHRASE";
/// A shorter one is guessed too soon.
const SHORTEST: usize = 12;

/// The argument that names a file.
pub(super) fn argument() -> Arg {
    Arg::new("passphrase-file").long("passphrase-file").value_name("FILE").help(
        "File with the passphrase; else the variable TOLLKEEPER_BACKUP_PASSPHRASE, else the terminal is asked",
    )
}

/// The passphrase of a new backup.
pub(super) fn new(matches: &ArgMatches) -> Result<Secret> {
    let passphrase = match given(matches)? {
        Some(passphrase) => passphrase,
        None => {
            let first = ask("Passphrase for the backup: ")?;
            if ask("The same again: ")?.expose() != first.expose() {
                bail!("the two passphrases differ; nothing was made");
            }
            first
        }
    };
    if passphrase.expose().chars().count() < SHORTEST {
        bail!("the passphrase is too short: at least {SHORTEST} characters");
    }
    Ok(passphrase)
}

/// The passphrase of a backup that there is.
pub(super) fn known(matches: &ArgMatches) -> Result<Secret> {
    match given(matches)? {
        Some(passphrase) => Ok(passphrase),
        None => ask("Passphrase of the backup: "),
    }
}

/// The passphrase, if a file or the variable holds one.
pub(super) fn given(matches: &ArgMatches) -> Result<Option<Secret>> {
    if let Some(path) = matches.get_one::<String>("passphrase-file") {
        let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {path}"))?;
        let line = text.trim_end_matches(['\r', '\n']);
        if line.is_empty() {
            bail!("{path} holds no passphrase");
        }
        return Ok(Some(Secret::new(line.to_owned())));
    }
    let text = std::env::var(VARIABLE).ok().filter(|text| !text.is_empty());
    Ok(text.map(Secret::new))
}

/// Asks at the terminal, without showing what is typed.
fn ask(question: &str) -> Result<Secret> {
    let input = std::io::stdin();
    if !input.is_terminal() {
        bail!(
            "there is no terminal to ask for the passphrase: use --passphrase-file or {VARIABLE}"
        );
    }
    let mut error = std::io::stderr();
    write!(error, "{question}")?;
    error.flush()?;
    let shown = tcgetattr(&input)?;
    let mut hidden = shown.clone();
    hidden.local_modes.remove(LocalModes::ECHO);
    tcsetattr(&input, OptionalActions::Flush, &hidden)?;
    let mut line = String::new();
    let read = input.lock().read_line(&mut line);
    tcsetattr(&input, OptionalActions::Now, &shown)?;
    writeln!(error)?;
    read?;
    Ok(Secret::new(line.trim_end_matches(['\r', '\n']).to_owned()))
}
