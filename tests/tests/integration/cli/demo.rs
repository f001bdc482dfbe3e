//! `tollkeeper demo`: what it prints leads into the console, and its key makes a call.

use std::process::Stdio;

use anyhow::{Context, ensure};
use http::Method;
use serde_json::json;
use testkit::client::Client;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::time::timeout;

use crate::stage::{PATIENCE, tollkeeper};

#[tokio::test]
async fn it_leads_into_the_console_with_a_click() -> anyhow::Result<()> {
    let mut command = tollkeeper(&["demo", "--listen", "127.0.0.1:0"]);
    let mut child = command.stdout(Stdio::piped()).spawn()?;
    let mut lines = BufReader::new(child.stdout.take().context("no output")?).lines();
    let mut said = String::new();
    while !said.contains("API reference") {
        let line = timeout(PATIENCE, lines.next_line()).await??.context("the demo ended")?;
        said.push_str(&line);
        said.push('\n');
    }
    let printed = |name: &str| -> anyhow::Result<String> {
        let line = said.lines().find_map(|line| line.trim().strip_prefix(name));
        Ok(line.with_context(|| format!("no {name} in {said}"))?.trim().to_owned())
    };
    let console = said.lines().map(str::trim).find(|line| line.ends_with("/console"));
    let base = console.and_then(|url| url.strip_suffix("/console")).context("no address")?;
    let client = Client::new(base);
    let (name, password) = (printed("Name ")?, printed("Password ")?);
    let page = client.get("/console/login").await?.success()?.text();
    ensure!(page.contains(&format!("value=\"{name}\"")), "the name is not filled in");
    ensure!(page.contains(&format!("value=\"{password}\"")), "the password is not filled in");
    let form = format!("login={}&password={password}", name.replace(' ', "+"));
    let answer = client
        .header("content-type", "application/x-www-form-urlencoded")?
        .header("origin", base)?
        .send(Method::POST, "/console/login", form)
        .await?;
    ensure!(answer.status == 303, "{} {}", answer.status, answer.text());
    let cookie = answer.header("set-cookie").and_then(|line| line.split(';').next());
    let inside = Client::new(base).header("cookie", cookie.context("no session")?)?;
    let overview = inside.get("/console").await?.success()?.text();
    ensure!(overview.contains("/console/token/new"), "{overview}");
    let ask = json!({"model": "demo-model", "messages": [{"role": "user", "content": "Hello"}]});
    let key = Client::new(base).bearer(&printed("Key ")?)?;
    key.post_json("/v1/chat/completions", &ask).await?.success()?;
    child.kill().await?;
    Ok(())
}
