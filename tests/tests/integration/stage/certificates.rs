//! Certificates for a test: a root of its own, and what it signs.

use std::path::{Path, PathBuf};

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair, date_time_ymd};
use rustls::RootCertStore;
use testkit::gateway_process::GatewayBuilder;

/// A root that nobody else knows.
pub(crate) struct Authority(CertifiedIssuer<'static, KeyPair>);

/// A certificate and its key, in PEM.
pub(crate) struct Pair {
    pub(crate) certificate: String,
    pub(crate) key: String,
}

impl Authority {
    pub(crate) fn new() -> anyhow::Result<Self> {
        let mut params = CertificateParams::new(Vec::new())?;
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        Ok(Self(CertifiedIssuer::self_signed(params, KeyPair::generate()?)?))
    }

    /// The root, in PEM.
    pub(crate) fn pem(&self) -> String {
        self.0.pem()
    }

    /// Roots that hold this one alone.
    pub(crate) fn roots(&self) -> anyhow::Result<RootCertStore> {
        let mut roots = RootCertStore::empty();
        roots.add(self.0.der().clone())?;
        Ok(roots)
    }

    /// A certificate for `127.0.0.1` and `localhost`, good for a long time.
    pub(crate) fn sign(&self) -> anyhow::Result<Pair> {
        self.sign_until(2999)
    }

    /// The same, good until a year begins.
    pub(crate) fn sign_until(&self, year: i32) -> anyhow::Result<Pair> {
        let names = vec!["127.0.0.1".to_owned(), "localhost".to_owned()];
        let mut params = CertificateParams::new(names)?;
        params.not_after = date_time_ymd(year, 1, 1);
        let key = KeyPair::generate()?;
        let certificate = params.signed_by(&key, &self.0)?;
        Ok(Pair { certificate: certificate.pem(), key: key.serialize_pem() })
    }
}

/// Where a gateway's pair of files is.
pub(crate) struct Files {
    pub(crate) certificate: PathBuf,
    pub(crate) key: PathBuf,
}

impl Files {
    pub(crate) fn in_directory(directory: &Path) -> Self {
        Self { certificate: directory.join("cert.pem"), key: directory.join("key.pem") }
    }

    /// Puts a pair in place as an administrator does: a file is there whole or not at all.
    pub(crate) fn put(&self, pair: &Pair) -> anyhow::Result<()> {
        for (path, text) in [(&self.certificate, &pair.certificate), (&self.key, &pair.key)] {
            let beside = path.with_extension("new");
            std::fs::write(&beside, text)?;
            std::fs::rename(&beside, path)?;
        }
        Ok(())
    }

    /// A gateway that speaks https with these files.
    pub(crate) fn given_to(
        &self,
        gateway: GatewayBuilder,
        authority: &Authority,
    ) -> anyhow::Result<GatewayBuilder> {
        let arguments = [
            "--tls-cert".as_ref(),
            self.certificate.as_os_str(),
            "--tls-key".as_ref(),
            self.key.as_os_str(),
        ];
        Ok(gateway.args(arguments).signed_by(authority.roots()?))
    }
}
