//! A simulated model provider: real HTTP, scripted behaviour, and books of its own.
//!
//! It counts what it served, in memory and in an append-only file, without knowing anything of
//! the gateway in front of it; a test then compares the two. How an answer comes about:
//!
//! ```text
//! server ── receives, authorises, finds the route ──> call ── the dialect checks and reads ──> Asked
//!   Asked + Script ──> Plan (what is said and called, how many tokens) ──> Steps (bytes, waits, cuts)
//!   ScriptedBody plays the steps onto the connection and notes each in the Books first
//! ```
//!
//! A dialect is one folder: `check` finds what the real API would refuse, `read` turns JSON into
//! `Asked`, `json` and `stream` turn a plan into steps. `chat/` is the pattern for the others;
//! `dialect.rs` lists them.
//!
//! It is told what to do by scripts (see [`Script`]): by [`SimulatedProvider::script`], over HTTP
//! by `POST /_control/script`, or by the request itself, in the header `x-simulate` or in
//! `metadata.simulate` (Gemini: `labels.simulate`).

pub mod books;
pub mod script;
pub mod seen;
pub mod tool_use;
pub mod usage;

mod answer;
mod call;
mod chat;
mod connection;
mod control;
mod conversation;
mod credentials;
mod dialect;
mod gemini;
mod ledger;
mod legacy;
mod messages;
mod models;
mod node;
mod plan;
mod playback;
mod reading;
mod refusal;
mod reply;
mod responses;
mod route;
mod rules;
mod seal;
mod server;
mod steps;
mod text;

pub use books::{BookedRequest, Books, Entry, State, TokenCounts, Totals};
pub use script::{Cut, CutAt, Ending, ErrorEvent, ErrorReply, Finish, Matcher, Script};
pub use seen::SeenRequest;
pub use tool_use::{ToolCall, ToolUse};
pub use usage::Usage;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Context;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use server::House;

/// How a [`SimulatedProvider`] starts. The default listens on a free port of `127.0.0.1`, keeps
/// books in memory only, asks for no secret and answers every request pleasantly.
#[derive(Debug, Clone)]
pub struct ProviderConfig {
    listen: SocketAddr,
    books: Option<PathBuf>,
    secrets: Vec<String>,
    script: Script,
    models: Vec<String>,
    keep_seen: usize,
    strict: Option<bool>,
}

impl Default for ProviderConfig {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            books: None,
            secrets: Vec::new(),
            script: Script::default(),
            models: vec!["sim-small".to_owned(), "sim-large".to_owned()],
            keep_seen: 0,
            strict: None,
        }
    }
}

impl ProviderConfig {
    /// The address to listen on; port 0 takes a free one.
    #[must_use]
    pub fn listen(mut self, address: SocketAddr) -> Self {
        self.listen = address;
        self
    }

    /// Also write the books to this file, after what is in it already.
    #[must_use]
    pub fn books(mut self, path: impl Into<PathBuf>) -> Self {
        self.books = Some(path.into());
        self
    }

    /// Ask for this secret, in each API's own way: `Authorization: Bearer`, or Anthropic's
    /// `x-api-key`, or Gemini's `x-goog-api-key` and `?key=`. Called again, either secret is good.
    #[must_use]
    pub fn require_secret(mut self, secret: impl Into<String>) -> Self {
        self.secrets.push(secret.into());
        self
    }

    /// What happens to requests that no rule and no request's own script speaks for.
    #[must_use]
    pub fn script(mut self, script: Script) -> Self {
        self.script = script;
        self
    }

    /// The models that `GET /v1/models` lists. Calls may name any model.
    #[must_use]
    pub fn models(mut self, models: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.models = models.into_iter().map(Into::into).collect();
        self
    }

    /// Refuse what the real API would refuse (unknown fields, wrong types, tool results without
    /// calls, …), or take everything that can be answered. By default every dialect is strict but
    /// Chat.
    #[must_use]
    pub fn strict(mut self, strict: bool) -> Self {
        self.strict = Some(strict);
        self
    }

    /// Remember the heads and bodies of the last `count` requests for [`SimulatedProvider::seen`].
    #[must_use]
    pub fn keep_seen(mut self, count: usize) -> Self {
        self.keep_seen = count;
        self
    }
}

/// A running provider. Dropping it closes every connection.
#[derive(Debug)]
pub struct SimulatedProvider {
    /// Where it listens.
    pub address: SocketAddr,
    house: Arc<House>,
    serving: JoinHandle<()>,
}

impl SimulatedProvider {
    /// Binds the address and starts to serve on the current tokio runtime.
    ///
    /// # Errors
    /// When the address cannot be bound, or the books cannot be opened or read.
    pub async fn start(config: ProviderConfig) -> anyhow::Result<Self> {
        let listener = TcpListener::bind(config.listen).await.with_context(|| {
            format!("the simulated provider cannot listen on {}", config.listen)
        })?;
        let address = listener.local_addr()?;
        let house = Arc::new(House::open(config)?);
        let serving = tokio::spawn(server::serve(listener, Arc::clone(&house)));
        Ok(Self { address, house, serving })
    }

    /// `http://ADDRESS`, without a version segment and without a slash at the end.
    #[must_use]
    pub fn base_url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// From now on, requests that match follow this script. The newest rule that matches wins.
    pub fn script(&self, matcher: Matcher, script: Script) {
        self.house.add_rule(matcher, script);
    }

    /// Forgets every rule set by [`Self::script`] or over `/_control/script`.
    pub fn clear_scripts(&self) {
        self.house.clear_rules();
    }

    /// The last requests received, oldest first (see [`ProviderConfig::keep_seen`]).
    #[must_use]
    pub fn seen(&self) -> Vec<SeenRequest> {
        self.house.seen()
    }

    /// What the books add up to now.
    #[must_use]
    pub fn totals(&self) -> Totals {
        self.house.totals()
    }

    /// Stops listening and closes every connection; the port is free when this returns.
    pub async fn shutdown(mut self) {
        self.serving.abort();
        // The task ends by being cancelled; there is nothing else it could report.
        let _cancelled = (&mut self.serving).await;
    }
}

impl Drop for SimulatedProvider {
    fn drop(&mut self) {
        self.serving.abort();
    }
}
