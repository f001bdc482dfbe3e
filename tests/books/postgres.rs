//! A PostgreSQL database of its own for one test, made and dropped with `psql`.

use anyhow::{Context, ensure};
use tokio::process::Command;

/// A database that is dropped with this.
#[derive(Debug)]
pub(crate) struct Postgres {
    pub(crate) url: String,
    server: String,
    name: String,
}

impl Postgres {
    /// Makes an empty database on the server behind `TOLLKEEPER_TEST_POSTGRES`.
    pub(crate) async fn create() -> anyhow::Result<Self> {
        let server = std::env::var("TOLLKEEPER_TEST_POSTGRES")
            .context("set TOLLKEEPER_TEST_POSTGRES, or run `cargo xtask test`")?;
        let (base, _) = server.rsplit_once('/').context("TOLLKEEPER_TEST_POSTGRES is no URL")?;
        let since = std::time::UNIX_EPOCH.elapsed()?.as_nanos();
        let name = format!("books_{}_{since}", std::process::id());
        let made = statement(&server, &format!("CREATE DATABASE {name}")).output().await;
        let made = made.context("psql cannot be run")?;
        ensure!(made.status.success(), "psql: {}", String::from_utf8_lossy(&made.stderr));
        Ok(Self { url: format!("{base}/{name}"), server, name })
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        let drop = format!("DROP DATABASE {} WITH (FORCE)", self.name);
        // A database that stays behind is a nuisance, not a failure.
        let _left_behind = statement(&self.server, &drop).as_std_mut().output();
    }
}

fn statement(server: &str, text: &str) -> Command {
    let mut command = Command::new("psql");
    command.args(["--no-psqlrc", "--quiet", "--command", text, server]);
    command
}
