//! `tollkeeper dock`: the companion as a page in the person's browser, on this machine alone.

use anyhow::{Context, Result, bail};
use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};
use companion::paths::Places;
use dock::{Door, Settings};
use serde_json::json;
use std::net::SocketAddr;
use std::process::{ExitCode, Stdio};
use std::time::Duration;
use tokio::net::TcpListener;

use super::personal;
use super::tool::{self, NodeProbe};
use crate::output;

pub(super) fn command() -> Command {
    let listen = Arg::new("listen")
        .long("listen")
        .value_name("ADDRESS")
        .value_parser(value_parser!(SocketAddr))
        .default_value("127.0.0.1:0")
        .help("Where to listen: an address of this machine alone; port 0 is any free one");
    let no_open = Arg::new("no-open")
        .long("no-open")
        .action(ArgAction::SetTrue)
        .help("Only print the address; better where others use this machine too");
    let idle = Arg::new("idle")
        .long("idle")
        .value_name("MINUTES")
        .value_parser(value_parser!(u64).range(1..=1_440))
        .help("End when nobody asked for anything for so long");
    personal::asking(Command::new("dock"))
        .about("Open accounts, nodes and tools as a page in your browser, on this machine alone")
        .args([listen, no_open, idle])
}

pub(super) fn run(matches: &ArgMatches) -> Result<ExitCode> {
    let listen = *matches.get_one::<SocketAddr>("listen").context("--listen")?;
    if !listen.ip().is_loopback() {
        bail!("--listen takes an address of this machine alone, such as 127.0.0.1:8642 or [::1]:0");
    }
    let surroundings = personal::surroundings()?;
    let settings = Settings {
        places: Places::new(&surroundings)?,
        surroundings,
        web: personal::web(matches)?,
        probe: Box::new(NodeProbe),
        program: tool::program(),
        version: env!("CARGO_PKG_VERSION"),
        clock: personal::now,
    };
    let idle = matches.get_one::<u64>("idle").map(|minutes| Duration::from_secs(minutes * 60));
    super::runtime()?.block_on(async {
        let listener = TcpListener::bind(listen).await;
        let listener = listener.with_context(|| format!("cannot listen on {listen}"))?;
        let address = listener.local_addr()?;
        let door = Door::new(address);
        let url = door.url();
        if matches.get_flag("json") {
            personal::say_json(&json!({ "url": url, "listen": address }))?;
        } else {
            output::say(&format!(
                "Your tools, on this machine alone, for whoever opens this first:\n\n  {url}\n\nCtrl-C ends it."
            ));
        }
        if !matches.get_flag("no-open") {
            open(&url);
        }
        let stop = async {
            let _ = tokio::signal::ctrl_c().await;
        };
        dock::serve(listener, door, settings, idle, stop).await?;
        Ok(ExitCode::SUCCESS)
    })
}

/// Asks the system for a browser. Where there is none, the address was printed.
fn open(url: &str) {
    let program = if cfg!(target_os = "macos") {
        "open"
    } else if cfg!(windows) {
        "explorer"
    } else {
        "xdg-open"
    };
    let mut command = std::process::Command::new(program);
    command.arg(url).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let _ = command.spawn();
}
