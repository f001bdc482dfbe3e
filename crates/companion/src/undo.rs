//! The ways back: `clear` takes us out of a tool's files, `undo` takes back the last change,
//! `restore` brings back what a file once held.

use crate::edit::{Edit, Wanted, edit, find};
use crate::paths::Places;
use crate::plan::{Plan, PlanError, PlannedFile, WithoutUs, without_us};
use crate::snapshot::{Backup, Snapshots};
use crate::state::{FileChange, FileState, Operation, State};
use crate::tools::{Tool, tool};
use crate::write::{Seen, see};

/// The plan of `clear`.
///
/// # Errors
/// When nothing of ours is there, or a file cannot be read.
pub fn plan_clear(
    name: &'static str,
    state: &State,
    places: &Places,
    snapshots: &Snapshots,
) -> Result<Plan, PlanError> {
    let Some(current) = state.tools.get(name) else {
        return Err(PlanError::NotConfigured { tool: name.to_owned() });
    };
    let files = current.files.iter().map(|file| leave(name, file, places, snapshots));
    let files = files.collect::<Result<_, _>>()?;
    Ok(Plan { verb: "clear", tool: name.to_owned(), files, after: None })
}

/// A file without us.
pub(crate) fn leave(
    name: &str,
    file: &FileState,
    places: &Places,
    snapshots: &Snapshots,
) -> Result<PlannedFile, PlanError> {
    let seen = see(&file.path)?;
    let without_us = without_us(&seen, Some(file), format_of(name, file, places), snapshots)?;
    Ok(to(name, places, seen, without_us, Some(file)))
}

/// The plan of `undo`: what the last operation changed, backwards.
///
/// # Errors
/// When there is nothing to undo, or a file cannot be read.
pub fn plan_undo(state: &State, places: &Places, snapshots: &Snapshots) -> Result<Plan, PlanError> {
    let Some(last) = state.history.last() else {
        return Err(PlanError::NoChange);
    };
    let mut files = Vec::new();
    let mut after = last.before.clone();
    for change in &last.files {
        let seen = see(&change.path)?;
        let file = undo_file(last, change, seen, places, snapshots)?;
        if let Some(state) = after.as_mut()
            && let Some(state) = state.files.iter_mut().find(|it| it.path == change.path)
        {
            state.directories.clone_from(&file.directories);
        }
        files.push(file);
    }
    Ok(Plan { verb: "undo", tool: last.tool.clone(), files, after })
}

fn undo_file(
    last: &Operation,
    change: &FileChange,
    seen: Seen,
    places: &Places,
    snapshots: &Snapshots,
) -> Result<PlannedFile, PlanError> {
    let of = |state: &Option<crate::state::ToolState>| {
        let files = state.as_ref().map(|it| it.files.clone()).unwrap_or_default();
        files.into_iter().find(|it| it.path == change.path)
    };
    let (earlier, ours) = (of(&last.before), of(&last.after));
    let before = change.before.as_ref().map(|kept| snapshots.get(kept)).transpose()?;
    let untouched = seen.hash() == change.after.as_ref().map(|it| it.hash.clone());
    let format = ours.as_ref().or(earlier.as_ref()).map(|it| format_of(&last.tool, it, places));
    let Some(format) = format.filter(|_| !untouched) else {
        if !untouched {
            let path = seen.path.display().to_string();
            return Err(PlanError::ChangedSince { path });
        }
        // Exactly what was there. What it was without us is as the earlier state says.
        let mode = change.before.as_ref().map_or(seen.mode, |it| it.mode);
        let without_us = match earlier.as_ref().map(|it| it.without_us.as_ref()) {
            Some(Some(kept)) => {
                let bytes = Some(snapshots.get(kept)?);
                WithoutUs { bytes, mode: kept.mode, left: Vec::new() }
            }
            Some(None) => WithoutUs { bytes: None, mode, left: Vec::new() },
            None => WithoutUs { bytes: before.clone(), mode, left: Vec::new() },
        };
        let directories = ours.as_ref().or(earlier.as_ref());
        let mut file = to(&last.tool, places, seen, without_us, directories);
        (file.wanted, file.mode) = (before, mode);
        keep_entries(&mut file, earlier.as_ref());
        return Ok(file);
    };
    let without_us = without_us(&seen, ours.as_ref(), format, snapshots)?;
    let mut edits = Vec::new();
    let source = before.as_deref().unwrap_or_default();
    let failed = PlanError::file(&seen);
    for entry in earlier.iter().flat_map(|it| &it.entries) {
        let found = find(format, source, &entry.path).map_err(&failed)?;
        if entry.is_ours(found.as_ref()) {
            let wanted = found.map_or(Wanted::Nothing, |it| Wanted::Spelling(it.spelling));
            edits.push(Edit { path: entry.path.clone(), wanted });
        }
    }
    let base = without_us.bytes.clone().unwrap_or_default();
    let wanted = edit(format, &base, &edits).map_err(&failed)?;
    let directories = ours.as_ref().or(earlier.as_ref());
    let mut file = to(&last.tool, places, seen, without_us, directories);
    if earlier.is_some() {
        file.wanted = Some(wanted);
        file.mode = file.seen.mode;
    }
    keep_entries(&mut file, earlier.as_ref());
    Ok(file)
}

fn keep_entries(file: &mut PlannedFile, earlier: Option<&FileState>) {
    if let Some(earlier) = earlier {
        (file.entries, file.made) = (earlier.entries.clone(), earlier.made.clone());
    }
}

/// The plan of `backups restore`.
///
/// # Errors
/// When the backup is gone.
pub fn plan_restore(
    backup: &Backup,
    state: &State,
    places: &Places,
    snapshots: &Snapshots,
) -> Result<Plan, PlanError> {
    let seen = see(&backup.path)?;
    let bytes = Some(snapshots.get(&backup.kept)?);
    let after = state.tools.get(&backup.tool).cloned();
    let without_us = WithoutUs { bytes, mode: backup.kept.mode, left: Vec::new() };
    let files = vec![to(&backup.tool, places, seen, without_us, None)];
    Ok(Plan { verb: "restore", tool: backup.tool.clone(), files, after })
}

fn to(
    tool: &str,
    places: &Places,
    seen: Seen,
    without_us: WithoutUs,
    state: Option<&FileState>,
) -> PlannedFile {
    let path = seen.path.clone();
    let mut directories = state.map(|it| it.directories.clone()).unwrap_or_default();
    if without_us.bytes.is_some() {
        directories.extend(crate::write::missing_directories(&path));
    }
    PlannedFile {
        format: format_at(tool, &path, places),
        wanted: without_us.bytes.clone(),
        mode: without_us.mode,
        seen,
        without_us,
        entries: Vec::new(),
        made: Vec::new(),
        directories,
    }
}

fn format_of(name: &str, file: &FileState, places: &Places) -> crate::edit::Format {
    format_at(name, &file.path, places)
}

/// How a tool's file is written; a link's target has its own name, so the ending decides.
fn format_at(name: &str, path: &std::path::Path, places: &Places) -> crate::edit::Format {
    let files = tool(name).map(|it: &dyn Tool| it.files(places)).unwrap_or_default();
    let same = files.iter().find(|file| see(&file.path).is_ok_and(|seen| seen.path == path));
    same.or(files.first()).map_or(crate::edit::Format::Dotenv, |file| file.format)
}
