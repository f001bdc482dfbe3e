//! New files are taken into use while the gateway runs: on SIGHUP, and when they change.
//!
//! Files are looked at every two seconds rather than watched: that works the same on every file
//! system, and for links that are swapped (certbot, Kubernetes).

use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, SystemTime};
use tokio::signal::unix::Signal;
use tokio::sync::watch;
use tokio::time::{MissedTickBehavior, interval};

use super::{Served, TlsFiles, certificate};

const LOOK: Duration = Duration::from_secs(2);

/// What tells two states of the files apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Stamp([Option<(u64, u64, SystemTime)>; 2]);

impl Stamp {
    /// The files as they are now.
    pub(crate) fn of(files: &TlsFiles) -> Self {
        let stamp = |path: &Path| {
            let found = std::fs::metadata(path).ok()?;
            Some((found.ino(), found.len(), found.modified().ok()?))
        };
        Self([stamp(&files.certificate), stamp(&files.key)])
    }
}

/// Takes changed files into use until `closing` says to stop. A pair that cannot be used (half
/// replaced, perhaps) changes nothing; it is read again as soon as it changes again.
pub(crate) async fn keep_up_to_date(
    files: TlsFiles,
    served: Arc<Served>,
    mut seen: Stamp,
    mut hangup: Signal,
    mut closing: watch::Receiver<bool>,
) {
    let files = Arc::new(files);
    let mut clock = interval(LOOK);
    clock.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        let asked = tokio::select! {
            _ = clock.tick() => false,
            Some(()) = hangup.recv() => true,
            _ = closing.wait_for(|closing| *closing) => return,
        };
        let pair = Arc::clone(&files);
        // A file system may be slow; the runtime does not wait for it.
        let read = tokio::task::spawn_blocking(move || {
            let now = Stamp::of(&pair);
            (now, (asked || now != seen).then(|| certificate::read(&pair)))
        });
        let Ok((now, read)) = read.await else { continue };
        seen = now;
        match read {
            None => {}
            Some(Ok(certificate)) => {
                served.replace(certificate);
                tracing::info!("another certificate was taken into use");
            }
            Some(Err(error)) => {
                tracing::warn!(%error, "the certificate before stays in use");
            }
        }
    }
}
