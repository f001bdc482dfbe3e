//! Compressed bodies: decoded within bounds, and passed on decoded.

use std::io::Write;

use anyhow::ensure;
use flate2::Compression;
use flate2::write::{GzEncoder, ZlibEncoder};
use http::Method;
use ruzstd::encoding::{CompressionLevel, compress_to_vec};
use testkit::client::Response;

use crate::stage::crossing::{Crossing, model};
use crate::stage::events::error_code;
use crate::stage::question::{DIALECTS, Question};

fn gzip(bytes: &[u8]) -> anyhow::Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes)?;
    Ok(encoder.finish()?)
}

fn deflate(bytes: &[u8]) -> anyhow::Result<Vec<u8>> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes)?;
    Ok(encoder.finish()?)
}

fn zstd(bytes: &[u8]) -> Vec<u8> {
    compress_to_vec(bytes, CompressionLevel::Fastest)
}

/// Brotli in blocks that are not compressed (RFC 7932, 9.2): at most 64 KB each.
fn brotli(bytes: &[u8]) -> anyhow::Result<Vec<u8>> {
    let mut out = Vec::new();
    let mut bits = 1; // The window's size in front of the first block.
    for block in bytes.chunks(1 << 16) {
        // Not the last; four nibbles of length; the length less one; not compressed.
        let head = (u32::try_from(block.len())? - 1) << 3 | 1 << 19;
        let (head, length) = if bits == 1 { (head << 1, 21) } else { (head, 20) };
        bits = 0;
        let whole = usize::div_ceil(length, 8);
        out.extend(head.to_le_bytes().iter().take(whole));
        out.extend_from_slice(block);
    }
    // The last block, empty.
    out.push(3);
    Ok(out)
}

/// Sends a body under an encoding to every dialect.
async fn send(
    crossing: &Crossing,
    encoding: &str,
    encode: impl Fn(&[u8]) -> anyhow::Result<Vec<u8>>,
) -> anyhow::Result<Vec<(domain::dialect::Dialect, Response, Vec<u8>)>> {
    let mut answers = Vec::new();
    for dialect in DIALECTS {
        let question = Question::to(model(dialect));
        let body = question.body(dialect).to_string().into_bytes();
        let client = crossing.caller(dialect)?.header("content-encoding", encoding)?;
        let path = question.path(dialect);
        let answer = client.send(Method::POST, &path, encode(&body)?).await?;
        answers.push((dialect, answer, body));
    }
    Ok(answers)
}

async fn passes(
    encoding: &str,
    encode: fn(&[u8]) -> anyhow::Result<Vec<u8>>,
) -> anyhow::Result<()> {
    let crossing = Crossing::set().await?;
    let answers = send(&crossing, encoding, encode).await?;
    for ((dialect, answer, body), seen) in answers.into_iter().zip(crossing.provider.seen()) {
        ensure!(answer.status == 200, "{}: {}", dialect.name(), answer.text());
        ensure!(seen.body == body, "{}: {:?}", dialect.name(), seen.body);
        ensure!(seen.header("content-encoding").is_none(), "{:?}", seen.headers);
        let id = answer.header("x-request-id").unwrap_or_default();
        let call = crossing.call(id).await?;
        ensure!(call["usage_source"] == "upstream_final", "{call}");
    }
    crossing.audit().await
}

/// Each dialect's refusal, with this status and code; nothing reaches an upstream.
async fn refused(
    crossing: &Crossing,
    encoding: &str,
    bytes: &[u8],
    status: u16,
    code: &str,
) -> anyhow::Result<()> {
    for (dialect, answer, _) in send(crossing, encoding, |_| Ok(bytes.to_vec())).await? {
        let told = format!("{encoding}, {}: {} {}", dialect.name(), answer.status, answer.text());
        ensure!(answer.status == status, "{told}");
        let event = testkit::client::Event { name: String::new(), data: answer.text() };
        ensure!(error_code(dialect, &event).as_deref() == Some(code), "{told}");
    }
    ensure!(crossing.provider.totals().received == 0);
    Ok(())
}

#[tokio::test]
async fn gzip_is_read() -> anyhow::Result<()> {
    passes("gzip", gzip).await
}

#[tokio::test]
async fn deflate_is_read() -> anyhow::Result<()> {
    passes("deflate", deflate).await
}

#[tokio::test]
async fn zstd_is_read() -> anyhow::Result<()> {
    passes("zstd", |bytes| Ok(zstd(bytes))).await
}

#[tokio::test]
async fn brotli_is_read() -> anyhow::Result<()> {
    passes("br", brotli).await
}

/// A few kilobytes that would become hundreds of megabytes.
#[tokio::test]
async fn a_bomb_does_not_go_off() -> anyhow::Result<()> {
    let crossing = Crossing::set().await?;
    let zeros = vec![b' '; 128 << 20];
    for (encoding, bomb) in
        [("gzip", gzip(&zeros)?), ("deflate", deflate(&zeros)?), ("zstd", zstd(&zeros))]
    {
        ensure!(bomb.len() < 1 << 20, "{encoding}: {} bytes", bomb.len());
        refused(&crossing, encoding, &bomb, 413, "request_too_large").await?;
    }
    // A bomb inside of a bomb is not looked into.
    let nested = gzip(&gzip(&zeros)?)?;
    refused(&crossing, "gzip", &nested, 400, "invalid_request").await?;
    crossing.audit().await
}

#[tokio::test]
async fn garbage_is_refused() -> anyhow::Result<()> {
    let crossing = Crossing::set().await?;
    let whole = b"{\"model\":\"x\",\"messages\":[]}".repeat(40);
    let mut damaged = gzip(&whole)?;
    if let Some(byte) = damaged.iter_mut().rev().nth(5) {
        *byte ^= 0xff;
    }
    let cut = |mut bytes: Vec<u8>| {
        bytes.truncate(bytes.len() - 9);
        bytes
    };
    for (encoding, bytes) in [
        ("gzip", b"nonsense".to_vec()),
        ("br", b"\xff\xff\xff\xffnonsense".to_vec()),
        ("zstd", b"nonsense".to_vec()),
        ("deflate", b"nonsense".to_vec()),
        ("gzip", damaged),
        ("gzip", cut(gzip(&whole)?)),
        ("zstd", cut(zstd(&whole))),
        ("deflate", cut(deflate(&whole)?)),
        ("br", cut(brotli(&whole)?)),
    ] {
        refused(&crossing, encoding, &bytes, 400, "invalid_request").await?;
    }
    for encoding in ["compress", "gzip, gzip", "*"] {
        refused(&crossing, encoding, b"{}", 415, "invalid_request").await?;
    }
    crossing.audit().await
}
