//! The simulated relay site as a process of its own, for tests in other languages and by hand.
//!
//! `simulated-site [--listen ADDRESS] [--conduct JSON]` prints
//! `{"base_url","user_id","access_token","session"}` as one line and serves until it is killed.

use std::io::Write;
use std::net::SocketAddr;

use anyhow::{Context, bail};
use testkit::site::{ACCESS_TOKEN, Conduct, SESSION, SimulatedSite, USER_ID};

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let (mut listen, mut conduct) = (SocketAddr::from(([127, 0, 0, 1], 0)), Conduct::default());
    let mut arguments = std::env::args().skip(1);
    while let Some(flag) = arguments.next() {
        let value = arguments.next().with_context(|| format!("{flag} needs a value"))?;
        match flag.as_str() {
            "--listen" => listen = value.parse().context("--listen: not an address")?,
            "--conduct" => conduct = serde_json::from_str(&value).context("--conduct")?,
            _ => bail!("unknown flag {flag}; known: --listen --conduct"),
        }
    }
    let site = SimulatedSite::start_at(listen, conduct).await?;
    let line = serde_json::json!({
        "base_url": site.base_url(), "user_id": USER_ID,
        "access_token": ACCESS_TOKEN, "session": SESSION,
    });
    let mut stdout = std::io::stdout();
    writeln!(stdout, "{line}")?;
    stdout.flush()?;
    std::future::pending().await
}
