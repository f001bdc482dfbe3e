//! `/api/v1/groups`.

use anyhow::ensure;
use serde_json::json;

use crate::stage::Stage;

#[tokio::test]
async fn factors_that_are_none_are_refused() -> anyhow::Result<()> {
    let stage = Stage::set().await?;
    for factor in
        [json!(-1), json!("NaN"), json!(1e308), json!(1000.1), json!("0.0000001"), json!(null)]
    {
        let body = json!({"multiplier": factor});
        let refused = stage.management.put("/api/v1/groups/odd", &body).await?;
        ensure!(refused.status == 422, "{factor}: {}", refused.text());
    }
    Ok(())
}

/// What is in use is not deleted under its users.
#[tokio::test]
async fn a_group_in_use_stays() -> anyhow::Result<()> {
    let stage = Stage::set().await?;
    stage.management.put("/api/v1/groups/vip", &json!({"multiplier": 2})).await?.success()?;
    stage.edit_channel(json!({"groups": ["default", "vip"]})).await?;
    let refused = stage.management.delete("/api/v1/groups/vip").await?;
    ensure!(refused.status == 409, "{}", refused.text());
    stage.edit_channel(json!({"groups": ["default"]})).await?;
    stage.management.delete("/api/v1/groups/vip").await?.success()?;
    let refused = stage.management.delete("/api/v1/groups/default").await?;
    ensure!(refused.status == 409 || refused.status == 422, "{}", refused.text());
    Ok(())
}
