//! The processes of a run: upstream, bare proxy, and tollkeeper with everything on.

use std::net::SocketAddr;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, bail};
use serde_json::{Value, json};
use tempfile::TempDir;
use testkit::client::Client;
use testkit::gateway_process::GatewayProcess;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

const MODELS: [&str; 4] = ["bench-json", "bench-sse", "bench-paced", "bench-hold"];
/// Offered by a channel that speaks another dialect than the client.
const TRANSLATED: [&str; 2] = ["bench-translated-json", "bench-translated-sse"];
const START: Duration = Duration::from_secs(10);

/// Who is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Subject {
    Direct,
    Bare,
    Tollkeeper,
}

impl Subject {
    pub(super) const ALL: [Self; 3] = [Self::Direct, Self::Bare, Self::Tollkeeper];
}

/// All processes of a run; dropping it kills them.
#[derive(Debug)]
pub(super) struct Stage {
    upstream: Role,
    bare: Role,
    tollkeeper: GatewayProcess,
    secret: String,
    _directory: TempDir,
}

#[derive(Debug)]
pub(super) struct Role {
    pub(super) address: SocketAddr,
    child: Child,
}

impl Stage {
    pub(super) async fn start(binary: Option<&Path>) -> anyhow::Result<Self> {
        let upstream = Role::start(&["upstream"]).await?;
        let address = upstream.address.to_string();
        let bare = Role::start(&["proxy", "--upstream", &address]).await?;
        let directory = tempfile::tempdir()?;
        let mut builder = GatewayProcess::builder().data(directory.path().join("data"));
        if let Some(binary) = binary {
            builder = builder.binary(binary);
        }
        let tollkeeper = builder.start().await?;
        let secret = set_up(&tollkeeper, upstream.address).await?;
        Ok(Self { upstream, bare, tollkeeper, secret, _directory: directory })
    }

    pub(super) fn address(&self, subject: Subject) -> SocketAddr {
        match subject {
            Subject::Direct => self.upstream.address,
            Subject::Bare => self.bare.address,
            Subject::Tollkeeper => self.tollkeeper.address,
        }
    }

    /// The credential that every subject is sent, whether it looks or not.
    pub(super) fn secret(&self) -> &str {
        &self.secret
    }

    /// The process whose costs are the subject's; none for a direct call.
    pub(super) fn process(&self, subject: Subject) -> anyhow::Result<Option<u32>> {
        let id = match subject {
            Subject::Direct => return Ok(None),
            Subject::Bare => self.bare.child.id(),
            Subject::Tollkeeper => self.tollkeeper.process_id(),
        };
        id.with_context(|| format!("{subject:?} has ended")).map(Some)
    }
}

impl Role {
    /// Starts this program in another role and learns where it listens.
    pub(super) async fn start(arguments: &[&str]) -> anyhow::Result<Self> {
        let mut child = Command::new(std::env::current_exe()?)
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()?;
        let stdout = child.stdout.take().context("no standard output")?;
        let mut line = String::new();
        let mut reader = BufReader::new(stdout);
        tokio::time::timeout(START, reader.read_line(&mut line)).await??;
        let Some((_, address)) = line.trim().split_once("http://") else {
            bail!("{arguments:?} did not say where it listens: {line}");
        };
        Ok(Self { address: address.parse()?, child })
    }
}

/// A channel, prices, a user with a balance, and a key with every check and three money limits.
pub(super) async fn set_up(
    gateway: &GatewayProcess,
    upstream: SocketAddr,
) -> anyhow::Result<String> {
    let manager = Client::new(gateway.base_url()).bearer(&gateway.management_key)?;
    let channel = json!({
        "name": "bench", "provider": "openai", "base_url": format!("http://{upstream}"),
        "secret": "upstream-secret", "models": MODELS, "groups": ["default"],
    });
    manager.post_json("/api/v1/channels", &channel).await?.success()?;
    let channel = json!({
        "name": "translated", "provider": "anthropic", "base_url": format!("http://{upstream}"),
        "secret": "upstream-secret", "models": TRANSLATED, "groups": ["default"],
    });
    manager.post_json("/api/v1/channels", &channel).await?.success()?;
    for model in MODELS.iter().chain(&TRANSLATED) {
        let price = json!({"input": "0.01", "output": "0.04", "max_output": 4096});
        manager.put(&format!("/api/v1/prices/{model}"), &price).await?.success()?;
    }
    let user = json!({"name": "bench", "email": "bench@example.test", "role": "member"});
    let user = manager.post_json("/api/v1/users", &user).await?.success()?.json()?;
    let user = text(&user, "id")?;
    let amount = json!({"amount": "1000000"});
    manager.post_json(&format!("/api/v1/users/{user}/topups"), &amount).await?.success()?;
    let key = json!({
        "name": "bench", "owner": user, "billing_method": "usage_based",
        "permissions": "inference", "allowed_models": ["bench-*"],
        "ip_allowlist": ["127.0.0.0/8"], "quota": "900000",
        "daily_limit": {"amount": "800000"}, "monthly_limit": {"amount": "850000"},
    });
    text(&manager.post_json("/v1/api-keys", &key).await?.success()?.json()?, "key")
}

pub(super) fn text(answer: &Value, field: &str) -> anyhow::Result<String> {
    let value = answer.get(field).and_then(Value::as_str);
    Ok(value.with_context(|| format!("no {field} in {answer}"))?.to_owned())
}
