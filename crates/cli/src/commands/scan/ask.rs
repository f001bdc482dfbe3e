//! Asking a gateway which values are its keys, and having it end those that are.

use anyhow::{Context, Result, bail, ensure};
use clap::ArgMatches;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::path::PathBuf;
use testkit::client::{Client, Speech};

use super::search::Hit;
use crate::commands::remote::VARIABLE;

/// The most values of one question.
const AT_ONCE: usize = 100;

/// Whom to ask, and what to have done.
pub(super) struct Orders {
    client: Client,
    url: String,
    revoke: bool,
    replace: bool,
    freeze_balance: bool,
}

/// What the gateway says, by value.
#[derive(Default)]
pub(super) struct Verdicts(HashMap<String, Value>);

impl Orders {
    /// What the flags say; none: nobody is asked.
    pub(super) fn of(matches: &ArgMatches) -> Result<Option<Self>> {
        let Some(url) = matches.get_one::<String>("server") else { return Ok(None) };
        let key = management_key(matches.get_one::<PathBuf>("management-key-file"))?;
        Ok(Some(Self {
            client: Client::speaking(url, Speech::Http1, server::upstream_roots(&[])?)
                .bearer(key.trim())?,
            url: url.clone(),
            revoke: matches.get_flag("revoke"),
            replace: matches.get_flag("replace"),
            freeze_balance: matches.get_flag("freeze-balance"),
        }))
    }
}

/// The management key: a file's, else the environment's, where other verbs look for it.
fn management_key(file: Option<&PathBuf>) -> Result<String> {
    let (key, place) = match file {
        Some(file) => {
            let place = file.display().to_string();
            let read = std::fs::read_to_string(file);
            (read.with_context(|| format!("{place} cannot be read"))?, place)
        }
        None => {
            let why = "give --management-key-file, or put a management key into";
            let key = std::env::var(VARIABLE).ok();
            (key.with_context(|| format!("{why} {VARIABLE}"))?, VARIABLE.to_owned())
        }
    };
    ensure!(key.trim().starts_with("mk-"), "{place} holds no management key");
    Ok(key)
}

impl Verdicts {
    /// What the gateway says of a value; none: it was not asked.
    pub(super) fn of(&self, hit: &Hit) -> Option<&Value> {
        self.0.get(hit.value.expose())
    }
}

/// Asks about every value once.
pub(super) async fn ask(orders: &Orders, hits: &[Hit]) -> Result<Verdicts> {
    let mut values: Vec<&str> = hits.iter().map(|hit| hit.value.expose()).collect();
    values.sort_unstable();
    values.dedup();
    let mut verdicts = HashMap::new();
    for values in values.chunks(AT_ONCE) {
        let mut body = json!({ "values": values, "revoke": orders.revoke });
        if let (true, Some(body)) = (orders.revoke, body.as_object_mut()) {
            body.insert("replace".to_owned(), orders.replace.into());
            body.insert("freeze_balance".to_owned(), orders.freeze_balance.into());
            body.insert("note".to_owned(), "found by tollkeeper scan".into());
        }
        let answer = orders.client.post_json("/v1/api-keys/leaked", &body).await;
        let answer =
            answer.with_context(|| format!("the gateway at {} cannot be asked", orders.url))?;
        if !answer.status.is_success() {
            bail!("the gateway answered {}: {}", answer.status, answer.text());
        }
        let answer: Value = answer.json()?;
        let told = super::super::remote::rows(&answer, "data");
        ensure!(told.len() == values.len(), "the gateway did not answer about every value");
        verdicts.extend(values.iter().map(|value| (*value).to_owned()).zip(told.iter().cloned()));
    }
    Ok(Verdicts(verdicts))
}
