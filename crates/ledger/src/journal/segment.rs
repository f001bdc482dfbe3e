//! One file of the journal, its space reserved on the disk before anything is promised.

use domain::id::NodeId;
use serde::{Deserialize, Serialize};
use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

/// Bytes at the start of a segment that hold its header.
pub(crate) const HEADER_LENGTH: u64 = 256;
const MAGIC: &[u8; 8] = b"TOLLJRN1";

/// Who wrote a segment, and when in the life of the machine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Header {
    /// The node's identity.
    pub node: NodeId,
    /// The node's start.
    pub epoch: i64,
    /// The machine's start: if it changed, the power may have failed in between.
    pub boot: String,
    /// Whether each settlement waited for the disk.
    pub strict: bool,
}

/// A segment open for writing.
#[derive(Debug)]
pub(crate) struct Segment {
    pub(crate) file: File,
    pub(crate) path: PathBuf,
    pub(crate) index: u64,
    pub(crate) end: u64,
}

impl Segment {
    /// Makes a segment of `size` bytes, all of them on the disk already.
    pub(crate) fn create(
        directory: &Path,
        index: u64,
        size: u64,
        header: &Header,
    ) -> io::Result<Self> {
        let path = path(directory, index);
        let file =
            OpenOptions::new().read(true).write(true).create_new(true).mode(0o600).open(&path)?;
        let made = rustix::fs::fallocate(&file, rustix::fs::FallocateFlags::empty(), 0, size)
            .map_err(io::Error::from)
            .and_then(|()| fill(&file, size))
            .and_then(|()| write_header(&file, header))
            .and_then(|()| file.sync_all())
            .and_then(|()| File::open(directory)?.sync_all());
        match made {
            Ok(()) => Ok(Self { file, path, index, end: size }),
            Err(error) => {
                // Half a segment is of no use, and its space may be what others need.
                let _ = std::fs::remove_file(&path);
                Err(error)
            }
        }
    }
}

/// Writes zeros to the whole file. Its pages are in memory then and its blocks in use, which makes
/// each later write of a record several times cheaper.
fn fill(file: &File, size: u64) -> io::Result<()> {
    let zeros = vec![0; 256 * 1024];
    let mut at = 0;
    while at < size {
        let rest = usize::try_from(size - at).unwrap_or(usize::MAX).min(zeros.len());
        file.write_all_at(zeros.get(..rest).unwrap_or_default(), at)?;
        at += rest as u64;
    }
    Ok(())
}

/// The segments of a journal, in order.
pub(crate) fn list(directory: &Path) -> io::Result<Vec<(u64, PathBuf)>> {
    let mut segments = Vec::new();
    for entry in std::fs::read_dir(directory)? {
        let path = entry?.path();
        let index = path
            .file_name()
            .and_then(|name| name.to_str())
            .and_then(|name| name.strip_suffix(".journal"));
        if let Some(index) = index.and_then(|digits| digits.parse().ok()) {
            segments.push((index, path));
        }
    }
    segments.sort();
    Ok(segments)
}

fn path(directory: &Path, index: u64) -> PathBuf {
    directory.join(format!("{index:012}.journal"))
}

fn write_header(file: &File, header: &Header) -> io::Result<()> {
    let payload = postcard::to_stdvec(header).map_err(io::Error::other)?;
    let mut bytes = MAGIC.to_vec();
    bytes.extend_from_slice(&crc32c::crc32c(&payload).to_le_bytes());
    bytes.extend_from_slice(&u32::try_from(payload.len()).map_err(io::Error::other)?.to_le_bytes());
    bytes.extend_from_slice(&payload);
    file.write_all_at(&bytes, 0)
}

/// Reads a segment's header; none if the file is not a whole segment of ours.
pub(crate) fn read_header(bytes: &[u8]) -> Option<Header> {
    let word = |at: usize| {
        bytes.get(at..at + 4).and_then(|word| word.try_into().ok()).map(u32::from_le_bytes)
    };
    if bytes.get(..8)? != MAGIC {
        return None;
    }
    let payload = bytes.get(16..16 + usize::try_from(word(12)?).ok()?)?;
    if crc32c::crc32c(payload) != word(8)? {
        return None;
    }
    postcard::from_bytes(payload).ok()
}
