//! `tollkeeper serve`: run the gateway.

use anyhow::{Context, Result};
use clap::{ArgMatches, Command};
use server::ServeError;
use std::process::ExitCode;
use tokio::signal::unix::{SignalKind, signal};

use crate::{output, settings};

/// The exit code when the journal failed (`EX_IOERR`).
const JOURNAL_FAILED: u8 = 74;

pub(super) fn command() -> Command {
    settings::flags(Command::new("serve").about("Run the gateway"))
}

pub(super) fn run(matches: &ArgMatches) -> Result<ExitCode> {
    let config = settings::config(matches)?;
    let master = settings::master_key(&config)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let ended = runtime.block_on(async {
        // Before anything is open: a stop that comes early must be an orderly one, too.
        let asked = asked_to_stop().context("signals cannot be waited for")?;
        let served = server::serve(config, master).await?;
        let scheme = if served.is_tls { "https" } else { "http" };
        output::say(&format!("listening on {scheme}://{}", served.address));
        Ok::<_, anyhow::Error>(served.until(asked).await)
    })?;
    runtime.shutdown_background();
    match ended {
        Ok(()) => Ok(ExitCode::SUCCESS),
        Err(error @ ServeError::Journal(_)) => {
            output::fail(&error.into());
            Ok(ExitCode::from(JOURNAL_FAILED))
        }
        Err(error) => Err(error.into()),
    }
}

/// Ready when SIGTERM or SIGINT came.
pub(super) fn asked_to_stop() -> std::io::Result<impl Future<Output = ()>> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}
