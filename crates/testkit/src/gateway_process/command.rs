//! How a gateway is to be started: binary, directory, arguments, environment.

use std::ffi::{OsStr, OsString};
use std::fs::{File, OpenOptions};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use anyhow::Context;
use rustls::RootCertStore;
use tokio::process::Command;

use super::{GatewayProcess, SHOWN_BYTES};

/// Builds a [`GatewayProcess`].
#[derive(Debug, Clone)]
pub struct GatewayBuilder {
    binary: PathBuf,
    data: PathBuf,
    listen: SocketAddr,
    allow_egress: String,
    database: Option<String>,
    arguments: Vec<OsString>,
    environment: Vec<(OsString, OsString)>,
    management_key: Option<String>,
    roots: Option<RootCertStore>,
}

impl Default for GatewayBuilder {
    fn default() -> Self {
        Self {
            binary: default_binary(),
            data: PathBuf::from("data"),
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            allow_egress: "127.0.0.0/8".to_owned(),
            database: None,
            arguments: Vec::new(),
            environment: Vec::new(),
            management_key: None,
            roots: None,
        }
    }
}

impl GatewayBuilder {
    /// The binary; by default [`default_binary`].
    #[must_use]
    pub fn binary(mut self, path: impl Into<PathBuf>) -> Self {
        self.binary = path.into();
        self
    }

    /// The data directory, which `init` fills.
    #[must_use]
    pub fn data(mut self, directory: impl Into<PathBuf>) -> Self {
        self.data = directory.into();
        self
    }

    /// The address to listen on; by default a free port of `127.0.0.1`.
    #[must_use]
    pub fn listen(mut self, address: SocketAddr) -> Self {
        self.listen = address;
        self
    }

    /// A PostgreSQL database, for `init` and `serve`.
    #[must_use]
    pub fn database(mut self, url: impl Into<String>) -> Self {
        self.database = Some(url.into());
        self
    }

    /// More arguments for `serve`.
    #[must_use]
    pub fn args(mut self, arguments: impl IntoIterator<Item = impl Into<OsString>>) -> Self {
        self.arguments.extend(arguments.into_iter().map(Into::into));
        self
    }

    /// One more environment variable, for `init` and `serve`. The test's own `TOLLKEEPER_…` and
    /// `DATABASE_URL` are not handed down.
    #[must_use]
    pub fn env(mut self, name: impl Into<OsString>, value: impl Into<OsString>) -> Self {
        self.environment.push((name.into(), value.into()));
        self
    }

    /// The deployment exists already (a second node, a directory from before): leave `init` out.
    #[must_use]
    pub fn management_key(mut self, key: impl Into<String>) -> Self {
        self.management_key = Some(key.into());
        self
    }

    /// The gateway speaks https, with a certificate that these roots sign.
    #[must_use]
    pub fn signed_by(mut self, roots: RootCertStore) -> Self {
        self.roots = Some(roots);
        self
    }

    /// Runs `init` and `serve`, and waits until the gateway is ready.
    ///
    /// # Errors
    /// When either fails or takes longer than a minute; the error shows the end of the standard
    /// error.
    pub async fn start(self) -> anyhow::Result<GatewayProcess> {
        GatewayProcess::start(self).await
    }

    pub(super) fn known_management_key(&self) -> Option<&str> {
        self.management_key.as_deref()
    }

    pub(super) const fn known_roots(&self) -> Option<&RootCertStore> {
        self.roots.as_ref()
    }

    pub(super) fn binary_path(&self) -> &Path {
        &self.binary
    }

    pub(super) fn data_directory(&self) -> &Path {
        &self.data
    }

    pub(super) fn stderr_path(&self) -> PathBuf {
        let mut name = self.data.file_name().unwrap_or(OsStr::new("gateway")).to_owned();
        name.push(".stderr.log");
        self.data.with_file_name(name)
    }

    /// The end of what the gateway wrote to its standard error, for an error's text.
    pub(super) fn stderr_end(&self) -> String {
        let Ok(bytes) = std::fs::read(self.stderr_path()) else {
            return String::new();
        };
        let start = bytes.len().saturating_sub(SHOWN_BYTES);
        let end = String::from_utf8_lossy(bytes.get(start..).unwrap_or_default());
        format!("\n--- {} ---\n{end}", self.stderr_path().display())
    }

    pub(super) fn init_command(&self) -> anyhow::Result<Command> {
        self.command("init", &["--json"])
    }

    pub(super) fn serve_command(&self) -> anyhow::Result<Command> {
        let listen = self.listen.to_string();
        let fixed = ["--listen", &listen, "--allow-egress", &self.allow_egress];
        let mut command = self.command("serve", &fixed)?;
        command.args(&self.arguments);
        Ok(command)
    }

    fn command(&self, verb: &str, arguments: &[&str]) -> anyhow::Result<Command> {
        let mut command = Command::new(&self.binary);
        command.arg(verb).arg("--data").arg(&self.data).args(arguments);
        if let Some(url) = &self.database {
            command.args(["--database", url]);
        }
        for (name, _) in std::env::vars_os().filter(|(name, _)| belongs_to_gateway(name)) {
            command.env_remove(name);
        }
        command.envs(self.environment.iter().map(|(name, value)| (name, value)));
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(self.open_stderr()?);
        command.kill_on_drop(true);
        Ok(command)
    }

    fn open_stderr(&self) -> anyhow::Result<File> {
        let path = self.stderr_path();
        let file = OpenOptions::new().create(true).append(true).open(&path);
        file.with_context(|| format!("cannot open {}", path.display()))
    }
}

/// `TOLLKEEPER_BIN`, else the `tollkeeper` of the target directory that this program lies in.
#[must_use]
pub fn default_binary() -> PathBuf {
    if let Some(path) = std::env::var_os("TOLLKEEPER_BIN") {
        return path.into();
    }
    let here = std::env::current_exe().unwrap_or_default();
    let beside = here.ancestors().skip(1).take(2).map(|directory| directory.join("tollkeeper"));
    beside.into_iter().find(|path| path.is_file()).unwrap_or_else(|| "tollkeeper".into())
}

fn belongs_to_gateway(name: &OsStr) -> bool {
    name == "DATABASE_URL" || name.to_string_lossy().starts_with("TOLLKEEPER_")
}
