//! Reading the pair of files, and saying what is wrong with it.

use domain::time::UnixMillis;
use rustls::InconsistentKeys;
use rustls::crypto::ring;
use rustls::pki_types::pem::{self, PemObject};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::CertifiedKey;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use super::validity::Validity;
use super::{TlsError, TlsFiles, useless};

const CERTIFICATE: &str = "tls-cert";
const KEY: &str = "tls-key";

/// Reads the pair. One that is out of its time is used, with a warning: an old certificate is
/// easier to see than a gateway that is not there.
///
/// # Errors
/// When a file is missing, is not what it should be, or the key is another certificate's.
pub(super) fn read(files: &TlsFiles) -> Result<CertifiedKey, TlsError> {
    let chain = chain(CERTIFICATE, &files.certificate)?;
    let key = key(&files.key)?;
    let validity = chain.first().and_then(|first| Validity::of(first));
    let certified = CertifiedKey::from_der(chain, key, &ring::default_provider()).map_err(
        |error| match error {
            rustls::Error::InconsistentKeys(InconsistentKeys::KeyMismatch) => useless(
                KEY,
                &files.key,
                format!(
                    "this is not the key of the certificate in {}",
                    files.certificate.display()
                ),
            ),
            rustls::Error::InvalidCertificate(error) => useless(
                CERTIFICATE,
                &files.certificate,
                format!("the certificate cannot be used: {error}"),
            ),
            error => useless(KEY, &files.key, format!("the key cannot be used: {error}")),
        },
    )?;
    warn(files, validity);
    Ok(certified)
}

/// The certificates of a file; at least one.
///
/// # Errors
/// When it cannot be read or holds none.
pub(super) fn chain(
    setting: &'static str,
    path: &Path,
) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let text = content(setting, path)?;
    let chain: Result<Vec<_>, pem::Error> = CertificateDer::pem_slice_iter(&text).collect();
    let chain =
        chain.map_err(|error| useless(setting, path, format!("not a PEM file: {error}")))?;
    if chain.is_empty() {
        let reason =
            "it holds no certificate; expected PEM that begins -----BEGIN CERTIFICATE-----";
        return Err(useless(setting, path, reason.to_owned()));
    }
    Ok(chain)
}

fn key(path: &Path) -> Result<PrivateKeyDer<'static>, TlsError> {
    let text = content(KEY, path)?;
    PrivateKeyDer::from_pem_slice(&text).map_err(|error| {
        let encrypted = String::from_utf8_lossy(&text).contains("ENCRYPTED");
        let reason = match error {
            pem::Error::NoItemsFound if encrypted => {
                "the key is behind a passphrase; give one without, readable by this user only"
                    .to_owned()
            }
            pem::Error::NoItemsFound => {
                "it holds no private key; expected PEM that begins -----BEGIN PRIVATE KEY-----"
                    .to_owned()
            }
            error => format!("not a PEM file: {error}"),
        };
        useless(KEY, path, reason)
    })
}

fn content(setting: &'static str, path: &Path) -> Result<Vec<u8>, TlsError> {
    std::fs::read(path).map_err(|error| TlsError::Unreadable {
        setting,
        path: path.to_owned(),
        error,
    })
}

fn warn(files: &TlsFiles, validity: Option<Validity>) {
    let Some(validity) = validity else { return };
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    let now = i64::try_from(now).unwrap_or(i64::MAX);
    let path = files.certificate.display();
    let at = |seconds: i64| UnixMillis::new(seconds.saturating_mul(1_000)).to_timestamp();
    if now > validity.not_after {
        let ended = at(validity.not_after);
        tracing::warn!(%path, %ended, "the certificate has expired: clients will refuse it");
    } else if now < validity.not_before {
        let begins = at(validity.not_before);
        tracing::warn!(%path, %begins, "the certificate is not valid yet: clients will refuse it");
    } else {
        tracing::info!(%path, ends = %at(validity.not_after), "the certificate is in use");
    }
}
