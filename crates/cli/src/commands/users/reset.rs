//! `tollkeeper users reset`: letting somebody in again who cannot log in.
//!
//! It works on the database itself, whether a gateway runs or not: who has forgotten the password may
//! have no management key either.

use anyhow::{Context, Result, bail};
use clap::{Arg, ArgAction, ArgMatches, Command};
use ledger::clock::Clock;
use server::deployment::{check, open_database};
use server::people::reset_user;
use std::process::ExitCode;

use crate::{output, settings};

pub(super) fn command() -> Command {
    let user = Arg::new("user")
        .value_name("USER")
        .required(true)
        .help("Name, e-mail address or id (usr_…)");
    let remove_totp = Arg::new("remove-totp")
        .long("remove-totp")
        .action(ArgAction::SetTrue)
        .help("Also take one-time codes and recovery codes away");
    let json = Arg::new("json").long("json").action(ArgAction::SetTrue).help("Print JSON");
    let about = "Take a user's password away, end their sessions and print a link that sets another one. Works on a live deployment too";
    settings::flags(Command::new("reset").about(about).arg(user).arg(remove_totp).arg(json))
}

pub(super) fn run(matches: &ArgMatches) -> Result<ExitCode> {
    let config = settings::config(matches)?;
    let who = matches.get_one::<String>("user").context("name the user")?;
    let made = crate::commands::runtime()?.block_on(async {
        let database = open_database(&config).await?;
        check(&config, &database, &settings::master_key(&config)?).await?;
        let made =
            reset_user(&database, who, matches.get_flag("remove-totp"), Clock::system().now())
                .await;
        database.close().await;
        Ok::<_, anyhow::Error>(made?)
    })?;
    let Some(made) = made else {
        bail!("{who} is no id, e-mail address or name of exactly one user");
    };
    let base = config.public_url.clone().unwrap_or_else(|| format!("http://{}", config.listen));
    let reset_url = format!("{base}/console/reset#{}", made.token.expose());
    if matches.get_flag("json") {
        let answer = serde_json::json!({ "id": made.user.id, "reset_url": reset_url, "expires_at": made.expires_at.to_string() });
        output::say(&answer.to_string());
        return Ok(ExitCode::SUCCESS);
    }
    output::say(&format!(
        "The password of {} works no more, and their sessions ended.",
        made.user.name
    ));
    output::say(&format!(
        "This link sets another one (works once, until {}):\n  {reset_url}",
        made.expires_at
    ));
    Ok(ExitCode::SUCCESS)
}
