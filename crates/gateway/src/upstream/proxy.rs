//! The proxy that a channel's calls go through: HTTP `CONNECT`, or SOCKS5 with the names resolved
//! at the proxy.
//!
//! The target is reached through a tunnel, so that what goes over TLS stays unreadable to the proxy.

mod connect;
mod socks5;
mod target;

pub use target::is_private_literal;

use domain::secret::Secret;
use std::hash::{Hash, Hasher};
use std::io;
use std::sync::Arc;
use tokio::io::{AsyncRead, AsyncWrite};

/// What a proxy speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum ProxyKind {
    /// HTTP/1.1 `CONNECT` (RFC 9110, section 9.3.6).
    Http,
    /// SOCKS version 5 (RFC 1928), with a user name and password (RFC 1929) where one is set.
    Socks5,
}

/// A proxy. Clones share it.
#[derive(Clone)]
pub struct Proxy(Arc<Inner>);

struct Inner {
    kind: ProxyKind,
    host: String,
    port: u16,
    login: Option<Login>,
}

/// Who we are to a proxy.
#[derive(Clone)]
pub(super) struct Login {
    /// The user's name.
    pub(super) user: String,
    /// The password.
    pub(super) password: Secret,
}

/// Why a text is no proxy's address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidProxy {
    /// Not `http://host:port` or `socks5://host:port`.
    #[error("expected http://host:port or socks5://host:port, with user:password@ where needed")]
    NotAProxy,
    /// The user name or the password cannot be sent.
    #[error(
        "a proxy's user name and password have 1 to 255 bytes; percent-encode what is not a letter or a digit"
    )]
    Login,
}

impl Proxy {
    /// Reads a proxy's URL, with its login where one is needed.
    ///
    /// # Errors
    /// When it is none.
    pub fn parse(url: &str) -> Result<Self, InvalidProxy> {
        let (scheme, rest) = url.split_once("://").ok_or(InvalidProxy::NotAProxy)?;
        let kind = match scheme.to_ascii_lowercase().as_str() {
            "http" => ProxyKind::Http,
            // With "h" some programs say what is always so here: names are resolved at the proxy.
            "socks5" | "socks5h" => ProxyKind::Socks5,
            _ => return Err(InvalidProxy::NotAProxy),
        };
        let rest = rest.strip_suffix('/').unwrap_or(rest);
        let (login, address) = match rest.rsplit_once('@') {
            Some((login, address)) => (Some(read_login(login)?), address),
            None => (None, rest),
        };
        let uri: http::Uri =
            format!("http://{address}").parse().map_err(|_| InvalidProxy::NotAProxy)?;
        let bare =
            address.bytes().all(|byte| byte.is_ascii_graphic() && !b"/?#\\@".contains(&byte));
        let (host, port) = (uri.host().unwrap_or_default(), uri.port_u16());
        match port {
            Some(port) if bare && !host.is_empty() && port > 0 => {
                let host = host.to_ascii_lowercase();
                Ok(Self(Arc::new(Inner { kind, host, port, login })))
            }
            _ => Err(InvalidProxy::NotAProxy),
        }
    }

    /// The host, an IPv6 address without its brackets.
    #[must_use]
    pub fn host(&self) -> &str {
        self.0.host.trim_matches(['[', ']'])
    }

