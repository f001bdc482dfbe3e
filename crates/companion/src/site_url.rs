//! The address of a site or a node: `https`, or `http` to this machine alone, and nothing that a
//! browser would treat as more than an address.

use http::Uri;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::net::IpAddr;

/// A base URL without a slash at the end: `https://relay.example.com`, `http://127.0.0.1:8080/x`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct SiteUrl {
    secure: bool,
    host: String,
    port: u16,
    path: String,
}

/// Why a text is no base URL.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidUrl {
    /// Not a URL with a scheme and a host.
    #[error("not a URL; write it as https://relay.example.com")]
    NotAUrl,
    /// Another scheme.
    #[error("only https:// URLs are taken, and http:// for this machine")]
    Scheme,
    /// `http` to another machine.
    #[error("http:// would send the key over the network unencrypted; use https://")]
    NotSecure,
    /// A name or password before the host.
    #[error("a URL with a user name or password in it is not taken")]
    UserInfo,
    /// A query or a fragment.
    #[error("a base URL has no `?` and no `#`")]
    Query,
    /// Dots, backslashes or other characters that are read differently by different programs.
    #[error("the URL's path holds characters that a base URL does not have")]
    Path,
}

impl SiteUrl {
    /// Reads a base URL. Spaces around it and slashes at its end do not matter.
    ///
    /// # Errors
    /// When it is none, or none that a key may be sent to.
    pub fn parse(text: &str) -> Result<Self, InvalidUrl> {
        let text = text.trim();
        if text.contains('#') || text.contains('?') {
            return Err(InvalidUrl::Query);
        }
        let uri: Uri = text.parse().map_err(|_| InvalidUrl::NotAUrl)?;
        let authority = uri.authority().ok_or(InvalidUrl::NotAUrl)?;
        if authority.as_str().contains('@') {
            return Err(InvalidUrl::UserInfo);
        }
        let secure = match uri.scheme_str() {
            Some("https") => true,
            Some("http") => false,
            Some(_) => return Err(InvalidUrl::Scheme),
            None => return Err(InvalidUrl::NotAUrl),
        };
        let host = authority.host().to_ascii_lowercase();
        let in_name = |byte: u8| byte.is_ascii_alphanumeric() || b"-._:[]".contains(&byte);
        if host.is_empty() || !host.bytes().all(in_name) {
            return Err(InvalidUrl::NotAUrl);
        }
        // What follows the host is a port that fits, or nothing: `host:` and `host:99999` are not.
        let port = match authority.as_str().get(host.len()..) {
            Some("") => None,
            Some(_) => Some(authority.port_u16().ok_or(InvalidUrl::NotAUrl)?),
            None => return Err(InvalidUrl::NotAUrl),
        };
        let path = uri.path().trim_end_matches('/').to_owned();
        let in_path = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte);
        let odd = path.split('/').skip(1).any(|part| matches!(part, "" | "." | ".."));
        if odd || !path.bytes().all(in_path) {
            return Err(InvalidUrl::Path);
        }
        let port = port.unwrap_or(if secure { 443 } else { 80 });
        let url = Self { secure, host, port, path };
        if secure || url.is_loopback() { Ok(url) } else { Err(InvalidUrl::NotSecure) }
    }

    /// Whether TLS is spoken.
    #[must_use]
    pub const fn is_secure(&self) -> bool {
        self.secure
    }

    /// The host without the brackets of an IPv6 address.
    #[must_use]
    pub fn host(&self) -> &str {
        self.host.trim_matches(['[', ']'])
    }

    /// The port, the scheme's own where none was written.
    #[must_use]
    pub const fn port(&self) -> u16 {
        self.port
    }

    /// Whether the host is this machine by its spelling.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        match self.host().parse::<IpAddr>() {
            Ok(address) => address.to_canonical().is_loopback(),
            Err(_) => self.host() == "localhost",
        }
    }

    /// The path of a request below this URL.
    #[must_use]
    pub fn path_of(&self, path: &str) -> String {
        format!("{}{path}", self.path)
    }

    /// Host and port as they stand in a URL, the port only where it is not the scheme's own.
    #[must_use]
    pub fn authority(&self) -> String {
        let own = if self.secure { 443 } else { 80 };
        if self.port == own { self.host.clone() } else { format!("{}:{}", self.host, self.port) }
    }

    /// Whether a request to the other goes to the same place as one to this.
    #[must_use]
    pub fn same_origin(&self, other: &Self) -> bool {
        (self.secure, &self.host, self.port) == (other.secure, &other.host, other.port)
    }

    /// The same without `/v1` at its end, which some places write and others add by themselves.
    #[must_use]
    pub fn without_version(mut self) -> Self {
        if let Some(shorter) = self.path.strip_suffix("/v1") {
            self.path = shorter.to_owned();
        }
        self
    }
}

