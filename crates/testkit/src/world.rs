//! A whole small world for one test: a provider with books, a real gateway in front of it, and
//! the calls that set it up, a line each.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use anyhow::{Context, bail};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::time::{Instant, sleep};

use crate::client::{Client, EventStream, Response, Speech};
use crate::gateway_process::{GatewayBuilder, GatewayProcess};
use crate::provider::{Books, ProviderConfig, SimulatedProvider};

/// The secret between the world's channels and its provider.
pub const UPSTREAM_SECRET: &str = "upstream-secret";

/// Usage rows reach the database within a fraction of a second; a test fails after this.
const PATIENCE: Duration = Duration::from_secs(20);
const POLL: Duration = Duration::from_millis(10);

/// An API key of the world's gateway.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    /// `key_…`.
    pub id: String,
    /// `sk-…`.
    pub secret: String,
}

/// Provider, gateway and the owner's management key. Dropping it ends all and removes the files.
#[derive(Debug)]
pub struct World {
    /// The upstream, with its books in a file.
    pub provider: SimulatedProvider,
    /// The gateway.
    pub gateway: GatewayProcess,
    /// A client with the owner's management key.
    pub management: Client,
    /// A client without credentials.
    pub client: Client,
    directory: TempDir,
    names: AtomicU64,
}

impl World {
    /// A fresh deployment in front of a well-behaved provider.
    ///
    /// # Errors
    /// When either cannot be started.
    pub async fn start() -> anyhow::Result<Self> {
        Self::start_with(ProviderConfig::default(), |gateway| gateway).await
    }

    /// The same, with a provider and a gateway to the test's liking. Books, secret and data
    /// directory are the world's.
    ///
    /// # Errors
    /// When either cannot be started.
    pub async fn start_with(
        provider: ProviderConfig,
        gateway: impl FnOnce(GatewayBuilder) -> GatewayBuilder,
    ) -> anyhow::Result<Self> {
        let directory = tempfile::tempdir()?;
        let books = directory.path().join("provider.jsonl");
        let config = provider.books(books).require_secret(UPSTREAM_SECRET);
        let provider = SimulatedProvider::start(config).await?;
        let builder = GatewayProcess::builder().data(directory.path().join("data"));
        let gateway = gateway(builder).start().await?;
        let client = gateway.client(Speech::Http1);
        let management = client.bearer(&gateway.management_key)?;
        let names = AtomicU64::new(1);
        Ok(Self { provider, gateway, management, client, directory, names })
    }

    /// An OpenAI channel for these models to the world's provider; returns its id.
    ///
    /// # Errors
    /// When the gateway refuses it.
    pub async fn channel(&self, models: &[&str]) -> anyhow::Result<String> {
        self.channel_with(json!({"models": models})).await
    }

    /// A channel with these fields, and the world's for those left out; returns its id.
    ///
    /// # Errors
    /// When the gateway refuses it.
    pub async fn channel_with(&self, fields: Value) -> anyhow::Result<String> {
        let defaults = json!({
            "name": self.name("channel"),
            "provider": "openai",
            "base_url": self.provider.base_url(),
            "secret": UPSTREAM_SECRET,
            "groups": ["default"],
        });
        let made = self.manage("/api/v1/channels", &with_defaults(fields, defaults)).await?;
        text_field(&made, "id")
    }

    /// Sets a model's price, in USD per million tokens: `json!({"input": 2, "output": 8})`.
    ///
    /// # Errors
    /// When the gateway refuses it.
    pub async fn price(&self, model: &str, price: Value) -> anyhow::Result<()> {
        self.management.put(&format!("/api/v1/prices/{model}"), &price).await?.success()?;
        Ok(())
    }

    /// A member with this balance in USD; returns the id.
    ///
    /// # Errors
    /// When the gateway refuses it.
    pub async fn user(&self, balance: &str) -> anyhow::Result<String> {
        let name = self.name("user");
        let user = json!({"name": name, "email": format!("{name}@example.test"), "role": "member"});
        let id = text_field(&self.manage("/api/v1/users", &user).await?, "id")?;
        self.top_up(&id, balance).await?;
        Ok(id)
    }

