//! What the tests of verbs share that ask a running gateway.

use std::process::{Output, Stdio};

use anyhow::{Context, ensure};
use serde_json::Value;
use tokio::io::AsyncWriteExt;
use tokio::process::Command;

use crate::stage::{Stage, said, tollkeeper};

/// A verb that asks the stage's gateway.
pub(super) fn asking(stage: &Stage, arguments: &[&str]) -> Command {
    let mut command = tollkeeper(arguments);
    command.args(["--url", &stage.gateway.base_url()]);
    command.env("TOLLKEEPER_MANAGEMENT_KEY", &stage.gateway.management_key);
    command.stdin(Stdio::null());
    command
}

/// What a verb prints on standard output, if it succeeds.
pub(super) async fn printed(stage: &Stage, arguments: &[&str]) -> anyhow::Result<String> {
    succeeded(arguments, asking(stage, arguments).output().await?)
}

/// The same with something on standard input.
pub(super) async fn fed(stage: &Stage, arguments: &[&str], input: &str) -> anyhow::Result<Output> {
    let mut command = asking(stage, arguments);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn()?;
    let mut stdin = child.stdin.take().context("no standard input")?;
    stdin.write_all(input.as_bytes()).await?;
    drop(stdin);
    Ok(child.wait_with_output().await?)
}

/// What a verb prints with `--json`, read.
pub(super) async fn told(stage: &Stage, arguments: &[&str]) -> anyhow::Result<Value> {
    let arguments = [arguments, &["--json"]].concat();
    let printed = printed(stage, &arguments).await?;
    serde_json::from_str(&printed).with_context(|| format!("{arguments:?}: {printed}"))
}

/// A verb that fails with 1 and says this.
pub(super) async fn refused(stage: &Stage, arguments: &[&str], says: &str) -> anyhow::Result<()> {
    let output = asking(stage, arguments).output().await?;
    ensure!(output.status.code() == Some(1), "{arguments:?}: {}", said(&output));
    ensure!(output.stdout.is_empty(), "{arguments:?}: {}", said(&output));
    ensure!(said(&output).contains(says), "{arguments:?}: no {says:?}: {}", said(&output));
    Ok(())
}

/// The text of a member.
pub(super) fn text<'a>(value: &'a Value, pointer: &str) -> anyhow::Result<&'a str> {
    value.pointer(pointer).and_then(Value::as_str).with_context(|| format!("{pointer}: {value}"))
}

pub(super) fn succeeded(arguments: &[&str], output: Output) -> anyhow::Result<String> {
    ensure!(output.status.success(), "{arguments:?}: {}", said(&output));
    Ok(String::from_utf8(output.stdout)?)
}
