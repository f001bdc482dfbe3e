//! Ten million calls: how soon lists of calls and sums of usage are answered.
//!
//! One real call is made; its row is multiplied in the database, which no gateway runs on meanwhile.

use anyhow::Context;
use serde_json::json;
use sqlx::{AnyPool, AssertSqlSafe};
use testkit::client::Client;
use testkit::gateway_process::GatewayProcess;

use super::keys::{slowest, start};
use super::report::{Figure, Target};
use super::stage::{Role, set_up};
use crate::load::{Load, chat_request};
use crate::options::Options;

/// The row's name.
pub(super) const CALLS: &str = "calls";

/// Keys that made them.
const KEYS: usize = 1_000;
/// Rows of one statement.
const AT_ONCE: usize = 250_000;
/// Milliseconds over which they are spread: thirty days.
const SPAN: usize = 30 * 86_400_000;
const SOON: f64 = 100.0;

/// The figures of a deployment with many calls.
pub(super) async fn measure(options: &Options) -> anyhow::Result<Vec<Figure>> {
    let upstream = Role::start(&["upstream"]).await?;
    let directory = tempfile::tempdir()?;
    let mut gateway = start(options, &directory).await?;
    let secret = set_up(&gateway, upstream.address).await?;
    let manager = Client::new(gateway.base_url()).bearer(&gateway.management_key)?;
    let keys: Vec<_> = (0..KEYS).map(|number| json!({"name": format!("key {number}")})).collect();
    manager.post_json("/v1/api-keys/bulk", &json!({ "keys": keys })).await?.success()?;
    let request = chat_request(gateway.address, &secret, "bench-json", 200);
    Load { target: gateway.address, connections: 1, requests: 1, request }.run().await?;
    gateway.terminate().await?;
    let url = match &options.database {
        Some(url) => url.clone(),
        None => format!("sqlite://{}", gateway.data().join("tollkeeper.db").display()),
    };
    multiply(&url, options.calls).await?;
    gateway.restart().await?;
    lists(&gateway, &manager).await
}

/// Makes so many calls of the only one, and their hours.
async fn multiply(url: &str, calls: usize) -> anyhow::Result<()> {
    sqlx::any::install_default_drivers();
    let pool = AnyPool::connect(url).await?;
    let postgres = url.starts_with("postgres");
    let step = (SPAN / calls).max(1);
    let same = "upstream_model, channel_id, group_name, dialect, upstream_dialect, billing_method, price_version, \
         multiplier, counted, input, cached_input, cache_write, cache_write_1h, output, reasoning, cost, charged, \
         usage_source, suspect, first_byte_ms, duration_ms, attempts";
    for first in (0..calls).step_by(AT_ONCE) {
        let last = calls.min(first + AT_ONCE) - 1;
        let (series, id) = if postgres {
            let series =
                format!("SELECT CAST(n AS BIGINT) AS n FROM generate_series({first}, {last}) AS n");
            (series, "'call_' || lpad(to_hex(at), 12, '0') || lpad(to_hex(n), 20, '0')")
        } else {
            let series = format!(
                "WITH RECURSIVE s(n) AS (SELECT {first} UNION ALL SELECT n + 1 FROM s WHERE n < {last}) SELECT n FROM s"
            );
            (series, "printf('call_%012x%020x', at, n)")
        };
        // One in a million has a rare model, one in a thousand failed.
        let text = format!(
            "INSERT INTO calls (id, key_id, user_id, model, status, outcome, started_at, day, month, {same}) \
             SELECT {id}, k.id, k.owner_id, \
             CASE WHEN n % 1000003 = 5 THEN 'bench-rare' ELSE 'bench-' || CAST(n % 7 AS TEXT) END, \
             CASE WHEN n % 1000 = 3 THEN 502 ELSE 200 END, CASE WHEN n % 1000 = 3 THEN 'failed' ELSE 'completed' END, \
             at, at / 86400000 * 86400000, 0, {same} \
             FROM (SELECT n, one - {SPAN} + n * {step} AS at, n % {KEYS} + 1 AS number, {same} \
             FROM (SELECT started_at AS one, {same} FROM calls ORDER BY id DESC LIMIT 1) AS it, ({series}) AS s) AS t \
             JOIN (SELECT id, number, owner_id FROM api_keys) AS k ON k.number = t.number"
        );
        sqlx::query(AssertSqlSafe(text)).execute(&pool).await?;
        eprintln!("{} calls", last + 1);
    }
    let hour = "started_at / 3600000 * 3600000";
    let figures = "COUNT(*), SUM(input), SUM(cached_input), SUM(cache_write), SUM(output), SUM(reasoning), SUM(charged)";
    for text in [
        "DELETE FROM usage_hours".to_owned(),
        "DELETE FROM usage_sums".to_owned(),
        format!(
            "INSERT INTO usage_hours (key_id, hour, model, user_id, day, month, requests, input, cached_input, \
             cache_write, output, reasoning, charged) SELECT key_id, {hour}, model, user_id, MIN(day), 0, {figures} \
             FROM calls GROUP BY key_id, {hour}, model, user_id"
        ),
        format!(
            "INSERT INTO usage_sums (subject, hour, model, day, month, requests, input, cached_input, cache_write, \
             output, reasoning, charged) SELECT user_id, {hour}, model, MIN(day), 0, {figures} \
             FROM calls GROUP BY user_id, {hour}, model"
        ),
        format!(
            "INSERT INTO usage_sums (subject, hour, model, day, month, requests, input, cached_input, cache_write, \
             output, reasoning, charged) SELECT '', {hour}, model, MIN(day), 0, {figures} \
             FROM calls GROUP BY {hour}, model"
        ),
        "ANALYZE calls".to_owned(),
    ] {
        // What SQLite learns of a table may not be what a deployment's knows.
        if postgres || !text.starts_with("ANALYZE") {
            sqlx::query(AssertSqlSafe(text)).execute(&pool).await?;
        }
    }
    pool.close().await;
    Ok(())
}

