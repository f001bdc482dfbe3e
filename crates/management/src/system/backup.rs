//! `POST /api/v1/backup`

use axum::body::Body as Answered;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use domain::secret::Secret;
use domain::time::UnixMillis;
use futures_util::stream;
use http::header::{CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_TYPE, HeaderValue};
use std::error::Error;
use std::fs::File;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use tokio::io::AsyncReadExt;
use tokio::sync::{Mutex, MutexGuard};
use utoipa::ToSchema;

use crate::access::Owner;
use crate::endpoint::Endpoint;
use crate::problem::Problem;
use crate::request::{Body, Fields, Invalid, ReadBody, Value};
use crate::wrong::Wrong;

/// A shorter passphrase is guessed too soon.
const SHORTEST: usize = 12;
const LONGEST: usize = 1_024;
/// Bytes that are read at once.
const CHUNK: usize = 256 * 1_024;

/// One needs as much room on the disk as the database takes.
static ONE_AT_A_TIME: Mutex<()> = Mutex::const_new(());

/// Held until the room on the disk is free again.
type Alone = MutexGuard<'static, ()>;

/// A backup under way.
pub type Making<'a> =
    Pin<Box<dyn Future<Output = Result<File, Box<dyn Error + Send + Sync>>> + Send + 'a>>;

/// What makes backups of the deployment that runs.
pub trait Backups: Send + Sync {
    /// Makes one, sealed by a passphrase, in a file that has no name any more: it is gone when it
    /// is closed.
    fn make(&self, passphrase: Secret, now: UnixMillis) -> Making<'_>;
}

/// What seals a backup.
#[derive(ToSchema)]
pub(crate) struct MakeBackup {
    /// Seals the master key in the file: 12–1024 characters. Without it nobody can restore the file.
    #[schema(value_type = String)]
    passphrase: Secret,
}

impl ReadBody for MakeBackup {
    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        Some(Self { passphrase: fields.required("passphrase", passphrase)? })
    }
}

fn passphrase(value: Value<'_>) -> Result<Secret, Invalid> {
    let text = value.string()?;
    match text.chars().count() {
        SHORTEST..=LONGEST => Ok(Secret::new(text)),
        _ => Err(Invalid::new(Wrong::Passphrase)),
    }
}

pub(crate) fn endpoint() -> Endpoint {
    Endpoint::post("/api/v1/backup", handle)
        .about(
            "System",
            "Make a backup",
            "The deployment as it is now, while it runs, as one file: what `tollkeeper backup` makes and `tollkeeper restore` takes. The master key lies in it sealed by the passphrase.",
        )
        .answers_text("application/octet-stream", "The file.")
        .fails(409, "Another backup is being made.")
}

async fn handle(Owner(access): Owner, body: Body<MakeBackup>) -> Result<Response, Problem> {
    let Ok(alone) = ONE_AT_A_TIME.try_lock() else {
        let detail = "Another backup is being made. Try again when it is done.";
        return Err(Problem::conflict("backup_under_way", detail));
    };
    let now = access.now();
    let (backups, passphrase) = (Arc::clone(&access.app.backups), body.value.passphrase);
    // On a task of its own: whoever asked may go away, and what is being made takes room until it is
    // done.
    let making = tokio::spawn(async move { (backups.make(passphrase, now).await, alone) });
    let (file, alone) = making.await.map_err(Problem::internal)?;
    let file = file.map_err(Problem::internal)?;
    let length = file.metadata().map_err(Problem::internal)?.len();
    tracing::info!(user = %access.principal.user, bytes = length, "a backup was made");
    let day = now.to_string();
    let name = format!("tollkeeper-{}.backup", day.get(..10).unwrap_or_default());
    let headers = [
        (CONTENT_TYPE, HeaderValue::from_static("application/octet-stream")),
        (CONTENT_LENGTH, HeaderValue::from(length)),
        (CONTENT_DISPOSITION, disposition(&name)),
    ];
    Ok((headers, streamed(file, length, alone)).into_response())
}

fn disposition(name: &str) -> HeaderValue {
    HeaderValue::try_from(format!("attachment; filename=\"{name}\""))
        .unwrap_or(HeaderValue::from_static("attachment"))
}

/// A file as a body, read as it is sent. If it cannot be read to its end, the length that was said
/// is not reached, and the client sees that.
fn streamed(file: File, length: u64, alone: Alone) -> Answered {
    let all = Some((tokio::fs::File::from_std(file), length, alone));
    let chunks = stream::try_unfold(all, async |rest| {
        let Some((mut file, left, alone)) = rest else { return Ok(None) };
        let mut chunk = vec![0; CHUNK];
        let read = file.read(&mut chunk).await?;
        chunk.truncate(read);
        let left = left.saturating_sub(read as u64);
        // The room is free before the last byte is sent: who has it all may ask for the next.
        let rest = (left > 0).then_some((file, left, alone));
        Ok::<_, std::io::Error>((read > 0).then(|| (Bytes::from(chunk), rest)))
    });
    Answered::from_stream(chunks)
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::StreamExt;
    use std::io::Write;

    /// The tests' own: other tests make backups.
    static ONE: Mutex<()> = Mutex::const_new(());

    fn sent(alone: Alone) -> axum::body::BodyDataStream {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(&vec![7; CHUNK + 1]).unwrap();
        std::io::Seek::rewind(&mut file).unwrap();
        streamed(file, CHUNK as u64 + 1, alone).into_data_stream()
    }

    /// As long as a file is being sent it takes room, and so there is no second one.
    #[tokio::test]
    async fn the_next_one_waits_for_the_room_of_the_last() {
        let mut body = sent(ONE.try_lock().unwrap());
        assert_eq!(body.next().await.unwrap().unwrap().len(), CHUNK);
        assert!(ONE.try_lock().is_err(), "a byte is left");
        assert_eq!(body.next().await.unwrap().unwrap().len(), 1);
        let alone = ONE.try_lock().unwrap();
        assert!(body.next().await.is_none());

        // Who goes away in between gives it free, too.
        let body = sent(alone);
        assert!(ONE.try_lock().is_err());
        drop(body);
        assert!(ONE.try_lock().is_ok());
    }
}
