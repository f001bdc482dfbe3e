//! A disk that is full: a limit on the size of the gateway's files, imposed while it runs.

use anyhow::Context;
use rustix::process::{Pid, Resource, Rlimit, prlimit};
use testkit::gateway_process::{GatewayBuilder, GatewayProcess, default_binary};

/// Lets no write go beyond so many bytes of any file, for a running gateway that [`limited`]
/// started.
pub(crate) fn limit_files(gateway: &GatewayProcess, bytes: u64) -> anyhow::Result<()> {
    let id = gateway.process_id().context("the gateway has ended")?;
    let id = Pid::from_raw(i32::try_from(id)?).context("no process id")?;
    let before = prlimit(Some(id), Resource::Fsize, Rlimit { current: Some(bytes), maximum: None });
    before.context("the limit cannot be set")?;
    Ok(())
}

/// A gateway on which [`limit_files`] works.
pub(crate) fn limited(gateway: GatewayBuilder) -> GatewayBuilder {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/integration/stage/limited.sh");
    gateway.env("TESTED_BINARY", default_binary()).binary(script)
}
