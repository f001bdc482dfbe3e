//! `/api/v1/prices`.

use anyhow::ensure;
use serde_json::json;

use crate::stage::Stage;

#[tokio::test]
async fn a_price_is_read_back_to_the_last_digit() -> anyhow::Result<()> {
    let stage = Stage::set().await?;
    let price =
        json!({"input": "0.123456789", "output": 15, "cached_input": "0", "max_output": 8192});
    stage.price("vendor/model", price).await?;
    let read = stage.management.get("/api/v1/prices/vendor/model").await?.success()?.text();
    ensure!(read.contains("0.123456789"), "{read}");
    Ok(())
}

#[tokio::test]
async fn prices_that_are_none_are_refused() -> anyhow::Result<()> {
    let stage = Stage::set().await?;
    for price in [
        json!({"input": -1, "output": 1}),
        json!({"input": "NaN", "output": 1}),
        json!({"input": 1_000_001, "output": 1}),
        json!({"input": "0.0000000001", "output": 1}),
        json!({"input": 1e308, "output": 1}),
        json!({"input": 1}),
        json!({}),
        json!({"input": 1, "output": 1, "outptu": 1}),
    ] {
        let refused = stage.management.put("/api/v1/prices/odd", &price).await?;
        ensure!(refused.status == 422, "{price}: {} {}", refused.status, refused.text());
    }
    Ok(())
}
