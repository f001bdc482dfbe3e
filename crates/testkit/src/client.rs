//! A small HTTP client for tests: whole answers, streams that can be dropped, raw bytes.

pub mod raw;
pub mod stream;

pub use stream::{Event, EventStream};

use anyhow::{Context, ensure};
use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::{self, connect::HttpConnector};
use hyper_util::rt::TokioExecutor;
use rustls::RootCertStore;
use serde_json::Value;
use std::sync::Arc;

type Pool = legacy::Client<HttpsConnector<HttpConnector>, Full<Bytes>>;

/// The version of HTTP that a client speaks, and no other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Speech {
    /// HTTP/1.1.
    Http1,
    /// HTTP/2: without TLS by prior knowledge, with it by ALPN.
    Http2,
}

/// A client for one server and, usually, one credential. Clones share their connections.
#[derive(Debug, Clone)]
pub struct Client {
    base_url: String,
    headers: HeaderMap,
    pool: Pool,
}

impl Client {
    /// A client of the server at `http://HOST:PORT` or `https://HOST`.
    #[must_use]
    pub fn new(base_url: impl Into<String>) -> Self {
        Self::speaking(base_url, Speech::Http1, RootCertStore::empty())
    }

    /// A client that speaks one version of HTTP; `https://` is checked against these roots.
    #[must_use]
    pub fn speaking(base_url: impl Into<String>, speech: Speech, roots: RootCertStore) -> Self {
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        connector.enforce_http(false);
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let tls = rustls::ClientConfig::builder_with_provider(provider)
            .with_protocol_versions(rustls::DEFAULT_VERSIONS)
            .unwrap_or_else(|_| rustls::ClientConfig::builder())
            .with_root_certificates(roots)
            .with_no_client_auth();
        let builder = HttpsConnectorBuilder::new().with_tls_config(tls).https_or_http();
        let connector = match speech {
            Speech::Http1 => builder.enable_http1().wrap_connector(connector),
            Speech::Http2 => builder.enable_http2().wrap_connector(connector),
        };
        let base_url = base_url.into().trim_end_matches('/').to_owned();
        let mut pool = legacy::Client::builder(TokioExecutor::new());
        let pool = pool.http2_only(speech == Speech::Http2).build(connector);
        Self { base_url, headers: HeaderMap::new(), pool }
    }

    /// The same client with `Authorization: Bearer <credential>` on every request.
    ///
    /// # Errors
    /// When the credential cannot be a header's value.
    pub fn bearer(&self, credential: &str) -> anyhow::Result<Self> {
        self.header(AUTHORIZATION.as_str(), &format!("Bearer {credential}"))
    }

    /// The same client with one more header on every request.
    ///
    /// # Errors
    /// When the name or the value is not legal in HTTP.
    pub fn header(&self, name: &str, value: &str) -> anyhow::Result<Self> {
        let mut client = self.clone();
        client.headers.insert(HeaderName::try_from(name)?, HeaderValue::try_from(value)?);
        Ok(client)
    }

    /// The server's URL, without a slash at the end.
    #[must_use]
    pub fn base_url(&self) -> &str {
        &self.base_url
    }

    /// `GET`.
    ///
    /// # Errors
    /// When no whole answer came; an error status is an answer.
    pub async fn get(&self, path: &str) -> anyhow::Result<Response> {
        self.send(Method::GET, path, Bytes::new()).await
    }

    /// `DELETE`.
    ///
    /// # Errors
    /// As [`Self::get`].
    pub async fn delete(&self, path: &str) -> anyhow::Result<Response> {
        self.send(Method::DELETE, path, Bytes::new()).await
    }

    /// `POST` with a JSON body.
    ///
    /// # Errors
    /// As [`Self::get`].
    pub async fn post_json(&self, path: &str, body: &Value) -> anyhow::Result<Response> {
        self.send(Method::POST, path, body.to_string()).await
    }

    /// `PATCH` with a JSON body.
    ///
    /// # Errors
    /// As [`Self::get`].
    pub async fn patch(&self, path: &str, body: &Value) -> anyhow::Result<Response> {
        self.send(Method::PATCH, path, body.to_string()).await
    }

    /// `PUT` with a JSON body.
    ///
    /// # Errors
    /// As [`Self::get`].
    pub async fn put(&self, path: &str, body: &Value) -> anyhow::Result<Response> {
        self.send(Method::PUT, path, body.to_string()).await
    }

    /// Any method with any bytes, sent as JSON unless the client has another `content-type`.
    ///
    /// # Errors
    /// As [`Self::get`].
    pub async fn send(
        &self,
        method: Method,
        path: &str,
        body: impl Into<Bytes>,
    ) -> anyhow::Result<Response> {
        let response = self.start(method, path, body.into()).await?;
        let (head, body) = response.into_parts();
        let body = body.collect().await.context("the answer's body broke off")?.to_bytes();
        Ok(Response { status: head.status, headers: head.headers, body })
    }

    /// `POST` with a JSON body; returns at the answer's head. Dropping the stream closes its
    /// connection, as a client does that goes away.
    ///
    /// # Errors
    /// When no head came.
    pub async fn stream(&self, path: &str, body: &Value) -> anyhow::Result<EventStream> {
        let response = self.start(Method::POST, path, body.to_string().into()).await?;
        let (head, body) = response.into_parts();
        Ok(EventStream::new(head.status, head.headers, body))
    }

    async fn start(
        &self,
        method: Method,
        path: &str,
        body: Bytes,
    ) -> anyhow::Result<http::Response<Incoming>> {
        let url = format!("{}{path}", self.base_url);
        let mut request = Request::builder().method(method.clone()).uri(&url);
        if let Some(headers) = request.headers_mut() {
            if !body.is_empty() {
                headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
            }
            headers.extend(self.headers.clone());
        }
        let request = request.body(Full::new(body)).with_context(|| format!("bad URL {url}"))?;
        let answer = self.pool.request(request).await;
        answer.with_context(|| format!("{method} {url}: no answer"))
    }
}

/// A whole answer.
#[derive(Debug, Clone)]
pub struct Response {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body, byte for byte.
    pub body: Bytes,
}

impl Response {
    /// The body as JSON.
    ///
    /// # Errors
    /// When it is none; the error shows it.
    pub fn json(&self) -> anyhow::Result<Value> {
        serde_json::from_slice(&self.body)
            .with_context(|| format!("{}: not JSON: {}", self.status, self.text()))
    }

    /// The body as text, with a mark in place of bytes that are none.
    #[must_use]
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// A header's text; `None` if it is absent or not text.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The refusal's stable code in OpenAI's and Anthropic's shapes: `error.code`.
    #[must_use]
    pub fn code(&self) -> Option<String> {
        Some(self.json().ok()?.pointer("/error/code")?.as_str()?.to_owned())
    }

    /// This answer, if its status is a success.
    ///
    /// # Errors
    /// When it is not; the error shows the status and the body.
    pub fn success(self) -> anyhow::Result<Self> {
        ensure!(self.status.is_success(), "{}: {}", self.status, self.text());
        Ok(self)
    }
}
