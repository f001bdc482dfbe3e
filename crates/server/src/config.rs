//! The settings: each is a flag, an environment variable and a line in `tollkeeper.toml`, in this
//! order of precedence.
//!
//! `setting.rs` the table of all of them · `resolve.rs` where each value comes from · `mail.rs` the
//! mail server · here: what the others mean.

mod mail;
mod resolve;
mod setting;

pub use console::DemoLogIn;
pub use resolve::{Resolved, Source, Sources};
pub use setting::{SETTINGS, Setting};

use alerts::MailSettings;
use domain::money::Nanos;
use domain::network::AddressRange;
use gateway::GatewayOptions;
use gateway::egress::EgressPolicy;
use jiff::tz::TimeZone;
use ledger::journal::Durability;
use management::Reveal;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use crate::tls::TlsFiles;

/// Everything that a running gateway goes by.
#[derive(Clone)]
pub struct Config {
    /// The node's own directory.
    pub data: PathBuf,
    /// A shared database; none: the embedded one.
    pub database: Option<String>,
    /// Where the gateway listens.
    pub listen: SocketAddr,
    /// Where the management routes and metrics listen instead.
    pub console_listen: Option<SocketAddr>,
    /// The certificate of the listeners; none: plain http.
    pub tls: Option<TlsFiles>,
    /// Files of certificates that sign upstreams beside the public roots.
    pub upstream_ca: Vec<PathBuf>,
    /// The file that holds the master key.
    pub master_key_file: Option<PathBuf>,
    /// Whether values of keys can be shown again.
    pub reveal: Reveal,
    /// The address that people reach the gateway at.
    pub public_url: Option<String>,
    /// The zone in which days and months begin.
    pub time_zone: TimeZone,
    /// What the last bytes of an answer wait for.
    pub durability: Durability,
    /// Bytes of one journal segment.
    pub journal_segment_bytes: u64,
    /// How long a call is held in doubt.
    pub doubt_hold: Duration,
    /// What of each key may be forwarded before the disk has it.
    pub power_loss_exposure: Nanos,
    /// Worker threads.
    pub workers: usize,
    /// How threads share the work.
    pub runtime: Runtime,
    /// How often every channel is tested; none: never.
    pub channel_test_interval: Option<Duration>,
    /// How long calls under way may take to finish at the end.
    pub shutdown_timeout: Duration,
    /// How alerts go out as mail; none: they do not.
    pub mail: Option<MailSettings>,
    /// In a demo: how its pages log in.
    pub demo: Option<DemoLogIn>,
    /// The data plane.
    pub gateway: GatewayOptions,
}

/// How threads share the work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Runtime {
    /// A runtime per thread: a connection and its upstream stay on one.
    PerCore,
    /// One runtime whose threads take work from each other.
    Shared,
}

/// A setting whose value cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The value is not what the setting takes.
    #[error("{name} = {value:?} ({source_text}): {reason}")]
    Invalid {
        /// The setting.
        name: &'static str,
        /// Its value.
        value: String,
        /// Where the value comes from.
        source_text: String,
        /// What is allowed.
        reason: String,
    },
    /// The file names a setting that does not exist.
    #[error("{file}: there is no setting {name:?}; `tollkeeper config` lists them all")]
    Unknown {
        /// The file.
        file: PathBuf,
        /// The name.
        name: String,
    },
    /// The file cannot be read.
    #[error("{0}: {1}")]
    File(PathBuf, String),
}

impl Config {
    /// Gives the settings their meaning.
    ///
    /// # Errors
    /// The first value that cannot be used, and what is allowed instead.
    pub fn new(resolved: &Resolved) -> Result<Self, ConfigError> {
        let seconds = |name| resolved.one(name, positive).map(Duration::from_secs);
        let workers = match resolved.optional("workers", positive)? {
            Some(workers) => usize::try_from(workers).unwrap_or(1),
            None => std::thread::available_parallelism().map_or(1, usize::from),
        };
        Ok(Self {
            data: resolved.one("data", parsed)?,
            database: resolved.optional("database", database)?,
            listen: resolved.one("listen", address)?,
            console_listen: resolved.optional("console-listen", address)?,
            tls: tls(resolved)?,
            upstream_ca: resolved.many("upstream-ca", parsed)?,
            master_key_file: resolved.optional("master-key-file", parsed)?,
            reveal: resolved.one("reveal", reveal)?,
            public_url: resolved.optional("public-url", public_url)?,
            time_zone: resolved.one("time-zone", zone)?,
            durability: resolved.one("durability", durability)?,
            journal_segment_bytes: resolved.one("journal-segment-bytes", segment)?,
            doubt_hold: seconds("doubt-hold")?,
            power_loss_exposure: resolved.one("power-loss-exposure", amount)?,
            workers,
            runtime: resolved.one("runtime", runtime)?,
            channel_test_interval: resolved
                .optional("channel-test-interval", positive)?
                .map(Duration::from_secs),
            shutdown_timeout: seconds("shutdown-timeout")?,
            mail: mail::read(resolved)?,
            demo: None,
            gateway: GatewayOptions {
                max_body: usize::try_from(resolved.one("max-body-bytes", positive)?)
                    .unwrap_or(usize::MAX),
                trusted_proxies: resolved.many("trusted-proxy", range)?.into(),
                egress: EgressPolicy::new(resolved.many("allow-egress", range)?),
                connect_timeout: seconds("connect-timeout")?,
                first_byte_timeout: seconds("first-byte-timeout")?,
                idle_timeout: seconds("idle-timeout")?,
                total_timeout: seconds("total-timeout")?,
                drain_timeout: seconds("read-on-timeout")?,
                drain_calls: resolved.one("read-on-calls", parsed)?,
                strangers_per_minute: resolved.one("unknown-keys-per-minute", parsed)?,
                checkpoint_every: seconds("checkpoint-every")?,
                lowered_floor: resolved.one("lowered-floor", positive)?,
            },
        })
    }

