//! `tollkeeper verify`: on a live or a stopped deployment; books that were altered are found.

use anyhow::ensure;
use serde_json::{Value, json};
use sqlx::{AnyConnection, Connection};

use crate::stage::{Stage, path, request, said, tollkeeper};

#[tokio::test]
async fn sound_books_pass_live_and_stopped() -> anyhow::Result<()> {
    let mut stage = Stage::set().await?;
    for _ in 0..3 {
        stage.ask(&request(json!({}))).await?.success()?;
    }
    stage.calls_when(3).await?;
    stage.audit().await?;
    ensure!(stage.world.gateway.terminate().await?.success());
    let arguments = ["verify", "--json", "--data", path(stage.gateway.data())?];
    let output = tollkeeper(&arguments).output().await?;
    let report: Value = serde_json::from_slice(&output.stdout)?;
    ensure!(output.status.success() && report["calls"] == 3, "{}", said(&output));
    Ok(())
}

macro_rules! altered {
    ($($test:ident: $sql:literal;)*) => {
        $(
            #[tokio::test]
            async fn $test() -> anyhow::Result<()> {
                is_found($sql).await
            }
        )*
    };
}

altered! {
    a_call_that_was_made_cheaper_is_found: "UPDATE calls SET charged = charged - 1";
    a_call_that_was_removed_is_found: "DELETE FROM calls";
    a_balance_that_was_raised_is_found: "UPDATE users SET credited = credited + 1";
    an_audit_row_that_was_altered_is_found: "UPDATE audit_log SET actor = 'usr_x' WHERE number = 2";
    an_audit_row_that_was_removed_is_found: "DELETE FROM audit_changes WHERE number = (SELECT MAX(number) FROM audit_log); \
         DELETE FROM audit_log WHERE number = (SELECT MAX(number) FROM audit_log)";
    an_old_value_that_was_altered_is_found: "UPDATE audit_changes SET fields = '{}' WHERE fields <> '{}'";
    an_old_value_that_was_removed_is_found: "DELETE FROM audit_changes WHERE number = (SELECT MAX(number) FROM audit_changes)";
    an_old_value_that_was_pushed_out_of_sight_is_found: "UPDATE audit_changes SET position = position + 1000";
    a_counter_that_was_lowered_is_found: "UPDATE counters SET settled = settled - 1 WHERE settled > 0";
    a_ledger_line_that_was_altered_is_found: "UPDATE ledger_entries SET amount = amount + 1 WHERE line = 1";
    a_refund_that_was_raised_is_found: "UPDATE refunds SET amount = amount + 1";
    a_refund_that_was_removed_is_found: "DELETE FROM refunds";
}

/// One nano-USD is enough.
async fn is_found(sql: &'static str) -> anyhow::Result<()> {
    let mut stage = Stage::set().await?;
    stage.ask(&request(json!({}))).await?.success()?;
    let call = stage.only_call().await?;
    let refund = format!("/api/v1/calls/{}/refund", call["id"].as_str().unwrap_or_default());
    let partly = json!({"amount": "0.000001", "reason": "test"});
    stage.management.post_json(&refund, &partly).await?.success()?;
    ensure!(stage.world.gateway.terminate().await?.success());
    let data = stage.gateway.data();
    sqlx::any::install_default_drivers();
    let url = format!("sqlite://{}", data.join("tollkeeper.db").display());
    let mut database = AnyConnection::connect(&url).await?;
    let altered = sqlx::query(sql).execute(&mut database).await?;
    ensure!(altered.rows_affected() > 0, "nothing was altered");
    database.close().await?;
    let output = tollkeeper(&["verify", "--data", path(data)?]).output().await?;
    ensure!(output.status.code() == Some(3), "{}", said(&output));
    ensure!(said(&output).contains("DIFFERS"), "{}", said(&output));
    Ok(())
}