    /// Adds to a user's balance, in USD.
    ///
    /// # Errors
    /// When the gateway refuses it.
    pub async fn top_up(&self, user: &str, amount: &str) -> anyhow::Result<()> {
        let body = json!({"amount": amount, "note": "test"});
        self.manage(&format!("/api/v1/users/{user}/topups"), &body).await?;
        Ok(())
    }

    /// A key with these fields; without an `owner` it is the owner's, whose credit is unlimited.
    ///
    /// # Errors
    /// When the gateway refuses it.
    pub async fn key(&self, fields: Value) -> anyhow::Result<Key> {
        let defaults = json!({"name": self.name("key"), "billing_method": "usage_based"});
        let made = self.manage("/v1/api-keys", &with_defaults(fields, defaults)).await?;
        Ok(Key { id: text_field(&made, "id")?, secret: text_field(&made, "key")? })
    }

    /// A chat completion; refusals are answers too.
    ///
    /// # Errors
    /// When no whole answer came.
    pub async fn chat(&self, key: &Key, body: &Value) -> anyhow::Result<Response> {
        self.client.bearer(&key.secret)?.post_json("/v1/chat/completions", body).await
    }

    /// A chat completion as a stream; the body must ask for one.
    ///
    /// # Errors
    /// When no head came.
    pub async fn chat_stream(&self, key: &Key, body: &Value) -> anyhow::Result<EventStream> {
        self.client.bearer(&key.secret)?.stream("/v1/chat/completions", body).await
    }

    /// `GET /v1/usage` with the key itself.
    ///
    /// # Errors
    /// When the gateway refuses it.
    pub async fn usage(&self, key: &Key) -> anyhow::Result<Value> {
        self.client.bearer(&key.secret)?.get("/v1/usage").await?.success()?.json()
    }

    /// The key as its manager sees it: `status`, `used`, `held`, `reserved`, `remaining`, …
    ///
    /// # Errors
    /// When the gateway refuses it.
    pub async fn key_state(&self, key: &Key) -> anyhow::Result<Value> {
        self.management.get(&format!("/v1/api-keys/{}", key.id)).await?.success()?.json()
    }

    /// All calls that the database has, every page.
    ///
    /// # Errors
    /// When the gateway refuses it.
    pub async fn calls(&self) -> anyhow::Result<Vec<Value>> {
        let mut calls = Vec::new();
        let mut cursor = String::new();
        loop {
            let path = format!("/api/v1/calls?limit=200{cursor}");
            let page = self.management.get(&path).await?.success()?.json()?;
            let data = page.get("data").and_then(Value::as_array).context("no data in calls")?;
            calls.extend(data.iter().cloned());
            match page.get("next_cursor").and_then(Value::as_str) {
                Some(next) => cursor = format!("&cursor={next}"),
                None => return Ok(calls),
            }
        }
    }

    /// All calls, once the database has at least so many: the journal ships in the background.
    ///
    /// # Errors
    /// When they do not come.
    pub async fn calls_when(&self, count: usize) -> anyhow::Result<Vec<Value>> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let calls = self.calls().await?;
            if calls.len() >= count {
                return Ok(calls);
            }
            if Instant::now() > deadline {
                bail!("waited for {count} calls, the database has {}", calls.len());
            }
            sleep(POLL).await;
        }
    }

    /// The provider's books, read from their file.
    ///
    /// # Errors
    /// When they cannot be read.
    pub fn books(&self) -> anyhow::Result<Books> {
        Books::read(self.directory.path().join("provider.jsonl"))
    }

    async fn manage(&self, path: &str, body: &Value) -> anyhow::Result<Value> {
        let answer = self.management.post_json(path, body).await?;
        answer.success().with_context(|| format!("POST {path} {body}"))?.json()
    }

    fn name(&self, what: &str) -> String {
        format!("{what}-{}", self.names.fetch_add(1, Ordering::Relaxed))
    }
}

/// The fields, and the defaults for those left out.
fn with_defaults(fields: Value, defaults: Value) -> Value {
    match (fields, defaults) {
        (Value::Object(fields), Value::Object(mut all)) => {
            all.extend(fields);
            Value::Object(all)
        }
        (fields, _) => fields,
    }
}

fn text_field(answer: &Value, name: &str) -> anyhow::Result<String> {
    let value = answer.get(name).and_then(Value::as_str);
    Ok(value.with_context(|| format!("no {name} in {answer}"))?.to_owned())
}