    /// The port.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.0.port
    }

    /// Where it is, without the login: what may be stored and shown.
    #[must_use]
    pub fn address(&self) -> String {
        let scheme = match self.0.kind {
            ProxyKind::Http => "http",
            ProxyKind::Socks5 => "socks5",
        };
        format!("{scheme}://{}:{}", self.0.host, self.0.port)
    }

    /// The login as one text, for the sealer.
    #[must_use]
    pub fn login(&self) -> Option<Secret> {
        let login = self.0.login.as_ref()?;
        let text = [login.user.as_str(), "\n", login.password.expose()].concat();
        Some(Secret::new(text))
    }

    /// The proxy at an address, with a login that [`Self::login`] gave.
    ///
    /// # Errors
    /// When either is none.
    pub fn with_login(address: &str, login: Option<&Secret>) -> Result<Self, InvalidProxy> {
        let Inner { kind, host, port, .. } = &*Self::parse(address)?.0;
        let login = match login {
            None => None,
            Some(text) => {
                let (user, password) = text.expose().split_once('\n').ok_or(InvalidProxy::Login)?;
                Some(Login { user: user.to_owned(), password: Secret::new(password.to_owned()) })
            }
        };
        Ok(Self(Arc::new(Inner { kind: *kind, host: host.clone(), port: *port, login })))
    }

    /// Asks the proxy for a tunnel to a target, over a connection to the proxy.
    ///
    /// # Errors
    /// When the proxy refuses or does not speak its protocol.
    pub(crate) async fn tunnel<S>(&self, stream: &mut S, host: &str, port: u16) -> io::Result<()>
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        let login = self.0.login.as_ref();
        match self.0.kind {
            ProxyKind::Http => connect::open(stream, host, port, login).await,
            ProxyKind::Socks5 => socks5::open(stream, host, port, login).await,
        }
    }

    fn identity(&self) -> (ProxyKind, &str, u16, Option<(&str, &str)>) {
        let login =
            self.0.login.as_ref().map(|login| (login.user.as_str(), login.password.expose()));
        (self.0.kind, &self.0.host, self.0.port, login)
    }
}

/// Never with the login.
impl std::fmt::Debug for Proxy {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.address())
    }
}

/// The same proxy with the same login.
impl PartialEq for Proxy {
    fn eq(&self, other: &Self) -> bool {
        self.identity() == other.identity()
    }
}

impl Eq for Proxy {}

impl Hash for Proxy {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.identity().hash(state);
    }
}

fn read_login(text: &str) -> Result<Login, InvalidProxy> {
    let (user, password) = text.split_once(':').unwrap_or((text, ""));
    let (user, password) = (decoded(user)?, decoded(password)?);
    let sound = |text: &str| text.len() <= 255 && !text.chars().any(char::is_control);
    if user.is_empty() || user.contains(':') || !sound(&user) || !sound(&password) {
        return Err(InvalidProxy::Login);
    }
    Ok(Login { user, password: Secret::new(password) })
}

/// A part of a URL without its percent-encoding.
fn decoded(text: &str) -> Result<String, InvalidProxy> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        rest = after;
        if *first != b'%' {
            bytes.push(*first);
            continue;
        }
        let (digits, after) = rest.split_at_checked(2).ok_or(InvalidProxy::Login)?;
        bytes.extend(hex::decode(digits).map_err(|_| InvalidProxy::Login)?);
        rest = after;
    }
    String::from_utf8(bytes).map_err(|_| InvalidProxy::Login)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proxys_login_is_kept_apart_from_its_address() {
        let proxy = Proxy::parse("http://us%40er:p%3Aw@Proxy.Example:3128/").unwrap();
        assert_eq!(proxy.address(), "http://proxy.example:3128");
        assert_eq!(format!("{proxy:?}"), "http://proxy.example:3128");
        assert_eq!(proxy.login().unwrap().expose(), "us@er\np:w");
        let again = Proxy::with_login(&proxy.address(), proxy.login().as_ref()).unwrap();
        assert!(again == proxy);
        assert!(Proxy::with_login(&proxy.address(), None).unwrap() != proxy);
        let socks = Proxy::parse("socks5h://[::1]:1080").unwrap();
        assert_eq!((socks.host(), socks.address().as_str()), ("::1", "socks5://[::1]:1080"));
    }

    #[test]
    fn what_is_no_proxy_is_refused() {
        for url in [
            "",
            "proxy:3128",
            "https://p:1",
            "http://p",
            "http://p:0",
            "http://p:99999",
            "http://:1",
            "http://p:1/x",
            "http://p:1?x",
            "socks4://p:1",
            "http://a b:1",
            "http://p:1#x",
            "http://@p:1",
            "http://:pw@p:1",
            "http://a%zz@p:1",
            "http://a%0a:b@p:1",
            "file:///x",
        ] {
            assert!(Proxy::parse(url).is_err(), "{url}");
        }
    }
}
