//! A PostgreSQL of our own: made in a temporary directory, on a free port, ended with the run.

use anyhow::{Context, Result, bail};
use rustix::process::{Pid, Signal, kill_process};
use std::net::TcpListener;
use std::os::unix::fs::chown;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;

use super::debian;
use crate::child::{Guarded, quiet};

const PATIENCE: Duration = Duration::from_secs(60);
const POLL: Duration = Duration::from_millis(50);
/// Nothing in it has to outlive the run.
const SETTINGS: &[&str] = &[
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
    "max_connections=300",
    "listen_addresses=127.0.0.1",
];

/// A running server. Dropping it stops it and removes its files.
pub(super) struct Postgres {
    server: Guarded,
    port: u16,
    _directory: TempDir,
}

/// PostgreSQL refuses to run as root: it then runs as its own user.
#[derive(Clone, Copy)]
struct Account {
    user: u32,
    group: u32,
}

impl Postgres {
    pub(super) fn start() -> Result<Self> {
        let programs = match programs() {
            Some(programs) => programs,
            None => {
                debian::install(&["postgresql"])?;
                programs().context("PostgreSQL was installed, but there is no initdb")?
            }
        };
        let account = account()?;
        let directory = tempfile::Builder::new().prefix("tollkeeper-postgres-").tempdir()?;
        if let Some(Account { user, group }) = account {
            chown(directory.path(), Some(user), Some(group))?;
        }
        initialise(&programs, directory.path(), account)?;
        let port = free_port()?;
        let server = Guarded(serve(&programs, directory.path(), port, account)?);
        let mut postgres = Self { server, port, _directory: directory };
        postgres.until_ready(&programs)?;
        println!("PostgreSQL is running at {}", postgres.url());
        Ok(postgres)
    }

    /// Where tests may make databases of their own.
    pub(super) fn url(&self) -> String {
        format!("postgres://postgres@127.0.0.1:{}/postgres", self.port)
    }

    fn until_ready(&mut self, programs: &Path) -> Result<()> {
        let deadline = Instant::now() + PATIENCE;
        let port = self.port.to_string();
        while Instant::now() < deadline {
            let mut ready = Command::new(programs.join("pg_isready"));
            if quiet(ready.args(["-q", "-h", "127.0.0.1", "-p", &port])).is_some() {
                return Ok(());
            }
            if let Some(status) = self.server.0.try_wait()? {
                bail!("PostgreSQL ended with {status} while starting");
            }
            std::thread::sleep(POLL);
        }
        bail!("PostgreSQL did not become ready")
    }
}

impl Drop for Postgres {
    /// Asks for a fast end (`SIGINT`); a server that does not obey is killed by [`Guarded`].
    fn drop(&mut self) {
        let id = i32::try_from(self.server.0.id()).ok().and_then(Pid::from_raw);
        let asked = id.is_some_and(|id| kill_process(id, Signal::INT).is_ok());
        let deadline = Instant::now() + PATIENCE;
        while asked && matches!(self.server.0.try_wait(), Ok(None)) && Instant::now() < deadline {
            std::thread::sleep(POLL);
        }
    }
}

/// The directory of PostgreSQL's programs: Debian keeps them off the path.
fn programs() -> Option<PathBuf> {
    let installed = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut candidates: Vec<PathBuf> = installed.map(|entry| entry.path().join("bin")).collect();
    candidates.sort();
    let path = std::env::var_os("PATH").unwrap_or_default();
    candidates.extend(std::env::split_paths(&path));
    let complete = |directory: &PathBuf| {
        ["initdb", "postgres", "pg_isready"].iter().all(|name| directory.join(name).exists())
    };
    candidates.into_iter().rev().find(complete)
}

fn account() -> Result<Option<Account>> {
    if !debian::is_root() {
        return Ok(None);
    }
    let user = debian::number("-u", "postgres").context("there is no user postgres")?;
    let group = debian::number("-g", "postgres").context("there is no group postgres")?;
    Ok(Some(Account { user, group }))
}

fn initialise(programs: &Path, directory: &Path, account: Option<Account>) -> Result<()> {
    let mut command = Command::new(programs.join("initdb"));
    command.args(["--auth=trust", "--username=postgres", "--encoding=UTF8", "--no-locale"]);
    command.args(["--no-sync", "--pgdata"]).arg(directory.join("data"));
    let output = as_account(&mut command, account).current_dir(directory).output()?;
    if !output.status.success() {
        bail!("initdb failed: {}", String::from_utf8_lossy(&output.stderr));
    }
    Ok(())
}

fn serve(programs: &Path, directory: &Path, port: u16, account: Option<Account>) -> Result<Child> {
    let server = programs.join("postgres");
    // With setpriv the server ends even if this process is killed.
    let with_us = ["--pdeathsig", "INT"];
    let mut command = if quiet(Command::new("setpriv").args(with_us).arg("true")).is_some() {
        let mut command = Command::new("setpriv");
        command.args(with_us).arg(server);
        command
    } else {
        Command::new(server)
    };
    command.arg("-D").arg(directory.join("data")).args(["-p", &port.to_string(), "-k"]);
    command.arg(directory);
    for setting in SETTINGS {
        command.args(["-c", setting]);
    }
    let log = std::fs::File::create(directory.join("log"))?;
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(log);
    as_account(&mut command, account)
        .current_dir(directory)
        .spawn()
        .context("cannot start PostgreSQL")
}

fn as_account(command: &mut Command, account: Option<Account>) -> &mut Command {
    match account {
        Some(Account { user, group }) => command.uid(user).gid(group),
        None => command,
    }
}

fn free_port() -> Result<u16> {
    Ok(TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port())
}
