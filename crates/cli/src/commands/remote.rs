//! Asking a running gateway through its management API.

use anyhow::{Context, Result, bail};
use clap::{Arg, ArgAction, ArgMatches, Command};
use http::Method;
use serde_json::Value;
use testkit::client::{Client, Response};

use crate::settings;

/// The flags that say which gateway, and with which key.
pub(super) fn flags(command: Command) -> Command {
    let json = Arg::new("json").long("json").action(ArgAction::SetTrue).help("Print JSON");
    let url = Arg::new("url")
        .long("url")
        .value_name("URL")
        .help("The running gateway; default: http:// and --listen");
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
        let url = match matches.get_one::<String>("url") {
            Some(url) => url.clone(),
            None => format!("http://{}", settings::config(matches)?.listen),
        };
        Ok(Self { client: Client::new(&url).bearer(&key)?, url })
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
