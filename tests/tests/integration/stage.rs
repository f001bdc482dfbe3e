//! The scene that most tests begin with: a priced model on one channel, a member with a balance,
//! and a key of theirs; and the audit that they end with.

pub(crate) mod answer;
pub(crate) mod certificates;
pub(crate) mod crossing;
pub(crate) mod disk;
pub(crate) mod events;
pub(crate) mod old_site;
pub(crate) mod person;
pub(crate) mod question;
pub(crate) mod wire;

use std::ops::Deref;
use std::path::Path;
use std::process::Output;

use anyhow::{Context, ensure};
use serde_json::{Value, json};
use testkit::client::{Client, EventStream, Response};
use testkit::gateway_process::{GatewayBuilder, default_binary};
use testkit::provider::ProviderConfig;
use testkit::world::{Key, World};
use tokio::process::Command;
use tokio::time::{Duration, Instant, sleep};

/// The model of the scene.
pub(crate) const MODEL: &str = "sim-small";
/// What a token of its input costs, in nano-USD.
pub(crate) const INPUT: i64 = 1_000;
/// What a token of its output costs, in nano-USD.
pub(crate) const OUTPUT: i64 = 2_000;
/// What the provider counts for the prompt of [`request`].
pub(crate) const PROMPT_TOKENS: i64 = 6;
/// What the member of the scene has, in nano-USD.
pub(crate) const BALANCE: i64 = 10_000_000_000;

/// How long a test waits for something that happens in the background.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// A world with a model, a member and a key.
pub(crate) struct Stage {
    pub(crate) world: World,
    /// The member's id.
    pub(crate) user: String,
    /// The member's key.
    pub(crate) key: Key,
    /// The channel's id.
    pub(crate) channel: String,
}

impl Deref for Stage {
    type Target = World;

    fn deref(&self) -> &World {
        &self.world
    }
}

impl Stage {
    /// The scene with the gateway's own settings.
    pub(crate) async fn set() -> anyhow::Result<Self> {
        Self::set_with(|gateway| gateway).await
    }

    /// The scene with a gateway to the test's liking.
    pub(crate) async fn set_with(
        gateway: impl FnOnce(GatewayBuilder) -> GatewayBuilder,
    ) -> anyhow::Result<Self> {
        Self::set_with_key(gateway, json!({})).await
    }

    /// The scene with a key that has these fields.
    pub(crate) async fn with_key(fields: Value) -> anyhow::Result<Self> {
        Self::set_with_key(|gateway| gateway, fields).await
    }

    /// The scene with a gateway and a key to the test's liking.
    pub(crate) async fn set_with_key(
        gateway: impl FnOnce(GatewayBuilder) -> GatewayBuilder,
        fields: Value,
    ) -> anyhow::Result<Self> {
        let world = World::start_with(ProviderConfig::default().keep_seen(64), gateway).await?;
        world.price(MODEL, json!({"input": 1, "output": 2})).await?;
        let channel = world.channel(&[MODEL]).await?;
        let user = world.user("10").await?;
        let key = world.key(merged(json!({"owner": user}), fields)).await?;
        Ok(Self { world, user, key, channel })
    }

    /// A client with the scene's key.
    pub(crate) fn holder(&self) -> anyhow::Result<Client> {
        self.client.bearer(&self.key.secret)
    }

    /// A chat completion with the scene's key.
    pub(crate) async fn ask(&self, body: &Value) -> anyhow::Result<Response> {
        self.chat(&self.key, body).await
    }

    /// A streamed chat completion with the scene's key.
    pub(crate) async fn ask_stream(&self, body: &Value) -> anyhow::Result<EventStream> {
        self.chat_stream(&self.key, body).await
    }

    /// Edits the scene's key.
    pub(crate) async fn edit_key(&self, fields: Value) -> anyhow::Result<Value> {
        let path = format!("/v1/api-keys/{}", self.key.id);
        self.management.patch(&path, &fields).await?.success()?.json()
    }

    /// `POST /v1/api-keys/{id}/{verb}` on the scene's key.
    pub(crate) async fn switch_key(&self, verb: &str) -> anyhow::Result<Value> {
        let path = format!("/v1/api-keys/{}/{verb}", self.key.id);
        self.management.post_json(&path, &json!({})).await?.success()?.json()
    }

    /// Edits the scene's member.
    pub(crate) async fn edit_user(&self, fields: Value) -> anyhow::Result<Value> {
        let path = format!("/api/v1/users/{}", self.user);
        self.management.patch(&path, &fields).await?.success()?.json()
    }

