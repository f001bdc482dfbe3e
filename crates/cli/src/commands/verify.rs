//! `tollkeeper verify`: recompute all books from the first entry.

use anyhow::Result;
use clap::{Arg, ArgAction, ArgMatches, Command};
use server::deployment::{check, open_database};
use std::process::ExitCode;

use crate::{output, settings};

/// The exit code when something differs.
const DIFFERS: u8 = 3;

pub(super) fn command() -> Command {
    let json = Arg::new("json").long("json").action(ArgAction::SetTrue).help("Print JSON");
    let about = "Recompute every charge, counter, balance and row of the audit log; exit with 3 if anything differs. Works on a live deployment too";
    settings::flags(Command::new("verify").about(about).arg(json))
}

pub(super) fn run(matches: &ArgMatches) -> Result<ExitCode> {
    let config = settings::config(matches)?;
    let master = settings::master_key(&config)?;
    let report = super::runtime()?.block_on(async {
        let database = open_database(&config).await?;
        check(&config, &database, &master).await?;
        let report = ledger::verify::verify(&database).await?;
        database.close().await;
        Ok::<_, anyhow::Error>(report)
    })?;
    if matches.get_flag("json") {
        output::say(&serde_json::to_string_pretty(&report)?);
    } else {
        for difference in &report.differences {
            output::say(&format!("DIFFERS  {difference}"));
        }
        output::say(&format!(
            "{} calls, {} counters, {} accounts and {} audit rows recomputed; {} calls in doubt; {} differences",
            report.calls,
            report.counters,
            report.accounts,
            report.audit_rows,
            report.in_doubt,
            report.differences.len()
        ));
    }
    Ok(if report.differences.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(DIFFERS) })
}
