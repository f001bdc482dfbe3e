//! Carrying a plan out, so that a crash at any point leaves old or new bytes and a way back.
//!
//! What is about to happen is written down first. Whoever comes next finds it, looks at each file,
//! and notes what has happened to it.

use std::path::{Path, PathBuf};

use crate::plan::{Plan, PlannedFile};
use crate::snapshot::{Backup, Kept, Snapshots};
use crate::state::{FileChange, FileState, Operation, State};
use crate::write::{Replacement, Step, Steps, WriteError, hash, make_directories, replace, see};

/// Where things are noted while a plan is carried out.
pub struct Desk<'a> {
    /// The state's file.
    pub path: &'a Path,
    /// The snapshots.
    pub snapshots: &'a Snapshots,
    /// The time, in milliseconds since 1970.
    pub now: i64,
    /// Hears of each step.
    pub steps: Steps<'a>,
}

/// Carries a plan out.
///
/// # Errors
/// When a file was changed meanwhile or cannot be written; then every file is as it was.
pub fn apply(plan: &Plan, state: &mut State, desk: &Desk<'_>) -> Result<(), WriteError> {
    let operation = announce(plan, state, desk)?;
    let mut done: Vec<(&PlannedFile, &FileChange)> = Vec::new();
    for (file, change) in plan.files.iter().zip(&operation.files) {
        if !file.changes() {
            continue;
        }
        if let Err(error) = write_file(file, change, desk.steps) {
            for (file, change) in done.into_iter().rev() {
                take_back(file, change, desk.snapshots)?;
            }
            forget_directories(&file.directories);
            state.pending = None;
            state.write(desk.path)?;
            return Err(error);
        }
        done.push((file, change));
    }
    finish(plan, operation, state, desk)
}

/// Keeps what was there, and writes down what is about to happen.
fn announce(plan: &Plan, state: &mut State, desk: &Desk<'_>) -> Result<Operation, WriteError> {
    let id = state.next;
    state.next += 1;
    let (mut files, mut states) = (Vec::new(), Vec::new());
    for file in &plan.files {
        let before = desk.snapshots.keep_seen(&file.seen)?;
        let without_us = match &file.without_us.bytes {
            Some(bytes) => Some(desk.snapshots.keep(bytes, file.without_us.mode)?),
            None => None,
        };
        let after = file.wanted.as_ref().map(|it| Kept { hash: hash(it), mode: file.mode });
        if let Some(kept) = before.clone().filter(|_| file.changes()) {
            let size = file.seen.bytes.as_ref().map_or(0, |it| it.len() as u64);
            let (path, tool) = (file.seen.path.clone(), plan.tool.clone());
            state.backups.push(Backup { path, tool, at: desk.now, kept, size });
        }
        let path = file.seen.path.clone();
        // A file that holds nothing of ours afterwards is nobody's business any more.
        if !file.entries.is_empty() {
            states.push(FileState {
                path: path.clone(),
                without_us,
                after: after.clone(),
                entries: file.entries.clone(),
                made: file.made.clone(),
                directories: file.directories.clone(),
            });
        }
        let temporary = temporary(&path, id);
        files.push(FileChange { path, before, after, temporary });
    }
    (desk.steps)(Step::Kept);
    let mut after = plan.after.clone();
    if let Some(after) = &mut after
        && plan.verb != "restore"
    {
        after.files = states;
    }
    let (verb, tool) = (plan.verb.to_owned(), plan.tool.clone());
    let before = state.tools.get(&tool).cloned();
    let operation = Operation { id, verb, tool, at: desk.now, files, before, after };
    state.pending = Some(operation.clone());
    state.write(desk.path)?;
    (desk.steps)(Step::Announced);
    Ok(operation)
}

fn write_file(file: &PlannedFile, change: &FileChange, steps: Steps<'_>) -> Result<(), WriteError> {
    if let (Some(_), Some(directory)) = (&file.wanted, file.seen.path.parent()) {
        make_directories(directory)?;
    }
    let seen = file.seen.hash();
    replace(
        &Replacement {
            path: &file.seen.path,
            temporary: &change.temporary,
            seen: seen.as_deref(),
            bytes: file.wanted.as_deref(),
            mode: file.mode,
        },
        steps,
    )?;
    if file.wanted.is_none() {
        forget_directories(&file.directories);
    }
    Ok(())
}

