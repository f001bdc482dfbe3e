//! The flags of all verbs.

use std::net::SocketAddr;
use std::path::PathBuf;

use anyhow::{Context, bail};

/// What was asked for, with the defaults filled in.
#[derive(Debug)]
pub(crate) struct Options {
    pub(crate) rounds: usize,
    pub(crate) requests: usize,
    pub(crate) only: Option<String>,
    pub(crate) json: bool,
    pub(crate) binary: Option<PathBuf>,
    pub(crate) listen: SocketAddr,
    pub(crate) model: String,
    pub(crate) connections: usize,
    pub(crate) body_bytes: usize,
    pub(crate) secret: String,
    /// How many keys and calls the rows of that name have.
    pub(crate) keys: usize,
    pub(crate) calls: usize,
    /// An empty PostgreSQL database for these rows; none: SQLite.
    pub(crate) database: Option<String>,
    upstream: Option<SocketAddr>,
    target: Option<SocketAddr>,
}

impl Options {
    pub(crate) fn read(mut arguments: impl Iterator<Item = String>) -> anyhow::Result<Self> {
        let mut options = Self {
            rounds: 5,
            requests: 20_000,
            only: None,
            json: false,
            binary: None,
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            model: "bench-json".to_owned(),
            connections: 32,
            body_bytes: 200,
            secret: "none".to_owned(),
            keys: 1_000_000,
            calls: 10_000_000,
            database: None,
            upstream: None,
            target: None,
        };
        while let Some(flag) = arguments.next() {
            if flag == "--json" {
                options.json = true;
                continue;
            }
            let value = arguments.next().with_context(|| format!("{flag} needs a value"))?;
            options.set(&flag, value).with_context(|| format!("{flag} has a bad value"))?;
        }
        Ok(options)
    }

    fn set(&mut self, flag: &str, value: String) -> anyhow::Result<()> {
        match flag {
            "--rounds" => self.rounds = value.parse::<usize>()?.clamp(1, 100),
            "--requests" => self.requests = value.parse::<usize>()?.clamp(100, 10_000_000),
            "--only" => self.only = Some(value),
            "--binary" => self.binary = Some(value.into()),
            "--listen" => self.listen = value.parse()?,
            "--upstream" => self.upstream = Some(value.parse()?),
            "--target" => self.target = Some(value.parse()?),
            "--model" => self.model = value,
            "--connections" => self.connections = value.parse::<usize>()?.clamp(1, 10_000),
            "--body-bytes" => self.body_bytes = value.parse()?,
            "--secret" => self.secret = value,
            "--keys" => self.keys = value.parse::<usize>()?.clamp(1_000, 10_000_000),
            "--calls" => self.calls = value.parse::<usize>()?.clamp(1_000, 100_000_000),
            "--database" => self.database = Some(value),
            _ => bail!("unknown flag"),
        }
        Ok(())
    }

    pub(crate) fn upstream(&self) -> anyhow::Result<SocketAddr> {
        self.upstream.context("--upstream ADDRESS is missing")
    }

    pub(crate) fn target(&self) -> anyhow::Result<SocketAddr> {
        self.target.context("--target ADDRESS is missing")
    }
}
