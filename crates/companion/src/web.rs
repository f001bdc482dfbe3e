//! The companion's one way out: a request to a site, within limits of time and size.
//!
//! Each request has a connection of its own, made in steps that can fail with a reason of their
//! own: the name, the connection, TLS, the answer. Nothing is sent on to another origin: a site
//! that moves says so, and the person decides.

use bytes::Bytes;
use http::header::{ACCEPT, ACCEPT_ENCODING, CONTENT_TYPE, HOST, LOCATION, USER_AGENT};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, StatusCode};
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper_util::rt::TokioIo;
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, RootCertStore};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use crate::site_url::SiteUrl;

/// The longest answer that is read.
pub const LARGEST_ANSWER: usize = 8 << 20;
/// How long a request may take, from the name to the last byte, unless the person says otherwise.
pub const PATIENCE: Duration = Duration::from_secs(30);
const MOST_REDIRECTS: usize = 3;

/// Asks sites.
#[derive(Clone)]
pub struct Web {
    tls: TlsConnector,
    patience: Duration,
}

/// What is asked. The headers hold the credential.
#[derive(Clone)]
pub struct Question {
    /// The method; `POST` only where something is changed.
    pub method: Method,
    /// Path and query below the site's URL.
    pub path: String,
    /// Headers beside the ones that every request has.
    pub headers: HeaderMap,
    /// JSON, where there is a body.
    pub body: Option<String>,
}

impl Question {
    /// `GET` without a body.
    #[must_use]
    pub fn get(path: impl Into<String>) -> Self {
        Self { method: Method::GET, path: path.into(), headers: HeaderMap::new(), body: None }
    }

    /// `POST` with JSON.
    #[must_use]
    pub fn post(path: impl Into<String>, body: &serde_json::Value) -> Self {
        Self { method: Method::POST, body: Some(body.to_string()), ..Self::get(path) }
    }

    /// The same with a header that no log and no debugger shows.
    #[must_use]
    pub fn secret_header(mut self, name: HeaderName, mut value: HeaderValue) -> Self {
        value.set_sensitive(true);
        self.headers.insert(name, value);
        self
    }
}

/// A whole answer.
pub struct Reply {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: Bytes,
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum WebError {
    /// The name has no address.
    #[error("the name {0} is not known; check the URL's spelling and this machine's connection")]
    Unresolved(String),
    /// The name of this machine leads elsewhere.
    #[error("{0} does not lead to this machine, and over http:// nothing is sent elsewhere")]
    NotLoopback(String),
    /// Nobody answers there.
    #[error("no connection to {0}: {1}; the site may be down, or a firewall in between")]
    Unreachable(String, #[source] std::io::Error),
    /// TLS failed.
    #[error(
        "{0} cannot prove that it is {0} ({1}); nothing was sent. Check the URL, this machine's \
         clock, and whether a network in between opens encrypted connections"
    )]
    Tls(String, String),
    /// It took too long.
    #[error("{0} did not answer within {1} s; try again later, or with a longer --timeout")]
    TimedOut(String, u64),
    /// The answer broke off or is no HTTP.
    #[error("the answer of {0} broke off: {1}")]
    Broken(String, String),
    /// The answer is longer than any that is expected.
    #[error("the answer of {0} is longer than {mb} MB; it was not read", mb = LARGEST_ANSWER >> 20)]
    TooLarge(String),
    /// The answer is somewhere else.
    #[error(
        "{0} sends on to {1}, and credentials are not sent on; if that is its new address, add \
         the account with it"
    )]
    Redirected(String, String),
    /// In circles.
    #[error("{0} sends from one page to the next without an end")]
    Circles(String),
    /// TLS could not be set up at all.
    #[error("TLS cannot be set up: {0}")]
    NoTls(String),
}

impl Web {
    /// Asks with so much patience for each request.
    ///
    /// # Errors
    /// When TLS cannot be set up.
    pub fn new(patience: Duration) -> Result<Self, WebError> {
        let roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|error| WebError::NoTls(error.to_string()))?
            .with_root_certificates(roots)
            .with_no_client_auth();
        Ok(Self { tls: TlsConnector::from(Arc::new(config)), patience })
    }

    /// Asks a site, and follows it to other paths of the same origin.
    ///
    /// # Errors
    /// When no whole answer came; an answer with an error status is an answer.
    pub async fn ask(&self, site: &SiteUrl, mut question: Question) -> Result<Reply, WebError> {
        for _ in 0..=MOST_REDIRECTS {
            let reply = self.ask_once(site, &question).await?;
            if !reply.status.is_redirection() || reply.status == StatusCode::NOT_MODIFIED {
                return Ok(reply);
            }
            let target = reply.headers.get(LOCATION).and_then(|value| value.to_str().ok());
            let path = same_origin_path(site, target.unwrap_or_default());
            match path {
                // A POST that is answered elsewhere could be made twice, or into something else.
                Some(path) if question.method == Method::GET => question.path = path,
                _ => return Err(WebError::Redirected(site.authority(), shown_origin(target))),
            }
        }
        Err(WebError::Circles(site.authority()))
    }

    /// Asks once, and returns a redirection as it is.
    ///
    /// # Errors
    /// As [`Self::ask`].
    pub async fn ask_once(&self, site: &SiteUrl, question: &Question) -> Result<Reply, WebError> {
        let late = |_| WebError::TimedOut(site.authority(), self.patience.as_secs());
        tokio::time::timeout(self.patience, self.exchange(site, question)).await.map_err(late)?
    }

    async fn exchange(&self, site: &SiteUrl, question: &Question) -> Result<Reply, WebError> {
        let stream = connect(site).await?;
        if !site.is_secure() {
            return talk(stream, site, question).await;
        }
        let failed =
            |error: &dyn std::fmt::Display| WebError::Tls(site.authority(), error.to_string());
        let name = ServerName::try_from(site.host().to_owned()).map_err(|error| failed(&error))?;
        let stream = self.tls.connect(name, stream).await.map_err(|error| failed(&error))?;
        talk(stream, site, question).await
    }
}

