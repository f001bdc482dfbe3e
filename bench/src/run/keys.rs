//! A million keys: making them, starting with them, finding them, and the memory of those in use.

mod fill;
mod spend;

use std::time::Instant;

use anyhow::{Context, ensure};
use tempfile::TempDir;
use testkit::client::Client;
use testkit::gateway_process::GatewayProcess;

use super::report::{Figure, Target};
use super::stage::{Role, set_up};
use crate::load::{Load, chat_request, percentile_micros};
use crate::options::Options;
use crate::process;
use fill::Filled;

/// The row's name.
pub(super) const KEYS: &str = "keys";

/// So many of them are used once.
const USED: usize = 100_000;
/// Each list is asked for so often; the slowest answer counts.
const TIMES: usize = 5;
/// What a list may take, in milliseconds.
const SOON: f64 = 100.0;

/// The figures of a deployment with many keys.
pub(super) async fn measure(options: &Options) -> anyhow::Result<Vec<Figure>> {
    let upstream = Role::start(&["upstream"]).await?;
    let directory = tempfile::tempdir()?;
    let mut gateway = start(options, &directory).await?;
    let secret = set_up(&gateway, upstream.address).await?;
    let mut row = Row { keys: options.keys, figures: Vec::new() };

    let filled = fill::fill(&gateway, options.keys, USED).await?;
    row.note("made a second", filled.a_second, Target::Absolute(5_000.0));

    gateway.terminate().await?;
    let begun = Instant::now();
    gateway.restart().await?;
    let call = |connections, requests| Load {
        target: gateway.address,
        connections,
        requests,
        request: chat_request(gateway.address, &secret, "bench-json", 200),
    };
    let first = call(1, 1).run().await?;
    ensure!(first.errors == 0, "the first call after the start failed");
    row.note("start to first call, s", begun.elapsed().as_secs_f64(), Target::Ceiling(2.0));
    row.note("MiB after it", resident(&gateway)?, Target::Ceiling(400.0));
    let look_up = call(1, 2_000).run().await?;
    row.note("p50 µs of a call", percentile_micros(&look_up.latencies, 0.5), Target::None);

    let spent = spend::once_each(gateway.address, &filled.secrets).await?;
    row.note("first uses a second", spent, Target::None);
    row.note("MiB, 100,000 used", resident(&gateway)?, Target::Ceiling(400.0));

    let manager = Client::new(gateway.base_url()).bearer(&gateway.management_key)?;
    lists(&mut row, &manager, &filled).await?;
    let begun = Instant::now();
    let table = manager.get("/v1/api-keys.csv").await?.success()?;
    let lines = table.body.iter().filter(|byte| **byte == b'\n').count();
    ensure!(lines > options.keys, "the table has {lines} lines");
    row.note("CSV rows a second", lines as f64 / begun.elapsed().as_secs_f64(), Target::None);
    row.note("MiB after all", resident(&gateway)?, Target::None);
    Ok(row.figures)
}

/// A gateway on a new data directory, and on a database of the caller's if there is one.
pub(super) async fn start(
    options: &Options,
    directory: &TempDir,
) -> anyhow::Result<GatewayProcess> {
    let mut builder = GatewayProcess::builder().data(directory.path().join("data"));
    if let Some(binary) = options.binary.as_deref() {
        builder = builder.binary(binary);
    }
    if let Some(url) = &options.database {
        builder = builder.database(url.as_str());
    }
    builder.start().await
}

/// What is noted of so many keys.
pub(super) struct Row {
    keys: usize,
    figures: Vec<Figure>,
}

impl Row {
    fn note(&mut self, what: &str, figure: f64, target: Target) {
        let values = [f64::NAN, f64::NAN, figure];
        self.figures.push(Figure::new(KEYS, "many keys", what, values, target));
        eprintln!("{} keys, {what}: {figure:.3}", self.keys);
    }
}

async fn lists(row: &mut Row, manager: &Client, filled: &Filled) -> anyhow::Result<()> {
    let owner = format!("owner={}", filled.owner);
    let mut asked: Vec<(String, String)> = Vec::new();
    for sort in ["created_at", "name", "expires_at", "last_used_at", "used"] {
        for sort in [sort.to_owned(), format!("-{sort}")] {
            asked.push((format!("by {sort}"), format!("sort={sort}")));
            asked.push((format!("owner's by {sort}"), format!("{owner}&sort={sort}")));
        }
    }
    let status = ["active", "not_used", "disabled", "expired", "exhausted", "revoked"];
    asked.extend(status.map(|it| (format!("status {it}"), format!("status={it}"))));
    asked.extend(
        [
            ("search, one", "q=r-0012345"),
            ("search, many", "q=customer"),
            ("search, none", "q=no-such-name"),
            ("search, none, by name", "q=no-such-name&sort=name"),
            ("search, one, by use", "q=r-0012345&sort=-used"),
            ("tag, rare", "tag=rare"),
            ("tag, 1 in 1,000", "tag=team-17"),
            ("tag, 1 in 1,000, by name", "tag=team-17&sort=name"),
            ("tag, none", "tag=nobodys"),
            ("group, none", "group=nobodys"),
            ("model, none", "model=nobodys"),
        ]
        .map(|(what, query)| (what.to_owned(), query.to_owned())),
    );
    for (what, query) in asked {
        let path = format!("/v1/api-keys?limit=50&{query}");
        row.note(&format!("{what}, ms"), slowest(manager, &path).await?, Target::Ceiling(SOON));
    }
    let path = format!("/v1/api-keys/{}", filled.id);
    row.note("one by id, ms", slowest(manager, &path).await?, Target::Ceiling(SOON));
    let path = format!("/v1/usage?key_id={}", filled.id);
    row.note("its usage, ms", slowest(manager, &path).await?, Target::Ceiling(SOON));
    let path = "/api/v1/findings?limit=99";
    row.note("findings, ms", slowest(manager, path).await?, Target::Ceiling(SOON));
    for (what, query) in [
        ("all that are exhausted, ms", "status=exhausted"),
        ("search, none, to the end, ms", "q=no-such-name"),
        ("search, one by use, to the end, ms", "q=r-0012345&sort=-used"),
        ("tag, 1 in 1,000, to the end, ms", "tag=team-17"),
    ] {
        let path = format!("/v1/api-keys?limit=200&{query}");
        row.note(what, to_the_end(manager, &path).await?, Target::None);
    }
    Ok(())
}

/// Milliseconds of the slowest of some answers.
pub(super) async fn slowest(manager: &Client, path: &str) -> anyhow::Result<f64> {
    let mut slowest = 0.0_f64;
    for _ in 0..TIMES {
        let begun = Instant::now();
        manager.get(path).await?.success().with_context(|| path.to_owned())?;
        slowest = slowest.max(begun.elapsed().as_secs_f64() * 1_000.0);
    }
    Ok(slowest)
}

/// Milliseconds of all pages of a list.
async fn to_the_end(manager: &Client, path: &str) -> anyhow::Result<f64> {
    let begun = Instant::now();
    let mut cursor = String::new();
    loop {
        let page = manager.get(&format!("{path}{cursor}")).await?.success()?.json()?;
        let Some(next) = page.get("next_cursor").and_then(serde_json::Value::as_str) else {
            return Ok(begun.elapsed().as_secs_f64() * 1_000.0);
        };
        cursor = format!("&cursor={next}");
    }
}

pub(super) fn resident(gateway: &GatewayProcess) -> anyhow::Result<f64> {
    process::resident_mebibytes(gateway.process_id().context("the gateway has ended")?)
}
