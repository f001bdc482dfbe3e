//! A person with an empty home and an account at a simulated site, who uses the built program.

use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};

use anyhow::{Context, ensure};
use serde_json::Value;
use tempfile::TempDir;
use testkit::site::{ACCESS_TOKEN, Conduct, SESSION, SimulatedSite};
use tokio::io::AsyncWriteExt;
use tokio::process::Command;

use super::{said, tollkeeper};

/// The person, and the site.
pub(crate) struct Person {
    pub(crate) site: SimulatedSite,
    home: TempDir,
}

impl Person {
    /// Nobody knows anybody yet.
    pub(crate) async fn stranger(conduct: Conduct) -> anyhow::Result<Self> {
        Ok(Self { site: SimulatedSite::start(conduct).await?, home: tempfile::tempdir()? })
    }

    /// With the account `mine`, by access token.
    pub(crate) async fn with_account(conduct: Conduct) -> anyhow::Result<Self> {
        let person = Self::stranger(conduct).await?;
        person.add("mine", &["--user-id", "3", "--access-token-stdin"], ACCESS_TOKEN).await?;
        Ok(person)
    }

    /// With the account `mine`, by a browser's session.
    pub(crate) async fn with_session(conduct: Conduct) -> anyhow::Result<Self> {
        let person = Self::stranger(conduct).await?;
        person.add("mine", &["--user-id", "3", "--cookie-stdin"], SESSION).await?;
        Ok(person)
    }

    /// `account add` at the site.
    pub(crate) async fn add(
        &self,
        name: &str,
        with: &[&str],
        secret: &str,
    ) -> anyhow::Result<Value> {
        let url = self.site.base_url();
        let mut arguments = vec!["account", "add", name, "--site", &url];
        arguments.extend(with);
        self.json(&arguments, secret).await
    }

    /// A verb of this person's, with nothing of the test's own settings.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = tollkeeper(arguments);
        for name in ["CLAUDE_CONFIG_DIR", "CODEX_HOME", "ANTHROPIC_API_KEY", "OPENAI_API_KEY"] {
            command.env_remove(name);
        }
        command.env("TOLLKEEPER_HOME", self.home()).env("HOME", self.home().join("person"));
        command
    }

    /// Runs a verb with this on its standard input.
    pub(crate) async fn run(&self, arguments: &[&str], input: &str) -> anyhow::Result<Output> {
        let mut command = self.command(arguments);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn()?;
        let mut stdin = child.stdin.take().context("no standard input")?;
        // A verb that reads nothing may have ended already.
        let _unread = stdin.write_all(input.as_bytes()).await;
        drop(stdin);
        Ok(child.wait_with_output().await?)
    }

    /// What a verb prints as JSON.
    pub(crate) async fn json(&self, arguments: &[&str], input: &str) -> anyhow::Result<Value> {
        let output = self.run(&[arguments, &["--json"]].concat(), input).await?;
        ensure!(output.status.success(), "{arguments:?}: {}", said(&output));
        serde_json::from_slice(&output.stdout).with_context(|| said(&output))
    }

    /// What a verb prints for people.
    pub(crate) async fn text(&self, arguments: &[&str]) -> anyhow::Result<String> {
        let output = self.run(arguments, "").await?;
        ensure!(output.status.success(), "{arguments:?}: {}", said(&output));
        Ok(String::from_utf8(output.stdout)?)
    }

    /// What a verb says when it fails, as it must.
    pub(crate) async fn failure(&self, arguments: &[&str], input: &str) -> anyhow::Result<String> {
        let output = self.run(arguments, input).await?;
        ensure!(!output.status.success(), "{arguments:?} succeeded: {}", said(&output));
        ensure!(output.stdout.is_empty(), "{arguments:?}: {}", said(&output));
        Ok(String::from_utf8(output.stderr)?)
    }

    /// Where the person's files are.
    pub(crate) fn home(&self) -> &Path {
        self.home.path()
    }

    /// Every file of the person's.
    pub(crate) fn files(&self) -> anyhow::Result<Vec<PathBuf>> {
        let (mut found, mut left) = (Vec::new(), vec![self.home().to_owned()]);
        while let Some(directory) = left.pop() {
            for entry in std::fs::read_dir(directory)? {
                let entry = entry?;
                if entry.file_type()?.is_dir() {
                    left.push(entry.path());
                } else {
                    found.push(entry.path());
                }
            }
        }
        Ok(found)
    }

    /// The site found nothing wrong with any request.
    pub(crate) fn was_polite(&self) -> anyhow::Result<()> {
        let complaints = self.site.complaints();
        ensure!(complaints.is_empty(), "{complaints:?}");
        Ok(())
    }

    /// How often the site was asked for paths that begin so.
    pub(crate) fn asked(&self, method: &str, path: &str) -> usize {
        let seen = self.site.seen();
        seen.iter().filter(|it| it.method == method && it.path.starts_with(path)).count()
    }
}