async fn connect(site: &SiteUrl) -> Result<TcpStream, WebError> {
    let found = tokio::net::lookup_host((site.host(), site.port())).await;
    let mut addresses: Vec<SocketAddr> = match found {
        Ok(found) => found.collect(),
        Err(_) => return Err(WebError::Unresolved(site.host().to_owned())),
    };
    if !site.is_secure() {
        addresses.retain(|address| address.ip().to_canonical().is_loopback());
        if addresses.is_empty() {
            return Err(WebError::NotLoopback(site.host().to_owned()));
        }
    }
    let mut last = std::io::Error::from(std::io::ErrorKind::AddrNotAvailable);
    for address in addresses {
        match TcpStream::connect(address).await {
            Ok(stream) => return Ok(stream),
            Err(error) => last = error,
        }
    }
    Err(WebError::Unreachable(site.authority(), last))
}

async fn talk<S>(stream: S, site: &SiteUrl, question: &Question) -> Result<Reply, WebError>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let broken =
        |error: &dyn std::fmt::Display| WebError::Broken(site.authority(), error.to_string());
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream))
        .await
        .map_err(|error| broken(&error))?;
    // Its end is seen by the one who reads the answer.
    let connection = tokio::spawn(connection);
    let answered = async {
        let request = request(site, question).map_err(|error| broken(&error))?;
        let response = sender.send_request(request).await.map_err(|error| broken(&error))?;
        let (head, body) = response.into_parts();
        let body = Limited::new(body, LARGEST_ANSWER).collect().await.map_err(|error| {
            if error.is::<LengthLimitError>() {
                WebError::TooLarge(site.authority())
            } else {
                broken(&error)
            }
        })?;
        Ok(Reply { status: head.status, headers: head.headers, body: body.to_bytes() })
    };
    let answered = answered.await;
    connection.abort();
    answered
}

fn request(site: &SiteUrl, question: &Question) -> Result<Request<Full<Bytes>>, http::Error> {
    let mut request = Request::builder()
        .method(question.method.clone())
        .uri(site.path_of(&question.path))
        .header(HOST, site.authority())
        .header(USER_AGENT, concat!("tollkeeper/", env!("CARGO_PKG_VERSION")))
        .header(ACCEPT, "application/json")
        .header(ACCEPT_ENCODING, "identity");
    if question.body.is_some() {
        request = request.header(CONTENT_TYPE, "application/json");
    }
    if let Some(headers) = request.headers_mut() {
        headers.extend(question.headers.clone());
    }
    request.body(Full::from(question.body.clone().unwrap_or_default()))
}

/// The path of a redirection within the site, relative to the site's URL.
fn same_origin_path(site: &SiteUrl, target: &str) -> Option<String> {
    let path = if target.starts_with('/') && !target.starts_with("//") {
        target.to_owned()
    } else {
        let uri: http::Uri = target.parse().ok()?;
        let origin = format!("{}://{}", uri.scheme_str()?, uri.authority()?.as_str());
        if !SiteUrl::parse(&origin).ok()?.same_origin(site) {
            return None;
        }
        uri.path_and_query()?.as_str().to_owned()
    };
    path.strip_prefix(&site.path_of("")).map(str::to_owned)
}

/// Where a redirection leads, without a path or query that may repeat what was sent.
fn shown_origin(target: Option<&str>) -> String {
    let uri: Option<http::Uri> = target.and_then(|target| target.parse().ok());
    let origin = uri.and_then(|uri| Some((uri.scheme_str()?.to_owned(), uri.host()?.to_owned())));
    origin.map_or_else(|| "another place".to_owned(), |(scheme, host)| format!("{scheme}://{host}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_same_origin_is_followed() {
        let site = SiteUrl::parse("https://h.example/base").unwrap();
        let path = |target: &str| same_origin_path(&site, target);
        assert_eq!(path("/base/api/x?y=1").as_deref(), Some("/api/x?y=1"));
        assert_eq!(path("https://H.EXAMPLE:443/base/z").as_deref(), Some("/z"));
        for elsewhere in [
            "https://g.example/base/x",
            "http://h.example/base/x",
            "//g.example/base/x",
            "https://h.example:8443/base/x",
            "https://h.example@g.example/base/x",
            "/outside",
            "relative",
            "",
        ] {
            assert_eq!(path(elsewhere), None, "{elsewhere}");
        }
    }

    #[test]
    fn where_a_redirection_leads_is_shown_without_its_path() {
        assert_eq!(shown_origin(Some("https://g.example/?key=sk-secret")), "https://g.example");
        assert_eq!(shown_origin(Some("/x")), "another place");
        assert_eq!(shown_origin(None), "another place");
    }
}
