//! The master key: from a file, the environment, or the data directory; never from the database.

use domain::key::KeyHasher;
use domain::secret::Secret;
use gateway::seal::Sealer;
use hkdf::Hkdf;
use sha2::{Digest, Sha256};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// The deployment's own secret, from which all others are derived.
pub struct MasterKey(Zeroizing<[u8; 32]>);

/// Why there is no usable master key.
#[derive(Debug, thiserror::Error)]
pub enum MasterKeyError {
    /// It is neither in the environment nor in a file.
    #[error(
        "no master key: {0} does not exist. A new deployment gets one from `tollkeeper init`; one that has its database already needs its own key back"
    )]
    Missing(PathBuf),
    /// The text is not 64 hexadecimal digits.
    #[error("{0} does not hold a master key: expected 64 hexadecimal digits")]
    Malformed(String),
    /// The file cannot be read or written.
    #[error("{0}: {1}")]
    Io(PathBuf, #[source] io::Error),
}

/// The environment variable that can hold the key.
pub const VARIABLE: &str = "TOLLKEEPER_MASTER_KEY";

impl MasterKey {
    /// Reads the key: from the variable's text, else from the file, else from the data directory.
    ///
    /// # Errors
    /// When there is none, or it is malformed.
    pub fn load(
        variable: Option<String>,
        file: Option<&Path>,
        data: &Path,
    ) -> Result<Self, MasterKeyError> {
        if let Some(text) = variable.map(Zeroizing::new).filter(|text| !text.is_empty()) {
            return Self::parse(&text, VARIABLE);
        }
        let path = file.map_or_else(|| data.join("master.key"), Path::to_owned);
        match std::fs::read_to_string(&path).map(Zeroizing::new) {
            Ok(text) => Self::parse(&text, &path.display().to_string()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                Err(MasterKeyError::Missing(path))
            }
            Err(error) => Err(MasterKeyError::Io(path, error)),
        }
    }

    /// Makes a key and writes it, readable by its owner only; an existing one is never replaced.
    ///
    /// # Errors
    /// When the file exists or cannot be written.
    pub fn create(path: &Path) -> Result<Self, MasterKeyError> {
        let key = Self(Zeroizing::new(rand::random()));
        let io = |error| MasterKeyError::Io(path.to_owned(), error);
        let mut file = std::fs::File::options()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(path)
            .map_err(io)?;
        let text = Zeroizing::new(format!("{}\n", hex::encode(key.0.as_slice())));
        file.write_all(text.as_bytes()).and_then(|()| file.sync_all()).map_err(io)?;
        Ok(key)
    }

    /// What the database knows of the key: enough to notice another one, no more.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        hex::encode(Sha256::digest(self.derive(b"fingerprint").as_slice()))
    }

    /// The key as its file holds it, for a backup that seals it.
    pub(crate) fn text(&self) -> Secret {
        Secret::new(hex::encode(self.0.as_slice()))
    }

    /// Hashes presented keys.
    #[must_use]
    pub fn hasher(&self) -> KeyHasher {
        KeyHasher::new(&self.derive(b"key digests"))
    }

    /// Seals upstream secrets.
    #[must_use]
    pub fn sealer(&self) -> Sealer {
        Sealer::new(&self.derive(b"upstream secrets"))
    }

    fn parse(text: &str, place: &str) -> Result<Self, MasterKeyError> {
        let bytes = hex::decode(text.trim()).map(Zeroizing::new);
        let key = bytes.ok().and_then(|bytes| <[u8; 32]>::try_from(bytes.as_slice()).ok());
        key.map(|key| Self(Zeroizing::new(key)))
            .ok_or_else(|| MasterKeyError::Malformed(place.to_owned()))
    }

    fn derive(&self, purpose: &[u8]) -> Zeroizing<[u8; 32]> {
        let mut derived = Zeroizing::new([0; 32]);
        // Expanding to 32 bytes cannot fail: the limit is 255 blocks of 32.
        let _ = Hkdf::<Sha256>::new(Some(b"tollkeeper"), self.0.as_slice())
            .expand(purpose, derived.as_mut_slice());
        derived
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_survives_its_file_and_is_never_replaced() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("master.key");
        let made = MasterKey::create(&path).unwrap();
        let read = MasterKey::load(None, None, directory.path()).unwrap();
        assert_eq!(made.fingerprint(), read.fingerprint());
        assert!(MasterKey::create(&path).is_err());
        assert_ne!(made.derive(b"a").as_slice(), made.derive(b"b").as_slice());
    }

    #[test]
    fn a_malformed_key_says_where_it_is() {
        let directory = tempfile::tempdir().unwrap();
        assert!(matches!(
            MasterKey::load(None, None, directory.path()),
            Err(MasterKeyError::Missing(_))
        ));
        let error = MasterKey::load(Some("abc".to_owned()), None, directory.path()).err().unwrap();
        assert!(error.to_string().starts_with(VARIABLE));
    }
}
