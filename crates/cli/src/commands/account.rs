//! `tollkeeper account`: the person's accounts at relay sites.

use anyhow::{Context, Result, bail};
use clap::{Arg, ArgAction, ArgGroup, ArgMatches, Command, value_parser};
use companion::accounts::{Account, Accounts, NewAccount};
use companion::link;
use companion::sites::SignInKind;
use inquire::{CustomType, Select, Text};
use serde_json::json;
use std::process::ExitCode;

use super::personal::{
    accounts, asked, asking, confirmed, dry_run_flag, flags, is_interactive, now, say_json, secret,
    yes_flag,
};
use crate::output;

/// The flags that say how to sign in, and what they mean.
const SIGN_INS: [(&str, SignInKind, &str); 3] = [
    (
        "access-token-stdin",
        SignInKind::AccessToken,
        "Read the account's access token from standard input",
    ),
    ("cookie-stdin", SignInKind::Cookie, "Read a browser session's cookie from standard input"),
    (
        "key-stdin",
        SignInKind::Key,
        "Read an API key (its own usage only), or a Tollkeeper management key",
    ),
];

pub(super) fn command() -> Command {
    let name = || Arg::new("name").value_name("NAME");
    let site = Arg::new("site")
        .long("site")
        .value_name("SITE")
        .help("anyrouter, agentrouter, or the URL of a new-api site or a Tollkeeper gateway");
    let user_id = Arg::new("user-id")
        .long("user-id")
        .value_name("N")
        .value_parser(value_parser!(u64))
        .help("Your number at the site, as its profile page shows it");
    let replace = Arg::new("replace")
        .long("replace")
        .action(ArgAction::SetTrue)
        .help("Sign in to an account that is there already anew");
    let sign_ins = SIGN_INS
        .map(|(flag, _, help)| Arg::new(flag).long(flag).action(ArgAction::SetTrue).help(help));
    let add = Command::new("add")
        .about("Add an account; its site is asked whether it takes the sign-in")
        .args([name().help("What you call it"), site, user_id, replace.clone(), dry_run_flag()])
        .args(sign_ins)
        .group(ArgGroup::new("sign-in").args(SIGN_INS.map(|(flag, _, _)| flag)));
    let import = Command::new("import-link")
        .about("Add an account from a ccswitch://v1/import?… link on standard input: its address, key and name are taken, and nothing else")
        .args([name().help("What you call it; default: what the link says"), replace, dry_run_flag()]);
    let remove = Command::new("remove")
        .about("Forget an account, its secrets and its history; the site keeps it")
        .args([name().required(true).help("The account"), yes_flag(), dry_run_flag()]);
    Command::new("account")
        .about("Your accounts at relay sites")
        .subcommand_required(true)
        .arg_required_else_help(true)
        .subcommands([
            asking(add),
            asking(import),
            flags(Command::new("list").about("List the accounts")),
            flags(remove),
        ])
}

pub(super) fn run(matches: &ArgMatches) -> Result<ExitCode> {
    let (verb, matches) = matches.subcommand().context("say add, import-link, list or remove")?;
    let accounts = accounts(matches)?;
    match verb {
        "add" => add(&accounts, matches, read_new(matches)?),
        "import-link" => import(&accounts, matches),
        "list" => list(&accounts, matches),
        _ => remove(&accounts, matches),
    }
}

fn add(accounts: &Accounts, matches: &ArgMatches, new: NewAccount) -> Result<ExitCode> {
    let replace = matches.get_flag("replace");
    accounts.prepare(&new, replace)?;
    if matches.get_flag("dry-run") {
        let (name, site, kind) = (&new.name, &new.site, new.sign_in.name());
        if matches.get_flag("json") {
            say_json(&json!({"dry_run": true, "name": name, "site": site, "sign_in": kind}))?;
        } else {
            output::say(&format!(
                "Would ask {site} whether it takes this {kind}, and keep it as {name}."
            ));
        }
        return Ok(ExitCode::SUCCESS);
    }
    let added = super::runtime()?.block_on(accounts.add(new, replace, now()))?;
    if matches.get_flag("json") {
        say_json(&added)?;
    } else {
        let Account { name, kind, url, .. } = &added;
        output::say(&format!(
            "Added {name} ({kind}, {url}). Its tokens: tollkeeper tokens --account {name}"
        ));
    }
    Ok(ExitCode::SUCCESS)
}

