//! Asking a running gateway through its management API.

use anyhow::{Context, Result, bail};
use clap::{Arg, ArgAction, ArgMatches, Command};
use http::Method;
use serde_json::Value;
use server::config::Config;
use testkit::client::{Client, Response, Speech};

use crate::settings;

/// The flags that say which gateway, and with which key.
pub(super) fn flags(command: Command) -> Command {
    let json = Arg::new("json").long("json").action(ArgAction::SetTrue).help("Print JSON");
    let url = Arg::new("url").long("url").value_name("URL").help(
        "The running gateway; default: http:// and --listen, or --public-url with --tls-cert",
    );
    let key = Arg::new("management-key")
        .long("management-key-variable")
        .value_name("NAME")
        .default_value("TOLLKEEPER_MANAGEMENT_KEY")
        .help("Environment variable with the management key");
    settings::flags(command.arg(json).arg(url).arg(key))
}

/// A running gateway.
pub(super) struct Remote {
    client: Client,
    url: String,
}

impl Remote {
    /// The gateway that the flags name.
    pub(super) fn of(matches: &ArgMatches) -> Result<Self> {
        let variable = matches
            .get_one::<String>("management-key")
            .map_or("TOLLKEEPER_MANAGEMENT_KEY", String::as_str);
        let Ok(key) = std::env::var(variable) else {
            bail!("put a management key into {variable}, so that the gateway can be asked");
        };
        let config = settings::config(matches)?;
        let url = url(matches, &config);
        let client = client(&url, &config)?;
        Ok(Self { client: client.bearer(&key)?, url })
    }

    /// `GET`.
    pub(super) async fn get(&self, path: &str) -> Result<Value> {
        self.read(self.client.get(path).await)
    }

    /// `POST`.
    pub(super) async fn post(&self, path: &str, body: &Value) -> Result<Value> {
        self.read(self.client.post_json(path, body).await)
    }

    /// `POST` of JSON as it stands in a text: its numbers keep every digit.
    pub(super) async fn post_text(&self, path: &str, body: String) -> Result<Value> {
        self.read(self.client.send(Method::POST, path, body).await)
    }

    fn read(&self, response: Result<Response>) -> Result<Value> {
        let response = response.with_context(|| {
            format!("the gateway at {} cannot be asked; give its --url", self.url)
        })?;
        if !response.status.is_success() {
            bail!("the gateway answered {}: {}", response.status, response.text());
        }
        response.json()
    }
}

/// The running gateway's address: by its flag, else by its settings.
pub(super) fn url(matches: &ArgMatches, config: &Config) -> String {
    let named = matches.get_one::<String>("url").cloned();
    // A certificate is for the name that people know the gateway by.
    let public = || config.tls.as_ref().and(config.public_url.clone());
    named.or_else(public).unwrap_or_else(|| config.own_url())
}

/// A client that trusts what the gateway trusts.
pub(super) fn client(url: &str, config: &Config) -> Result<Client> {
    let roots = server::upstream_roots(&config.upstream_ca)?;
    Ok(Client::speaking(url, Speech::Http1, roots))
}

/// A member of an answer as text for a table.
pub(super) fn text(value: &Value, name: &str) -> String {
    match value.get(name) {
        Some(Value::String(text)) => text.clone(),
        None | Some(Value::Null) => String::new(),
        Some(other) => other.to_string(),
    }
}

/// A member of an answer that is a list.
pub(super) fn rows<'a>(value: &'a Value, name: &str) -> &'a [Value] {
    value.get(name).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}
