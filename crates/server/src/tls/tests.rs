//! Every pair of files that cannot be used is refused with what is wrong.

use rcgen::{CertificateParams, KeyPair};
use std::path::Path;

use super::*;

struct Pair {
    certificate: String,
    key: String,
}

fn pair() -> Pair {
    let key = KeyPair::generate().unwrap();
    let params = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
    Pair { certificate: params.self_signed(&key).unwrap().pem(), key: key.serialize_pem() }
}

fn opened(directory: &Path, certificate: &str, key: &str) -> Result<(), String> {
    let files =
        TlsFiles { certificate: directory.join("cert.pem"), key: directory.join("key.pem") };
    std::fs::write(&files.certificate, certificate).unwrap();
    std::fs::write(&files.key, key).unwrap();
    open(&files).map(|_| ()).map_err(|error| error.to_string())
}

#[test]
fn a_pair_is_taken_and_what_is_none_says_why() {
    let directory = tempfile::tempdir().unwrap();
    let (one, other) = (pair(), pair());
    let at = directory.path();
    opened(at, &one.certificate, &one.key).unwrap();
    // Key and certificate in one file, as some tools write them.
    let both = format!("{}{}", one.key, one.certificate);
    opened(at, &both, &both).unwrap();
    let encrypted =
        "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n";
    let broken = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    for (certificate, key, names, says) in [
        (&*one.certificate, &*other.key, "--tls-key", "not the key of the certificate"),
        ("", &one.key, "--tls-cert", "no certificate"),
        (&one.key, &one.key, "--tls-cert", "no certificate"),
        (&one.certificate, "", "--tls-key", "no private key"),
        (&one.certificate, &one.certificate, "--tls-key", "no private key"),
        (&one.certificate, encrypted, "--tls-key", "passphrase"),
        (broken, &one.key, "--tls-cert", "cannot be used"),
    ] {
        let said = opened(at, certificate, key).unwrap_err();
        assert!(said.starts_with(names) && said.contains(says), "{says}: {said}");
        assert!(!said.contains("AAAA"), "{said}");
    }
}

#[test]
fn a_file_that_is_missing_is_named() {
    let directory = tempfile::tempdir().unwrap();
    let missing = directory.path().join("nothing.pem");
    let files = TlsFiles { certificate: missing.clone(), key: missing.clone() };
    let said = open(&files).err().unwrap().to_string();
    assert!(said.starts_with("--tls-cert") && said.contains("nothing.pem"), "{said}");
    let said = upstream_roots(&[missing]).err().unwrap().to_string();
    assert!(said.starts_with("--upstream-ca") && said.contains("nothing.pem"), "{said}");
}
