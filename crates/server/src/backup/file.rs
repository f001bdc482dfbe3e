//! What a backup looks like: a line that names it, the length of the head, the head as JSON, and an
//! SQLite database. The head holds the database's length and SHA-256, and is bound to the passphrase.

use domain::secret::Secret;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::fs::File;
use std::io::{self, BufReader, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use super::BackupError;
use super::passphrase::Wrapped;

/// How a file begins; the number rises when the form changes.
const MAGIC: &[u8] = b"TOLLKEEPER BACKUP ";
const FORM: &[u8] = b"1\n";
/// No head is longer.
const LONGEST_HEAD: usize = 64 * 1024;
const CHUNK: usize = 1 << 20;

/// What a backup holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contents {
    /// The release that made it.
    pub release: String,
    /// The structure of its database.
    pub structure: i64,
    /// The deployment.
    pub deployment: String,
    /// The node that kept the books; none: it was never started.
    pub node: Option<String>,
    /// When it was made.
    pub made_at: String,
    /// The kind of database that it was made from.
    pub from: String,
    /// Users.
    pub users: i64,
    /// Keys.
    pub keys: i64,
    /// Calls.
    pub calls: i64,
    /// Lines of the ledger.
    pub ledger_entries: i64,
}

/// The head without the sealed key: what is bound to the passphrase.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// What it holds.
    #[serde(flatten)]
    pub contents: Contents,
    /// Bytes of the database.
    pub database_bytes: u64,
    /// Its SHA-256.
    pub database_sha256: String,
}

#[derive(Serialize, Deserialize)]
struct Head {
    /// The manifest's JSON, byte for byte as it is bound.
    manifest: String,
    /// A checksum of it, for those without the passphrase.
    manifest_sha256: String,
    master_key: Wrapped,
}

/// A backup whose head was read.
pub struct Opened {
    /// What it holds, not yet checked against the passphrase.
    pub manifest: Manifest,
    bound: String,
    master_key: Wrapped,
    rest: BufReader<File>,
}

/// Writes a backup to a file that does not exist; a failure leaves none.
pub(super) fn write(
    database: &Path,
    to: &Path,
    contents: Contents,
    master_key: &Secret,
    passphrase: &Secret,
) -> Result<Manifest, BackupError> {
    let (bytes, digest) = measure(database).map_err(BackupError::io(database))?;
    let manifest = Manifest { contents, database_bytes: bytes, database_sha256: digest };
    let failed = |error: serde_json::Error| BackupError::Io(to.to_owned(), error.into());
    let bound = serde_json::to_string(&manifest).map_err(failed)?;
    let wrapped = Wrapped::new(master_key, passphrase, bound.as_bytes()).ok_or_else(|| {
        BackupError::Io(to.to_owned(), io::Error::other("the master key could not be sealed"))
    })?;
    let head = Head {
        manifest_sha256: hex::encode(Sha256::digest(&bound)),
        manifest: bound,
        master_key: wrapped,
    };
    let head = serde_json::to_vec(&head).map_err(failed)?;
    let part = to.with_extension("part");
    let write = || -> io::Result<()> {
        let options = File::options().write(true).create(true).truncate(true).mode(0o600).clone();
        let mut file = options.open(&part)?;
        file.write_all(MAGIC)?;
        file.write_all(FORM)?;
        file.write_all(&u32::try_from(head.len()).map_err(io::Error::other)?.to_be_bytes())?;
        file.write_all(&head)?;
        io::copy(&mut File::open(database)?, &mut file)?;
        file.sync_all()?;
        std::fs::rename(&part, to)?;
        let place = to.parent().filter(|place| !place.as_os_str().is_empty());
        File::open(place.unwrap_or_else(|| Path::new(".")))?.sync_all()
    };
    write().map_err(|error| {
        let _ = std::fs::remove_file(&part);
        BackupError::Io(to.to_owned(), error)
    })?;
    Ok(manifest)
}