    /// The URL of the address that is listened on.
    #[must_use]
    pub fn own_url(&self) -> String {
        let scheme = if self.tls.is_some() { "https" } else { "http" };
        format!("{scheme}://{}", self.listen)
    }
}

/// Both files or neither.
fn tls(resolved: &Resolved) -> Result<Option<TlsFiles>, ConfigError> {
    let file = |name| resolved.optional(name, parsed::<PathBuf>);
    let alone = |name, other| {
        let path = resolved.text(name).unwrap_or_default();
        resolved.invalid(name, path, format!("expected --{other} beside it: https needs both"))
    };
    match (file("tls-cert")?, file("tls-key")?) {
        (Some(certificate), Some(key)) => Ok(Some(TlsFiles { certificate, key })),
        (None, None) => Ok(None),
        (Some(_), None) => Err(alone("tls-cert", "tls-key")),
        (None, Some(_)) => Err(alone("tls-key", "tls-cert")),
    }
}

fn parsed<T: FromStr>(text: &str) -> Result<T, String> {
    text.parse().map_err(|_| "expected a whole number, or a path".to_owned())
}

fn positive(text: &str) -> Result<u64, String> {
    match text.parse() {
        Ok(number) if number > 0 && number <= 1 << 40 => Ok(number),
        _ => Err("expected a whole number from 1".to_owned()),
    }
}

fn segment(text: &str) -> Result<u64, String> {
    match positive(text) {
        Ok(bytes) if bytes >= 256 * 1024 => Ok(bytes),
        _ => Err("expected a whole number from 262144".to_owned()),
    }
}

fn address(text: &str) -> Result<SocketAddr, String> {
    text.parse().map_err(|_| {
        "expected an address and a port such as 127.0.0.1:8080 or [::]:8080".to_owned()
    })
}

fn range(text: &str) -> Result<AddressRange, String> {
    text.parse().map_err(|error: domain::network::InvalidRange| error.to_string())
}

fn amount(text: &str) -> Result<Nanos, String> {
    match Nanos::parse_usd(text) {
        Ok(amount) if !amount.is_negative() => Ok(amount),
        _ => Err("expected an amount of USD such as 5 or 0.5".to_owned()),
    }
}

fn zone(text: &str) -> Result<TimeZone, String> {
    TimeZone::get(text)
        .map_err(|_| "expected an IANA time zone such as Europe/Berlin or Asia/Shanghai".to_owned())
}

fn database(text: &str) -> Result<String, String> {
    if text.starts_with("postgres://") || text.starts_with("postgresql://") {
        Ok(text.to_owned())
    } else {
        Err("expected postgres://user@host/database; without it the embedded database in --data is used".to_owned())
    }
}

fn public_url(text: &str) -> Result<String, String> {
    if text.starts_with("https://") || text.starts_with("http://") {
        Ok(text.trim_end_matches('/').to_owned())
    } else {
        Err("expected a URL such as https://gateway.example.com".to_owned())
    }
}

fn reveal(text: &str) -> Result<Reveal, String> {
    match text {
        "once" => Ok(Reveal::Once),
        "sealed" => Ok(Reveal::Sealed),
        _ => Err("expected once or sealed".to_owned()),
    }
}

fn durability(text: &str) -> Result<Durability, String> {
    match text {
        "standard" => Ok(Durability::Standard),
        "strict" => Ok(Durability::Strict),
        _ => Err("expected standard or strict".to_owned()),
    }
}

fn runtime(text: &str) -> Result<Runtime, String> {
    match text {
        "per-core" => Ok(Runtime::PerCore),
        "shared" => Ok(Runtime::Shared),
        _ => Err("expected per-core or shared".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(flags: &[(&str, &str)]) -> Result<Config, String> {
        let sources = Sources {
            flag: &|name| {
                flags
                    .iter()
                    .find(|(flag, _)| *flag == name)
                    .map(|(_, value)| vec![(*value).to_owned()])
            },
            environment: &|_| None,
            file: None,
        };
        Resolved::new(&sources)
            .and_then(|resolved| Config::new(&resolved))
            .map_err(|error| error.to_string())
    }

    #[test]
    fn the_defaults_are_usable() {
        let config = config(&[]).unwrap();
        assert_eq!(config.listen.to_string(), "127.0.0.1:8080");
        assert!(config.workers >= 1);
    }

    #[test]
    fn a_bad_value_names_the_setting_and_what_is_allowed() {
        for (name, value) in [
            ("listen", "8080"),
            ("time-zone", "Mars/Olympus"),
            ("durability", "maybe"),
            ("reveal", "always"),
            ("allow-egress", "10.0.0.1/8"),
            ("max-body-bytes", "-1"),
            ("workers", "0"),
            ("database", "mysql://x"),
            ("runtime", "fast"),
            ("public-url", "gateway"),
            ("journal-segment-bytes", "1"),
            ("idle-timeout", "1.5"),
            ("tls-cert", "certificate.pem"),
            ("tls-key", "key.pem"),
            ("smtp", "mail.example.com"),
        ] {
            let error = config(&[(name, value)]).err().unwrap();
            assert!(error.starts_with(name) && error.contains("expected"), "{error}");
        }
    }
}
