//! The simulated provider as a process of its own, with its books in a file.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use anyhow::{Context, ensure};
use serde_json::{Value, json};
use testkit::client::Client;
use testkit::provider::{BookedRequest, Books, Script, State, TokenCounts};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

/// The secret between channel and provider.
pub(crate) const SECRET: &str = "upstream-secret";

/// A running provider. Dropping it kills the process.
#[derive(Debug)]
pub(crate) struct Upstream {
    pub(crate) base_url: String,
    books: PathBuf,
    _child: Child,
}

impl Upstream {
    /// Starts it; its books go into this directory.
    pub(crate) async fn start(directory: &Path, script: &Script) -> anyhow::Result<Self> {
        let books = directory.join("provider.jsonl");
        let mut child = Command::new(binary()?)
            .arg("--books")
            .arg(&books)
            .args(["--secret", SECRET, "--script", &serde_json::to_string(script)?])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .context("cannot start the simulated provider")?;
        let stdout = child.stdout.take().context("the simulated provider has no output")?;
        let line = BufReader::new(stdout).lines().next_line().await?;
        let printed: Value = serde_json::from_str(&line.context("the simulated provider ended")?)?;
        let base_url = printed.get("base_url").and_then(Value::as_str).context("no base_url")?;
        Ok(Self { base_url: base_url.to_owned(), books, _child: child })
    }

    /// From now on, calls without a script of their own follow this one.
    pub(crate) async fn script(&self, script: &Script) -> anyhow::Result<()> {
        let rule = json!({"match": {}, "script": script});
        Client::new(&self.base_url).post_json("/_control/script", &rule).await?.success()?;
        Ok(())
    }

    /// What the provider has written down so far.
    pub(crate) fn books(&self) -> anyhow::Result<UpstreamBooks> {
        if !self.books.exists() {
            return Ok(UpstreamBooks::default());
        }
        let mut by_call: BTreeMap<String, Vec<BookedRequest>> = BTreeMap::new();
        for request in Books::read(&self.books)?.requests.into_values() {
            let name = request.last().and_then(|entry| entry.call.clone()).unwrap_or_default();
            by_call.entry(name).or_default().push(request);
        }
        Ok(UpstreamBooks { by_call })
    }
}

/// The provider's books by the calls' names.
#[derive(Debug, Default)]
pub(crate) struct UpstreamBooks {
    pub(crate) by_call: BTreeMap<String, Vec<BookedRequest>>,
}

impl UpstreamBooks {
    /// The provider's requests for one call.
    pub(crate) fn of(&self, call: &str) -> &[BookedRequest] {
        self.by_call.get(call).map_or(&[], Vec::as_slice)
    }

    /// All requests.
    pub(crate) fn all(&self) -> impl Iterator<Item = &BookedRequest> {
        self.by_call.values().flatten()
    }
}

/// What one request came to, as far as a bill is concerned.
pub(crate) trait Billed {
    /// The usage that went over the wire.
    fn reported(&self) -> Option<TokenCounts>;
    /// What the provider itself counts for the request up to now.
    fn counted(&self) -> TokenCounts;
    /// Whether a script broke it off.
    fn was_cut(&self) -> bool;
}

impl Billed for BookedRequest {
    fn reported(&self) -> Option<TokenCounts> {
        let usage = self.usage()?.reported.as_ref()?;
        let count = |path: &str| usage.pointer(path).and_then(Value::as_u64);
        Some(TokenCounts {
            prompt: count("/prompt_tokens")?,
            cached: count("/prompt_tokens_details/cached_tokens")?,
            completion: count("/completion_tokens")?,
            reasoning: count("/completion_tokens_details/reasoning_tokens")?,
        })
    }

    fn counted(&self) -> TokenCounts {
        self.last().map(|entry| entry.tokens).unwrap_or_default()
    }

    fn was_cut(&self) -> bool {
        self.states().contains(&State::Cut)
    }
}

/// `TOLLKEEPER_PROVIDER_BIN`, else the program beside this one in the target directory.
fn binary() -> anyhow::Result<PathBuf> {
    if let Some(path) = std::env::var_os("TOLLKEEPER_PROVIDER_BIN") {
        return Ok(path.into());
    }
    let here = std::env::current_exe()?;
    let mut beside = here.ancestors().skip(1).take(2).map(|it| it.join("simulated-provider"));
    let found = beside.find(|path| path.is_file());
    ensure!(
        found.is_some(),
        "there is no simulated-provider beside {}: build it with `cargo build -p tollkeeper-testkit`, or run `cargo xtask test`",
        here.display()
    );
    found.context("no simulated-provider")
}
