//! What is read over the network comes compressed to whoever asks for it.

use anyhow::{Context, ensure};
use flate2::read::GzDecoder;
use std::io::Read;

use crate::stage::Stage;

/// No page weighs more.
const MOST: usize = 150 * 1024;

#[tokio::test]
async fn long_answers_come_compressed_to_who_asks_for_it() -> anyhow::Result<()> {
    let stage = Stage::set().await?;
    let asking = stage.client.header("accept-encoding", "br, gzip")?;
    for path in ["/openapi.json", "/console/login"] {
        let plain = stage.client.get(path).await?.success()?;
        ensure!(plain.header("content-encoding").is_none(), "{path}");
        let short = asking.get(path).await?.success()?;
        ensure!(short.header("content-encoding") == Some("gzip"), "{path}: {:?}", short.headers);
        ensure!(short.header("vary").is_some_and(|vary| vary.contains("accept-encoding")));
        ensure!(short.body.len() < plain.body.len().min(MOST), "{path}: {}", short.body.len());
        let mut read = Vec::new();
        GzDecoder::new(&*short.body).read_to_end(&mut read).context(path)?;
        ensure!(read == plain.body, "{path} is another text");
    }
    let refused = asking.post_json("/api/v1/users", &serde_json::json!({})).await?;
    ensure!(refused.header("content-encoding").is_none(), "an answer to a write");
    Ok(())
}
