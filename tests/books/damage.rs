//! `tollkeeper verify` on books that somebody damaged: it names what differs and ends with 3.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context, ensure};
use serde_json::json;
use testkit::client::Client;
use testkit::provider::Script;
use tokio::process::Command;
use tokio::task::JoinSet;

use crate::chance::Chance;
use crate::house::{House, Program, verify};
use crate::rounds::{Kill, Site};

/// One damage, as SQL, and what `verify` must name: an id that the query gives before the damage.
struct Damage {
    what: &'static str,
    names: &'static str,
    sql: &'static str,
}

/// Calls whose charge comes from their usage, and one of them.
macro_rules! call {
    () => {
        "(SELECT id FROM calls WHERE usage_source = 'upstream_final' AND billing_method = 'usage_based' ORDER BY id LIMIT 1)"
    };
}

const DAMAGES: [Damage; 17] = [
    Damage {
        what: "a call's cost",
        names: concat!("SELECT id FROM calls WHERE id = ", call!()),
        sql: concat!("UPDATE calls SET cost = cost + 1 WHERE id = ", call!()),
    },
    Damage {
        what: "what a call is charged",
        names: concat!("SELECT key_id FROM calls WHERE id = ", call!()),
        sql: concat!("UPDATE calls SET charged = charged - 1 WHERE id = ", call!()),
    },
    Damage {
        what: "a call's tokens",
        names: concat!("SELECT id FROM calls WHERE id = ", call!()),
        sql: concat!("UPDATE calls SET output = output + 1 WHERE id = ", call!()),
    },
    Damage {
        what: "a counter",
        names: "SELECT min(subject) FROM counters WHERE period = 'day'",
        sql: "UPDATE counters SET settled = settled + 1 WHERE period = 'day' \
              AND subject = (SELECT min(subject) FROM counters WHERE period = 'day')",
    },
    Damage {
        what: "a counter of calls",
        names: "SELECT max(subject) FROM counters WHERE period = 'month'",
        sql: "UPDATE counters SET requests = requests - 1 WHERE period = 'month' \
              AND subject = (SELECT max(subject) FROM counters WHERE period = 'month')",
    },
    Damage {
        what: "a ledger entry",
        names: "SELECT min(transaction_id) FROM ledger_entries WHERE kind = 'usage'",
        sql: "UPDATE ledger_entries SET amount = amount + 1 WHERE line = 1 \
              AND transaction_id = (SELECT min(transaction_id) FROM ledger_entries WHERE kind = 'usage')",
    },
    Damage {
        what: "a transaction without its second line",
        names: "SELECT min(transaction_id) FROM ledger_entries WHERE kind = 'topup'",
        sql: "DELETE FROM ledger_entries WHERE line = 2 \
              AND transaction_id = (SELECT min(transaction_id) FROM ledger_entries WHERE kind = 'topup')",
    },
    Damage {
        what: "a top-up moved to another user",
        names: "SELECT min(id) FROM users WHERE credited > 0",
        sql: "UPDATE ledger_entries SET account = (SELECT 'user:' || max(id) FROM users) \
              WHERE kind = 'topup' AND account = (SELECT 'user:' || min(id) FROM users WHERE credited > 0)",
    },
    Damage {
        what: "a deleted call",
        names: concat!("SELECT key_id FROM calls WHERE id = ", call!()),
        sql: concat!("DELETE FROM calls WHERE id = ", call!()),
    },
    Damage {
        what: "a call that is there twice",
        names: concat!("SELECT key_id FROM calls WHERE id = ", call!()),
        sql: concat!(
            "CREATE TEMP TABLE twice AS SELECT * FROM calls WHERE id = ",
            call!(),
            "; ",
            "UPDATE twice SET id = substr(id, 1, length(id) - 1) || CASE substr(id, -1) WHEN '0' THEN '1' ELSE '0' END; ",
            "INSERT INTO calls SELECT * FROM twice",
        ),
    },
    Damage {
        what: "an hour's sum",
        names: "SELECT min(key_id) FROM usage_hours",
        sql: "UPDATE usage_hours SET charged = charged + 1 WHERE key_id = (SELECT min(key_id) FROM usage_hours)",
    },
    Damage {
        what: "a user's sum over keys",
        names: "SELECT min(subject) FROM usage_sums WHERE subject <> ''",
        sql: "UPDATE usage_sums SET charged = charged + 1 \
              WHERE subject = (SELECT min(subject) FROM usage_sums WHERE subject <> '')",
    },
    Damage {
        what: "what a user was credited",
        names: "SELECT min(id) FROM users WHERE credited > 0",
        sql: "UPDATE users SET credited = credited + 1 WHERE id = (SELECT min(id) FROM users WHERE credited > 0)",
    },
    Damage {
        what: "a price",
        names: concat!("SELECT id FROM calls WHERE id = ", call!()),
        sql: concat!(
            "UPDATE prices SET body = '{\"input\":1,\"output\":1}' WHERE version = (SELECT price_version FROM calls WHERE id = ",
            call!(),
            ")"
        ),
    },
    Damage {
        what: "a price that is gone",
        names: concat!("SELECT id FROM calls WHERE id = ", call!()),
        sql: concat!(
            "DELETE FROM prices WHERE version = (SELECT price_version FROM calls WHERE id = ",
            call!(),
            ")"
        ),
    },
    Damage {
        what: "what a doubt holds",
        names: "SELECT key_id FROM doubts ORDER BY call_id LIMIT 1",
        sql: "UPDATE doubts SET bound = bound + 1 WHERE call_id = (SELECT min(call_id) FROM doubts)",
    },
    Damage {
        what: "a forgotten doubt",
        names: "SELECT key_id FROM doubts ORDER BY call_id LIMIT 1",
        sql: "DELETE FROM doubts WHERE call_id = (SELECT min(call_id) FROM doubts)",
    },
];

