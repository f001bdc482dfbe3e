//! The companion of one person on one machine: plan, show, apply, verify, undo.

use std::fs::{File, OpenOptions, TryLockError};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use domain::key::mask;
use domain::secret::Secret;
use thiserror::Error;

use crate::apply::{Desk, apply, recover};
use crate::credential::{Credential, Site};
use crate::edit::Value;
use crate::paths::Places;
use crate::plan::{Plan, PlanError, plan_use};
use crate::private_file;
use crate::snapshot::{Backup, Snapshots};
use crate::state::{State, ToolState, mark};
use crate::tools::{ReadBack, SecretCommand, Tool, Wish};
use crate::undo::{plan_clear, plan_restore, plan_undo};
use crate::vault::{Entry, Vault};
use crate::verify::{Answer, Probe, Question, VerifyError, read_back};
use crate::write::{Steps, WriteError, make_directories, see};

/// So long another one is waited for.
const PATIENCE: Duration = Duration::from_secs(1);

/// Why the companion cannot work now.
#[derive(Debug, Error)]
pub enum OpenError {
    /// Another one is at it.
    #[error("another tollkeeper is changing files right now; try again when it is done")]
    Busy,
    /// The machine.
    #[error(transparent)]
    Write(#[from] WriteError),
}

/// What a person asks for with `use`.
pub struct Request<'a> {
    /// Which tool.
    pub tool: &'static dyn Tool,
    /// Which node and key.
    pub credential: &'a Credential,
    /// Which model.
    pub model: Option<String>,
    /// Instead of the key in the tool's file: the command that prints it.
    pub command: Option<SecretCommand>,
}

/// Opened for changes: nobody else changes anything meanwhile.
pub struct Companion<'a> {
    places: Places,
    own: PathBuf,
    snapshots: Snapshots,
    vault: Vault,
    state: State,
    steps: Steps<'a>,
    _lock: File,
}

impl<'a> Companion<'a> {
    /// Opens it, and notes what became of a change that a crash cut off.
    ///
    /// # Errors
    /// When another one is open, or the companion's own directory cannot be read or written.
    pub fn open(places: Places, now: i64, steps: Steps<'a>) -> Result<Self, OpenError> {
        let own = places.own().state.clone();
        make_directories(&own)?;
        // Not the accounts' lock, which is taken and left again in between.
        let path = own.join("tools.lock");
        let failed = |source| WriteError::Io { path: path.clone(), source };
        let lock = OpenOptions::new().create(true).truncate(false).write(true).open(&path);
        let lock = lock.map_err(failed)?;
        let started = Instant::now();
        loop {
            match lock.try_lock() {
                Ok(()) => break,
                // Another one is at it, mostly for the blink of an eye.
                Err(TryLockError::WouldBlock) if started.elapsed() < PATIENCE => {
                    std::thread::sleep(PATIENCE / 50);
                }
                Err(TryLockError::WouldBlock) => return Err(OpenError::Busy),
                Err(TryLockError::Error(error)) => return Err(failed(error).into()),
            }
        }
        let vault = Vault::of(places.own());
        let snapshots = Snapshots::new(own.join("backups"));
        let mut state = State::read(&own.join("state.json"))?;
        let path = own.join("state.json");
        recover(&mut state, &Desk { path: &path, snapshots: &snapshots, now, steps })?;
        Ok(Self { places, own, snapshots, vault, state, steps, _lock: lock })
    }

    /// How the tools are configured.
    #[must_use]
    pub fn state(&self) -> &State {
        &self.state
    }

    /// The plan of `use`.
    ///
    /// # Errors
    /// When a file cannot be edited safely; then none is.
    pub fn plan_use(&self, request: &Request<'_>, now: i64) -> Result<Plan, PlanError> {
        let (credential, tool) = (request.credential, request.tool);
        let slot = format!("{}-{}", tool.name(), self.state.next);
        let after = ToolState {
            base_url: credential.base_url.as_str().to_owned(),
            key: mask(credential.secret.expose()),
            model: request.model.clone(),
            source: source(&credential.site),
            secret: request.command.as_ref().map(|_| slot),
            at: now,
            files: Vec::new(),
        };
        let wish = Wish {
            base_url: credential.base_url.clone(),
            secret: credential.secret.clone(),
            command: request.command.clone(),
            model: request.model.clone(),
        };
        let current = self.state.tools.get(tool.name());
        plan_use(tool, &wish, after, &self.places, current, &self.snapshots)
    }

    /// The key that stands in a tool's files, if we wrote it there from this source.
    #[must_use]
    pub fn written_key(&self, tool: &dyn Tool, site: &Site) -> Option<Secret> {
        let state = self.state.tools.get(tool.name()).filter(|it| it.source == source(site))?;
        let files = tool.files(&self.places).into_iter().map(|it| see(&it.path).ok()?.bytes);
        let secret = tool.read_back(&files.collect::<Option<Vec<_>>>()?).secret?;
        let written = mark(&Value::text(secret.expose()));
        let mut entries = state.files.iter().flat_map(|it| &it.entries);
        entries.any(|it| it.wrote.as_ref() == Some(&written)).then_some(secret)
    }

    /// The plan of `clear`.
    ///
    /// # Errors
    /// When nothing of ours is there, or a file cannot be read.
    pub fn plan_clear(&self, tool: &'static dyn Tool) -> Result<Plan, PlanError> {
        plan_clear(tool.name(), &self.state, &self.places, &self.snapshots)
    }

