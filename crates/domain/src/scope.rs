//! What a management key may do.

use serde::{Deserialize, Serialize};

macro_rules! scopes {
    ($($(#[$doc:meta])* $name:ident = $text:literal;)*) => {
        /// One right of a management key.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        pub enum Scope {
            $($(#[$doc])* #[serde(rename = $text)] $name,)*
        }

        impl Scope {
            /// Every scope, in the order in which they are listed.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The name in the API.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }

            /// The scope behind a name.
            #[must_use]
            pub fn from_name(name: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|scope| scope.name() == name)
            }
        }
    };
}

scopes! {
    /// List and read keys.
    KeysRead = "keys:read";
    /// Create, edit and end keys.
    KeysWrite = "keys:write";
    /// List and read users.
    UsersRead = "users:read";
    /// Create and edit users, top up balances.
    UsersWrite = "users:write";
    /// List and read channels.
    ChannelsRead = "channels:read";
    /// Create, edit and delete channels.
    ChannelsWrite = "channels:write";
    /// List and read prices.
    PricesRead = "prices:read";
    /// Set and delete prices.
    PricesWrite = "prices:write";
    /// List and read groups.
    GroupsRead = "groups:read";
    /// Set and delete groups.
    GroupsWrite = "groups:write";
    /// Usage and calls.
    UsageRead = "usage:read";
    /// List and read alerts, their rules and their destinations.
    AlertsRead = "alerts:read";
    /// Acknowledge alerts; make, edit and delete their rules and their destinations.
    AlertsWrite = "alerts:write";
    /// The audit log.
    AuditRead = "audit:read";
    /// System settings.
    SystemWrite = "system:write";
}
