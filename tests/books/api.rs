//! The ledger as its API shows it, amounts read exactly.

use std::time::Duration;

use anyhow::{Context, ensure};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use testkit::client::Client;
use tokio::time::{Instant, sleep};

use crate::money::Nanos;

/// A call in the books.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Call {
    pub(crate) id: String,
    pub(crate) key_id: String,
    pub(crate) user_id: String,
    pub(crate) usage: Usage,
    pub(crate) cost: Nanos,
    pub(crate) charged: Nanos,
    pub(crate) usage_source: String,
    pub(crate) outcome: String,
    pub(crate) user_agent: Option<String>,
}

/// Tokens of a call; the classes of input do not overlap.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub(crate) struct Usage {
    pub(crate) input: u64,
    pub(crate) cached_input: u64,
    pub(crate) output: u64,
    pub(crate) reasoning: u64,
}

/// A call in doubt.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Doubt {
    pub(crate) id: String,
    pub(crate) key_id: String,
    pub(crate) user_id: String,
    /// What is held.
    pub(crate) bound: Nanos,
}

/// A user's figures.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct User {
    pub(crate) id: String,
    pub(crate) balance: Nanos,
    pub(crate) credited: Nanos,
    pub(crate) spent: Nanos,
    pub(crate) held: Nanos,
    pub(crate) reserved: Nanos,
}

/// A key's figures.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct KeyFigures {
    pub(crate) id: String,
    pub(crate) quota: Option<Nanos>,
    pub(crate) used: Nanos,
    pub(crate) held: Nanos,
    pub(crate) reserved: Nanos,
}

/// What a key is told of its own usage.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct OwnUsage {
    pub(crate) total_usage: Nanos,
}

/// A line of a user's account.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct LedgerLine {
    pub(crate) amount: Nanos,
}

#[derive(Deserialize)]
struct Page<T> {
    data: Vec<T>,
    #[serde(default)]
    next_cursor: Option<String>,
}

/// One thing.
pub(crate) async fn get<T: DeserializeOwned>(client: &Client, path: &str) -> anyhow::Result<T> {
    let answer = client.get(path).await?.success().with_context(|| format!("GET {path}"))?;
    let read = serde_json::from_slice(&answer.body);
    read.with_context(|| format!("GET {path} answered {}", answer.text()))
}

/// All pages of a list; the path has a query already.
pub(crate) async fn list<T: DeserializeOwned>(
    client: &Client,
    path: &str,
) -> anyhow::Result<Vec<T>> {
    let mut all = Vec::new();
    let mut cursor = String::new();
    loop {
        let page: Page<T> = get(client, &format!("{path}{cursor}")).await?;
        all.extend(page.data);
        match page.next_cursor {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return Ok(all),
        }
    }
}

/// All that the ledger says, at a moment when nothing is under way.
#[derive(Debug, Default)]
pub(crate) struct View {
    pub(crate) calls: Vec<Call>,
    pub(crate) doubts: Vec<Doubt>,
    pub(crate) users: Vec<User>,
    pub(crate) keys: Vec<KeyFigures>,
    /// In the order of the keys.
    pub(crate) own_usages: Vec<OwnUsage>,
}

impl View {
    /// Reads everything about these users, and these keys: an id and a client with the key itself.
    pub(crate) async fn read(
        management: &Client,
        users: &[String],
        keys: &[(String, Client)],
    ) -> anyhow::Result<Self> {
        let mut view = Self {
            calls: list(management, "/api/v1/calls?limit=200").await?,
            doubts: list(management, "/api/v1/doubts?").await?,
            ..Self::default()
        };
        for user in users {
            view.users.push(get(management, &format!("/api/v1/users/{user}")).await?);
        }
        for (key, own) in keys {
            view.keys.push(get(management, &format!("/v1/api-keys/{key}")).await?);
            view.own_usages.push(get(own, "/v1/usage").await?);
        }
        Ok(view)
    }
}

/// Waits until no bound is set aside for any of the users.
pub(crate) async fn until_idle(management: &Client, users: &[String]) -> anyhow::Result<()> {
    let deadline = Instant::now() + Duration::from_secs(60);
    for user in users {
        loop {
            let figures: User = get(management, &format!("/api/v1/users/{user}")).await?;
            if figures.reserved == Nanos::ZERO {
                break;
            }
            ensure!(Instant::now() < deadline, "{} USD stay reserved for {user}", figures.reserved);
            sleep(Duration::from_millis(5)).await;
        }
    }
    Ok(())
}

/// The sum of all lines of a user's account.
pub(crate) async fn account(management: &Client, user: &str) -> anyhow::Result<Nanos> {
    let lines: Vec<LedgerLine> =
        list(management, &format!("/api/v1/users/{user}/ledger?limit=200")).await?;
    Ok(lines.into_iter().map(|line| line.amount).sum())
}

/// Settles or releases a doubt on a running gateway.
pub(crate) async fn resolve(management: &Client, call: &str, verb: &str) -> anyhow::Result<()> {
    let path = format!("/api/v1/doubts/{call}/{verb}");
    management.post_json(&path, &Value::Object(serde_json::Map::new())).await?.success()?;
    Ok(())
}
