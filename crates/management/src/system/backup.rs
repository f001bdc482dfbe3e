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
use tokio::io::AsyncReadExt;
use tokio::sync::Mutex;
use utoipa::ToSchema;

use crate::access::Owner;
use crate::endpoint::Endpoint;
use crate::problem::Problem;
use crate::request::{Body, Fields, Invalid, ReadBody, Value};

/// A shorter passphrase is guessed too soon.
const SHORTEST: usize = 12;
const LONGEST: usize = 1_024;
/// Bytes that are read at once.
const CHUNK: usize = 256 * 1_024;

/// One needs as much room on the disk as the database takes.
static ONE_AT_A_TIME: Mutex<()> = Mutex::const_new(());

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
        _ => Err(Invalid::new("Expected 12–1024 characters.")),
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
    let Ok(_alone) = ONE_AT_A_TIME.try_lock() else {
        let detail = "Another backup is being made. Try again when it is done.";
        return Err(Problem::conflict("backup_under_way", detail));
    };
    let now = access.now();
    let file = access.app.backups.make(body.value.passphrase, now).await;
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
    Ok((headers, streamed(file)).into_response())
}

fn disposition(name: &str) -> HeaderValue {
    HeaderValue::try_from(format!("attachment; filename=\"{name}\""))
        .unwrap_or(HeaderValue::from_static("attachment"))
}

/// A file as a body, read as it is sent. If it cannot be read to its end, the length that was said
/// is not reached, and the client sees that.
fn streamed(file: File) -> Answered {
    let chunks = stream::try_unfold(tokio::fs::File::from_std(file), async |mut file| {
        let mut chunk = vec![0; CHUNK];
        let read = file.read(&mut chunk).await?;
        chunk.truncate(read);
        Ok::<_, std::io::Error>((read > 0).then(|| (Bytes::from(chunk), file)))
    });
    Answered::from_stream(chunks)
}
