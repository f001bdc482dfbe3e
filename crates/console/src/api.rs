//! The console's only way to anything: the documented HTTP API, called in process in the name of
//! the visitor, with their cookie and from their address.

use axum::Router;
use axum::body::Body;
use axum::response::Response;
use bytes::Bytes;
use http::header::{
    ACCEPT_LANGUAGE, CONTENT_TYPE, COOKIE, HOST, HeaderName, IF_MATCH, ORIGIN, SET_COOKIE,
    USER_AGENT,
};
use http::request::Parts;
use http::{HeaderMap, HeaderValue, Method, Request};
use http_body_util::{BodyExt, Limited};
use serde::Serialize;
use serde::de::DeserializeOwned;
use tower::ServiceExt;

use crate::app::{App, Arrived};
use crate::trouble::{Problem, Trouble};

/// No answer of the API is larger.
const LARGEST: usize = 16 << 20;

/// What the visitor's browser says that the API goes by.
const PASSED_ON: [HeaderName; 9] = [
    COOKIE,
    HOST,
    ORIGIN,
    USER_AGENT,
    ACCEPT_LANGUAGE,
    HeaderName::from_static("sec-fetch-site"),
    HeaderName::from_static("x-forwarded-for"),
    HeaderName::from_static("x-forwarded-proto"),
    HeaderName::from_static("forwarded"),
];

/// The API as one visitor.
#[derive(Clone)]
pub(crate) struct Api {
    routes: Router,
    headers: HeaderMap,
    arrived: Arrived,
}

/// A successful answer.
pub(crate) struct Reply<T> {
    /// What it says.
    pub(crate) body: T,
    /// Cookies that it sets, to be handed on to the browser.
    pub(crate) cookies: Vec<HeaderValue>,
}

/// A page of a list.
#[derive(Debug, serde::Deserialize)]
pub(crate) struct List<T> {
    /// The things of this page.
    pub(crate) data: Vec<T>,
    /// Asks for the next page; none on the last one.
    #[serde(default)]
    pub(crate) next_cursor: Option<String>,
}

/// An answer that is of no interest beyond its success.
#[derive(Debug, serde::Deserialize)]
pub(crate) struct Anything {}

impl Api {
    /// The API as whoever sent this request.
    pub(crate) fn of(app: &App, parts: &Parts) -> Self {
        let mut headers = HeaderMap::new();
        for name in PASSED_ON {
            for value in parts.headers.get_all(&name) {
                headers.append(name.clone(), value.clone());
            }
        }
        let arrived = parts.extensions.get::<Arrived>().cloned().unwrap_or_default();
        Self { routes: app.api.clone(), headers, arrived }
    }

    /// `GET`
    pub(crate) async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, Trouble> {
        Ok(self.call::<(), T>(Method::GET, path, None, None).await?.body)
    }

    /// `GET` of what may be missing or not this visitor's to see: none then.
    pub(crate) async fn find<T: DeserializeOwned>(&self, path: &str) -> Result<Option<T>, Trouble> {
        match self.get(path).await {
            Ok(found) => Ok(Some(found)),
            Err(Trouble::Refused(problem)) if matches!(problem.status, 403 | 404) => Ok(None),
            Err(trouble) => Err(trouble),
        }
    }

    /// `POST` of a JSON body.
    pub(crate) async fn post<B: Serialize + Sync, T: DeserializeOwned>(
        &self,
        path: &str,
        body: &B,
    ) -> Result<Reply<T>, Trouble> {
        self.call(Method::POST, path, Some(body), None).await
    }

    /// `POST` of a form that may reach us twice: what has this key is done once.
    pub(crate) async fn post_once<B: Serialize + Sync, T: DeserializeOwned>(
        &self,
        path: &str,
        body: &B,
        key: &str,
    ) -> Result<Reply<T>, Trouble> {
        let mut api = self.clone();
        if !key.is_empty() {
            let key = HeaderValue::try_from(key).map_err(|_| Trouble::BadForm)?;
            api.headers.insert(HeaderName::from_static("idempotency-key"), key);
        }
        api.post(path, body).await
    }

    /// `POST` of a file.
    pub(crate) async fn post_file<T: DeserializeOwned>(
        &self,
        path: &str,
        kind: &'static str,
        file: Bytes,
    ) -> Result<Reply<T>, Trouble> {
        read(self.send(Method::POST, path, Some((kind, file)), None).await?).await
    }

    /// `PUT` of a JSON body.
    pub(crate) async fn put<B: Serialize + Sync, T: DeserializeOwned>(
        &self,
        path: &str,
        body: &B,
    ) -> Result<Reply<T>, Trouble> {
        self.call(Method::PUT, path, Some(body), None).await
    }

    /// `PUT` of what was seen in this version: a change by someone else meanwhile is refused.
    pub(crate) async fn put_seen<B: Serialize + Sync, T: DeserializeOwned>(
        &self,
        path: &str,
        body: &B,
        seen: &str,
    ) -> Result<Reply<T>, Trouble> {
        self.call(Method::PUT, path, Some(body), Some(seen)).await
    }

