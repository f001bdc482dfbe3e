//! Addresses: who is calling, and from where a key may be used.

use ipnet::IpNet;
use serde::{Deserialize, Deserializer, Serialize};
use std::net::IpAddr;

/// One entry of an allowlist: a single address or a CIDR range, v4 or v6.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct AddressRange(IpNet);

impl AddressRange {
    /// Whether an address lies in the range. A v4-mapped v6 address counts as v4.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        self.0.contains(&address.to_canonical())
    }
}

impl std::str::FromStr for AddressRange {
    type Err = InvalidRange;

    fn from_str(text: &str) -> Result<Self, InvalidRange> {
        if let Ok(address) = text.parse::<IpAddr>() {
            return Ok(Self(IpNet::from(address.to_canonical())));
        }
        let net: IpNet = text.parse().map_err(|_| InvalidRange)?;
        // `10.0.0.7/8` is more often a slip than a wish: name the network itself.
        if net.trunc() == net { Ok(Self(net)) } else { Err(InvalidRange) }
    }
}

impl std::fmt::Display for AddressRange {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.0.prefix_len() == self.0.max_prefix_len() {
            return self.0.addr().fmt(f);
        }
        self.0.fmt(f)
    }
}

/// A text is neither an address nor a CIDR range.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "expected an IP address (203.0.113.7, 2001:db8::1) or a CIDR range without host bits (192.168.1.0/24, 2001:db8::/48)"
)]
pub struct InvalidRange;

impl Serialize for AddressRange {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for AddressRange {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

/// Whether an address is in one of the ranges; an empty list allows every address.
#[must_use]
pub fn allowed(ranges: &[AddressRange], address: IpAddr) -> bool {
    ranges.is_empty() || ranges.iter().any(|range| range.contains(address))
}

/// The address of the caller: the socket's, unless that is a trusted proxy; then the right-most
/// address of `X-Forwarded-For` that is no trusted proxy itself.
///
/// `forwarded` holds the header's values in the order in which they came. An entry that is not an
/// address ends the walk: what lies left of it cannot be vouched for.
#[must_use]
pub fn client_address<'a>(
    peer: IpAddr,
    trusted: &[AddressRange],
    forwarded: impl DoubleEndedIterator<Item = &'a str>,
) -> IpAddr {
    let is_trusted = |address: IpAddr| trusted.iter().any(|range| range.contains(address));
    let mut nearest = peer.to_canonical();
    if !is_trusted(nearest) {
        return nearest;
    }
    for entry in forwarded.rev().flat_map(|line| line.rsplit(',')) {
        let Some(address) = parse_forwarded(entry.trim()) else {
            return nearest;
        };
        nearest = address;
        if !is_trusted(nearest) {
            return nearest;
        }
    }
    nearest
}

/// `203.0.113.7`, `203.0.113.7:1234`, `2001:db8::1`, `[2001:db8::1]`, `[2001:db8::1]:1234`.
fn parse_forwarded(entry: &str) -> Option<IpAddr> {
    let entry = entry.trim_matches('"');
    entry
        .parse::<IpAddr>()
        .ok()
        .or_else(|| entry.parse::<std::net::SocketAddr>().ok().map(|socket| socket.ip()))
        .or_else(|| entry.strip_prefix('[')?.strip_suffix(']')?.parse().ok())
        .map(|address| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ranges(texts: &[&str]) -> Vec<AddressRange> {
        texts.iter().map(|text| text.parse().unwrap()).collect()
    }

    #[test]
    fn ranges_of_both_families_match() {
        let list = ranges(&["192.168.1.0/24", "2001:db8::/48", "203.0.113.7"]);
        for (address, fits) in [
            ("192.168.1.200", true),
            ("192.168.2.1", false),
            ("2001:db8::9", true),
            ("2001:db8:1::9", false),
            ("203.0.113.7", true),
            ("::ffff:203.0.113.7", true),
            ("203.0.113.8", false),
        ] {
            assert_eq!(allowed(&list, address.parse().unwrap()), fits, "{address}");
        }
        assert!(allowed(&[], "198.51.100.1".parse().unwrap()));
    }

    #[test]
    fn bad_entries_are_refused() {
        for text in [
            "",
            "10.0.0.0/33",
            "10.0.0.7/8",
            "300.1.1.1",
            "10.0.0.0/-1",
            "example.org",
            "0x7f.1",
            "1.2.3",
        ] {
            assert!(text.parse::<AddressRange>().is_err(), "{text}");
        }
    }

    #[test]
    fn headers_count_only_from_trusted_proxies() {
        let trusted = ranges(&["10.0.0.0/8"]);
        let client = |peer: &str, forwarded: &[&str]| {
            client_address(peer.parse().unwrap(), &trusted, forwarded.iter().copied()).to_string()
        };
        assert_eq!(client("198.51.100.1", &["203.0.113.9"]), "198.51.100.1");
        assert_eq!(client("10.0.0.1", &["203.0.113.9"]), "203.0.113.9");
        assert_eq!(client("10.0.0.1", &["6.6.6.6, 203.0.113.9, 10.0.0.2"]), "203.0.113.9");
        assert_eq!(client("10.0.0.1", &["6.6.6.6", "203.0.113.9"]), "203.0.113.9");
        assert_eq!(client("10.0.0.1", &["6.6.6.6, nonsense, 10.0.0.2"]), "10.0.0.2");
        assert_eq!(client("10.0.0.1", &[]), "10.0.0.1");
        assert_eq!(client("::ffff:10.0.0.1", &["[2001:db8::1]:99"]), "2001:db8::1");
    }
}