/// Reads the head of a backup.
///
/// # Errors
/// When the file is none of ours, newer, or damaged.
pub fn open(path: &Path) -> Result<Opened, BackupError> {
    let damaged = |what| BackupError::Damaged(path.to_owned(), what);
    let cut_off = |error: io::Error| match error.kind() {
        io::ErrorKind::UnexpectedEof => damaged("it is cut off"),
        _ => BackupError::Io(path.to_owned(), error),
    };
    let mut file = BufReader::new(File::open(path).map_err(BackupError::io(path))?);
    let mut magic = [0; MAGIC.len()];
    match file.read_exact(&mut magic) {
        Ok(()) if magic == MAGIC => {}
        Ok(()) => return Err(BackupError::Foreign(path.to_owned())),
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
            return Err(BackupError::Foreign(path.to_owned()));
        }
        Err(error) => return Err(BackupError::Io(path.to_owned(), error)),
    }
    let mut form = [0; FORM.len()];
    file.read_exact(&mut form).map_err(cut_off)?;
    if form != FORM {
        return Err(BackupError::Newer(path.to_owned(), "another form of file".to_owned()));
    }
    let mut length = [0; 4];
    file.read_exact(&mut length).map_err(cut_off)?;
    let length = usize::try_from(u32::from_be_bytes(length)).unwrap_or(usize::MAX);
    if length > LONGEST_HEAD {
        return Err(damaged("its head is too long"));
    }
    let mut head = vec![0; length];
    file.read_exact(&mut head).map_err(cut_off)?;
    let head: Head =
        serde_json::from_slice(&head).map_err(|_| damaged("its head cannot be read"))?;
    if hex::encode(Sha256::digest(&head.manifest)) != head.manifest_sha256 {
        return Err(damaged("its head was altered"));
    }
    let manifest: Manifest =
        serde_json::from_str(&head.manifest).map_err(|_| damaged("its head cannot be read"))?;
    if manifest.contents.structure > store::copy::newest_structure() {
        return Err(BackupError::Newer(path.to_owned(), manifest.contents.release));
    }
    Ok(Opened { manifest, bound: head.manifest, master_key: head.master_key, rest: file })
}

impl Opened {
    /// The master key, with the right passphrase; then the manifest is as it was made, too.
    ///
    /// # Errors
    /// When the passphrase is another, or the head was altered.
    pub fn master_key(&self, path: &Path, passphrase: &Secret) -> Result<Secret, BackupError> {
        let opened = self.master_key.open(passphrase, self.bound.as_bytes());
        opened.ok_or_else(|| BackupError::Passphrase(path.to_owned()))
    }

    /// Reads the database to its end, writes it where one says, and checks it.
    ///
    /// # Errors
    /// When it is not what the manifest says, or cannot be written.
    pub fn database(mut self, path: &Path, to: &mut dyn Write) -> Result<(), BackupError> {
        let (mut digest, mut length) = (Sha256::new(), 0_u64);
        let mut chunk = vec![0; CHUNK];
        loop {
            let read = self.rest.read(&mut chunk).map_err(BackupError::io(path))?;
            let Some(bytes) = chunk.get(..read).filter(|bytes| !bytes.is_empty()) else { break };
            digest.update(bytes);
            length = length.saturating_add(read as u64);
            to.write_all(bytes).map_err(BackupError::io(path))?;
        }
        let damaged = |what| Err(BackupError::Damaged(path.to_owned(), what));
        if length < self.manifest.database_bytes {
            return damaged("it is cut off");
        }
        if length > self.manifest.database_bytes {
            return damaged("something follows its end");
        }
        if hex::encode(digest.finalize()) != self.manifest.database_sha256 {
            return damaged("its database was altered");
        }
        Ok(())
    }
}

fn measure(path: &Path) -> io::Result<(u64, String)> {
    let mut file = File::open(path)?;
    let (mut digest, mut chunk, mut length) = (Sha256::new(), vec![0; CHUNK], 0_u64);
    loop {
        let read = file.read(&mut chunk)?;
        let Some(bytes) = chunk.get(..read).filter(|bytes| !bytes.is_empty()) else { break };
        digest.update(bytes);
        length = length.saturating_add(read as u64);
    }
    Ok((length, hex::encode(digest.finalize())))
}
