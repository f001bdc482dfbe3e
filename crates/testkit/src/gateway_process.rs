//! The real `tollkeeper` binary as a child process: started, killed, started again.
//!
//! Its standard error goes to a file beside the data directory, which every error shows the end
//! of.

mod command;

pub use command::{GatewayBuilder, default_binary};

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitStatus;
use std::time::Duration;

use anyhow::{Context, anyhow, bail};
use rustix::process::{Pid, Signal, kill_process};
use rustls::RootCertStore;
use serde_json::Value;
use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::process::{Child, ChildStdout};
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep, timeout};

use crate::client::{Client, Speech};

/// How long a start, a drain or a readiness may take before a test fails.
const PATIENCE: Duration = Duration::from_secs(60);
const POLL: Duration = Duration::from_millis(10);
/// So much of the standard error goes into an error's text.
const SHOWN_BYTES: usize = 4_000;

/// A running gateway. Dropping it kills the process.
#[derive(Debug)]
pub struct GatewayProcess {
    /// Where it listens; the same after [`Self::restart`].
    pub address: SocketAddr,
    /// The owner's management key, `mk-…`.
    pub management_key: String,
    /// All that `init --json` printed; `null` where `init` was left out.
    pub init: Value,
    builder: GatewayBuilder,
    child: Child,
    /// Keeps the child's standard output from filling up.
    draining: JoinHandle<()>,
}

impl GatewayProcess {
    /// Says how to start one.
    #[must_use]
    pub fn builder() -> GatewayBuilder {
        GatewayBuilder::default()
    }

    pub(crate) async fn start(mut builder: GatewayBuilder) -> anyhow::Result<Self> {
        let (management_key, init) = match builder.known_management_key() {
            Some(key) => (key.to_owned(), Value::Null),
            None => initialise(&builder).await?,
        };
        let (child, address, draining) = serve(&builder).await?;
        builder = builder.listen(address);
        let mut gateway = Self { address, management_key, init, builder, child, draining };
        gateway.until_ready().await?;
        Ok(gateway)
    }

    /// `http://ADDRESS`, or `https://ADDRESS` where roots were given.
    #[must_use]
    pub fn base_url(&self) -> String {
        let scheme = if self.builder.known_roots().is_some() { "https" } else { "http" };
        format!("{scheme}://{}", self.address)
    }

    /// A client of the gateway, without a credential.
    #[must_use]
    pub fn client(&self, speech: Speech) -> Client {
        let roots = self.builder.known_roots().cloned();
        Client::speaking(self.base_url(), speech, roots.unwrap_or_else(RootCertStore::empty))
    }

    /// The process id; `None` once it ended.
    #[must_use]
    pub fn process_id(&self) -> Option<u32> {
        self.child.id()
    }

    /// The data directory.
    #[must_use]
    pub fn data(&self) -> &Path {
        self.builder.data_directory()
    }

    /// The file that collects the standard error of every start.
    #[must_use]
    pub fn stderr_path(&self) -> PathBuf {
        self.builder.stderr_path()
    }

    /// `kill -9`, and waits until the process is gone.
    ///
    /// # Errors
    /// When it had ended already.
    pub async fn kill9(&mut self) -> anyhow::Result<ExitStatus> {
        self.child.start_kill().context("the gateway had ended before kill -9")?;
        Ok(self.child.wait().await?)
    }

    /// `SIGTERM`, and waits until the process has drained and ended.
    ///
    /// # Errors
    /// When it had ended already, or does not end in a minute.
    pub async fn terminate(&mut self) -> anyhow::Result<ExitStatus> {
        let id = self.child.id().context("the gateway had ended before SIGTERM")?;
        let id = Pid::from_raw(i32::try_from(id)?).context("no process id")?;
        kill_process(id, Signal::TERM)?;
        match timeout(PATIENCE, self.child.wait()).await {
            Ok(status) => Ok(status?),
            Err(_) => bail!("the gateway does not end after SIGTERM{}", self.builder.stderr_end()),
        }
    }

    /// Starts it again on the same data directory and port, after [`Self::kill9`] or
    /// [`Self::terminate`].
    ///
    /// # Errors
    /// When it still runs, or does not become ready.
    pub async fn restart(&mut self) -> anyhow::Result<()> {
        if self.child.try_wait()?.is_none() {
            bail!("the gateway still runs");
        }
        let (child, address, draining) = serve(&self.builder).await?;
        self.child = child;
        self.address = address;
        self.draining = draining;
        self.until_ready().await
    }

