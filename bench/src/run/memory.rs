//! Resident memory: at rest, and with a thousand streams open.

use std::time::Duration;

use anyhow::{Context, ensure};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use super::MEMORY;
use super::report::{Figure, Target};
use super::stage::{Stage, Subject};
use crate::framing::Connection;
use crate::load::chat_request;
use crate::process;

const STREAMS: usize = 1_000;
/// Nothing was asked for so long: that is idle.
const REST: Duration = Duration::from_secs(6);
const ALL_OPEN_WITHIN: Duration = Duration::from_secs(25);

/// The figures of both proxies, each freshly started.
pub(super) async fn measure(stage: &Stage) -> anyhow::Result<Vec<Figure>> {
    let mut idle = [f64::NAN; 3];
    let mut open = [f64::NAN; 3];
    let mut peak = [f64::NAN; 3];
    let places = idle.iter_mut().zip(&mut open).zip(&mut peak);
    for (subject, ((idle, open), peak)) in Subject::ALL.into_iter().zip(places) {
        let Some(process) = stage.process(subject)? else {
            continue;
        };
        tokio::time::sleep(REST).await;
        *idle = process::resident_mebibytes(process)?;
        let streams = open_streams(stage, subject).await?;
        *open = process::resident_mebibytes(process)?;
        drop(streams);
        *peak = process::peak_mebibytes(process)?;
    }
    let figure = |what, values, target| Figure::new(MEMORY, "memory", what, values, target);
    Ok(vec![
        figure("idle MiB", idle, Target::Ceiling(25.0)),
        figure("1,000 open MiB", open, Target::Ceiling(80.0)),
        figure("peak MiB", peak, Target::None),
    ])
}

/// Streams whose answers have begun and go on slowly.
async fn open_streams(stage: &Stage, subject: Subject) -> anyhow::Result<Vec<Connection>> {
    let target = stage.address(subject);
    let request = chat_request(target, stage.secret(), "bench-hold", 200);
    let mut opening = JoinSet::new();
    for _ in 0..STREAMS {
        let request = request.clone();
        opening.spawn(async move {
            let stream = TcpStream::connect(target).await?;
            let mut connection = Connection::new(stream);
            connection.stream.write_all(&request).await?;
            let head = connection.head().await?.context("closed instead of an answer")?;
            ensure!(head.status == 200, "status {}", head.status);
            anyhow::Ok(connection)
        });
    }
    let collect = async {
        let mut open = Vec::with_capacity(STREAMS);
        while let Some(opened) = opening.join_next().await {
            open.push(opened??);
        }
        anyhow::Ok(open)
    };
    let open = tokio::time::timeout(ALL_OPEN_WITHIN, collect).await;
    open.with_context(|| format!("{STREAMS} streams did not open in time through {subject:?}"))?
}