    /// `POST` without a body.
    pub(crate) async fn act<T: DeserializeOwned>(&self, path: &str) -> Result<Reply<T>, Trouble> {
        self.call::<(), T>(Method::POST, path, None, None).await
    }

    /// `PATCH` of a JSON body; with the version that was seen, a change by someone else meanwhile
    /// is refused.
    pub(crate) async fn patch<B: Serialize + Sync, T: DeserializeOwned>(
        &self,
        path: &str,
        body: &B,
        seen: Option<&str>,
    ) -> Result<Reply<T>, Trouble> {
        self.call(Method::PATCH, path, Some(body), seen).await
    }

    /// `DELETE`
    pub(crate) async fn delete<T: DeserializeOwned>(
        &self,
        path: &str,
    ) -> Result<Reply<T>, Trouble> {
        self.call::<(), T>(Method::DELETE, path, None, None).await
    }

    /// `POST` of a JSON body that is answered with a file, which is handed on as it comes.
    pub(crate) async fn download<B: Serialize + Sync>(
        &self,
        path: &str,
        body: &B,
    ) -> Result<Response, Trouble> {
        let answer = self.ask(Method::POST, path, Some(body), None).await?;
        if answer.status().is_success() { Ok(answer) } else { Err(refused(answer).await) }
    }

    async fn call<B: Serialize + Sync, T: DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        body: Option<&B>,
        seen: Option<&str>,
    ) -> Result<Reply<T>, Trouble> {
        read(self.ask(method, path, body, seen).await?).await
    }

    async fn ask<B: Serialize + Sync>(
        &self,
        method: Method,
        path: &str,
        body: Option<&B>,
        seen: Option<&str>,
    ) -> Result<Response, Trouble> {
        let bytes = body.map(serde_json::to_vec).transpose().map_err(Trouble::unreadable)?;
        let body = bytes.map(|bytes| ("application/json", Bytes::from(bytes)));
        self.send(method, path, body, seen).await
    }

    async fn send(
        &self,
        method: Method,
        path: &str,
        body: Option<(&'static str, Bytes)>,
        seen: Option<&str>,
    ) -> Result<Response, Trouble> {
        let (kind, body) = body.unzip();
        let mut request = Request::new(body.map_or_else(Body::empty, Body::from));
        *request.method_mut() = method;
        *request.uri_mut() = path.parse().map_err(Trouble::unreadable)?;
        *request.headers_mut() = self.headers.clone();
        *request.extensions_mut() = self.arrived.0.clone();
        let headers = request.headers_mut();
        if let Some(kind) = kind {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
        }
        if let Some(seen) = seen.filter(|seen| !seen.is_empty()) {
            let tag = HeaderValue::try_from(format!("\"{seen}\"")).map_err(Trouble::unreadable)?;
            headers.insert(IF_MATCH, tag);
        }
        match self.routes.clone().oneshot(request).await {
            Ok(answer) => Ok(answer),
            Err(never) => match never {},
        }
    }
}

/// What the API answered with.
async fn read<T: DeserializeOwned>(answer: Response) -> Result<Reply<T>, Trouble> {
    if !answer.status().is_success() {
        return Err(refused(answer).await);
    }
    let (head, body) = answer.into_parts();
    let bytes = whole(body).await?;
    let bytes: &[u8] = if bytes.is_empty() { b"{}" } else { &bytes };
    let body = serde_json::from_slice(bytes).map_err(Trouble::unreadable)?;
    let cookies = head.headers.get_all(SET_COOKIE).iter().cloned().collect();
    Ok(Reply { body, cookies })
}

/// Why the API refused.
async fn refused(answer: Response) -> Trouble {
    let status = answer.status().as_u16();
    match whole(answer.into_body()).await {
        Ok(bytes) => {
            let problem: Problem = serde_json::from_slice(&bytes).unwrap_or_default();
            Trouble::Refused(Box::new(Problem { status, ..problem }))
        }
        Err(trouble) => trouble,
    }
}

async fn whole(body: Body) -> Result<Bytes, Trouble> {
    let body = Limited::new(body, LARGEST).collect().await.map_err(Trouble::unreadable)?;
    Ok(body.to_bytes())
}

/// Text as one segment of a path.
pub(crate) fn segment(text: &str) -> String {
    let mut path = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
                path.push(char::from(byte));
            }
            _ => path.push_str(&format!("%{byte:02X}")),
        }
    }
    path
}

/// A path with parameters that need escaping.
pub(crate) fn with_query(path: &str, pairs: &[(&str, &str)]) -> String {
    let mut text = form_urlencoded::Serializer::new(String::new());
    for (name, value) in pairs.iter().filter(|(_, value)| !value.is_empty()) {
        text.append_pair(name, value);
    }
    let query = text.finish();
    if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") }
}
