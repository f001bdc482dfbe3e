//! `tollkeeper completions`.

use anyhow::{Context, ensure};
use tokio::process::Command;

use crate::stage::{said, tollkeeper};

async fn script(shell: &str) -> anyhow::Result<String> {
    let output = tollkeeper(&["completions", shell]).output().await?;
    ensure!(output.status.success() && output.stderr.is_empty(), "{}", said(&output));
    Ok(String::from_utf8(output.stdout)?)
}

#[tokio::test]
async fn each_shell_gets_its_own() -> anyhow::Result<()> {
    for (shell, marks) in [
        ("bash", "complete -F _tollkeeper"),
        ("zsh", "#compdef tollkeeper"),
        ("fish", "complete -c tollkeeper"),
    ] {
        let script = script(shell).await?;
        ensure!(script.contains(marks), "{shell}: {script}");
        for word in
            ["serve", "presets", "starter", "tls-cert", "completions", "compromised", "exhausted"]
        {
            ensure!(script.contains(word), "{shell}: no {word}");
        }
    }
    let output = tollkeeper(&["completions", "tcsh"]).output().await?;
    ensure!(!output.status.success() && said(&output).contains("fish"), "{}", said(&output));
    Ok(())
}

/// What bash makes of it: verbs, then their flags.
#[tokio::test]
async fn bash_completes_with_it() -> anyhow::Result<()> {
    let file = tempfile::NamedTempFile::new()?;
    std::fs::write(file.path(), script("bash").await?)?;
    for (words, expected) in [
        ("tollkeeper chan", "channels"),
        ("tollkeeper channels pre", "presets"),
        ("tollkeeper serve --tls-c", "--tls-cert"),
        ("tollkeeper keys comp", "compromised"),
        ("tollkeeper alerts rules create --thr", "--threshold"),
        ("tollkeeper usage --by mo", "model"),
    ] {
        let mut words_back = words.rsplit(' ');
        let last = words_back.next().context("no word")?;
        let previous = words_back.next().context("no word before it")?;
        let ask = format!(
            "source {}; COMP_WORDS=({words}); COMP_CWORD=$((${{#COMP_WORDS[@]}}-1)); \
             _tollkeeper tollkeeper {last} {previous}; echo \"<${{COMPREPLY[*]}}>\"",
            file.path().display()
        );
        let output = Command::new("bash").args(["--norc", "-c", &ask]).output().await?;
        let told = String::from_utf8_lossy(&output.stdout);
        ensure!(told.contains(&format!("<{expected}>")), "{words}: {}", said(&output));
    }
    Ok(())
}
