//! A deployment that is started, killed and started again: the gateway, its provider, and the
//! calls that set it up.

use std::path::{Path, PathBuf};
use std::process::Output;
use std::time::Duration;

use anyhow::{Context, bail};
use serde_json::{Value, json};
use tempfile::TempDir;
use testkit::client::Client;
use testkit::gateway_process::{GatewayProcess, default_binary};
use testkit::provider::Script;
use tokio::process::Command;
use tokio::time::timeout;

use crate::postgres::Postgres;
use crate::upstream::{SECRET, Upstream};

/// Which program is tested, and on which database.
#[derive(Debug)]
pub(crate) struct Program {
    binary: PathBuf,
    flaw: Option<&'static str>,
    postgres: Option<Postgres>,
}

impl Program {
    /// The sound binary on the embedded database.
    pub(crate) fn sound() -> Self {
        Self { binary: default_binary(), flaw: None, postgres: None }
    }

    /// The sound binary on a fresh PostgreSQL database.
    pub(crate) async fn on_postgres() -> anyhow::Result<Self> {
        Ok(Self { postgres: Some(Postgres::create().await?), ..Self::sound() })
    }

    /// The binary with the feature `flaws`, broken in one way.
    pub(crate) fn broken(flaw: &'static str) -> anyhow::Result<Self> {
        let binary = std::env::var_os("TOLLKEEPER_FLAWS_BIN").context(
            "set TOLLKEEPER_FLAWS_BIN to a tollkeeper that was built with the feature flaws, or run `cargo xtask test`, which builds it",
        )?;
        Ok(Self { binary: binary.into(), flaw: Some(flaw), postgres: None })
    }
}

/// A deployment. Dropping it kills both processes and removes the files.
#[derive(Debug)]
pub(crate) struct House {
    pub(crate) program: Program,
    pub(crate) upstream: Upstream,
    pub(crate) gateway: GatewayProcess,
    /// The owner's management key.
    pub(crate) management_key: String,
    directory: TempDir,
}

/// An API key.
#[derive(Debug, Clone)]
pub(crate) struct Key {
    pub(crate) id: String,
    pub(crate) secret: String,
}

impl House {
    /// Makes a deployment whose provider follows this script by default.
    pub(crate) async fn open(program: Program, script: &Script) -> anyhow::Result<Self> {
        let directory = tempfile::tempdir()?;
        let upstream = Upstream::start(directory.path(), script).await?;
        let gateway = start(&program, &directory.path().join("data"), None, &[]).await?;
        let management_key = gateway.management_key.clone();
        Ok(Self { program, upstream, gateway, management_key, directory })
    }

    /// Starts the gateway anew, after it ended, with these arguments. It gets another port: the
    /// old one may have gone to someone's outgoing connection in the meantime.
    pub(crate) async fn restart(&mut self, arguments: &[&str]) -> anyhow::Result<()> {
        let known = Some(self.management_key.as_str());
        self.gateway = start(&self.program, &self.data(), known, arguments).await?;
        Ok(())
    }

    /// Starts the gateway and kills it after so long, wherever it has come to.
    pub(crate) async fn interrupted_start(&mut self, after: Duration) -> anyhow::Result<()> {
        let known = Some(self.management_key.as_str());
        let data = self.data();
        match timeout(after, start(&self.program, &data, known, &[])).await {
            // Given up, the start kills its process.
            Err(_) => Ok(()),
            Ok(started) => started?.kill9().await.map(|_| ()),
        }
    }

    pub(crate) fn data(&self) -> PathBuf {
        self.directory.path().join("data")
    }

    /// A client with the owner's management key.
    pub(crate) fn management(&self) -> anyhow::Result<Client> {
        Client::new(self.gateway.base_url()).bearer(&self.management_key)
    }

    /// Runs a verb of the binary on the data directory.
    pub(crate) async fn run(&self, arguments: &[&str]) -> anyhow::Result<Output> {
        run(&self.program, &self.data(), &self.management_key, arguments).await
    }

    /// What `tollkeeper verify` finds.
    pub(crate) async fn verify(&self) -> anyhow::Result<Vec<String>> {
        verify(&self.program, &self.data()).await
    }

    /// A channel to the provider for these models.
    pub(crate) async fn channel(&self, base_url: &str, models: &[&str]) -> anyhow::Result<()> {
        let channel = json!({
            "name": format!("channel for {}", models.join(" ")),
            "provider": "openai",
            "base_url": base_url,
            "secret": SECRET,
            "models": models,
            "groups": ["default"],
        });
        self.post("/api/v1/channels", &channel).await?;
        Ok(())
    }

