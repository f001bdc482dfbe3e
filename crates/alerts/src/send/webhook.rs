//! Webhooks as <https://www.standardwebhooks.com> describes them: JSON with three headers, one of
//! which is an HMAC-SHA-256 over id, time and body. Redirects are not followed, and the one way out
//! refuses private addresses.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use domain::id::{AlertDestinationId, DeliveryId};
use domain::secret::Secret;
use gateway::seal::{CannotOpen, Sealer};
use gateway::upstream::{Endpoint, UpstreamClient, UpstreamError};
use hmac::{Hmac, KeyInit, Mac};
use http::header::{CONTENT_TYPE, HeaderName, HeaderValue, USER_AGENT};
use http::{Method, Request, StatusCode, Uri};
use http_body_util::{BodyExt, Full, Limited};
use sha2::Sha256;
use std::time::Duration;
use store::channel::SealedSecret;

use super::Tried;

/// A receiver has so long for the whole exchange.
const PATIENCE: Duration = Duration::from_secs(15);
/// More of an answer is not read; it means nothing anyway.
const LONGEST_ANSWER: usize = 64 * 1024;

/// Why an address is none for a webhook.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "expected a URL such as https://hooks.example.com/alerts, without a user name and without #"
)]
pub struct InvalidAddress;

/// A webhook's URL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebhookAddress {
    uri: Uri,
    host: String,
    port: u16,
}

impl WebhookAddress {
    /// Reads a URL.
    ///
    /// # Errors
    /// When it is not one of http or https, or holds a user name or a fragment.
    pub fn parse(text: &str) -> Result<Self, InvalidAddress> {
        if text.contains(['#', '\\']) {
            return Err(InvalidAddress);
        }
        let uri: Uri = text.parse().map_err(|_| InvalidAddress)?;
        let port = match uri.scheme_str() {
            Some("https") => 443,
            Some("http") => 80,
            _ => return Err(InvalidAddress),
        };
        let authority = uri.authority().ok_or(InvalidAddress)?;
        if authority.host().is_empty() || authority.as_str().contains('@') {
            return Err(InvalidAddress);
        }
        let host = authority.host().trim_matches(['[', ']']).to_ascii_lowercase();
        let port = authority.port_u16().unwrap_or(port);
        Ok(Self { uri, host, port })
    }

    /// The host, without brackets.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }

    /// Scheme, host and port: what the secret is bound to.
    #[must_use]
    pub fn origin(&self) -> String {
        format!("{}://{}:{}", self.uri.scheme_str().unwrap_or_default(), self.host, self.port)
    }
}

/// A new secret as its owner sees it once: `whsec_` and 32 bytes in Base64.
#[must_use]
pub fn new_secret() -> Secret {
    Secret::new(format!("{PREFIX}{}", STANDARD.encode(rand::random::<[u8; 32]>())))
}

const PREFIX: &str = "whsec_";

/// Seals a destination's secret for the origin that it signs for.
#[must_use]
pub fn seal(
    sealer: &Sealer,
    id: AlertDestinationId,
    address: &WebhookAddress,
    secret: &Secret,
) -> SealedSecret {
    SealedSecret::new(sealer.seal_for(&context(id, address), secret))
}

fn open(
    sealer: &Sealer,
    id: AlertDestinationId,
    address: &WebhookAddress,
    sealed: &SealedSecret,
) -> Result<Secret, CannotOpen> {
    sealer.open_for(&context(id, address), sealed.as_str())
}

fn context(id: AlertDestinationId, address: &WebhookAddress) -> String {
    format!("webhook secret\n{id}\n{}\n1", address.origin())
}

/// `v1,` and the signature.
fn sign(secret: &Secret, id: &str, seconds: i64, body: &str) -> Option<String> {
    let key = STANDARD.decode(secret.expose().strip_prefix(PREFIX)?).ok()?;
    let mut mac = Hmac::<Sha256>::new_from_slice(&key).ok()?;
    mac.update(format!("{id}.{seconds}.{body}").as_bytes());
    Some(format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes())))
}

/// One message on its way.
pub(crate) struct Post<'a> {
    pub(crate) destination: AlertDestinationId,
    pub(crate) address: &'a str,
    pub(crate) secret: &'a SealedSecret,
    pub(crate) id: DeliveryId,
    pub(crate) body: &'a str,
    /// Seconds since 1970, by the clock of the machine.
    pub(crate) seconds: i64,
}

