//! The audit log: every write makes one row, whatever endpoint it goes through.
//!
//! A layer over the router starts a note of each request that may write. The guard adds who asks,
//! the body which fields change, and the database's handle that the guard hands out writes the row
//! in the transaction of the change itself. Where a handler commits nothing through that handle, the
//! layer writes the row after a success.

pub(crate) mod list;
pub(crate) mod record;
pub(crate) mod summary;
pub(crate) mod verify;

mod things;
mod view;

use axum::extract::rejection::RawPathParamsRejection;
use axum::extract::{MatchedPath, RawPathParams, Request, State};
use axum::middleware::Next;
use axum::response::Response;
use domain::audit::AuditEvent;
use http::Method;
use http::request::Parts;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use store::audit_log::AuditNote;
use store::{Database, StoreError};

use crate::idempotency::REPLAYED;
use crate::state::App;

/// The note of a request that may write.
#[derive(Clone)]
pub(crate) struct Note(Arc<AuditNote>);

impl Note {
    /// The note of this request, if it has one.
    pub(crate) fn of(parts: &Parts) -> Option<Self> {
        parts.extensions.get::<Self>().cloned()
    }

    /// Notes who asks, and with what.
    pub(crate) fn by(&self, actor: impl ToString, via: impl ToString) {
        self.0.by(actor, via);
    }

    /// Notes which fields change.
    pub(crate) fn summary(&self, words: String) {
        self.0.summary(words);
    }
}

/// The database as a request's handler should use it: its first commit writes the request's row.
pub(crate) fn database(app: &App, parts: &Parts) -> Database {
    let database = &app.gateway.database;
    Note::of(parts).map_or_else(|| database.clone(), |note| database.noting(note.0))
}

/// The address that a request comes from.
pub(crate) fn client(app: &App, parts: &Parts) -> IpAddr {
    let peer = parts.extensions.get::<gateway::receive::Peer>();
    let peer = peer.map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |peer| peer.address);
    gateway::receive::address(&app.gateway, &parts.headers, peer)
}

/// The layer.
pub(crate) async fn record(
    State(app): State<App>,
    path: Option<MatchedPath>,
    parameters: Result<RawPathParams, RawPathParamsRejection>,
    request: Request,
    next: Next,
) -> Response {
    let reads = matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    let Some(path) = path.filter(|_| !reads) else { return next.run(request).await };
    let (mut parts, body) = request.into_parts();
    let event = AuditEvent {
        at: app.gateway.ledger.now(),
        client_ip: client(&app, &parts).to_string(),
        action: action(&parts.method, path.as_str()),
        ..AuditEvent::default()
    };
    let note = Arc::new(AuditNote::new(event));
    if let Some((_, value)) = parameters.iter().flatten().next() {
        note.names(value);
    }
    parts.extensions.insert(Note(Arc::clone(&note)));
    let response = next.run(Request::from_parts(parts, body)).await;
    let repeated = response.headers().contains_key(REPLAYED);
    if response.status().is_success()
        && !repeated
        && let Some(event) = note.claim()
        && let Err(error) = app.gateway.database.append_audit(&event).await
    {
        unwritten(&event, &error);
    }
    response
}

/// A row that could not be written beside a change that lasts: the log of the process has it.
pub(crate) fn unwritten(event: &AuditEvent, error: &StoreError) {
    tracing::error!(%error, action = event.action, object = event.object, actor = event.actor, "a row of the audit log could not be written");
}

/// A stable name for what a route does: `PATCH /api/v1/users/{id}` is `users.edit`,
/// `POST /api/v1/users/{id}/reset` is `users.reset`.
pub(crate) fn action(method: &Method, path: &str) -> String {
    let words: Vec<&str> = path
        .split('/')
        .filter(|part| !part.is_empty() && !part.starts_with('{') && !matches!(*part, "api" | "v1"))
        .collect();
    let of_one = path.contains('{');
    let verb = match method.as_str() {
        "PATCH" => Some("edit"),
        "PUT" => Some("set"),
        "DELETE" => Some("delete"),
        _ if words.len() == 1 && !of_one => Some("create"),
        _ => None,
    };
    words.into_iter().chain(verb).collect::<Vec<_>>().join(".")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_say_what_is_done() {
        for (method, path, name) in [
            (Method::POST, "/api/v1/users", "users.create"),
            (Method::PATCH, "/api/v1/users/{id}", "users.edit"),
            (Method::POST, "/api/v1/users/{id}/topups", "users.topups"),
            (Method::POST, "/v1/api-keys/{id}/revoke", "api-keys.revoke"),
            (Method::PUT, "/api/v1/prices/{*name}", "prices.set"),
            (Method::DELETE, "/api/v1/sessions/current", "sessions.current.delete"),
            (Method::POST, "/api/v1/me/totp/confirm", "me.totp.confirm"),
        ] {
            assert_eq!(action(&method, path), name);
        }
    }

    /// Two routes that do different things have different names.
    #[test]
    fn every_write_has_a_name_of_its_own() {
        let mut known = std::collections::BTreeMap::new();
        for endpoint in crate::router::endpoints() {
            if endpoint.method != Method::GET {
                let earlier = known.insert(action(&endpoint.method, endpoint.path), endpoint.path);
                assert_eq!(earlier, None, "{} {}", endpoint.method, endpoint.path);
            }
        }
    }
}
