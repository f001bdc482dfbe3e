//! The scene in which every dialect is called in every other: a channel and a model for each, at
//! prices that no two sums share, in front of a provider as strict as the real ones.

use std::ops::Deref;

use anyhow::{Context, ensure};
use domain::dialect::Dialect;
use domain::usage::Usage;
use serde_json::{Value, json};
use testkit::client::Client;
use testkit::gateway_process::GatewayBuilder;
use testkit::provider::{Matcher, ProviderConfig, Script, SeenRequest};
use testkit::world::{UPSTREAM_SECRET, World};

use super::question::{DIALECTS, caller};
use super::{Stage, merged, nanos};

/// A stage whose provider speaks all dialects, each on a channel and by a model of its own.
pub(crate) struct Crossing(Stage);

impl Deref for Crossing {
    type Target = Stage;

    fn deref(&self) -> &Stage {
        &self.0
    }
}

impl Crossing {
    pub(crate) async fn set() -> anyhow::Result<Self> {
        let strict = ProviderConfig::default().strict(true);
        Self::set_with(strict, |gateway| gateway, json!({})).await
    }

    /// With a provider, a gateway and a key to the test's liking.
    pub(crate) async fn set_with(
        provider: ProviderConfig,
        gateway: impl FnOnce(GatewayBuilder) -> GatewayBuilder,
        key: Value,
    ) -> anyhow::Result<Self> {
        let world = World::start_with(provider.keep_seen(64), gateway).await?;
        let mut channel = String::new();
        for dialect in DIALECTS {
            let model = model(dialect);
            world.price(&model, price()).await?;
            channel = world.channel_with(speaking(dialect, &[&model])).await?;
        }
        let user = world.user("1000").await?;
        let key = world.key(merged(json!({"owner": user}), key)).await?;
        Ok(Self(Stage { world, user, key, channel }))
    }

    /// A client with the scene's key, as the dialect's SDK sends it.
    pub(crate) fn caller(&self, dialect: Dialect) -> anyhow::Result<Client> {
        caller(&self.client, dialect, &self.key.secret)
    }

    /// What the provider does from now on.
    pub(crate) fn provider_does(&self, script: Value) -> anyhow::Result<()> {
        let script: Script = serde_json::from_value(script)?;
        self.provider.clear_scripts();
        self.provider.script(Matcher::any(), script);
        Ok(())
    }

    /// The last request that the provider got.
    pub(crate) fn last_seen(&self) -> anyhow::Result<SeenRequest> {
        self.provider.seen().last().cloned().context("the provider got nothing")
    }

    /// Edits every channel, which makes each forget its failures.
    pub(crate) async fn forget_failures(&self) -> anyhow::Result<()> {
        let channels =
            self.management.get("/api/v1/channels?limit=200").await?.success()?.json()?;
        for channel in channels["data"].as_array().into_iter().flatten() {
            let path = format!("/api/v1/channels/{}", channel["id"].as_str().unwrap_or_default());
            let same = json!({"secret": UPSTREAM_SECRET});
            self.management.patch(&path, &same).await?.success()?;
        }
        Ok(())
    }

    /// A call by its id.
    pub(crate) async fn call(&self, id: &str) -> anyhow::Result<Value> {
        self.management.get(&format!("/api/v1/calls/{id}")).await?.success()?.json()
    }

    /// A finished call, which must be billed by the usage that the provider's books have, to the
    /// nano-USD, and listed with both dialects.
    pub(crate) async fn billed(
        &self,
        id: &str,
        from: Dialect,
        to: Dialect,
    ) -> anyhow::Result<Usage> {
        let call = self.call(id).await?;
        let usage = told_by(to, self.booked()?);
        let listed: Usage = serde_json::from_value(call["usage"].clone())?;
        ensure!(listed == usage, "the books have {usage:?}: {call}");
        ensure!(nanos(&call["cost"]) == cost_of(&usage), "{usage:?}: {call}");
        ensure!(call["cost"] == call["charged"], "{call}");
        ensure!(call["dialect"] == from.name() && call["upstream_dialect"] == to.name(), "{call}");
        ensure!(call["usage_source"] == "upstream_final" && call["suspect"] == false, "{call}");
        ensure!(call["outcome"] == "completed" && call["status"] == 200, "{call}");
        Ok(usage)
    }

    /// What the provider's books have of the last call.
    pub(crate) fn booked(&self) -> anyhow::Result<Usage> {
        let books = self.books()?;
        let last = books.requests.values().next_back().context("the books are empty")?;
        let usage = last.usage().context("the last call's usage was not sent")?.usage;
        Ok(Usage {
            input: usage.input,
            cached_input: usage.cached,
            cache_write: usage.cache_write,
            cache_write_1h: usage.cache_write_1h,
            output: usage.output,
            reasoning: usage.reasoning,
        })
    }
}

/// The model that only a channel of this dialect has, named as its makers would: what a model takes
/// is told by its name.
pub(crate) fn model(dialect: Dialect) -> String {
    let name = match dialect {
        Dialect::Chat => "vendor-chat-1",
        Dialect::Responses => "gpt-5.1",
        Dialect::Messages => "claude-sonnet-4-5",
        Dialect::Gemini => "gemini-2.5-flash",
    };
    name.to_owned()
}

/// A channel that speaks nothing but this dialect.
pub(crate) fn speaking(dialect: Dialect, models: &[&str]) -> Value {
    let provider = match dialect {
        Dialect::Chat | Dialect::Responses => "openai",
        Dialect::Messages => "anthropic",
        Dialect::Gemini => "gemini",
    };
    json!({"provider": provider, "dialects": [dialect.name()], "models": models})
}

/// Prices in USD per million tokens; no class costs what another does.
pub(crate) fn price() -> Value {
    json!({
        "input": "1.003", "cached_input": "0.101", "cache_write": "1.297", "cache_write_1h": "2.003",
        "output": "5.009",
    })
}

/// What usage costs at [`price`], in nano-USD.
pub(crate) fn cost_of(usage: &Usage) -> i64 {
    let classes = [
        (usage.input, 1_003),
        (usage.cached_input, 101),
        (usage.cache_write, 1_297),
        (usage.cache_write_1h, 2_003),
        (usage.output, 5_009),
    ];
    let cost: u64 = classes.iter().map(|(tokens, price)| tokens * price).sum();
    i64::try_from(cost).unwrap_or(i64::MAX)
}

/// Usage as far as a dialect can tell it: only Messages tells what was written to a cache, and it
/// alone does not tell how much was thought.
pub(crate) fn told_by(dialect: Dialect, usage: Usage) -> Usage {
    if dialect == Dialect::Messages {
        return Usage { reasoning: 0, ..usage };
    }
    let input = usage.input + usage.cache_write + usage.cache_write_1h;
    Usage { input, cache_write: 0, cache_write_1h: 0, ..usage }
}
