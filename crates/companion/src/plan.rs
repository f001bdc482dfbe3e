//! What a change would do, worked out in full before anything is written.

use thiserror::Error;

use crate::diff::unified;
use crate::edit::{Edit, EditError, Format, KeyPath, Wanted, check, edit, find};
use crate::paths::Places;
use crate::snapshot::Snapshots;
use crate::state::{Entry, FileState, ToolState, mark};
use crate::tools::{Tool, ToolError, ToolFile, Unmet, Wish};
use crate::undo::leave;
use crate::write::{Seen, WriteError, see};

/// A change of one tool's files.
#[derive(Debug, Clone)]
pub struct Plan {
    /// What was asked for: `use`, `clear`, `undo`, `restore`.
    pub verb: &'static str,
    /// Of which tool.
    pub tool: String,
    /// The files, changed or not.
    pub files: Vec<PlannedFile>,
    /// How the tool is configured afterwards.
    pub after: Option<ToolState>,
}

/// A file of a plan.
#[derive(Debug, Clone)]
pub struct PlannedFile {
    /// How it is written.
    pub format: Format,
    /// What it held when the plan was made.
    pub seen: Seen,
    /// What it shall hold; `None`: it shall be gone.
    pub wanted: Option<Vec<u8>>,
    /// Its permissions afterwards.
    pub mode: u32,
    /// How it is without us.
    pub without_us: WithoutUs,
    /// Our values in it.
    pub entries: Vec<Entry>,
    /// The objects and tables that we make for them.
    pub made: Vec<KeyPath>,
    /// The directories that were made for it, now or before.
    pub directories: Vec<std::path::PathBuf>,
}

impl PlannedFile {
    /// Whether anything changes.
    #[must_use]
    pub fn changes(&self) -> bool {
        self.seen.bytes != self.wanted || (self.wanted.is_some() && self.seen.mode != self.mode)
    }

    /// The change, with no secret to be read in it.
    #[must_use]
    pub fn diff(&self) -> String {
        let name = self.seen.path.display().to_string();
        unified(&name, self.seen.bytes.as_deref(), self.wanted.as_deref())
    }
}

/// A file as it would be had we never been there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WithoutUs {
    /// Its bytes; `None`: there would be no file.
    pub bytes: Option<Vec<u8>>,
    /// Its permissions.
    pub mode: u32,
    /// Our values that somebody else changed, and that are left as they are.
    pub left: Vec<KeyPath>,
}