async fn lists(gateway: &GatewayProcess, manager: &Client) -> anyhow::Result<Vec<Figure>> {
    let keys = manager.get("/v1/api-keys?limit=1&sort=created_at").await?.success()?.json()?;
    let of = |field: &str| {
        let value = keys.pointer(&format!("/data/0/{field}")).and_then(|it| it.as_str());
        value.map(str::to_owned).with_context(|| format!("no {field}"))
    };
    let (key, user) = (of("id")?, of("owner")?);
    let mut figures = Vec::new();
    for (what, path) in [
        ("newest, ms", "/api/v1/calls?limit=50".to_owned()),
        ("a key's, ms", format!("/api/v1/calls?limit=50&key_id={key}")),
        ("a user's, ms", format!("/api/v1/calls?limit=50&user_id={user}")),
        ("a model's, ms", "/api/v1/calls?limit=50&model=bench-3".to_owned()),
        ("a rare model's, ms", "/api/v1/calls?limit=50&model=bench-rare".to_owned()),
        ("no model's, ms", "/api/v1/calls?limit=50&model=nobodys".to_owned()),
        ("failed, ms", "/api/v1/calls?limit=50&status=failed".to_owned()),
        ("cut, none, ms", "/api/v1/calls?limit=50&status=upstream_cut".to_owned()),
        ("status 502, ms", "/api/v1/calls?limit=50&status=502".to_owned()),
        ("status 429, none, ms", "/api/v1/calls?limit=50&status=429".to_owned()),
        ("before last week, ms", "/api/v1/calls?limit=50&until=2026-01-01T00:00:00Z".to_owned()),
        ("usage of all, ms", "/v1/usage".to_owned()),
        ("usage of all by day, ms", "/v1/usage?by=day".to_owned()),
        ("usage of all by hour, ms", "/v1/usage?by=hour".to_owned()),
        ("a user's usage, ms", format!("/v1/usage?user_id={user}&by=day")),
        ("a key's usage, ms", format!("/v1/usage?key_id={key}&by=day")),
    ] {
        let slowest = slowest(manager, &path).await?;
        eprintln!("{what}: {slowest:.1}");
        let values = [f64::NAN, f64::NAN, slowest];
        figures.push(Figure::new(CALLS, "many calls", what, values, Target::Ceiling(SOON)));
    }
    let memory = [f64::NAN, f64::NAN, super::keys::resident(gateway)?];
    figures.push(Figure::new(CALLS, "many calls", "MiB after all", memory, Target::None));
    Ok(figures)
}