fn import(accounts: &Accounts, matches: &ArgMatches) -> Result<ExitCode> {
    let pasted = secret("Link (not shown)")?;
    let link = link::parse(pasted.expose())?;
    let fitting = |name: &str| -> String {
        let fits = |letter: char| letter.is_ascii_alphanumeric() || "-_.".contains(letter);
        let name: String = name.chars().map(|it| if fits(it) { it } else { '-' }).collect();
        name.trim_matches(['-', '.', '_']).to_owned()
    };
    let suggested = link.name.as_deref().map(fitting).filter(|name| !name.is_empty());
    let name = matches.get_one::<String>("name").cloned().or(suggested);
    let name = name.context("the link has no name that can be used; give one: import-link NAME")?;
    if !link.ignored.is_empty() {
        // On the other stream, so that scripts read JSON alone.
        eprintln!("Left out of the link: {}", link.ignored.join(", "));
    }
    let (site, sign_in) = (link.url.to_string(), SignInKind::Key);
    add(accounts, matches, NewAccount { name, site, sign_in, user_id: None, secret: link.key })
}

fn list(accounts: &Accounts, matches: &ArgMatches) -> Result<ExitCode> {
    let all = accounts.list()?;
    if matches.get_flag("json") {
        say_json(&json!({ "accounts": all }))?;
    } else if all.is_empty() {
        output::say("There is no account yet. Add one: tollkeeper account add");
    } else {
        let rows = all.into_iter().map(|account| {
            let id = account.user_id.map(|id| id.to_string()).unwrap_or_default();
            let (kind, url) = (account.kind.to_string(), account.url.to_string());
            vec![account.name, kind, url, account.sign_in.name().to_owned(), id]
        });
        output::say(&output::table(&["account", "kind", "site", "sign-in", "user id"], rows));
    }
    Ok(ExitCode::SUCCESS)
}

fn remove(accounts: &Accounts, matches: &ArgMatches) -> Result<ExitCode> {
    let name = matches.get_one::<String>("name").context("name the account")?;
    let Account { name, url, .. } = accounts.get(name)?;
    let dry = matches.get_flag("dry-run");
    if !dry {
        let question = format!(
            "Forget {name} ({url}), its secrets and its history? Tools that use its tokens keep them."
        );
        if !confirmed(matches, &question)? {
            bail!("nothing was done");
        }
        accounts.remove(&name)?;
    }
    if matches.get_flag("json") {
        say_json(&json!({ "name": name, "removed": !dry, "dry_run": dry }))?;
    } else if dry {
        output::say(&format!("Would forget {name} ({url}), its secrets and its history."));
    } else {
        output::say(&format!("{name} is forgotten here. At the site it is as it was."));
    }
    Ok(ExitCode::SUCCESS)
}

/// What the flags say; what they leave open is asked for where there is a terminal.
fn read_new(matches: &ArgMatches) -> Result<NewAccount> {
    let given = |name: &str| matches.get_one::<String>(name).cloned();
    let needed = |name: &str| -> Result<()> {
        if is_interactive() { Ok(()) } else { bail!("{name} is missing; see account add --help") }
    };
    let site = match given("site") {
        Some(site) => site,
        None => {
            needed("--site")?;
            let choice =
                asked(Select::new("Site:", vec!["anyrouter", "agentrouter", "a URL"]).prompt())?;
            if choice == "a URL" { asked(Text::new("URL:").prompt())? } else { choice.to_owned() }
        }
    };
    let name = match given("name") {
        Some(name) => name,
        None => {
            needed("NAME")?;
            asked(Text::new("What do you call the account?").prompt())?
        }
    };
    let flagged = SIGN_INS.iter().find(|(flag, _, _)| matches.get_flag(flag));
    let sign_in = match flagged {
        Some((_, kind, _)) => *kind,
        None => {
            needed("--access-token-stdin, --cookie-stdin or --key-stdin")?;
            let names = SIGN_INS.map(|(_, kind, _)| kind.name()).to_vec();
            let choice = asked(Select::new("Sign in with:", names).prompt())?;
            let chosen = SIGN_INS.iter().find(|(_, kind, _)| kind.name() == choice);
            chosen.map_or(SignInKind::Key, |(_, kind, _)| *kind)
        }
    };
    let mut user_id = matches.get_one::<u64>("user-id").copied();
    if sign_in != SignInKind::Key && user_id.is_none() && is_interactive() {
        user_id = Some(asked(CustomType::<u64>::new("Your user id at the site:").prompt())?);
    }
    let secret = secret(sign_in.name())?;
    Ok(NewAccount { name, site, sign_in, user_id, secret })
}
