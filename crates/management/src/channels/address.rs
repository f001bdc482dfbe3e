//! A channel's base URL, checked before it is stored.

use gateway::egress::EgressPolicy;
use gateway::upstream::{BaseUrl, InvalidBaseUrl};
use std::net::{IpAddr, Ipv4Addr};

use crate::problem::Problem;
use crate::request::value::text;
use crate::request::{Invalid, Value};
use crate::wrong::Wrong;

/// A base URL as it was sent, which is one.
#[derive(Debug, Clone)]
pub(crate) struct Address {
    pub(crate) text: String,
    base_url: BaseUrl,
}

impl Address {
    pub(crate) fn read(value: Value<'_>) -> Result<Self, Invalid> {
        let text = text(1..=500)(value)?;
        Self::parse(text).map_err(Invalid::new)
    }

    /// The address in a text.
    pub(crate) fn parse(text: String) -> Result<Self, InvalidBaseUrl> {
        BaseUrl::parse(&text).map(|base_url| Self { text, base_url })
    }

    /// Whether secrets go there unencrypted.
    pub(crate) fn is_plain(text: &str) -> bool {
        text.trim_start().to_ascii_lowercase().starts_with("http://")
    }

    /// Scheme, host and port: what a secret is bound to.
    pub(crate) fn origin(&self) -> String {
        self.base_url.origin()
    }

    /// Refuses an address that the gateway would never connect to. Names are checked when they
    /// are resolved.
    pub(crate) fn check(&self, egress: &EgressPolicy) -> Result<(), Problem> {
        let Some(address) = self.literal().filter(|address| !egress.permits(*address)) else {
            return Ok(());
        };
        let message = Wrong::AddressPrivate { address: address.to_string() };
        Err(Problem::field("base_url", message))
    }

    /// The host if it is an address itself.
    fn literal(&self) -> Option<IpAddr> {
        let origin = self.origin();
        let host = origin
            .split_once("://")
            .and_then(|(_, rest)| rest.rsplit_once(':'))
            .map(|(host, _)| host)?;
        let host = host.trim_matches(['[', ']']).trim_end_matches('.');
        if host == "localhost" || host.ends_with(".localhost") {
            return Some(IpAddr::V4(Ipv4Addr::LOCALHOST));
        }
        host.parse().ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(url: &str) -> Address {
        Address::read(Value::of(&format!("{url:?}")).unwrap()).unwrap()
    }

    #[test]
    fn private_literals_need_permission() {
        let (closed, open) =
            (EgressPolicy::default(), EgressPolicy::new(vec!["127.0.0.0/8".parse().unwrap()]));
        for url in
            ["http://127.0.0.1:9", "https://[::1]/v1", "http://localhost", "http://169.254.169.254"]
        {
            assert!(address(url).check(&closed).is_err(), "{url}");
        }
        assert!(address("http://127.0.0.1:9").check(&open).is_ok());
        assert!(address("https://api.example.com").check(&closed).is_ok());
    }
}