/// An earlier file of a plan whose later one could not be written.
fn take_back(
    file: &PlannedFile,
    change: &FileChange,
    snapshots: &Snapshots,
) -> Result<(), WriteError> {
    let before = change.before.as_ref().map(|kept| snapshots.get(kept)).transpose()?;
    let seen = change.after.as_ref().map(|it| it.hash.as_str());
    let back = Replacement {
        path: &file.seen.path,
        temporary: &change.temporary,
        seen,
        bytes: before.as_deref(),
        mode: file.seen.mode,
    };
    replace(&back, &|_| ())
}

fn finish(
    plan: &Plan,
    operation: Operation,
    state: &mut State,
    desk: &Desk<'_>,
) -> Result<(), WriteError> {
    if plan.verb == "undo" {
        // Taken back, it has not happened; the one before it is the next to be taken back.
        state.history.pop();
        match operation.after {
            Some(after) => state.tools.insert(operation.tool, after),
            None => state.tools.remove(&operation.tool),
        };
        state.pending = None;
    } else {
        state.note(operation);
    }
    state.write(desk.path)?;
    (desk.steps)(Step::Noted);
    let wanted = state.snapshots();
    desk.snapshots.retain(&|name| wanted.contains(name));
    Ok(())
}

/// Notes what became of an operation that a crash cut off; says whether there was one.
///
/// # Errors
/// When a file or the state cannot be read or written.
pub fn recover(state: &mut State, desk: &Desk<'_>) -> Result<bool, WriteError> {
    let Some(mut operation) = state.pending.clone() else { return Ok(false) };
    let mut happened = false;
    for change in &operation.files {
        tidy_up(change)?;
        let now = see(&change.path)?.hash();
        let of = |kept: &Option<Kept>| kept.as_ref().map(|it| it.hash.clone());
        let written = now == of(&change.after) && of(&change.before) != of(&change.after);
        happened |= written;
        if !written && now == of(&change.before) {
            // Not reached: for this file all is as it was.
            let earlier = operation.before.as_ref();
            let earlier = earlier.and_then(|it| it.files.iter().find(|it| it.path == change.path));
            if let Some(after) = &mut operation.after {
                after.files.retain(|it| it.path != change.path);
                after.files.extend(earlier.cloned());
            }
        }
    }
    operation.files.retain(|change| {
        let unchanged = |kept: &Option<Kept>, now: &Option<String>| {
            kept.as_ref().map(|it| &it.hash) == now.as_ref()
        };
        see(&change.path).is_ok_and(|seen| !unchanged(&change.before, &seen.hash()))
    });
    state.pending = None;
    match (happened, operation.verb.as_str()) {
        (false, _) => {}
        (true, "undo") => {
            state.history.pop();
            match operation.after {
                Some(after) => state.tools.insert(operation.tool, after),
                None => state.tools.remove(&operation.tool),
            };
        }
        (true, _) => state.note(operation),
    }
    state.write(desk.path)?;
    Ok(true)
}

/// What lies under the temporary name: ours, or others' bytes that were swapped out and not looked
/// at any more. Those get their name back.
fn tidy_up(change: &FileChange) -> Result<(), WriteError> {
    let io = |source| WriteError::Io { path: change.temporary.clone(), source };
    let Ok(bytes) = std::fs::read(&change.temporary) else { return Ok(()) };
    let left = Some(hash(&bytes));
    let of = |kept: &Option<Kept>| kept.as_ref().map(|it| it.hash.clone());
    let live = see(&change.path)?.hash();
    let foreign = left != of(&change.before) && left != of(&change.after);
    if foreign && live == of(&change.after) {
        std::fs::rename(&change.temporary, &change.path).map_err(io)
    } else {
        std::fs::remove_file(&change.temporary).map_err(io)
    }
}

/// Removes directories that we made, innermost first, if nobody put anything into them.
fn forget_directories(directories: &[PathBuf]) {
    for directory in directories.iter().rev() {
        let _ = std::fs::remove_dir(directory);
    }
}

fn temporary(path: &Path, id: u64) -> PathBuf {
    let name = path.file_name().map(|it| it.to_string_lossy().into_owned()).unwrap_or_default();
    let name = name.trim_start_matches('.');
    path.with_file_name(format!(".{name}.tollkeeper-{}-{id}", std::process::id()))
}
