//! Requests that are sent twice under one `Idempotency-Key` do their work once.
//!
//! The answer is stored in the transaction that does the work, without any secret that it held:
//! either both last or neither does.

use axum::response::{IntoResponse, Response};
use domain::id::UserId;
use domain::time::UnixMillis;
use http::StatusCode;
use http::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use serde::Serialize;
use sha2::{Digest, Sha256};
use store::idempotency::StoredAnswer;
use store::{Database, Transaction};

use crate::problem::Problem;
use crate::request::IdempotencyKey;

/// Says that an answer is a repetition.
pub(crate) const REPLAYED: HeaderName = HeaderName::from_static("idempotent-replayed");

/// A request that may have been sent before.
pub(crate) struct Once {
    owner: UserId,
    key: Option<String>,
    hash: String,
}

/// The answer to a request that was sent before.
pub(crate) struct Replay(StoredAnswer);

impl Once {
    /// `what` names the operation, ids in its path included; `digest` stands for the body.
    pub(crate) fn new(owner: UserId, key: IdempotencyKey, what: &str, digest: &[u8; 32]) -> Self {
        let hash =
            Sha256::new().chain_update(what).chain_update([0]).chain_update(digest).finalize();
        Self { owner, key: key.0, hash: hex::encode(hash) }
    }

    /// The answer that was given before, if any.
    pub(crate) async fn answered(&self, database: &Database) -> Result<Option<Replay>, Problem> {
        let Some(key) = &self.key else { return Ok(None) };
        match database.stored_answer(self.owner, key).await? {
            Some(stored) => self.replay(stored).map(Some),
            None => Ok(None),
        }
    }

    /// Stores the answer with the work. If another request was faster, its answer is given back:
    /// then the transaction is to be dropped.
    pub(crate) async fn store(
        &self,
        transaction: &mut Transaction,
        status: StatusCode,
        answer: &impl Serialize,
        now: UnixMillis,
    ) -> Result<Option<Replay>, Problem> {
        let Some(key) = &self.key else { return Ok(None) };
        let response = serde_json::to_string(answer).map_err(Problem::internal)?;
        let stored = StoredAnswer {
            request_hash: self.hash.clone(),
            status: status.as_u16(),
            response,
            created_at: now,
        };
        match transaction.store_answer(self.owner, key, &stored).await? {
            Some(earlier) => self.replay(earlier).map(Some),
            None => Ok(None),
        }
    }

    fn replay(&self, stored: StoredAnswer) -> Result<Replay, Problem> {
        if stored.request_hash == self.hash {
            return Ok(Replay(stored));
        }
        let detail =
            "This Idempotency-Key was used for another request. Use a new key for a new request.";
        Err(Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "idempotency_mismatch", detail))
    }
}

impl IntoResponse for Replay {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.0.status).unwrap_or(StatusCode::OK);
        let mut response = (status, self.0.response).into_response();
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        headers.insert(REPLAYED, HeaderValue::from_static("true"));
        response
    }
}