    pub(crate) async fn price(&self, model: &str, price: &Value) -> anyhow::Result<()> {
        let path = format!("/api/v1/prices/{model}");
        self.management()?.put(&path, price).await?.success()?;
        Ok(())
    }

    /// A user who may have any number of keys, with this balance in USD.
    pub(crate) async fn user(&self, name: &str, balance: &str) -> anyhow::Result<String> {
        let user = json!({
            "name": name,
            "email": format!("{name}@example.test"),
            "role": "member",
            "tier": "enterprise",
        });
        let id = text(&self.post("/api/v1/users", &user).await?, "id")?;
        let top_up = json!({"amount": balance, "note": "to begin with"});
        self.post(&format!("/api/v1/users/{id}/topups"), &top_up).await?;
        Ok(id)
    }

    pub(crate) async fn key(&self, fields: &Value) -> anyhow::Result<Key> {
        let made = self.post("/v1/api-keys", fields).await?;
        Ok(Key { id: text(&made, "id")?, secret: text(&made, "key")? })
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> anyhow::Result<Value> {
        let answer = self.management()?.post_json(path, body).await?;
        answer.success().with_context(|| format!("POST {path} {body}"))?.json()
    }

    /// Kills the gateway, if it still runs, and waits until it is gone.
    pub(crate) async fn kill(&mut self) -> anyhow::Result<()> {
        self.gateway.kill9().await?;
        Ok(())
    }
}

/// The differences that `tollkeeper verify` prints for a data directory.
pub(crate) async fn verify(program: &Program, data: &Path) -> anyhow::Result<Vec<String>> {
    let output = run(program, data, "", &["verify", "--json"]).await?;
    let report: Value = serde_json::from_slice(&output.stdout).with_context(|| {
        format!("verify printed no report: {}", String::from_utf8_lossy(&output.stderr))
    })?;
    let found = report.get("differences").and_then(Value::as_array);
    let differences: Vec<String> = found
        .context("verify's report has no differences")?
        .iter()
        .map(|difference| format!("verify: {}", difference.as_str().unwrap_or_default()))
        .collect();
    let expected = if differences.is_empty() { 0 } else { 3 };
    if output.status.code() != Some(expected) {
        bail!("verify found {} differences and ended with {}", differences.len(), output.status);
    }
    Ok(differences)
}

async fn run(
    program: &Program,
    data: &Path,
    management_key: &str,
    arguments: &[&str],
) -> anyhow::Result<Output> {
    let mut command = Command::new(&program.binary);
    command.args(arguments).arg("--data").arg(data);
    if let Some(postgres) = &program.postgres {
        command.args(["--database", &postgres.url]);
    }
    command.env("TOLLKEEPER_MANAGEMENT_KEY", management_key);
    command.env("TOLLKEEPER_FLAW", program.flaw.unwrap_or_default());
    let output = command.output().await;
    output.with_context(|| format!("cannot run {}", program.binary.display()))
}

/// However many clients leave at once, their answers are read on: then each has an exact bill.
const READ_ON: [&str; 2] = ["--read-on-calls", "1000"];

/// How often a start is tried while the process before it still lets go of the directory.
const TRIES: usize = 50;

async fn start(
    program: &Program,
    data: &Path,
    management_key: Option<&str>,
    arguments: &[&str],
) -> anyhow::Result<GatewayProcess> {
    for _ in 1..TRIES {
        let mut builder = GatewayProcess::builder()
            .binary(&program.binary)
            .data(data)
            .args(READ_ON)
            .args(arguments)
            .env("TOLLKEEPER_FLAW", program.flaw.unwrap_or_default());
        if let Some(postgres) = &program.postgres {
            builder = builder.database(&postgres.url);
        }
        if let Some(key) = management_key {
            builder = builder.management_key(key);
        }
        match builder.start().await {
            Err(error) if error.to_string().contains("another tollkeeper process") => {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
            started => return started,
        }
    }
    bail!("the data directory stays locked")
}

/// A field that must be text.
pub(crate) fn text(answer: &Value, name: &str) -> anyhow::Result<String> {
    let value = answer.get(name).and_then(Value::as_str);
    Ok(value.with_context(|| format!("no {name} in {answer}"))?.to_owned())
}
