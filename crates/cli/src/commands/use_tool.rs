//! `tollkeeper use TOOL`: any token into any tool: plan, show, apply, verify.

mod of_account;

use anyhow::{Context, Result, bail};
use clap::{Arg, ArgAction, ArgMatches, Command};
use companion::base_url::BaseUrl;
use companion::companion::{Companion, Request};
use companion::credential::{Credential, Site, key};
use companion::link;
use companion::plan::Plan;
use companion::tools::{self, SecretCommand, Tool, Warning};
use companion::verify::{Answer, Probe};
use domain::secret::Secret;
use inquire::Text;
use serde_json::{Value, json};
use std::process::ExitCode;

use super::personal;
use super::tool::{self, NodeProbe};
use crate::output;

pub(super) fn command() -> Command {
    let value = |name: &'static str, what: &'static str, help: &'static str| {
        Arg::new(name).long(name).value_name(what).help(help)
    };
    let flag = |name: &'static str, help: &'static str| {
        Arg::new(name).long(name).action(ArgAction::SetTrue).help(help)
    };
    personal::asking(Command::new("use"))
        .about("Let an AI coding tool use a token and a node; shows the change, keeps a backup")
        .arg(tool::tool_argument())
        .args([
            value("account", "NAME", "The account whose token it is").conflicts_with("url"),
            value("token", "ID_OR_NAME", "Which of its tokens").requires("account"),
            value("node", "NAME", "Which of the provider's nodes").requires("account"),
            value("url", "URL", "The gateway's or relay's base URL, instead of an account"),
            flag("key-stdin", "Read the key from standard input").requires("url"),
            value("link", "LINK", "Address and key from a ccswitch://v1/import?… link; without LINK, from standard input, where nobody else sees it")
                .num_args(0..=1)
                .conflicts_with_all(["account", "url"]),
            value("model", "M", "The model to use"),
            flag("no-secret-in-file", "Let the tool ask `tollkeeper secret` for the key"),
            flag("dry-run", "Show the change and end"),
            flag("no-verify", "Do not ask the node"),
            personal::yes_flag(),
        ])
}

pub(super) fn run(matches: &ArgMatches) -> Result<ExitCode> {
    let tool = tool::chosen(matches)?;
    let credential = credential(matches, tool)?;
    let command = if matches.get_flag("no-secret-in-file") { Some(printer(tool)?) } else { None };
    let model = matches.get_one::<String>("model").cloned();
    let request = Request { tool, credential: &credential, model, command };
    let around = personal::surroundings()?;
    let warnings = tools::warnings(tool, &credential.base_url, &around, &tool::places()?);
    let mut companion = tool::open()?;
    let make = |companion: &Companion<'_>| companion.plan_use(&request, personal::now().get());
    if matches.get_flag("dry-run") {
        let plan = make(&companion)?;
        report(matches, tool, &plan, &warnings, None);
        return Ok(ExitCode::SUCCESS);
    }
    let question = format!("Apply this to {}?", tool.title());
    let given = Some(&credential);
    let plan = tool::carry_out(matches, &mut companion, given, &question, &make)?;
    let Some(plan) = plan else { return Ok(ExitCode::FAILURE) };
    let probe: Option<&dyn Probe> =
        if matches.get_flag("no-verify") { None } else { Some(&NodeProbe) };
    match companion.verify(&plan, tool, probe) {
        Ok(answer) => {
            report(matches, tool, &plan, &warnings, Some(answer));
            Ok(ExitCode::SUCCESS)
        }
        Err(error) => {
            let back = companion.plan_undo()?;
            companion
                .apply(&back, None, personal::now().get())
                .context("it could not be taken back")?;
            let kept = "everything is as it was before; --no-verify writes it all the same";
            bail!("{error}; {kept}")
        }
    }
}

fn credential(matches: &ArgMatches, tool: &dyn Tool) -> Result<Credential> {
    let text = |name: &str| matches.get_one::<String>(name).cloned();
    if matches.get_one::<String>("account").is_some() {
        return of_account::credential(matches, tool);
    }
    if matches.contains_id("link") {
        let pasted = match text("link") {
            Some(link) => Secret::new(link),
            None => personal::secret("Link (not shown)")?,
        };
        let link = link::parse(pasted.expose())?;
        if !link.ignored.is_empty() {
            // On the other stream, so that scripts read JSON alone.
            eprintln!("Left out of the link: {}", link.ignored.join(", "));
        }
        let base_url = BaseUrl::new(&link.url.to_string())?;
        return Ok(Credential { base_url, secret: key(link.key.expose())?, site: Site::Pasted });
    }
    let url = match text("url") {
        Some(url) => url,
        None if personal::is_interactive() => {
            if !personal::accounts(matches)?.list()?.is_empty() {
                return of_account::credential(matches, tool);
            }
            personal::asked(Text::new("Address of the gateway or relay:").prompt())?
        }
        None => {
            bail!("say which token: --account NAME --token ID, --url URL --key-stdin, or --link")
        }
    };
    let base_url = BaseUrl::new(&url)?;
    if !matches.get_flag("key-stdin") && !personal::is_interactive() {
        bail!("--url needs --key-stdin: a key on the command line could be read by others")
    }
    let secret = personal::secret("Key")?;
    Ok(Credential { base_url, secret: key(secret.expose())?, site: Site::Pasted })
}

/// This program, asked for the tool's secret.
fn printer(tool: &dyn Tool) -> Result<SecretCommand> {
    let program = tool::program().context("this program's own path is not known, or no UTF-8")?;
    Ok(SecretCommand::of(program, tool, &personal::surroundings()?))
}

fn report(
    matches: &ArgMatches,
    tool: &dyn Tool,
    plan: &Plan,
    warnings: &[Warning],
    applied: Option<Option<Answer>>,
) {
    let warned = warnings.iter().map(|it| json!({ "code": it.code(), "message": it.to_string() }));
    if matches.get_flag("json") {
        let verified = applied.as_ref().map(|answer| json!({ "read_back": true, "call": answer }));
        let more = json!({
            "applied": applied.is_some(),
            "verified": verified.unwrap_or(Value::Null),
            "warnings": warned.collect::<Vec<_>>(),
            "afterwards": tool.afterwards(),
        });
        output::say(&tool::with(tool::plan_json(plan), more).to_string());
        return;
    }
    if applied.is_none() {
        tool::show(plan);
    }
    for warning in warnings {
        output::say(&format!("Warning: {warning}"));
    }
    match applied {
        None => output::say("Nothing was changed (--dry-run)."),
        Some(answer) => {
            let title = tool.title();
            match answer {
                Some(Answer { models: Some(models), milliseconds, .. }) => output::say(&format!(
                    "{title} is set up. The node takes the key: {models} models, {milliseconds} ms."
                )),
                Some(Answer { milliseconds, .. }) => output::say(&format!(
                    "{title} is set up. The node takes the key ({milliseconds} ms)."
                )),
                None => output::say(&format!("{title} is set up; the node was not asked.")),
            }
            output::say(tool.afterwards());
            output::say(&format!("Take it back with: tollkeeper clear {}", tool.name()));
        }
    }
}
