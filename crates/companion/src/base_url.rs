//! The address of a gateway or relay, checked before it goes into anybody's file.

use thiserror::Error;

/// A base URL without a slash or a version at its end: `https://gateway.example.com`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BaseUrl(String);

/// Why a text is no base URL.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum BaseUrlError {
    /// Neither `http://` nor `https://`.
    #[error("a base URL begins with https:// (or http://)")]
    Scheme,
    /// No host.
    #[error("the base URL names no host")]
    Host,
    /// A name and a password in the URL would end up in logs.
    #[error("a base URL carries no user name or password")]
    Credentials,
    /// `?` or `#`.
    #[error("a base URL has no ? and no #")]
    Query,
    /// Something that is in no URL.
    #[error("the base URL contains a character that no URL has")]
    Character,
}

impl BaseUrl {
    /// Checks a text. A slash and a version (`/v1`, `/v1beta`) at the end are left off: each tool
    /// gets the form that it wants.
    ///
    /// # Errors
    /// When a tool could not use it, or it could do harm.
    pub fn new(text: &str) -> Result<Self, BaseUrlError> {
        let text = text.trim();
        let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
        let rest = rest.ok_or(BaseUrlError::Scheme)?;
        let legal = |it: char| it.is_ascii_graphic() && !"\"'`<>\\^{}|$;()".contains(it);
        if !rest.chars().all(legal) {
            return Err(BaseUrlError::Character);
        }
        if rest.contains(['?', '#']) {
            return Err(BaseUrlError::Query);
        }
        let authority = rest.split('/').next().unwrap_or_default();
        if authority.contains('@') {
            return Err(BaseUrlError::Credentials);
        }
        let (host, port) = match authority.rsplit_once(':') {
            Some((host, port)) if !port.ends_with(']') => (host, Some(port)),
            _ => (authority, None),
        };
        if host.is_empty() || port.is_some_and(|port| port.parse::<u16>().is_err()) {
            return Err(BaseUrlError::Host);
        }
        let mut base = text.trim_end_matches('/');
        for version in ["/v1", "/v1beta"] {
            base = base.strip_suffix(version).unwrap_or(base).trim_end_matches('/');
        }
        Ok(Self(base.to_owned()))
    }

    /// Without a version.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// With OpenAI's version segment.
    #[must_use]
    pub fn with_v1(&self) -> String {
        format!("{}/v1", self.0)
    }

    /// Whether a secret sent there can be read on the way.
    #[must_use]
    pub fn is_readable_on_the_way(&self) -> bool {
        let Some(rest) = self.0.strip_prefix("http://") else { return false };
        let host = rest.split('/').next().unwrap_or_default();
        let local = ["localhost", "[::1]"].iter().any(|it| {
            host.strip_prefix(it).is_some_and(|rest| rest.is_empty() || rest.starts_with(':'))
        });
        let loopback = host.split(':').next().and_then(|it| it.parse::<std::net::Ipv4Addr>().ok());
        !(local || loopback.is_some_and(|it| it.is_loopback()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_of_an_address_is_one() {
        for text in ["https://a.example", "https://a.example/", " https://a.example/v1/ "] {
            assert_eq!(BaseUrl::new(text).unwrap().as_str(), "https://a.example");
        }
        let deeper = BaseUrl::new("https://a.example:8443/relay/v1").unwrap();
        assert_eq!(deeper.with_v1(), "https://a.example:8443/relay/v1");
        assert_eq!(BaseUrl::new("http://[::1]:80/v1beta").unwrap().as_str(), "http://[::1]:80");
    }

    #[test]
    fn what_could_do_harm_is_refused() {
        let refused = [
            ("ftp://a", BaseUrlError::Scheme),
            ("a.example", BaseUrlError::Scheme),
            ("https://", BaseUrlError::Host),
            ("https://:80", BaseUrlError::Host),
            ("https://a:99999", BaseUrlError::Host),
            ("https://user:word@a", BaseUrlError::Credentials),
            ("https://a/?b", BaseUrlError::Query),
            ("https://a/\"b", BaseUrlError::Character),
            ("https://a/$(b)", BaseUrlError::Character),
            ("https://a b", BaseUrlError::Character),
            ("https://a\nb", BaseUrlError::Character),
        ];
        for (text, error) in refused {
            assert_eq!(BaseUrl::new(text), Err(error), "{text:?}");
        }
    }

    #[test]
    fn plain_http_is_private_on_this_machine_only() {
        for (text, readable) in [
            ("http://127.0.0.1:8080", false),
            ("http://localhost:1", false),
            ("http://[::1]:1", false),
            ("https://a.example", false),
            ("http://a.example", true),
            ("http://localhost.a.example", true),
        ] {
            assert_eq!(BaseUrl::new(text).unwrap().is_readable_on_the_way(), readable, "{text}");
        }
    }
}