impl fmt::Display for SiteUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = if self.secure { "https" } else { "http" };
        write!(f, "{scheme}://{}{}", self.authority(), self.path)
    }
}

impl std::str::FromStr for SiteUrl {
    type Err = InvalidUrl;

    fn from_str(text: &str) -> Result<Self, InvalidUrl> {
        Self::parse(text)
    }
}

impl Serialize for SiteUrl {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for SiteUrl {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base_urls_are_taken_in_one_spelling() {
        for (text, expected) in [
            ("https://Relay.Example.com/", "https://relay.example.com"),
            (" https://r.example:8443/api/x// ", "https://r.example:8443/api/x"),
            ("https://r.example:443", "https://r.example"),
            ("http://127.0.0.1:3000", "http://127.0.0.1:3000"),
            ("http://localhost", "http://localhost"),
            ("http://[::1]:80/", "http://[::1]"),
            ("https://[2001:db8::1]", "https://[2001:db8::1]"),
        ] {
            assert_eq!(SiteUrl::parse(text).map(|url| url.to_string()).as_deref(), Ok(expected));
        }
    }

    #[test]
    fn everything_else_is_refused() {
        use InvalidUrl::{NotAUrl, NotSecure, Path, Query, Scheme, UserInfo};
        for (text, why) in [
            ("", NotAUrl),
            ("relay.example.com", NotAUrl),
            ("/api", NotAUrl),
            ("https://", NotAUrl),
            ("https://a b.example", NotAUrl),
            ("https://h.example:", NotAUrl),
            ("https://h.example:99999", NotAUrl),
            ("https://h.example\r\nX: y", NotAUrl),
            ("ftp://h.example", Scheme),
            ("file:///etc/passwd", NotAUrl),
            ("http://relay.example.com", NotSecure),
            ("http://10.0.0.1", NotSecure),
            ("http://127.0.0.1.example.com", NotSecure),
            ("http://localhost.example.com", NotSecure),
            ("http://2130706433", NotSecure),
            ("https://me:secret@h.example", UserInfo),
            ("https://h.example?x=1", Query),
            ("https://h.example/#x", Query),
            ("https://h.example/../x", Path),
            ("https://h.example//x", Path),
            ("https://h.example/%2e%2e/x", Path),
        ] {
            assert_eq!(SiteUrl::parse(text), Err(why), "{text}");
        }
    }

    #[test]
    fn origins_are_compared_whole() {
        let url = |text: &str| SiteUrl::parse(text).unwrap();
        assert!(url("https://h.example/a").same_origin(&url("https://H.example:443/b")));
        for other in ["https://h.example:8443", "https://g.example", "https://x.h.example"] {
            assert!(!url("https://h.example").same_origin(&url(other)), "{other}");
        }
        assert!(!url("http://localhost:443").same_origin(&url("https://localhost")));
    }

    #[test]
    fn a_version_at_the_end_can_be_left_off() {
        let shorter = |text: &str| SiteUrl::parse(text).unwrap().without_version().to_string();
        assert_eq!(shorter("https://h.example/v1/"), "https://h.example");
        assert_eq!(shorter("https://h.example/api/v1"), "https://h.example/api");
        assert_eq!(shorter("https://h.example/v12"), "https://h.example/v12");
    }
}
