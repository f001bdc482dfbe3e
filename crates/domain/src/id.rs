//! Typed identifiers: a UUID v7 behind a prefix that says what it names (`key_…`, `usr_…`).
//!
//! In memory an id is sixteen bytes; as text it is the prefix and 32 hexadecimal digits. Version 7
//! ids sort by creation time, so they double as a paging cursor.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use uuid::Uuid;

use crate::time::UnixMillis;

/// Why a text is not an id of the expected kind.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected an id of the form {prefix}_ and 32 hexadecimal digits")]
pub struct InvalidId {
    /// The prefix that the text should have had.
    pub prefix: &'static str,
}

macro_rules! typed_id {
    ($(#[$doc:meta])* $name:ident, $prefix:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Uuid);

        impl $name {
            /// The text in front of the underscore.
            pub const PREFIX: &'static str = $prefix;

            /// Makes an id from the present time and ten random bytes.
            #[must_use]
            pub fn new(now: UnixMillis, random: [u8; 10]) -> Self {
                Self(uuid::Builder::from_unix_timestamp_millis(now.as_u64(), &random).into_uuid())
            }

            /// The id's sixteen bytes, as the journal stores them.
            #[must_use]
            pub fn to_bytes(self) -> [u8; 16] {
                *self.0.as_bytes()
            }

            /// The id behind sixteen bytes of the journal.
            #[must_use]
            pub fn from_bytes(bytes: [u8; 16]) -> Self {
                Self(Uuid::from_bytes(bytes))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(concat!($prefix, "_"))?;
                f.write_str(self.0.as_simple().encode_lower(&mut uuid::Uuid::encode_buffer()))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }

        impl std::str::FromStr for $name {
            type Err = InvalidId;

            fn from_str(text: &str) -> Result<Self, InvalidId> {
                parse($prefix, text).map(Self).ok_or(InvalidId { prefix: $prefix })
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                if serializer.is_human_readable() {
                    serializer.collect_str(self)
                } else {
                    serializer.serialize_bytes(self.0.as_bytes())
                }
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                if deserializer.is_human_readable() {
                    let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
                    text.parse().map_err(serde::de::Error::custom)
                } else {
                    deserializer.deserialize_bytes(SixteenBytes).map(Self::from_bytes)
                }
            }
        }
    };
}

typed_id!(
    /// An API key (its users say "token").
    KeyId, "key"
);
typed_id!(
    /// A person or a service that owns keys and a balance.
    UserId, "usr"
);
typed_id!(
    /// One upstream account at a provider.
    ChannelId, "chn"
);
typed_id!(
    /// One relayed request, from admission to settlement; also the answer's `x-request-id`.
    CallId, "call"
);
typed_id!(
    /// A credential for the management API (`mk-…`).
    ManagementKeyId, "mgk"
);
typed_id!(
    /// One double-entry transaction of the ledger.
    TransactionId, "txn"
);
typed_id!(
    /// A person who is logged in with a browser.
    SessionId, "ses"
);
typed_id!(
    /// A code that somebody can redeem for balance.
    RedemptionCodeId, "rdm"
);
typed_id!(
    /// Something that its owner should know.
    AlertId, "alr"
);
typed_id!(
    /// When an alert is raised, and where it goes.
    AlertRuleId, "alrule"
);
typed_id!(
    /// Where alerts are sent.
    AlertDestinationId, "aldest"
);
typed_id!(
    /// One message to one destination, however often it is tried: also its `webhook-id`.
    DeliveryId, "msg"
);
typed_id!(
    /// A machine's data directory that runs the gateway.
    NodeId, "node"
);

/// An id's bytes in the journal. As one piece: a tuple would be written and read byte by byte.
struct SixteenBytes;

impl serde::de::Visitor<'_> for SixteenBytes {
    type Value = [u8; 16];

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the sixteen bytes of an id")
    }

    fn visit_bytes<E: serde::de::Error>(self, bytes: &[u8]) -> Result<[u8; 16], E> {
        bytes.try_into().map_err(|_| E::invalid_length(bytes.len(), &self))
    }
}

fn parse(prefix: &str, text: &str) -> Option<Uuid> {
    let digits = text.strip_prefix(prefix)?.strip_prefix('_')?;
    let lower_hex = digits.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
    if digits.len() != 32 || !lower_hex {
        return None;
    }
    Uuid::try_parse(digits).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_survives_its_text() {
        let id = KeyId::new(UnixMillis::new(1_700_000_000_000), [7; 10]);
        assert_eq!(id.to_string().parse(), Ok(id));
    }

    #[test]
    fn another_kind_of_id_is_refused() {
        let id = KeyId::new(UnixMillis::new(0), [0; 10]).to_string();
        assert!(id.parse::<UserId>().is_err());
        assert!("key_".parse::<KeyId>().is_err());
        assert!(id.to_uppercase().parse::<KeyId>().is_err());
    }

    #[test]
    fn later_ids_sort_later() {
        let early = CallId::new(UnixMillis::new(1_000), [255; 10]);
        let late = CallId::new(UnixMillis::new(1_001), [0; 10]);
        assert!(early.to_string() < late.to_string());
    }
}
