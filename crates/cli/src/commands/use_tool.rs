//! `tollkeeper use TOOL`: any token into any tool: plan, show, apply, verify.

use anyhow::{Context, Result, bail};
use clap::{Arg, ArgAction, ArgMatches, Command};
use companion::base_url::BaseUrl;
use companion::companion::{Companion, Request};
use companion::credential::{Choice, Credential, Credentials, Site, key};
use companion::plan::Plan;
use companion::tools::{SecretCommand, Tool, Warning};
use companion::verify::{Answer, Probe};
use domain::secret::Secret;
use serde_json::{Value, json};
use std::io::Read as _;
use std::process::ExitCode;

use super::tool::{self, NodeProbe};
use crate::output;

/// No key is longer.
const LONGEST_KEY: u64 = 8192;

pub(super) fn command() -> Command {
    let value = |name: &'static str, what: &'static str, help: &'static str| {
        Arg::new(name).long(name).value_name(what).help(help)
    };
    let flag = |name: &'static str, help: &'static str| {
        Arg::new(name).long(name).action(ArgAction::SetTrue).help(help)
    };
    Command::new("use")
        .about("Let an AI coding tool use a token and a node; shows the change, keeps a backup")
        .arg(tool::tool_argument())
        .args([
            value("account", "NAME", "The account whose token it is").conflicts_with("url"),
            value("token", "ID_OR_NAME", "Which of its tokens").requires("account"),
            value("node", "NAME", "Which of the provider's nodes").requires("account"),
            value("url", "URL", "The gateway's or relay's base URL, instead of an account"),
            flag("key-stdin", "Read the key from standard input").requires("url"),
            value("model", "M", "The model to use"),
            flag("no-secret-in-file", "Let the tool ask `tollkeeper secret` for the key"),
            flag("dry-run", "Show the change and end"),
            flag("no-verify", "Do not ask the node"),
            tool::yes(),
            tool::json_flag(),
        ])
}

pub(super) fn run(matches: &ArgMatches) -> Result<ExitCode> {
    let tool = tool::chosen(matches)?;
    let credential = credential(matches, tool)?;
    let command = if matches.get_flag("no-secret-in-file") { Some(printer(tool)?) } else { None };
    let model = matches.get_one::<String>("model").cloned();
    if let Some(model) = &model
        && (model.is_empty() || !model.chars().all(|it| it.is_ascii_graphic() && it != '"'))
    {
        bail!("`{model}` is no model's name");
    }
    let request = Request { tool, credential: &credential, model, command };
    let warnings = warnings(tool, &credential)?;
    let mut companion = tool::open()?;
    let make = |companion: &Companion<'_>| companion.plan_use(&request, tool::now());
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
            companion.apply(&back, None, tool::now()).context("it could not be taken back")?;
            let kept = "everything is as it was before; --no-verify writes it all the same";
            bail!("{error}; {kept}")
        }
    }
}

fn credential(matches: &ArgMatches, tool: &'static dyn Tool) -> Result<Credential> {
    let text = |name: &str| matches.get_one::<String>(name).cloned();
    if let Some(account) = text("account") {
        let token = text("token").context("say which token: --token ID_OR_NAME")?;
        let (node, tool) = (text("node"), tool.name().to_owned());
        return Ok(tool::credentials(matches)?.credential(&Choice {
            account,
            token,
            node,
            tool,
        })?);
    }
    let url = match text("url") {
        Some(url) => url,
        None if tool::is_terminal() => inquire::Text::new("Base URL of the node:").prompt()?,
        None => bail!("say which token: --account NAME --token ID, or --url URL --key-stdin"),
    };
    let base_url = BaseUrl::new(&url)?;
    let secret = if matches.get_flag("key-stdin") {
        let mut text = String::new();
        std::io::stdin().take(LONGEST_KEY).read_to_string(&mut text)?;
        Secret::new(text)
    } else if tool::is_terminal() {
        Secret::new(inquire::Password::new("Key:").without_confirmation().prompt()?)
    } else {
        bail!("--url needs --key-stdin: a key on the command line could be read by others")
    };
    Ok(Credential { base_url, secret: key(secret.expose())?, site: Site::Pasted })
}

/// This program, asked for the tool's secret.
fn printer(tool: &dyn Tool) -> Result<SecretCommand> {
    let program = std::env::current_exe().context("this program's own path is not known")?;
    let program = program.into_os_string().into_string();
    let program = program.ok().context("this program's own path is not UTF-8")?;
    let mut arguments = vec!["secret".to_owned(), tool.name().to_owned()];
    if let Ok(own) = std::env::var("TOLLKEEPER_HOME") {
        arguments.extend(["--home".to_owned(), own]);
    }
    Ok(SecretCommand { program, arguments })
}

fn warnings(tool: &dyn Tool, credential: &Credential) -> Result<Vec<Warning>> {
    let mut warnings = tool.overrides(&tool::surroundings()?, &tool::places()?);
    if credential.base_url.is_readable_on_the_way() {
        let message = "the key and all prompts travel over plain http: anybody on the way can read \
                       them";
        warnings.push(Warning { code: "plain_http", message: message.to_owned() });
    }
    Ok(warnings)
}

fn report(
    matches: &ArgMatches,
    tool: &dyn Tool,
    plan: &Plan,
    warnings: &[Warning],
    applied: Option<Option<Answer>>,
) {
    let warned = warnings.iter().map(|it| json!({ "code": it.code, "message": it.message }));
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
        output::say(&format!("Warning: {}", warning.message));
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
