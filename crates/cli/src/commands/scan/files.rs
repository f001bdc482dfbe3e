//! The files of some directories, searched by several threads at once.

use anyhow::Result;
use ignore::{DirEntry, WalkBuilder, WalkState};
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Sender, channel};

use super::search::{Hit, Search, is_binary};

/// Read before it is decided whether the rest is.
const FIRST: u64 = 64 * 1024;

/// Which files to search, and how.
pub(super) struct Choice {
    /// Also those whose name starts with a point.
    pub(super) hidden: bool,
    /// Only those that are not larger.
    pub(super) most_bytes: u64,
    /// 0: one per core.
    pub(super) threads: usize,
}

/// What was searched, and what was found.
#[derive(Default)]
pub(super) struct Searched {
    /// By path, line and column.
    pub(super) hits: Vec<Hit>,
    /// Files that were read to their end.
    pub(super) files: u64,
    /// Their bytes.
    pub(super) bytes: u64,
    /// Files that were left out because they are binary …
    pub(super) binary: u64,
    /// … or too large.
    pub(super) large: u64,
    /// What could not be read, a sentence each.
    pub(super) failures: Vec<String>,
}

impl Searched {
    /// Adds what another thread searched.
    fn add(&mut self, other: Self) {
        self.hits.extend(other.hits);
        self.files += other.files;
        self.bytes += other.bytes;
        self.binary += other.binary;
        self.large += other.large;
        self.failures.extend(other.failures);
    }

    /// Puts what was found in order.
    pub(super) fn sorted(mut self) -> Self {
        let place = |hit: &Hit| (hit.path.clone(), hit.line, hit.column);
        self.hits.sort_by_cached_key(place);
        self.failures.sort();
        self
    }
}

/// Searches files and directories.
pub(super) fn search(paths: &[PathBuf], choice: &Choice) -> Result<Searched> {
    let Some((first, rest)) = paths.split_first() else { return Ok(Searched::default()) };
    let mut walk = WalkBuilder::new(first);
    for path in rest {
        walk.add(path);
    }
    walk.hidden(!choice.hidden).require_git(false).threads(choice.threads);
    // The repository's own files hold no text of its authors'.
    walk.filter_entry(|entry| entry.depth() == 0 || entry.file_name() != ".git");
    let (sender, receiver) = channel();
    walk.build_parallel().run(|| {
        let mut thread = Thread::new(choice.most_bytes, sender.clone());
        Box::new(move |entry| {
            thread.visit(entry);
            WalkState::Continue
        })
    });
    drop(sender);
    let mut all = Searched::default();
    receiver.into_iter().for_each(|one| all.add(one));
    Ok(all.sorted())
}

/// What one thread has at hand: it tells what it searched when it ends.
struct Thread {
    search: Search,
    most_bytes: u64,
    buffer: Vec<u8>,
    searched: Searched,
    sender: Sender<Searched>,
}

impl Thread {
    fn new(most_bytes: u64, sender: Sender<Searched>) -> Self {
        let (buffer, searched) = (Vec::new(), Searched::default());
        Self { search: Search::new(), most_bytes, buffer, searched, sender }
    }

    fn visit(&mut self, entry: Result<DirEntry, ignore::Error>) {
        match entry {
            Ok(entry) if entry.file_type().is_some_and(|kind| kind.is_file()) => {
                if let Err(error) = self.file(entry.path()) {
                    self.searched.failures.push(format!("{}: {error}", entry.path().display()));
                }
            }
            Ok(_) => {}
            Err(error) => self.searched.failures.push(error.to_string()),
        }
    }

    fn file(&mut self, path: &Path) -> std::io::Result<()> {
        let file = File::open(path)?;
        self.buffer.clear();
        let mut most = file.take(FIRST);
        most.read_to_end(&mut self.buffer)?;
        if is_binary(&self.buffer) {
            self.searched.binary += 1;
            return Ok(());
        }
        // One byte more than allowed shows that a file is too large, whatever it says of its size.
        most.set_limit(self.most_bytes.saturating_sub(self.buffer.len() as u64).saturating_add(1));
        if self.buffer.len() as u64 >= FIRST {
            most.read_to_end(&mut self.buffer)?;
        }
        if self.buffer.len() as u64 > self.most_bytes {
            self.searched.large += 1;
            return Ok(());
        }
        self.searched.files += 1;
        self.searched.bytes += self.buffer.len() as u64;
        self.searched.hits.extend(self.search.hits(&path.display().to_string(), &self.buffer));
        Ok(())
    }
}

impl Drop for Thread {
    fn drop(&mut self) {
        // Whoever waits for it may be gone only if the whole search is.
        drop(self.sender.send(std::mem::take(&mut self.searched)));
    }
}
