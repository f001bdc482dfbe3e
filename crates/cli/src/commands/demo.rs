//! `tollkeeper demo`: a gateway with a simulated provider, a user, a key, and what to paste.

use anyhow::{Context, Result};
use clap::{Arg, ArgMatches, Command};
use ledger::clock::Clock;
use serde_json::json;
use server::config::{Config, DemoLogIn, Resolved, Sources};
use server::deployment::initialize;
use server::master_key::MasterKey;
use std::process::ExitCode;
use testkit::client::Client;
use testkit::provider::{ProviderConfig, SimulatedProvider};

use super::serve::asked_to_stop;

const MODEL: &str = "demo-model";
/// What the owner is called.
const OWNER: &str = "Demo owner";
/// The secret of a provider that exists only inside this process.
const PROVIDER_SECRET: &str = "demo-provider";

pub(super) fn command() -> Command {
    let listen = Arg::new("listen")
        .long("listen")
        .value_name("VALUE")
        .default_value("127.0.0.1:8080")
        .help("Address and port to listen on");
    Command::new("demo").about("Try it: no network, no account, nothing left behind").arg(listen)
}

pub(super) fn run(matches: &ArgMatches) -> Result<ExitCode> {
    let listen = matches.get_one::<String>("listen").cloned().unwrap_or_default();
    let directory = tempfile::Builder::new().prefix("tollkeeper-demo-").tempdir()?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let ended = runtime.block_on(demo(directory.path().display().to_string(), listen));
    runtime.shutdown_background();
    ended.map(|()| ExitCode::SUCCESS)
}

async fn demo(data: String, listen: String) -> Result<()> {
    let asked = asked_to_stop()?;
    let mut config = config(&data, &listen)?;
    server::logging::start(&resolved(&data, &listen)?).map_err(anyhow::Error::msg)?;
    let provider =
        SimulatedProvider::start(ProviderConfig::default().require_secret(PROVIDER_SECRET)).await?;
    let made = initialize(&config, None, Clock::system().now()).await?;
    // Made anew for each demo, from a link that is used up at once; the log-in is filled in only
    // where nobody else can reach it.
    let password: String = made.setup_token.expose().chars().take(12).collect();
    let log_in = DemoLogIn { login: OWNER.to_owned(), password: password.clone() };
    config.demo = config.listen.ip().is_loopback().then_some(log_in);
    let master = MasterKey::load(None, None, &config.data)?;
    let served = server::serve(config, master).await?;
    let base = format!("http://{}", served.address);
    welcome_owner(&base, made.setup_token.expose(), &password).await?;
    let key = furnish(&base, made.management_key.expose(), &provider.base_url()).await?;
    crate::output::say(&welcome(&base, &key, made.management_key.expose(), &password));
    served.until(asked).await?;
    provider.shutdown().await;
    Ok(())
}

fn resolved(data: &str, listen: &str) -> Result<Resolved> {
    let flag = |name: &str| match name {
        "data" => Some(vec![data.to_owned()]),
        "listen" => Some(vec![listen.to_owned()]),
        "allow-egress" => Some(vec!["127.0.0.0/8".to_owned()]),
        "log-level" => Some(vec!["warn".to_owned()]),
        _ => None,
    };
    Ok(Resolved::new(&Sources { flag: &flag, environment: &|_| None, file: None })?)
}

fn config(data: &str, listen: &str) -> Result<Config> {
    Ok(Config::new(&resolved(data, listen)?)?)
}

/// Gives the owner a name and a password, as the link of `init` does.
async fn welcome_owner(base: &str, token: &str, password: &str) -> Result<()> {
    let body = json!({ "token": token, "password": password, "name": OWNER });
    Client::new(base).post_json("/api/v1/setup", &body).await?.success()?;
    Ok(())
}

/// Makes a channel, a price, a user with a balance and a key, all through the management API.
async fn furnish(base: &str, management_key: &str, provider: &str) -> Result<String> {
    let client = Client::new(base).bearer(management_key)?;
    let price = json!({ "input": "0.40", "cached_input": "0.10", "output": "1.60", "context_window": 128_000, "max_output": 4_096 });
    client.put(&format!("/api/v1/prices/{MODEL}"), &price).await?.success()?;
    let channel = json!({
        "name": "simulated", "provider": "openai-compatible", "base_url": provider, "secret": PROVIDER_SECRET,
        "models": [MODEL], "groups": ["default"],
    });
    client.post_json("/api/v1/channels", &channel).await?.success()?;
    let user = client
        .post_json(
            "/api/v1/users",
            &json!({ "name": "Demo", "role": "member", "tier": "standard" }),
        )
        .await?;
    let user = user.success()?.json()?;
    let id =
        user.get("id").and_then(|id| id.as_str()).context("the new user has no id")?.to_owned();
    client
        .post_json(
            &format!("/api/v1/users/{id}/topups"),
            &json!({ "amount": "10", "note": "demo" }),
        )
        .await?
        .success()?;
    let wanted =
        json!({ "name": "demo", "owner": id, "quota": "5", "daily_limit": { "requests": 1_000 } });
    let key = client.post_json("/v1/api-keys", &wanted).await?.success()?.json()?;
    Ok(key.get("key").and_then(|key| key.as_str()).context("the new key has no value")?.to_owned())
}

fn welcome(base: &str, key: &str, management_key: &str, password: &str) -> String {
    format!(
        r#"
Tollkeeper demo is running at {base} (Ctrl-C ends it; nothing is left behind).

Open the console and click "Log in":

  {base}/console

  Name            {OWNER}
  Password        {password}

Or from a terminal:

  Key             {key}
  Management key  {management_key}

Ask the simulated model:

  curl {base}/v1/chat/completions \
    -H "Authorization: Bearer {key}" -H "Content-Type: application/json" \
    -d '{{"model":"{MODEL}","messages":[{{"role":"user","content":"Hello!"}}]}}'

Stream: add "stream":true to the body and -N to curl.

What it cost, to the nano-dollar:

  curl {base}/v1/usage -H "Authorization: Bearer {key}"

API reference: {base}/docs
"#
    )
}
