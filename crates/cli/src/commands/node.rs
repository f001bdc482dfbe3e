//! `tollkeeper node`: the addresses that serve a provider's API, and which answers soonest.

use anyhow::{Context, Result, bail};
use clap::{Arg, ArgMatches, Command, value_parser};
use companion::accounts::Accounts;
use companion::nodes::{self, Latency, Node};
use companion::sites::SiteKind;
use serde::Serialize;
use serde_json::json;
use std::process::ExitCode;

use super::personal::{
    accounts, asking, confirmed, dry_run_flag, flags, is_interactive, say_json, web, yes_flag,
};
use crate::output;

pub(super) fn command() -> Command {
    let provider = || {
        Arg::new("provider")
            .long("provider")
            .value_name("PROVIDER")
            .help("anyrouter, agentrouter, the name of an account, or a site's URL")
    };
    let name = || Arg::new("name").value_name("NAME");
    let url = Arg::new("url").value_name("URL").required(true).help("Its base URL");
    let tries = Arg::new("tries")
        .long("tries")
        .value_name("N")
        .value_parser(value_parser!(u8).range(1..=50))
        .default_value("5")
        .help("How often each node is asked");
    Command::new("node")
        .about("Addresses of a provider: list, add, remove, test how soon they answer")
        .subcommand_required(true)
        .arg_required_else_help(true)
        .subcommands([
            flags(Command::new("list").about("List the nodes")).arg(provider()),
            flags(
                Command::new("add").about("Add a node; keys that you use with it are sent there"),
            )
            .args([provider().required(true), name().required(true).help("What you call it"), url])
            .arg(dry_run_flag()),
            flags(Command::new("remove").about("Remove a node that you added"))
                .args([provider().required(true), name().required(true).help("The node")])
                .args([yes_flag(), dry_run_flag()]),
            asking(Command::new("test").about("Ask each node several times, without a key"))
                .args([provider().required(true), name().help("Only this node"), tries]),
        ])
}

pub(super) fn run(matches: &ArgMatches) -> Result<ExitCode> {
    let (verb, matches) = matches.subcommand().context("say list, add, remove or test")?;
    let accounts = accounts(matches)?;
    let provider = match matches.get_one::<String>("provider") {
        Some(given) => Some(provider(&accounts, given)?),
        None => None,
    };
    match (verb, provider) {
        ("list", provider) => list(&accounts, matches, provider),
        ("add", Some(provider)) => add(&accounts, matches, &provider),
        ("remove", Some(provider)) => remove(&accounts, matches, &provider),
        (_, Some(provider)) => test(&accounts, matches, &provider),
        (_, None) => bail!("say whose nodes, with --provider"),
    }
}

/// A preset, an account's site, or a URL.
fn provider(accounts: &Accounts, given: &str) -> Result<String> {
    let account = accounts.list()?.into_iter().find(|account| account.name == given);
    match account.filter(|_| SiteKind::of_preset(given).is_none()) {
        Some(account) => Ok(account.provider()),
        None => Ok(nodes::provider(given)?),
    }
}

/// A node with whose it is.
#[derive(Serialize)]
struct View {
    provider: String,
    #[serde(flatten)]
    node: Node,
}

fn list(accounts: &Accounts, matches: &ArgMatches, provider: Option<String>) -> Result<ExitCode> {
    let presets = [SiteKind::AnyRouter, SiteKind::AgentRouter].map(|kind| kind.name().to_owned());
    let mut providers = provider.map_or_else(|| presets.to_vec(), |provider| vec![provider]);
    if matches.get_one::<String>("provider").is_none() {
        providers.extend(accounts.list()?.iter().map(companion::accounts::Account::provider));
        let mut known = std::collections::HashSet::new();
        providers.retain(|provider| known.insert(provider.clone()));
    }
    let mut all = Vec::new();
    for provider in providers {
        let nodes = nodes::list(accounts.home(), &provider)?;
        all.extend(nodes.into_iter().map(|node| View { provider: provider.clone(), node }));
    }
    if matches.get_flag("json") {
        say_json(&json!({ "nodes": all }))?;
    } else {
        let rows = all.into_iter().map(|View { provider, node }| {
            let kind = if node.built_in { "built in" } else { "yours" };
            vec![provider, node.name, node.url.to_string(), kind.to_owned()]
        });
        output::say(&output::table(&["provider", "node", "base URL", ""], rows));
    }
    Ok(ExitCode::SUCCESS)
}

