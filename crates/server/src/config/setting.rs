//! The table of settings.

/// One setting.
#[derive(Debug, Clone, Copy)]
pub struct Setting {
    /// Its name: the flag is `--name`, the variable `TOLLKEEPER_NAME`, the line `name = …`.
    pub name: &'static str,
    /// The value where nothing is said; none: not set.
    pub default: Option<&'static str>,
    /// Whether it can be given several times (in a variable: separated by commas).
    pub repeatable: bool,
    /// Another variable that is read too.
    pub also_variable: Option<&'static str>,
    /// What it is for.
    pub help: &'static str,
}

impl Setting {
    const fn new(name: &'static str, default: &'static str, help: &'static str) -> Self {
        Self { name, default: Some(default), repeatable: false, also_variable: None, help }
    }

    const fn unset(name: &'static str, help: &'static str) -> Self {
        Self { name, default: None, repeatable: false, also_variable: None, help }
    }

    const fn list(name: &'static str, help: &'static str) -> Self {
        Self { name, default: None, repeatable: true, also_variable: None, help }
    }

    /// The environment variable.
    #[must_use]
    pub fn variable(&self) -> String {
        format!("TOLLKEEPER_{}", self.name.to_ascii_uppercase().replace('-', "_"))
    }
}

/// Every setting there is.
pub const SETTINGS: &[Setting] = &[
    Setting::new(
        "data",
        "tollkeeper-data",
        "The node's own directory: journal, identity, lock, and the embedded database",
    ),
    Setting {
        also_variable: Some("DATABASE_URL"),
        ..Setting::unset(
            "database",
            "postgres://… shared by several nodes; without it the database is embedded in --data",
        )
    },
    Setting::new("listen", "127.0.0.1:8080", "Address and port to listen on"),
    Setting::unset(
        "console-listen",
        "Another address for the management routes and /metrics; the data plane then refuses them",
    ),
    Setting::unset(
        "master-key-file",
        "File with the master key (64 hexadecimal digits); default: master.key in --data. The variable TOLLKEEPER_MASTER_KEY can hold the key itself",
    ),
    Setting::new(
        "reveal",
        "once",
        "Whether the value of a key can be shown again to its owner: once (only a keyed hash is stored) or sealed (it is also stored encrypted). Back to once, what is stored is deleted at the next start",
    ),
    Setting::unset(
        "tls-cert",
        "File with the certificate for https and those that lead to its root, in PEM; read again when it changes and on SIGHUP",
    ),
    Setting::unset("tls-key", "File with the certificate's private key, in PEM"),
    Setting::unset("public-url", "The address that people reach the gateway at, for links"),
    Setting::new("time-zone", "UTC", "IANA time zone in which days and months begin"),
    Setting::new(
        "durability",
        "standard",
        "What the last bytes of an answer wait for: standard (the operating system has the charge) or strict (the disk has it)",
    ),
    Setting::new(
        "journal-segment-bytes",
        "8388608",
        "Bytes of one journal segment; two are always reserved on the disk",
    ),
    Setting::new(
        "power-loss-exposure",
        "5",
        "USD of each key that may be forwarded before the disk has it (standard durability); after a power loss as much is held in doubt",
    ),
    Setting::new(
        "doubt-hold",
        "86400",
        "Seconds for which a call that a crash cut off is held in doubt",
    ),
    Setting::unset("workers", "Worker threads; default: one per core"),
    Setting::new(
        "runtime",
        "per-core",
        "per-core: a connection and its upstream stay on one thread; shared: threads take work from each other",
    ),
    Setting::unset(
        "channel-test-interval",
        "Seconds between two tests of every channel, which cost a few tokens each; default: never",
    ),
    Setting::new(
        "shutdown-timeout",
        "60",
        "Seconds that calls under way have to finish after SIGTERM",
    ),
    Setting::new("max-body-bytes", "33554432", "The largest request body"),
    Setting::list(
        "trusted-proxy",
        "Address or range of a reverse proxy whose X-Forwarded-For counts (repeatable)",
    ),
    Setting::list("allow-egress", "Private address or range that channels may be at (repeatable)"),
    Setting::list(
        "upstream-ca",
        "File with certificates, in PEM, that sign upstreams beside the public roots (repeatable)",
    ),
    Setting::new("connect-timeout", "10", "Seconds until an upstream is connected"),
    Setting::new(
        "first-byte-timeout",
        "300",
        "Seconds until the first byte of an answer; a channel can set its own",
    ),
    Setting::new(
        "idle-timeout",
        "120",
        "Seconds between two bytes of an answer; a channel can set its own",
    ),
    Setting::new("total-timeout", "1800", "Seconds for a whole call"),
    Setting::new(
        "read-on-timeout",
        "60",
        "Seconds for which an answer is read on whose client went away",
    ),
    Setting::new("read-on-calls", "64", "How many such answers are read on at once"),
    Setting::new(
        "unknown-keys-per-minute",
        "600",
        "Unknown or malformed keys that one address may try in a minute",
    ),
    Setting::new("checkpoint-every", "2", "Seconds between two notes of a long stream's usage"),
    Setting::new(
        "lowered-floor",
        "256",
        "The least output maximum that a short limit lowers a call to",
    ),
    Setting::unset(
        "smtp",
        "Mail server for alerts: smtps://host, smtp://host (STARTTLS), or smtp-plain://host for a relay of one's own; default: no mail",
    ),
    Setting::unset("smtp-from", "The address that alerts are sent from"),
    Setting::unset("smtp-user", "User name at the mail server"),
    Setting::unset("smtp-password-file", "File with the password at the mail server"),
    Setting::new(
        "log-level",
        "info",
        "error, warn, info, debug or trace; or a filter such as info,gateway=debug",
    ),
    Setting::new("log-format", "text", "text or json"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_helped() {
        let mut names: Vec<&str> = SETTINGS.iter().map(|setting| setting.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), SETTINGS.len());
        assert!(SETTINGS.iter().all(|setting| setting.help.len() > 10));
    }
}
