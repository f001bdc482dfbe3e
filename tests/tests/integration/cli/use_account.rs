//! `tollkeeper use` with a token of an account, from an empty home: tools are configured, looked at,
//! and every byte comes back.

use anyhow::ensure;
use testkit::site::{Conduct, Reveal, value_of};

use crate::stage::Stage;
use crate::stage::person::Person;

const CLAUDE: &str = "person/.claude/settings.json";
const CODEX: &str = "person/.codex/config.toml";

#[tokio::test]
async fn an_accounts_token_goes_into_tools_and_out_again() -> anyhow::Result<()> {
    let person = Person::with_account(Conduct::default()).await?;
    let (claude, codex) = (person.home().join(CLAUDE), person.home().join(CODEX));
    let before = "# mine\nmodel = \"m\"   # odd\r\n[tui]\n";
    std::fs::create_dir_all(person.home().join("person/.codex"))?;
    std::fs::write(&codex, before)?;
    let url = person.site.base_url();
    person.json(&["node", "add", "--provider", "mine", "near", &url], "").await?;
    let list = person.json(&["tokens", "--account", "mine"], "").await?;
    ensure!(list["tokens"].as_array().is_some_and(|tokens| !tokens.is_empty()), "{list}");
    for (tool, token, node) in [("claude-code", "token-1", "default"), ("codex", "1", "near")] {
        let with = ["use", tool, "--account", "mine", "--token", token, "--node", node];
        let dry = person.json(&[&with[..], &["--dry-run"]].concat(), "").await?;
        ensure!(dry["applied"] == false && !dry.to_string().contains(&value_of(1)), "{dry}");
        let asks = person.failure(&[&with[..], &["--json"]].concat(), "").await?;
        ensure!(asks.contains("--yes"), "{asks}");
        let used =
            person.json(&[&with[..], &["--model", "sim-small", "--yes"]].concat(), "").await?;
        ensure!(used["verified"]["read_back"] == true, "{used}");
        ensure!(used["verified"]["call"]["models"] == 2, "{used}");
        ensure!(!used.to_string().contains(&value_of(1)), "{used}");
    }
    let value = format!("sk-{}", value_of(1));
    ensure!(std::fs::read_to_string(&claude)?.contains(&value));
    ensure!(std::fs::read_to_string(&codex)?.contains(&format!("{url}/v1")));
    let status = person.json(&["status"], "").await?;
    for (at, tool) in ["claude-code", "codex"].into_iter().enumerate() {
        let row = &status["data"][at];
        ensure!(row["tool"] == tool && row["standing"] == "as_written", "{status}");
        ensure!(row["source"] == "mine/token-1", "{status}");
    }
    for tool in ["claude-code", "codex"] {
        person.json(&["clear", tool, "--yes"], "").await?;
    }
    ensure!(std::fs::read_to_string(&codex)? == before);
    ensure!(!claude.exists() && !person.home().join("person/.claude").exists());
    person.was_polite()
}

/// What the file is not to hold is in the vault, and nowhere once the tool is cleared.
#[tokio::test]
async fn a_tools_secret_is_in_the_vault_alone() -> anyhow::Result<()> {
    let person = Person::with_account(Conduct::default()).await?;
    let with =
        ["use", "codex", "--account", "mine", "--token", "1", "--no-secret-in-file", "--yes"];
    person.json(&with, "").await?;
    let value = format!("sk-{}", value_of(1));
    let holding = |person: &Person| -> anyhow::Result<Vec<String>> {
        let mut names = Vec::new();
        for path in person.files()? {
            if String::from_utf8_lossy(&std::fs::read(&path)?).contains(&value) {
                names.push(path.file_name().unwrap_or_default().to_string_lossy().into_owned());
            }
        }
        Ok(names)
    };
    ensure!(holding(&person)? == ["secrets.json"], "{:?}", holding(&person)?);
    let said = person.text(&["secret", "codex"]).await?;
    ensure!(said.trim() == value, "another key was printed");
    person.json(&["account", "remove", "mine", "--yes"], "").await?;
    ensure!(person.text(&["secret", "codex"]).await?.trim() == value);
    Ok(())
}

#[tokio::test]
async fn a_hidden_value_is_made_or_pasted() -> anyhow::Result<()> {
    let person =
        Person::with_account(Conduct { reveal: Reveal::Nowhere, ..Conduct::default() }).await?;
    let with = ["use", "claude-code", "--account", "mine", "--token", "1", "--yes"];
    let told = person.failure(&with, "").await?;
    ensure!(told.contains("tokens make") && told.contains("tokens keep"), "{told}");
    ensure!(!person.home().join(CLAUDE).exists());
    let keep = ["tokens", "keep", "--account", "mine", "--token", "1", "--key-stdin"];
    person.json(&keep, &value_of(1)).await?;
    person.json(&with, "").await?;
    ensure!(std::fs::read_to_string(person.home().join(CLAUDE))?.contains(&value_of(1)));
    Ok(())
}

#[tokio::test]
async fn a_pasted_link_is_address_and_key() -> anyhow::Result<()> {
    let person = Person::stranger(Conduct::default()).await?;
    let url = person.site.base_url().replace(':', "%3A").replace('/', "%2F");
    let key = format!("sk-{}", value_of(1));
    let link = format!("ccswitch://v1/import?resource=provider&endpoint={url}&apiKey={key}&x=y");
    let with = ["use", "claude-code", "--link", "--yes"];
    let output = person.run(&[&with[..], &["--json"]].concat(), &link).await?;
    ensure!(output.status.success(), "{}", crate::stage::said(&output));
    ensure!(String::from_utf8_lossy(&output.stderr).contains("Left out of the link: x"));
    ensure!(std::fs::read_to_string(person.home().join(CLAUDE))?.contains(&key));
    let given = ["use", "codex", "--link", &link, "--yes"];
    person.json(&given, "").await?;
    let wrong = person.failure(&with, "https://elsewhere.example").await?;
    ensure!(wrong.contains("not a link of the form"), "{wrong}");
    Ok(())
}

#[tokio::test]
async fn a_tollkeeper_gateway_is_a_site_like_any() -> anyhow::Result<()> {
    let stage = Stage::set().await?;
    let person = Person::stranger(Conduct::default()).await?;
    let url = stage.gateway.base_url();
    let add = ["account", "add", "gate", "--site", &url, "--key-stdin"];
    person.json(&add, &stage.key.secret).await?;
    let list = person.json(&["tokens", "--account", "gate"], "").await?;
    let id = list["tokens"][0]["id"].as_str().unwrap_or_default().to_owned();
    let with = ["use", "codex", "--account", "gate", "--token", &id, "--yes"];
    let used = person.json(&with, "").await?;
    ensure!(used["verified"]["call"]["models"].as_u64().is_some_and(|models| models > 0), "{used}");
    ensure!(std::fs::read_to_string(person.home().join(CODEX))?.contains(&stage.key.secret));
    Ok(())
}
