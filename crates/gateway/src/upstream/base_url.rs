//! A channel's address as it is configured.

/// Where a channel is: scheme, host, port and the path in front of the dialect's own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BaseUrl {
    scheme: &'static str,
    authority: String,
    port: u16,
    /// Without a slash at its end.
    path: String,
}

/// Why a text is no base URL.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidBaseUrl {
    /// Not `http://host…` or `https://host…`.
    #[error("expected a URL such as https://api.example.com or https://api.example.com/v1")]
    NotAUrl,
    /// A user name, a query or a fragment.
    #[error("a base URL has no user name, no ? and no #")]
    Extras,
}

impl BaseUrl {
    /// Reads a base URL, with or without its version segment.
    ///
    /// # Errors
    /// When it is not a plain http or https URL.
    pub fn parse(text: &str) -> Result<Self, InvalidBaseUrl> {
        if text.contains(['@', '?', '#', '\\']) {
            return Err(InvalidBaseUrl::Extras);
        }
        let uri: http::Uri = text.parse().map_err(|_| InvalidBaseUrl::NotAUrl)?;
        let (scheme, default_port) = match uri.scheme_str() {
            Some("https") => ("https", 443),
            Some("http") => ("http", 80),
            _ => return Err(InvalidBaseUrl::NotAUrl),
        };
        let authority = uri.authority().ok_or(InvalidBaseUrl::NotAUrl)?;
        if authority.host().is_empty() {
            return Err(InvalidBaseUrl::NotAUrl);
        }
        Ok(Self {
            scheme,
            authority: authority.as_str().to_ascii_lowercase(),
            port: authority.port_u16().unwrap_or(default_port),
            path: uri.path().trim_end_matches('/').to_owned(),
        })
    }

    /// Scheme, host and port: what a secret is bound to.
    #[must_use]
    pub fn origin(&self) -> String {
        let host = self
            .authority
            .rsplit_once(':')
            .filter(|(_, port)| port.parse::<u16>().is_ok())
            .map_or(self.authority.as_str(), |(host, _)| host);
        format!("{}://{host}:{}", self.scheme, self.port)
    }

    /// The address of an endpoint: the base URL's own version segment stands in for `version`.
    #[must_use]
    pub fn endpoint(&self, version: &str, path: &str) -> Option<http::Uri> {
        let prefix = if self.has_version() { "" } else { version };
        format!("{}://{}{}{prefix}{path}", self.scheme, self.authority, self.path).parse().ok()
    }

    /// Whether the path ends in a version segment: `v1`, `v1beta`, `v4`.
    fn has_version(&self) -> bool {
        let last = self.path.rsplit('/').next().unwrap_or_default();
        let mut characters = last.chars();
        characters.next() == Some('v')
            && characters.next().is_some_and(|digit| digit.is_ascii_digit())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_base_url_may_carry_its_version_segment() {
        let endpoint = |base: &str| {
            BaseUrl::parse(base).unwrap().endpoint("/v1", "/chat/completions").unwrap().to_string()
        };
        for (base, whole) in [
            ("https://api.openai.com", "https://api.openai.com/v1/chat/completions"),
            ("https://api.openai.com/", "https://api.openai.com/v1/chat/completions"),
            ("https://api.openai.com/v1", "https://api.openai.com/v1/chat/completions"),
            (
                "https://open.bigmodel.cn/api/paas/v4/",
                "https://open.bigmodel.cn/api/paas/v4/chat/completions",
            ),
            ("https://openrouter.ai/api", "https://openrouter.ai/api/v1/chat/completions"),
            ("http://127.0.0.1:11434", "http://127.0.0.1:11434/v1/chat/completions"),
        ] {
            assert_eq!(endpoint(base), whole);
        }
    }

    #[test]
    fn what_is_no_plain_url_is_refused() {
        for text in
            ["", "api.openai.com", "ftp://x", "https://", "file:///etc/passwd", "https://a b"]
        {
            assert_eq!(BaseUrl::parse(text), Err(InvalidBaseUrl::NotAUrl), "{text}");
        }
        for text in
            ["https://user:pw@host", "https://host/?a=b", "https://host/#x", "https://host\\@evil"]
        {
            assert_eq!(BaseUrl::parse(text), Err(InvalidBaseUrl::Extras), "{text}");
        }
    }

    #[test]
    fn the_origin_has_scheme_host_and_port() {
        assert_eq!(
            BaseUrl::parse("https://API.Example.com/v1").unwrap().origin(),
            "https://api.example.com:443"
        );
        assert_eq!(BaseUrl::parse("http://[::1]:8080").unwrap().origin(), "http://[::1]:8080");
    }
}
