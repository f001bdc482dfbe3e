//! Who reads usage: a key reads its own, a management key any that it reaches.

use axum::extract::FromRequestParts;
use axum::response::{IntoResponse, Response};
use domain::dialect::Dialect;
use domain::refusal::Refusal;
use gateway::authenticate::holder;
use gateway::directory::KeyEntry;
use gateway::receive::{Peer, address};
use http::header::AUTHORIZATION;
use http::request::Parts;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use crate::access::{Access, UsageRead};
use crate::endpoint::{Description, Guard, Part, Rule};
use crate::state::App;

/// The holder of an API key, which works: exhausted ones may still read.
pub(crate) struct Holder {
    /// The state.
    pub(crate) app: App,
    /// The key.
    pub(crate) key: Arc<KeyEntry>,
}

/// A key about itself, or a management key.
pub(crate) enum Reader {
    /// A key about itself.
    Holder(Holder),
    /// A management key.
    Manager(Access<UsageRead>),
}

impl FromRequestParts<App> for Holder {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Response> {
        let peer = parts
            .extensions
            .get::<Peer>()
            .map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |peer| peer.address);
        let client = address(&app.gateway, &parts.headers, peer);
        match holder(&app.gateway, &parts.headers, client).await {
            Ok(key) => Ok(Self { app: app.clone(), key }),
            Err(refusal) => Err(refused(&refusal)),
        }
    }
}

impl FromRequestParts<App> for Reader {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Response> {
        let header =
            parts.headers.get(AUTHORIZATION).map(http::HeaderValue::as_bytes).unwrap_or_default();
        let manages = header.windows(3).any(|part| part == b"mk-")
            || (header.is_empty() && crate::access::cookie::read(app, parts).is_some());
        if manages {
            let access = Access::from_request_parts(parts, app).await;
            return access.map(Self::Manager).map_err(IntoResponse::into_response);
        }
        Holder::from_request_parts(parts, app).await.map(Self::Holder)
    }
}

impl Part for Holder {
    fn describe(description: &mut Description) {
        description.guard(Rule::ApiKey("With the API key itself, exhausted ones included. Refusals come in OpenAI's error shape."));
    }
}

impl Part for Reader {
    fn describe(description: &mut Description) {
        description.guard(Rule::ApiKey("With the API key itself (permission `usage.read`), exhausted ones included; refusals then come in OpenAI's error shape."));
        Access::<UsageRead>::describe(description);
    }
}

impl Guard for Holder {}
impl Guard for Reader {}

/// A refusal to the holder of a key, in OpenAI's error shape.
pub(super) fn refused(refusal: &Refusal) -> Response {
    let id = format!("req_{}", hex::encode(rand::random::<[u8; 16]>()));
    gateway::error::response(Dialect::Chat, refusal, &id, false).map(axum::body::Body::new)
}
