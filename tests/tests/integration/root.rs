//! `HEAD /`, by which Claude Code sees whether anybody is there.

use anyhow::ensure;
use http::Method;

use crate::stage::Stage;

#[tokio::test]
async fn somebody_is_there() -> anyhow::Result<()> {
    let stage = Stage::set().await?;
    for client in [stage.client.clone(), stage.holder()?, stage.client.bearer("sk-wrong")?] {
        let answer = client.send(Method::HEAD, "/", "").await?;
        ensure!(answer.status == 200 && answer.body.is_empty(), "{answer:?}");
        ensure!(answer.header("x-request-id").is_some(), "{:?}", answer.headers);
    }
    ensure!(stage.provider.seen().is_empty());
    Ok(())
}
