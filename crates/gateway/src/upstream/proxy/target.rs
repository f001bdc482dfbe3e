//! What a proxy may not be asked for: it resolves names itself, so only the spelling can be judged.

use std::net::{IpAddr, Ipv4Addr};

use crate::egress::EgressPolicy;

/// Names of the machine's provider's metadata, …
const METADATA_NAMES: &[&str] = &["metadata", "metadata.google.internal", "instance-data"];
/// … and where they lead.
const METADATA: Ipv4Addr = Ipv4Addr::new(169, 254, 169, 254);

/// Whether a host is, in whatever spelling, an address that may not be connected to.
#[must_use]
pub fn is_private_literal(policy: &EgressPolicy, host: &str) -> bool {
    let host = host.trim_matches(['[', ']']).trim_end_matches('.').to_ascii_lowercase();
    if let Ok(address) = host.parse::<IpAddr>() {
        return !policy.permits(address);
    }
    if host == "localhost" || host.ends_with(".localhost") {
        return !policy.permits(IpAddr::V4(Ipv4Addr::LOCALHOST));
    }
    if METADATA_NAMES.contains(&host.as_str()) {
        return !policy.permits(IpAddr::V4(METADATA));
    }
    // "0x7f.1", "127.1" and "2130706433" are addresses to some resolvers.
    let last = host.rsplit('.').next().unwrap_or_default();
    let numeric = last.bytes().all(|byte| byte.is_ascii_digit());
    let hexadecimal = last
        .strip_prefix("0x")
        .is_some_and(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()));
    last.is_empty() || numeric || hexadecimal
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn private_literals_are_found_in_every_spelling() {
        let closed = EgressPolicy::default();
        for host in [
            "127.0.0.1",
            "10.0.0.1",
            "[::1]",
            "::ffff:10.0.0.1",
            "localhost",
            "LOCALHOST.",
            "a.localhost",
            "127.1",
            "2130706433",
            "0x7f000001",
            "0x7f.1",
            "012.0.0.1",
            "169.254.169.254",
            "",
            "metadata.google.internal",
            "1.2.3.0x",
        ] {
            assert!(is_private_literal(&closed, host), "{host}");
        }
        for host in
            ["api.openai.com", "1.1.1.1", "[2606:4700::1111]", "x1.example", "0xabc.example"]
        {
            assert!(!is_private_literal(&closed, host), "{host}");
        }
        let open = EgressPolicy::new(vec!["127.0.0.0/8".parse().unwrap()]);
        assert!(!is_private_literal(&open, "127.0.0.1") && !is_private_literal(&open, "localhost"));
        assert!(is_private_literal(&open, "10.0.0.1") && is_private_literal(&open, "metadata"));
    }
}
