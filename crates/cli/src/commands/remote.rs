//! Asking a running gateway through its management API.

use anyhow::{Context, Result, bail};
use bytes::Bytes;
use clap::{Arg, ArgAction, ArgMatches, Command};
use http::{Method, StatusCode};
use serde_json::Value;
use server::config::Config;
use std::fmt;
use testkit::client::{Client, Speech};

use crate::settings;

/// Where a management key is looked for, unless a flag names another variable.
pub(super) const VARIABLE: &str = "TOLLKEEPER_MANAGEMENT_KEY";

/// The settings that say where the gateway is and whom it trusts.
const SETTINGS: &[&str] = &[
    "data",
    "listen",
    "console-listen",
    "public-url",
    "tls-cert",
    "tls-key",
    "upstream-ca",
    "log-level",
];

/// The flags that say which gateway, and with which key; and `--json`.
pub(super) fn flags(command: Command) -> Command {
    let json = Arg::new("json").long("json").action(ArgAction::SetTrue).help("Print JSON");
    where_flags(command.arg(json))
}

/// The flags that say which gateway, and with which key.
pub(super) fn where_flags(command: Command) -> Command {
    let url = Arg::new("url").long("url").value_name("URL").help(
        "The running gateway; default: http:// and --listen, or --public-url with --tls-cert",
    );
    let key = Arg::new("management-key")
        .long("management-key-variable")
        .value_name("NAME")
        .default_value(VARIABLE)
        .help("Environment variable with the management key");
    let command = command.next_help_heading("Which gateway").args([url, key]);
    settings::some_flags(command, &|name| SETTINGS.contains(&name))
}

/// A running gateway.
pub(super) struct Remote {
    client: Client,
    url: String,
}

impl Remote {
    /// The gateway that the flags name.
    pub(super) fn of(matches: &ArgMatches) -> Result<Self> {
        let variable = matches.get_one::<String>("management-key").map_or(VARIABLE, String::as_str);
        let Ok(key) = std::env::var(variable) else {
            bail!("put a management key into {variable}, so that the gateway can be asked");
        };
        let config = settings::config(matches)?;
        let url = url(matches, &config);
        let client = client(&url, &config)?;
        Ok(Self { client: client.bearer(&key)?, url })
    }

    /// `POST` of JSON as it stands in a text: its numbers keep every digit.
    pub(super) async fn post_text(&self, path: &str, body: String) -> Result<Value> {
        Ok(serde_json::from_str(&self.ask(Method::POST, path, &[], body).await?)?)
    }

    /// Any request; the answer as it came.
    pub(super) async fn ask(
        &self,
        method: Method,
        path: &str,
        headers: &[(&'static str, String)],
        body: impl Into<Bytes>,
    ) -> Result<String> {
        let mut client = self.client.clone();
        for (name, value) in headers {
            client = client.header(name, value)?;
        }
        let response = client.send(method, path, body).await.with_context(|| {
            format!("the gateway at {} cannot be asked; give its --url", self.url)
        })?;
        if !response.status.is_success() {
            return Err(Refusal { status: response.status, body: response.text() }.into());
        }
        Ok(response.text())
    }
}

/// What the gateway says when it does not do it.
#[derive(Debug)]
pub(super) struct Refusal {
    status: StatusCode,
    body: String,
}

impl Refusal {
    /// In plain lines; `name` knows what a field is called here.
    pub(super) fn told(&self, name: &dyn Fn(&str) -> Option<String>) -> String {
        let problem: Value = serde_json::from_str(&self.body).unwrap_or_default();
        let detail = match text(&problem, "detail") {
            detail if detail.is_empty() => self.body.clone(),
            detail => detail,
        };
        let mut told = format!("the gateway answered {}: {detail}", self.status);
        for error in rows(&problem, "errors") {
            let field = text(error, "field");
            let shown = name(&field).unwrap_or(field);
            told.push_str(&format!("\n  {shown}: {}", text(error, "message")));
        }
        told
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.told(&|_| None))
    }
}

impl std::error::Error for Refusal {}

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