/// Why there is no plan.
#[derive(Debug, Error)]
pub enum PlanError {
    /// A file cannot be read, or not be edited.
    #[error("{path}: {error}; nothing was changed")]
    File {
        /// Which.
        path: String,
        /// Why.
        error: EditError,
    },
    /// The tool cannot do what is wished.
    #[error(transparent)]
    Wish(#[from] Unmet),
    /// The machine.
    #[error(transparent)]
    Write(#[from] WriteError),
    /// Nothing of ours is there.
    #[error("{tool} is not configured by tollkeeper")]
    NotConfigured {
        /// The tool.
        tool: String,
    },
    /// Nothing was done.
    #[error("there is no change to take back")]
    NoChange,
    /// Somebody wrote it after us.
    #[error("{path}: the file was changed since; see `tollkeeper backups`")]
    ChangedSince {
        /// The file.
        path: String,
    },
}

impl PlanError {
    pub(crate) fn file(seen: &Seen) -> impl Fn(EditError) -> Self + use<> {
        let path = seen.path.display().to_string();
        move |error| Self::File { path: path.clone(), error }
    }
}

/// The plan of `use`: what the tool wants, on top of the files as they are without us.
///
/// # Errors
/// When a file cannot be edited safely; then none is.
pub fn plan_use(
    tool: &dyn Tool,
    wish: &Wish,
    mut after: ToolState,
    places: &Places,
    current: Option<&ToolState>,
    snapshots: &Snapshots,
) -> Result<Plan, PlanError> {
    let plain = |model: &String| model.chars().all(|it| it.is_ascii_graphic() && it != '"');
    if !wish.model.iter().all(plain) || wish.model.as_deref() == Some("") {
        return Err(PlanError::Wish(Unmet::ModelName));
    }
    let mut files = Vec::new();
    for (index, file) in tool.files(places).into_iter().enumerate() {
        files.push(plan_file(tool, wish, index, &file, current, snapshots)?);
    }
    // Files that the tool no longer reads, because a variable moved it or another name came up.
    for file in current.iter().flat_map(|it| &it.files) {
        if files.iter().all(|it: &PlannedFile| it.seen.path != file.path) {
            files.push(leave(tool.name(), file, places, snapshots)?);
        }
    }
    after.files.clear();
    Ok(Plan { verb: "use", tool: tool.name().to_owned(), files, after: Some(after) })
}

fn plan_file(
    tool: &dyn Tool,
    wish: &Wish,
    index: usize,
    file: &ToolFile,
    current: Option<&ToolState>,
    snapshots: &Snapshots,
) -> Result<PlannedFile, PlanError> {
    let seen = see(&file.path)?;
    let failed = PlanError::file(&seen);
    let state = current.and_then(|it| it.files.iter().find(|it| it.path == seen.path));
    let without_us = without_us(&seen, state, file.format, snapshots)?;
    let base = without_us.bytes.clone().unwrap_or_default();
    check(file.format, &base).map_err(&failed)?;
    let edits = tool.edits(wish, index, &base).map_err(|error| match error {
        ToolError::Edit(error) => failed(error),
        ToolError::Wish(why) => PlanError::Wish(why),
    })?;
    let wanted = edit(file.format, &base, &edits).map_err(&failed)?;
    let entries = edits.iter().map(|it| Entry { path: it.path.clone(), wrote: noted(&it.wanted) });
    let mut made = Vec::new();
    for path in edits.iter().flat_map(|it| it.path.containers()) {
        if !made.contains(&path) && find(file.format, &base, &path).map_err(&failed)?.is_none() {
            made.push(path);
        }
    }
    let secret = file.holds_secret && wish.command.is_none();
    let mode = if secret { without_us.mode & 0o600 } else { without_us.mode };
    let entries = entries.collect();
    let directories = directories(&seen, state);
    let wanted = Some(wanted);
    Ok(PlannedFile {
        format: file.format,
        seen,
        wanted,
        mode,
        without_us,
        entries,
        made,
        directories,
    })
}

/// The directories that are there for us: those that we made, or will.
fn directories(seen: &Seen, state: Option<&FileState>) -> Vec<std::path::PathBuf> {
    let mut all = state.map(|it| it.directories.clone()).unwrap_or_default();
    all.extend(crate::write::missing_directories(&seen.path));
    all.sort();
    all.dedup();
    all
}

fn noted(wanted: &Wanted) -> Option<String> {
    match wanted {
        Wanted::Value(value) => Some(mark(value)),
        Wanted::Spelling(_) | Wanted::Nothing | Wanted::NothingIfEmpty => None,
    }
}

/// Takes us out of a file: the very bytes from before if nobody changed it since, else value by
/// value, where it is still ours.
///
/// # Errors
/// When somebody made the file unreadable since, or the snapshot is gone.
pub fn without_us(
    seen: &Seen,
    state: Option<&FileState>,
    format: Format,
    snapshots: &Snapshots,
) -> Result<WithoutUs, PlanError> {
    let as_it_is = |left| WithoutUs { bytes: seen.bytes.clone(), mode: seen.mode, left };
    let (Some(state), Some(live)) = (state, &seen.bytes) else { return Ok(as_it_is(Vec::new())) };
    let original = state.without_us.as_ref();
    let after = state.after.as_ref();
    let mode = match (original, after) {
        (Some(original), Some(after)) if after.mode == seen.mode => original.mode,
        _ => seen.mode,
    };
    let bytes = original.map(|kept| snapshots.get(kept)).transpose()?;
    if seen.hash().as_deref() == after.map(|it| it.hash.as_str()) {
        return Ok(WithoutUs { bytes, mode, left: Vec::new() });
    }
    let failed = PlanError::file(seen);
    let before = bytes.as_deref().unwrap_or_default();
    let (mut edits, mut left) = (Vec::new(), Vec::new());
    for entry in &state.entries {
        let found = find(format, live, &entry.path).map_err(&failed)?;
        if !entry.is_ours(found.as_ref()) {
            left.push(entry.path.clone());
            continue;
        }
        let wanted = match find(format, before, &entry.path).map_err(&failed)? {
            Some(found) => Wanted::Spelling(found.spelling),
            None => Wanted::Nothing,
        };
        edits.push(Edit { path: entry.path.clone(), wanted });
    }
    let mut made = state.made.clone();
    made.sort_by_key(|path| std::cmp::Reverse(path.names().len()));
    edits.extend(made.into_iter().map(|path| Edit { path, wanted: Wanted::NothingIfEmpty }));
    let rest = edit(format, live, &edits).map_err(&failed)?;
    if original.is_none() && holds_nothing(&rest) {
        return Ok(WithoutUs { bytes: None, mode, left });
    }
    Ok(WithoutUs { bytes: Some(rest), mode, left })
}

/// Whether a file that we made says nothing any more.
fn holds_nothing(bytes: &[u8]) -> bool {
    let text: String =
        String::from_utf8_lossy(bytes).chars().filter(|it| !it.is_whitespace()).collect();
    text.is_empty() || text == "{}"
}
