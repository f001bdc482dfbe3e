//! Child processes: run to their end with their output shown, and never left behind.

use anyhow::{Context, Result, bail};
use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// A child that is killed when it goes out of scope before its end.
pub(crate) struct Guarded(pub(crate) Child);

impl Drop for Guarded {
    fn drop(&mut self) {
        if matches!(self.0.try_wait(), Ok(None)) {
            // Both fail only if it ended in between.
            let _killed = self.0.kill();
            let _reaped = self.0.wait();
        }
    }
}

/// How a child ended, and what it printed to its standard output.
pub(crate) struct Ended {
    pub(crate) success: bool,
    pub(crate) output: String,
}

/// A cargo command in the repository.
pub(crate) fn cargo(root: &Path) -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    // What the cargo that runs us says of our own package would make build scripts run again.
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        if text.starts_with("CARGO_PKG_") || text.starts_with("CARGO_MANIFEST_") {
            command.env_remove(name);
        }
    }
    command.current_dir(root);
    command
}

/// Runs a command to its end. Its standard output is shown as it comes, and kept.
pub(crate) fn show(command: &mut Command) -> Result<Ended> {
    let name = name(command);
    let spawned = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn();
    let mut child = Guarded(spawned.with_context(|| format!("cannot run {name}"))?);
    let stdout = child.0.stdout.take().context("the child has no standard output")?;
    let mut output = String::new();
    let mut shown = std::io::stdout();
    for line in BufReader::new(stdout).split(b'\n') {
        let line = String::from_utf8_lossy(&line?).into_owned();
        writeln!(shown, "{line}")?;
        output.push_str(&line);
        output.push('\n');
    }
    let status = child.0.wait()?;
    if !status.success() {
        writeln!(shown, "{name} ended with {status}")?;
    }
    Ok(Ended { success: status.success(), output })
}

/// Runs a command to its end without showing its standard output; what it says of errors is shown.
pub(crate) fn collect(command: &mut Command) -> Result<Ended> {
    let name = name(command);
    let spawned = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn();
    let mut child = Guarded(spawned.with_context(|| format!("cannot run {name}"))?);
    let mut stdout = child.0.stdout.take().context("the child has no standard output")?;
    let mut bytes = Vec::new();
    stdout.read_to_end(&mut bytes)?;
    let success = child.0.wait()?.success();
    Ok(Ended { success, output: String::from_utf8_lossy(&bytes).into_owned() })
}

/// Runs a command whose failure is an error.
pub(crate) fn must(command: &mut Command) -> Result<String> {
    let name = name(command);
    let ended = show(command)?;
    if !ended.success {
        bail!("{name} failed");
    }
    Ok(ended.output)
}

/// What a command prints, without showing it; none if it fails or does not exist.
pub(crate) fn quiet(command: &mut Command) -> Option<String> {
    let output = command.stdin(Stdio::null()).stderr(Stdio::null()).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

fn name(command: &Command) -> String {
    let mut words = vec![command.get_program().to_string_lossy().into_owned()];
    words.extend(command.get_args().take(4).map(|word| word.to_string_lossy().into_owned()));
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_the_output_and_tells_how_it_ended() {
        let ended = show(Command::new("sh").args(["-c", "echo one; exit 3"])).unwrap();
        assert_eq!((ended.success, ended.output.as_str()), (false, "one\n"));
        let ended = collect(Command::new("sh").args(["-c", "echo two"])).unwrap();
        assert_eq!((ended.success, ended.output.as_str()), (true, "two\n"));
        assert!(must(&mut Command::new("false")).is_err());
        assert_eq!(quiet(Command::new("echo").arg("two")), Some("two".to_owned()));
        assert_eq!(quiet(&mut Command::new("no-such-program-here")), None);
    }
}