/// Sends it once.
pub(crate) async fn post(client: &UpstreamClient, sealer: &Sealer, post: Post<'_>) -> Tried {
    let Ok(address) = WebhookAddress::parse(post.address) else {
        return Tried::failed(None, InvalidAddress);
    };
    let secret = match open(sealer, post.destination, &address, post.secret) {
        Ok(secret) => secret,
        Err(error) => return Tried::failed(None, error),
    };
    let id = post.id.to_string();
    let signature = sign(&secret, &id, post.seconds, post.body);
    let (Some(signature), Some(endpoint)) = (signature, Endpoint::new(address.uri)) else {
        return Tried::failed(None, InvalidAddress);
    };
    let mut request = Request::new(Full::new(Bytes::from(post.body.to_owned())));
    *request.method_mut() = Method::POST;
    let seconds = post.seconds.to_string();
    let agent = concat!("tollkeeper/", env!("CARGO_PKG_VERSION"));
    for (name, value) in [
        (HeaderName::from_static("webhook-id"), id.as_str()),
        (HeaderName::from_static("webhook-timestamp"), &seconds),
        (HeaderName::from_static("webhook-signature"), &signature),
        (CONTENT_TYPE, "application/json"),
        (USER_AGENT, agent),
    ] {
        if let Ok(value) = HeaderValue::from_str(value) {
            request.headers_mut().insert(name, value);
        }
    }
    let exchange = async {
        let response =
            client.send(&endpoint, Box::new(request)).await.map_err(|error| reason(&error))?;
        let status = response.status();
        // Read to its end, so that the connection can be used again; what it says does not matter.
        drop(Limited::new(response.into_body(), LONGEST_ANSWER).collect().await);
        Ok::<StatusCode, String>(status)
    };
    match tokio::time::timeout(PATIENCE, exchange).await {
        Err(_) => Tried::failed(None, format!("no answer within {} s", PATIENCE.as_secs())),
        Ok(Err(error)) => Tried::failed(None, error),
        Ok(Ok(status)) => judge(status),
    }
}

fn judge(status: StatusCode) -> Tried {
    if status.is_success() {
        return Tried::arrived(status.as_u16());
    }
    let words = if status.is_redirection() {
        format!("answered {status}: redirects are not followed")
    } else {
        format!("answered {status}")
    };
    Tried { gone: status == StatusCode::GONE, ..Tried::failed(Some(status.as_u16()), words) }
}

/// The error and what lies behind it.
fn reason(error: &UpstreamError) -> String {
    let mut text = error.to_string();
    let mut source = std::error::Error::source(error);
    while let Some(error) = source {
        let more = error.to_string();
        if !text.contains(&more) {
            text = format!("{text}: {more}");
        }
        source = error.source();
    }
    text.chars().take(300).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::time::UnixMillis;

    /// The example that the specification's libraries share.
    #[test]
    fn signatures_are_those_of_the_specification() {
        let secret = Secret::new("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw".to_owned());
        let signed =
            sign(&secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, r#"{"test": 2432232314}"#);
        assert_eq!(signed.as_deref(), Some("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="));
    }

    #[test]
    fn a_secret_opens_for_its_destination_and_origin_alone() {
        let sealer = Sealer::new(&[7; 32]);
        let id = |n| AlertDestinationId::new(UnixMillis::new(1), [n; 10]);
        let address = |text| WebhookAddress::parse(text).unwrap();
        let here = address("https://hooks.example.com/a");
        let secret = new_secret();
        let sealed = seal(&sealer, id(1), &here, &secret);
        let opens = |id, text| open(&sealer, id, &address(text), &sealed).is_ok();
        assert!(opens(id(1), "https://HOOKS.example.com:443/other?path"));
        assert!(!opens(id(2), "https://hooks.example.com/a"));
        for elsewhere in [
            "http://hooks.example.com/a",
            "https://hooks.example.com:8443/a",
            "https://evil.example/a",
        ] {
            assert!(!opens(id(1), elsewhere), "{elsewhere}");
        }
    }

    #[test]
    fn what_is_no_webhook_is_refused() {
        for text in [
            "",
            "hooks.example.com",
            "ftp://x/y",
            "https://user@x/",
            "https://x/#y",
            "https:///y",
            "https://x\\@y/",
            "/relative",
        ] {
            assert_eq!(WebhookAddress::parse(text), Err(InvalidAddress), "{text}");
        }
        assert_eq!(WebhookAddress::parse("http://[::1]:9/x").unwrap().origin(), "http://::1:9");
    }

    #[test]
    fn only_success_is_an_arrival() {
        for (status, delivered, gone) in [
            (200, true, false),
            (204, true, false),
            (302, false, false),
            (410, false, true),
            (500, false, false),
        ] {
            let tried = judge(StatusCode::from_u16(status).unwrap());
            assert_eq!((tried.is_delivered(), tried.gone), (delivered, gone), "{status}");
        }
    }
}
