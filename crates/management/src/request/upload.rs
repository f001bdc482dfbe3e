//! A body that is a file: read whole, but only when the handler asks for it, so that whoever may not
//! do what it is for has it not read.

use axum::extract::{FromRequest, Request};
use http::StatusCode;
use std::marker::PhantomData;

use super::body::{encoded, essence, whole};
use crate::audit::Note;
use crate::endpoint::{Description, Part};
use crate::problem::Problem;
use crate::state::App;

/// What kind of file it is.
pub(crate) trait UploadKind: Send {
    /// What `Content-Type` may say, the best one first.
    const CONTENT_TYPES: &'static [&'static str];
    /// The most bytes.
    const MOST_BYTES: usize;
    /// What the API's description says of it.
    const ABOUT: &'static str;
}

/// A file that is on its way.
pub(crate) struct Upload<K> {
    body: axum::body::Body,
    note: Option<Note>,
    kind: PhantomData<fn() -> K>,
}

impl<K: UploadKind> FromRequest<App> for Upload<K> {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &App) -> Result<Self, Problem> {
        let (parts, body) = request.into_parts();
        let sent = essence(&parts.headers);
        if encoded(&parts.headers) || !K::CONTENT_TYPES.contains(&sent.as_str()) {
            let best = K::CONTENT_TYPES.first().unwrap_or(&"application/octet-stream");
            let detail = format!(
                "Send the file itself as the body, with \"Content-Type: {best}\" and without Content-Encoding."
            );
            let status = StatusCode::UNSUPPORTED_MEDIA_TYPE;
            return Err(Problem::new(status, "unsupported_media_type", detail));
        }
        Ok(Self { body, note: Note::of(&parts), kind: PhantomData })
    }
}

impl<K: UploadKind> Upload<K> {
    /// The file, and what the audit log notes of the request.
    pub(crate) async fn read(self) -> Result<(Vec<u8>, Option<Note>), Problem> {
        Ok((whole(self.body, K::MOST_BYTES).await?, self.note))
    }
}

impl<K: UploadKind> Part for Upload<K> {
    fn describe(description: &mut Description) {
        description.file(K::CONTENT_TYPES, K::ABOUT);
    }
}