    /// The same with another value of an environment variable, which also holds for later starts.
    ///
    /// # Errors
    /// When it still runs, or does not become ready.
    pub async fn restart_with(&mut self, variable: &str, value: &str) -> anyhow::Result<()> {
        self.builder = self.builder.clone().env(variable, value);
        self.restart().await
    }

    /// Waits until `/readyz` answers 200.
    async fn until_ready(&mut self) -> anyhow::Result<()> {
        let client = self.client(Speech::Http1);
        let deadline = Instant::now() + PATIENCE;
        loop {
            let answer = client.get("/readyz").await;
            if answer.as_ref().is_ok_and(|answer| answer.status == 200) {
                return Ok(());
            }
            if let Some(status) = self.child.try_wait()? {
                bail!("the gateway ended with {status}{}", self.builder.stderr_end());
            }
            if Instant::now() > deadline {
                let last = answer.map_or_else(|error| error.to_string(), |it| it.text());
                bail!("the gateway is not ready: {last}{}", self.builder.stderr_end());
            }
            sleep(POLL).await;
        }
    }
}

/// `tollkeeper init --json`: the management key, and all that was printed.
async fn initialise(builder: &GatewayBuilder) -> anyhow::Result<(String, Value)> {
    let output = timeout(PATIENCE, builder.init_command()?.output())
        .await
        .map_err(|_| anyhow!("init does not end{}", builder.stderr_end()))?
        .with_context(|| format!("cannot run {}", builder.binary_path().display()))?;
    if !output.status.success() {
        bail!("init ended with {}{}", output.status, builder.stderr_end());
    }
    let printed: Value = serde_json::from_slice(&output.stdout).with_context(|| {
        format!("init did not print JSON: {}", String::from_utf8_lossy(&output.stdout))
    })?;
    let key = printed.get("management_key").and_then(Value::as_str);
    let key = key.with_context(|| format!("init printed no management_key: {printed}"))?;
    Ok((key.to_owned(), printed.clone()))
}

/// `tollkeeper serve`, up to the line that says where it listens.
async fn serve(builder: &GatewayBuilder) -> anyhow::Result<(Child, SocketAddr, JoinHandle<()>)> {
    let mut child = builder
        .serve_command()?
        .spawn()
        .with_context(|| format!("cannot run {}", builder.binary_path().display()))?;
    let stdout = child.stdout.take().context("the gateway has no standard output")?;
    let mut lines = BufReader::new(stdout).lines();
    let address = timeout(PATIENCE, announced_address(&mut lines))
        .await
        .map_err(|_| anyhow!("the gateway does not say where it listens"))
        .and_then(|address| address)
        .map_err(|error| anyhow!("{error}{}", builder.stderr_end()))?;
    let draining = tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
    Ok((child, address, draining))
}

async fn announced_address(
    lines: &mut Lines<BufReader<ChildStdout>>,
) -> anyhow::Result<SocketAddr> {
    while let Some(line) = lines.next_line().await? {
        if let Some(address) = address_in(&line) {
            return Ok(address);
        }
    }
    bail!("the gateway ended before it said where it listens")
}

/// The address of the first `http://IP:PORT` or `https://IP:PORT` in a line.
fn address_in(line: &str) -> Option<SocketAddr> {
    let (_, rest) = line.split_once("://")?;
    let part_of_address = |character: char| {
        character.is_ascii_hexdigit() || matches!(character, '.' | ':' | '[' | ']')
    };
    let end = rest.find(|character| !part_of_address(character)).unwrap_or(rest.len());
    rest.get(..end)?.parse().ok()
}

impl Drop for GatewayProcess {
    fn drop(&mut self) {
        self.draining.abort();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_address_in_plain_and_json_lines() {
        let expected = "127.0.0.1:8080".parse().ok();
        assert_eq!(address_in("listening on http://127.0.0.1:8080"), expected);
        assert_eq!(address_in(r#"{"listening":"http://127.0.0.1:8080/"}"#), expected);
        assert_eq!(address_in("listening on https://127.0.0.1:8080"), expected);
        assert_eq!(address_in("http://[::1]:80"), "[::1]:80".parse().ok());
        assert_eq!(address_in("starting"), None);
    }
}