    /// The plan of `undo`.
    ///
    /// # Errors
    /// When there is nothing to undo, or a file cannot be read.
    pub fn plan_undo(&self) -> Result<Plan, PlanError> {
        plan_undo(&self.state, &self.places, &self.snapshots)
    }

    /// The plan of `backups restore`.
    ///
    /// # Errors
    /// When the backup is gone.
    pub fn plan_restore(&self, backup: &Backup) -> Result<Plan, PlanError> {
        plan_restore(backup, &self.state, &self.places, &self.snapshots)
    }

    /// The bytes of a backup.
    ///
    /// # Errors
    /// When they are gone or damaged.
    pub fn backup(&self, backup: &Backup) -> Result<Vec<u8>, WriteError> {
        self.snapshots.get(&backup.kept)
    }

    /// Carries a plan out.
    ///
    /// # Errors
    /// [`WriteError::Changed`] when a file is not any more what the plan was made for: plan again.
    pub fn apply(
        &mut self,
        plan: &Plan,
        credential: Option<&Credential>,
        now: i64,
    ) -> Result<(), WriteError> {
        let slot = plan.after.as_ref().and_then(|it| it.secret.as_deref());
        if let (Some(slot), Some(credential)) = (slot, credential) {
            let _lock = private_file::lock(&self.places.own().config)?;
            self.vault.put(Entry::Tool { slot }, credential.secret.clone())?;
        }
        let before = self.state.secrets().len() + usize::from(slot.is_some());
        let path = self.own.join("state.json");
        let desk = Desk { path: &path, snapshots: &self.snapshots, now, steps: self.steps };
        let applied = apply(plan, &mut self.state, &desk);
        let wanted = self.state.secrets();
        if wanted.len() < before {
            // What was written stands, even where an old secret cannot be taken away now.
            let _forgotten = private_file::lock(&self.places.own().config)
                .and_then(|_lock| self.vault.retain_tools(|slot| wanted.contains(slot)));
        }
        applied
    }

    /// Reads an applied plan's files again as the tool would, and asks the node with what stands
    /// in them.
    ///
    /// # Errors
    /// When it does not hold.
    pub fn verify(
        &self,
        plan: &Plan,
        tool: &dyn Tool,
        probe: Option<&dyn Probe>,
    ) -> Result<Option<Answer>, VerifyError> {
        let ReadBack { base_url, secret, model } = read_back(plan, tool)?;
        let Some(probe) = probe else { return Ok(None) };
        let slot = plan.after.as_ref().and_then(|it| it.secret.as_deref());
        let secret = match (secret, slot) {
            (Some(secret), _) => Some(secret),
            (None, Some(slot)) => self.vault.get(Entry::Tool { slot }).map_err(WriteError::from)?,
            (None, None) => None,
        };
        let (base_url, secret) = base_url.zip(secret).ok_or(VerifyError::NotFound)?;
        let base_url = base_url.strip_suffix("/v1").unwrap_or(&base_url);
        let (speaks, model) = (tool.speaks(), model.as_deref());
        let model = plan.after.as_ref().and_then(|it| it.model.as_ref()).and(model);
        Ok(Some(probe.ask(&Question { base_url, secret: &secret, speaks, model })?))
    }
}

/// Where a key is from, as the state notes it.
fn source(site: &Site) -> String {
    match site {
        Site::Pasted => "pasted".to_owned(),
        Site::Account { account, token, .. } => format!("{account}/{token}"),
    }
}

/// How a configured tool's files stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// As we left them.
    AsWritten,
    /// Somebody changed something, but what we wrote is there.
    ChangedBeside,
    /// Something that we wrote is gone or different.
    Overwritten,
    /// A file cannot be read.
    Unreadable,
}

impl Standing {
    /// For programs.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::AsWritten => "as_written",
            Self::ChangedBeside => "changed_beside",
            Self::Overwritten => "overwritten",
            Self::Unreadable => "unreadable",
        }
    }
}

/// Reads the state without changing anything.
///
/// # Errors
/// When it cannot be read.
pub fn look(places: &Places) -> Result<State, WriteError> {
    State::read(&places.own().state.join("state.json"))
}

/// How a tool's files stand.
#[must_use]
pub fn standing(tool: &dyn Tool, state: &ToolState, places: &Places) -> Standing {
    let formats = tool.files(places);
    let mut standing = Standing::AsWritten;
    for (index, file) in state.files.iter().enumerate() {
        let Ok(seen) = see(&file.path) else { return Standing::Unreadable };
        if seen.hash() == file.after.as_ref().map(|it| it.hash.clone()) {
            continue;
        }
        let same = formats.iter().find(|it| it.path == file.path).or_else(|| formats.get(index));
        let Some(format) = same.map(|it| it.format) else { return Standing::Unreadable };
        let bytes = seen.bytes.unwrap_or_default();
        for entry in &file.entries {
            match crate::edit::find(format, &bytes, &entry.path) {
                Ok(found) if entry.is_ours(found.as_ref()) => {}
                Ok(_) => return Standing::Overwritten,
                Err(_) => return Standing::Unreadable,
            }
        }
        standing = Standing::ChangedBeside;
    }
    standing
}

/// The secret of a tool whose file holds none.
///
/// # Errors
/// When it cannot be read.
pub fn secret_of(tool: &dyn Tool, places: &Places) -> Result<Option<Secret>, WriteError> {
    let state = look(places)?;
    let slot = state.tools.get(tool.name()).and_then(|it| it.secret.clone());
    let Some(slot) = slot else { return Ok(None) };
    Ok(Vault::of(places.own()).get(Entry::Tool { slot: &slot })?)
}
