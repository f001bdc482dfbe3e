//! `tollkeeper scan`: a leaked key is found, revoked and replaced in two commands.

use std::process::Output;

use anyhow::{Context, ensure};
use serde_json::{Value, json};
use testkit::world::Key;

use crate::stage::{Stage, path, request, said, tollkeeper};

fn code(output: &Output, expected: i32) -> anyhow::Result<String> {
    ensure!(output.status.code() == Some(expected), "{}", said(output));
    Ok(String::from_utf8(output.stdout.clone())?)
}

#[tokio::test]
async fn a_leaked_key_is_found_revoked_and_replaced() -> anyhow::Result<()> {
    let stage = Stage::set().await?;
    let directory = tempfile::tempdir()?;
    let tree = directory.path();
    let secret = &stage.key.secret;
    std::fs::create_dir_all(tree.join("src/ignored"))?;
    std::fs::write(tree.join("src/app.py"), format!("import os\nKEY = \"{secret}\"\n"))?;
    std::fs::write(tree.join("src/ignored/x.txt"), secret)?;
    std::fs::write(tree.join(".gitignore"), "ignored/\n")?;
    std::fs::write(tree.join("src/binary"), format!("\0{secret}"))?;
    std::fs::write(tree.join(".env"), format!("A=1\nKEY={secret}\n"))?;
    let management = directory.path().with_extension("management-key");
    std::fs::write(&management, format!("{}\n", stage.gateway.management_key))?;
    let root = path(tree)?;

    let found = code(&tollkeeper(&["scan", root]).output().await?, 1)?;
    let place = format!("{}/src/app.py:2:8: API key sk-", root);
    ensure!(found.starts_with(&place) && found.lines().count() == 1, "{found}");
    let hidden = code(&tollkeeper(&["scan", root, "--hidden", "--json"]).output().await?, 1)?;
    let hidden: Value = serde_json::from_str(&hidden)?;
    ensure!(hidden["found"].as_array().map(Vec::len) == Some(2), "{hidden}");
    ensure!(hidden["binary"] == 1 && hidden["failures"] == json!([]), "{hidden}");

    let url = stage.gateway.base_url();
    let asked = ["scan", root, "--server", &url, "--management-key-file", path(&management)?];
    let asked_only = code(&tollkeeper(&asked).output().await?, 1)?;
    ensure!(asked_only.contains("WORKS") && asked_only.contains(&stage.key.id), "{asked_only}");
    let all = [&asked[..], &["--revoke", "--replace"]].concat();
    let done = code(&tollkeeper(&all).output().await?, 1)?;
    ensure!(done.contains("revoked"), "{done}");
    for text in [&found, &hidden.to_string(), &asked_only, &done] {
        ensure!(!text.contains(secret.as_str()), "the value is printed: {text}");
    }
    let refused = stage.ask(&request(json!({}))).await?;
    ensure!(refused.code().as_deref() == Some("key_revoked"), "{}", refused.text());
    let value = done.split("shown this once: ").nth(1).context("no new value")?.trim();
    let new = Key { id: String::new(), secret: value.to_owned() };
    stage.chat(&new, &request(json!({}))).await?.success()?;
    std::fs::remove_file(&management)?;
    stage.audit().await
}

#[tokio::test]
async fn the_exit_code_says_what_came_of_it() -> anyhow::Result<()> {
    let directory = tempfile::tempdir()?;
    std::fs::write(directory.path().join("a.txt"), "sk-notakey and mk-\n")?;
    let root = path(directory.path())?;
    ensure!(code(&tollkeeper(&["scan", root]).output().await?, 0)?.is_empty());
    let missing = directory.path().join("missing");
    code(&tollkeeper(&["scan", path(&missing)?]).output().await?, 2)?;
    code(&tollkeeper(&["scan"]).output().await?, 2)?;
    code(&tollkeeper(&["scan", root, "--revoke"]).output().await?, 2)?;
    let key = directory.path().join("a.txt");
    let asked =
        ["scan", root, "--server", "http://127.0.0.1:1", "--management-key-file", path(&key)?];
    code(&tollkeeper(&asked).output().await?, 2)?;
    Ok(())
}
