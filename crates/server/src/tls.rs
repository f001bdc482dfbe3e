//! The built-in TLS: one pair of files, `--tls-cert` and `--tls-key`, for every listener.
//!
//! `certificate.rs` reads and checks the pair · `validity.rs` from when to when it holds ·
//! `reload.rs` takes new files into use · `handshake.rs` a connection's first bytes.

mod certificate;
mod handshake;
mod reload;
mod validity;

#[cfg(test)]
mod tests;

pub(crate) use handshake::shake_hands;
pub(crate) use reload::{Stamp, keep_up_to_date};

use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use rustls::{RootCertStore, ServerConfig, crypto::ring};
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};
use tokio_rustls::TlsAcceptor;

/// Where the certificate and its key are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlsFiles {
    /// The certificate, then those that lead to the root, in PEM.
    pub certificate: PathBuf,
    /// The certificate's private key, in PEM.
    pub key: PathBuf,
}

/// Why a certificate cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A file cannot be read.
    #[error("--{setting}: {path} cannot be read: {error}")]
    Unreadable {
        /// The setting that names it.
        setting: &'static str,
        /// The file.
        path: PathBuf,
        /// Why not.
        error: std::io::Error,
    },
    /// A file does not hold what it should.
    #[error("--{setting}: {path}: {reason}")]
    Useless {
        /// The setting that names it.
        setting: &'static str,
        /// The file.
        path: PathBuf,
        /// What is wrong, and what is expected.
        reason: String,
    },
    /// The library refuses its own defaults.
    #[error("TLS is not available: {0}")]
    Unavailable(rustls::Error),
}

/// The certificate in use. Connections that are open keep the one that they began with.
#[derive(Debug)]
pub(crate) struct Served(RwLock<Arc<CertifiedKey>>);

impl Served {
    /// Uses another from now on.
    fn replace(&self, certificate: CertifiedKey) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(certificate);
    }
}

impl ResolvesServerCert for Served {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner)))
    }
}

/// Reads the files; what comes back takes connections, and takes other certificates later.
///
/// # Errors
/// When a file is missing, is not what it should be, or the key is another certificate's.
pub(crate) fn open(files: &TlsFiles) -> Result<(TlsAcceptor, Arc<Served>), TlsError> {
    let served = Arc::new(Served(RwLock::new(Arc::new(certificate::read(files)?))));
    let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(TlsError::Unavailable)?
        .with_no_client_auth()
        .with_cert_resolver(Arc::<Served>::clone(&served));
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    // Sessions are taken up again without a table of them.
    config.ticketer = ring::Ticketer::new().map_err(TlsError::Unavailable)?;
    Ok((TlsAcceptor::from(Arc::new(config)), served))
}

/// The roots that upstreams are checked against: the public ones and the operator's own.
///
/// # Errors
/// When a file is missing or holds no certificate.
pub fn upstream_roots(files: &[PathBuf]) -> Result<RootCertStore, TlsError> {
    let mut roots: RootCertStore = webpki_roots::TLS_SERVER_ROOTS.iter().cloned().collect();
    for path in files {
        for root in certificate::chain(UPSTREAM_CA, path)? {
            roots.add(root).map_err(|error| useless(UPSTREAM_CA, path, error.to_string()))?;
        }
    }
    Ok(roots)
}

const UPSTREAM_CA: &str = "upstream-ca";

fn useless(setting: &'static str, path: &Path, reason: String) -> TlsError {
    TlsError::Useless { setting, path: path.to_owned(), reason }
}
