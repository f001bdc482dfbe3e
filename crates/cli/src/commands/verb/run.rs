//! Carrying a verb out: asking first where it cannot be taken back, sending, telling the answer, and
//! naming the flag where the gateway refuses a field.

use anyhow::{Error, Result, anyhow, bail};
use clap::ArgMatches;
use inquire::Confirm;
use std::process::ExitCode;

use super::flag::{Flag, Kind};
use super::request::Request;
use super::{Ask, Show, Verb, show, text};
use crate::commands::personal::{asked, is_interactive};
use crate::commands::remote::{Refusal, Remote};

/// Runs a verb.
pub(in super::super) fn run((verb, matches): (&Verb, &ArgMatches)) -> Result<ExitCode> {
    let request = Request::of(verb, matches)?;
    let remote = Remote::of(matches)?;
    if !agreed(verb, matches)? {
        return Ok(ExitCode::FAILURE);
    }
    let answer = crate::commands::runtime()?.block_on(send(verb, matches, &remote, request));
    let answer = answer.map_err(|error| in_flags(verb, error))?;
    show::show(verb, matches, &answer)?;
    let is_well = |(member, value): (&str, &str)| {
        text::at(&answer, member).map(text::plain).is_some_and(|found| found == value)
    };
    Ok(if verb.well.is_none_or(is_well) { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

async fn send(
    verb: &Verb,
    matches: &ArgMatches,
    remote: &Remote,
    mut request: Request,
) -> Result<String> {
    let method = match verb.ask {
        Ask::Get => http::Method::GET,
        Ask::Post => http::Method::POST,
        Ask::Put => http::Method::PUT,
        Ask::Patch => http::Method::PATCH,
        Ask::Delete => http::Method::DELETE,
    };
    let is_all = matches.try_get_one::<bool>("all").is_ok_and(|all| all == Some(&true));
    if !is_all {
        let target = request.target();
        return remote.ask(method, &target, &request.headers, request.body).await;
    }
    // As many at once as there can be, unless somebody says otherwise.
    if !request.query.iter().any(|pair| pair.starts_with("limit=")) {
        request.query.push("limit=200".to_owned());
    }
    let mut rows: Vec<String> = Vec::new();
    let mut cursor: Option<String> = None;
    loop {
        let mut page = Request { query: request.query.clone(), ..Request::default() };
        page.path.clone_from(&request.path);
        page.query
            .extend(cursor.as_ref().map(|at| format!("cursor={}", super::request::escaped(at))));
        let answer =
            remote.ask(method.clone(), &page.target(), &request.headers, String::new()).await?;
        let data = text::at(&answer, "data").and_then(text::entries).unwrap_or_default();
        rows.extend(data.into_iter().map(str::to_owned));
        let next = text::at(&answer, "next_cursor").map(text::plain).unwrap_or_default();
        if next.is_empty() {
            return Ok(format!("{{\"data\":[{}],\"next_cursor\":null}}", rows.join(",")));
        }
        if cursor.as_ref() == Some(&next) {
            bail!("the gateway names the same page again and again");
        }
        cursor = Some(next);
    }
}

/// Whether to go on: there is nothing to ask, by `--yes`, or because the person says so.
fn agreed(verb: &Verb, matches: &ArgMatches) -> Result<bool> {
    let Some(question) = verb.question else { return Ok(true) };
    let is_harmless = verb.all_flags().any(|flag| flag.harmless && matches.get_flag(flag.name));
    if is_harmless || matches.get_flag("yes") {
        return Ok(true);
    }
    let question = show::filled(question, verb, matches);
    if !is_interactive() {
        bail!("{question} Nobody can answer here: give --yes to do it");
    }
    asked(Confirm::new(&question).with_default(false).prompt())
}

/// A refusal with the flags' names in place of the fields'.
fn in_flags(verb: &Verb, error: Error) -> Error {
    let Some(refusal) = error.downcast_ref::<Refusal>() else { return error };
    let name = |field: &str| {
        let flag = verb.all_flags().find(|flag| names(flag, field));
        flag.map(Flag::shown)
    };
    anyhow!("{}", refusal.told(&name))
}

/// Whether a flag sets this field, or what it is in: `scopes[1]`, `soft_limit.amount`. The gateway
/// speaks of one secret where the flag takes several.
fn names(flag: &Flag, field: &str) -> bool {
    let is_in = |member: &str| {
        let rest = field.strip_prefix(member);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['[', '.']))
    };
    match flag.kind {
        // A whole body's fields have names of their own.
        Kind::Body => false,
        Kind::Secrets(_) => is_in(flag.name) || is_in(&flag.member()),
        _ => is_in(&flag.member()),
    }
}

/// Whether a verb's answer is printed as it came.
pub(super) fn is_text(verb: &Verb, matches: &ArgMatches) -> bool {
    matches!(verb.show, Show::Text) || (verb.has_csv && matches.get_flag("csv"))
}