    /// Edits the scene's channel.
    pub(crate) async fn edit_channel(&self, fields: Value) -> anyhow::Result<Value> {
        let path = format!("/api/v1/channels/{}", self.channel);
        self.management.patch(&path, &fields).await?.success()?.json()
    }

    /// The scene's member as their manager sees them.
    pub(crate) async fn user_state(&self) -> anyhow::Result<Value> {
        let path = format!("/api/v1/users/{}", self.user);
        self.management.get(&path).await?.success()?.json()
    }

    /// The one call that the database has in the end.
    pub(crate) async fn only_call(&self) -> anyhow::Result<Value> {
        let calls = self.calls_when(1).await?;
        ensure!(calls.len() == 1, "expected one call: {calls:?}");
        calls.into_iter().next().context("no call")
    }

    /// Waits until nothing is set aside for the key; then the books must be right to the last
    /// nano-USD: the balance is what was topped up less the calls, and `verify` finds nothing.
    pub(crate) async fn audit(&self) -> anyhow::Result<()> {
        let idle = async |stage: &Self| Ok(nanos(&stage.user_state().await?["reserved"]) == 0);
        eventually("nothing is set aside", || idle(self)).await?;
        let charged: i64 = self.calls().await?.iter().map(|call| nanos(&call["charged"])).sum();
        let user = self.user_state().await?;
        ensure!(
            nanos(&user["credited"]) - nanos(&user["balance"]) == charged,
            "{charged} nano-USD were charged, but the user is {user}"
        );
        verify(self.gateway.data()).await
    }
}

/// Runs `tollkeeper verify` and fails unless it finds nothing.
pub(crate) async fn verify(data: &Path) -> anyhow::Result<()> {
    let output = tollkeeper(&["verify", "--json", "--data", path(data)?]).output().await?;
    ensure!(output.status.success(), "verify: {}", said(&output));
    let report: Value = serde_json::from_slice(&output.stdout)?;
    ensure!(report["differences"] == json!([]), "verify: {report}");
    Ok(())
}

/// The real binary with these arguments, and nothing of the test's own settings.
pub(crate) fn tollkeeper(arguments: &[&str]) -> Command {
    let mut command = Command::new(default_binary());
    for (name, _) in std::env::vars_os() {
        if name == "DATABASE_URL" || name.to_string_lossy().starts_with("TOLLKEEPER_") {
            command.env_remove(name);
        }
    }
    command.args(arguments).kill_on_drop(true);
    command
}

/// A process's exit and everything it printed, for an error's text.
pub(crate) fn said(output: &Output) -> String {
    format!(
        "{}\n{}\n{}",
        output.status,
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    )
}

/// A path as an argument.
pub(crate) fn path(path: &Path) -> anyhow::Result<&str> {
    path.to_str().context("the path is not UTF-8")
}

/// A chat request of [`PROMPT_TOKENS`] tokens and at most 100 of output, with these fields.
pub(crate) fn request(fields: Value) -> Value {
    let plain = json!({
        "model": MODEL,
        "messages": [{"role": "user", "content": "one two three"}],
        "max_tokens": 100,
    });
    merged(plain, fields)
}

/// The same, answered by the provider as the script says.
pub(crate) fn scripted(script: Value, fields: Value) -> Value {
    merged(request(json!({"metadata": {"simulate": script}})), fields)
}

/// One object with the members of both; the second's count.
pub(crate) fn merged(mut first: Value, second: Value) -> Value {
    if let (Some(all), Value::Object(more)) = (first.as_object_mut(), second) {
        all.extend(more);
    }
    first
}

/// An amount of USD in JSON, in nano-USD.
pub(crate) fn nanos(amount: &Value) -> i64 {
    let usd = amount.as_f64().unwrap_or(f64::NAN);
    assert!(usd.is_finite(), "not an amount: {amount}");
    #[expect(clippy::cast_possible_truncation, reason = "tests deal in small amounts")]
    let nanos = (usd * 1e9).round() as i64;
    nanos
}

/// What so many tokens of the scene's model cost, in nano-USD.
pub(crate) fn cost(input: i64, output: i64) -> i64 {
    input * INPUT + output * OUTPUT
}

/// Asks again and again until the answer is yes.
pub(crate) async fn eventually<F>(what: &str, mut is_so: impl FnMut() -> F) -> anyhow::Result<()>
where
    F: Future<Output = anyhow::Result<bool>>,
{
    let deadline = Instant::now() + PATIENCE;
    while !is_so().await? {
        ensure!(Instant::now() < deadline, "waited in vain until {what}");
        sleep(Duration::from_millis(10)).await;
    }
    Ok(())
}
