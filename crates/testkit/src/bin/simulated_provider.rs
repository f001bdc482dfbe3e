//! The simulated provider as a process of its own, for tests that must outlive its clients.
//!
//! `simulated-provider [--listen ADDRESS] [--books FILE] [--script JSON] [--secret SECRET]…`
//! prints `{"address":"127.0.0.1:PORT","base_url":"http://…"}` as one line and serves until it is
//! killed.

use std::io::Write;

use anyhow::{Context, bail};
use testkit::provider::{ProviderConfig, SimulatedProvider};

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let provider = SimulatedProvider::start(read_arguments(std::env::args().skip(1))?).await?;
    let line = serde_json::json!({"address": provider.address, "base_url": provider.base_url()});
    let mut stdout = std::io::stdout();
    writeln!(stdout, "{line}")?;
    stdout.flush()?;
    std::future::pending().await
}

fn read_arguments(mut arguments: impl Iterator<Item = String>) -> anyhow::Result<ProviderConfig> {
    let mut config = ProviderConfig::default();
    while let Some(flag) = arguments.next() {
        let value = arguments.next().with_context(|| format!("{flag} needs a value"))?;
        config = match flag.as_str() {
            "--listen" => config.listen(value.parse().context("--listen: not an address")?),
            "--books" => config.books(value),
            "--script" => config.script(serde_json::from_str(&value).context("--script")?),
            "--secret" => config.require_secret(value),
            _ => bail!("unknown flag {flag}; known: --listen --books --script --secret"),
        };
    }
    Ok(config)
}