fn add(accounts: &Accounts, matches: &ArgMatches, provider: &str) -> Result<ExitCode> {
    let given = |name: &str| matches.get_one::<String>(name).map_or("", String::as_str);
    let (home, name, url) = (accounts.home(), given("name"), given("url"));
    let dry = matches.get_flag("dry-run");
    let node = if dry {
        nodes::check(home, provider, name, url)?
    } else {
        nodes::add(home, provider, name, url)?
    };
    if matches.get_flag("json") {
        say_json(&json!({"provider": provider, "node": node, "dry_run": dry}))?;
    } else {
        let done = if dry { "Would add" } else { "Added" };
        output::say(&format!(
            "{done} {} ({}) to {provider}. Keys that you use with it are sent there.",
            node.name, node.url
        ));
    }
    Ok(ExitCode::SUCCESS)
}

fn remove(accounts: &Accounts, matches: &ArgMatches, provider: &str) -> Result<ExitCode> {
    let name = matches.get_one::<String>("name").context("name the node")?;
    let node = nodes::removable(accounts.home(), provider, name)?;
    let dry = matches.get_flag("dry-run");
    if !dry {
        if !confirmed(matches, &format!("Remove the node {name} ({}) of {provider}?", node.url))? {
            bail!("nothing was done");
        }
        nodes::remove(accounts.home(), provider, name)?;
    }
    if matches.get_flag("json") {
        say_json(&json!({"provider": provider, "node": node, "removed": !dry, "dry_run": dry}))?;
    } else {
        let done = if dry { "Would remove" } else { "Removed" };
        output::say(&format!("{done} {name} ({}) of {provider}.", node.url));
    }
    Ok(ExitCode::SUCCESS)
}

fn test(accounts: &Accounts, matches: &ArgMatches, provider: &str) -> Result<ExitCode> {
    let tries = usize::from(matches.get_one::<u8>("tries").copied().unwrap_or(5));
    let nodes = match matches.get_one::<String>("name") {
        Some(name) => vec![nodes::get(accounts.home(), provider, name)?],
        None => nodes::list(accounts.home(), provider)?,
    };
    let (web, json) = (web(matches)?, matches.get_flag("json"));
    if !json && is_interactive() {
        output::say(&format!("Asking {} nodes {tries} times each …", nodes.len()));
    }
    let measured: Vec<Latency> = super::runtime()?.block_on(async {
        let mut measured = Vec::new();
        // One after the other: they would slow each other down.
        for node in nodes {
            measured.push(nodes::measure(&web, node, tries).await);
        }
        measured
    });
    let best = nodes::best(&measured).map(|best| best.node.name.clone());
    if json {
        say_json(&json!({"provider": provider, "nodes": measured, "best": best}))?;
    } else {
        let rows = measured.into_iter().map(|it| {
            let p50 = it.p50_ms.map(|ms| format!("{ms} ms")).unwrap_or_default();
            let answered = format!("{}/{}", it.answered, it.tries);
            vec![
                it.node.name,
                it.node.url.to_string(),
                p50,
                answered,
                it.error.map(|it| it.to_string()).unwrap_or_default(),
            ]
        });
        output::say(&output::table(&["node", "base URL", "p50", "answered", "error"], rows));
        match &best {
            Some(best) => output::say(&format!("Quickest: {best}")),
            None => output::say("None of them answers."),
        }
    }
    Ok(if best.is_some() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