#[tokio::test(flavor = "multi_thread")]
async fn verify_names_every_damage() -> anyhow::Result<()> {
    let mut site = Site::open(Program::sound()).await?;
    let orders = site.orders(0, 1, &mut Chance::new(1));
    let mut found = site.round(0, orders, Kill::AtTerminal(9), &[]).await?;
    let orders = site.orders(1, 1, &mut Chance::new(2));
    found.extend(site.round(1, orders, Kill::WhenDone(Duration::ZERO), &[]).await?);
    ensure!(
        found.is_empty(),
        "the books differ before anybody damaged them:\n{}",
        found.join("\n")
    );
    ensure!(site.figures.in_doubt > 0, "nothing is in doubt");
    site.house.gateway.terminate().await?;
    let mut unnoticed = Vec::new();
    for damage in &DAMAGES {
        let copy = tempfile::tempdir()?;
        copy_files(&site.house.data(), copy.path())?;
        let name = sql(copy.path(), damage.names).await?;
        sql(copy.path(), damage.sql).await?;
        let found = verify(&site.house.program, copy.path()).await.context(damage.what)?;
        if !found.iter().any(|difference| difference.contains(&name)) {
            unnoticed.push(format!("{}: {name} is not named by {found:?}", damage.what));
        }
    }
    ensure!(unnoticed.is_empty(), "{}", unnoticed.join("\n"));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn verify_finds_nothing_in_books_that_are_being_written() -> anyhow::Result<()> {
    let script = Script { output_tokens: Some(3), ..Script::default() };
    let house = House::open(Program::sound(), &script).await?;
    house.channel(&house.upstream.base_url, &["sim"]).await?;
    house.price("sim", &json!({"input": 1, "output": 2})).await?;
    let user = house.user("busy", "1000").await?;
    let key = house.key(&json!({"name": "busy", "owner": user})).await?;
    let client = Client::new(house.gateway.base_url()).bearer(&key.secret)?;
    let mut callers = JoinSet::new();
    for _ in 0..CALLERS {
        let client = client.clone();
        callers.spawn(async move {
            let body = json!({"model": "sim", "max_completion_tokens": 5,
                "messages": [{"role": "user", "content": "Keep the books busy."}]});
            while client.post_json("/v1/chat/completions", &body).await.is_ok() {}
        });
    }
    let mut found = Vec::new();
    for _ in 0..VERIFICATIONS {
        found.extend(house.verify().await?);
    }
    callers.abort_all();
    ensure!(found.is_empty(), "{}", found.join("\n"));
    Ok(())
}

/// Clients that call without a pause, and how often the books are verified meanwhile.
const CALLERS: usize = 4;
const VERIFICATIONS: usize = 20;

/// Runs statements on the database of a directory; gives the first value of the first row.
async fn sql(data: &Path, statements: &str) -> anyhow::Result<String> {
    let program = "import sqlite3, sys\n\
        database = sqlite3.connect(sys.argv[1])\n\
        for statement in sys.argv[2].split('; '):\n\
        \x20   row = database.execute(statement).fetchone()\n\
        database.commit()\n\
        print(row[0] if row else '')";
    let output = Command::new("python3")
        .args(["-c", program])
        .arg(data.join("tollkeeper.db"))
        .arg(statements)
        .output()
        .await
        .context("python3 cannot be run")?;
    ensure!(output.status.success(), "{statements}: {}", String::from_utf8_lossy(&output.stderr));
    Ok(String::from_utf8(output.stdout)?.trim().to_owned())
}

/// Copies the files of a directory, without those of its directories.
fn copy_files(from: &Path, to: &Path) -> anyhow::Result<()> {
    for entry in std::fs::read_dir(from)? {
        let path = entry?.path();
        if let Some(name) = path.file_name().filter(|_| path.is_file()) {
            std::fs::copy(&path, to.join(name))?;
        }
    }
    Ok(())
}
