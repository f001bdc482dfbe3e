//! The token of an account for `use`: named, or chosen in a terminal. Where its site does not show
//! its value, the person is offered what helps: a new token for the tool, or pasting the value.

use anyhow::{Context, Result, bail};
use clap::ArgMatches;
use companion::accounts::tokens::{Freshness, needs_value};
use companion::accounts::{self, Account, AccountError, Accounts};
use companion::credential::{Choice, Credential};
use companion::sites::TokenStatus;
use companion::tools::Tool;
use inquire::Select;

use crate::commands::{personal, runtime};

pub(super) fn credential(matches: &ArgMatches, tool: &dyn Tool) -> Result<Credential> {
    let accounts = personal::accounts(matches)?;
    let account = personal::account(&accounts, matches)?;
    let token = match matches.get_one::<String>("token") {
        Some(token) => token.clone(),
        None => chosen(&accounts, &account)?,
    };
    let choice = Choice {
        account: account.name.clone(),
        token,
        node: matches.get_one::<String>("node").cloned(),
    };
    match get(&accounts, &choice)? {
        // Without a terminal the error says which verbs help.
        Err(error) if needs_value(&error) && personal::is_interactive() => {
            let token = helped(&accounts, &account, &choice.token, tool, &error)?;
            Ok(get(&accounts, &Choice { token, ..choice })??)
        }
        found => Ok(found?),
    }
}

fn get(accounts: &Accounts, choice: &Choice) -> Result<Result<Credential, AccountError>> {
    Ok(runtime()?.block_on(accounts::credential(accounts, choice, personal::now())))
}

/// One of the account's usable tokens; the only one is taken without a question.
fn chosen(accounts: &Accounts, account: &Account) -> Result<String> {
    let found = accounts.tokens(account, Freshness::WhenOld, personal::now());
    let usable = |status| {
        matches!(status, TokenStatus::Active | TokenStatus::NotUsed | TokenStatus::Unknown)
    };
    let tokens = runtime()?.block_on(found)?.list.tokens.into_iter();
    let mut tokens: Vec<_> = tokens.filter(|token| usable(token.status)).collect();
    if tokens.len() > 1 && !personal::is_interactive() {
        bail!("say which token: --token ID_OR_NAME; `tollkeeper tokens` lists them");
    }
    let mut at = 0;
    if tokens.len() > 1 {
        let labels: Vec<String> = tokens
            .iter()
            .map(|token| format!("{} ({})", token.name, token.masked.as_deref().unwrap_or("…")))
            .collect();
        at = personal::asked(Select::new("Token:", labels).raw_prompt())?.index;
    }
    if at >= tokens.len() {
        bail!("{} has no token that can be used; `tollkeeper tokens make` makes one", account.name);
    }
    Ok(tokens.swap_remove(at).id)
}

/// The id of a token whose value is known now.
fn helped(
    accounts: &Accounts,
    account: &Account,
    wanted: &str,
    tool: &dyn Tool,
    why: &AccountError,
) -> Result<String> {
    const PASTE: &str = "Paste the value";
    let make = format!("Make a new token for {} at {}", tool.title(), account.url);
    let question = format!("{why}. What now?");
    let now = personal::now();
    let answer = personal::asked(Select::new(&question, vec![make.as_str(), PASTE]).prompt())?;
    if answer == PASTE {
        let token = runtime()?.block_on(accounts.token(account, wanted, now))?;
        let value = personal::secret(&format!("Value of {}", token.name))?;
        accounts.keep(account, &token, &value)?;
        return Ok(token.id);
    }
    let made = runtime()?.block_on(accounts.make(account, tool.name(), now))?;
    let id = made.token.id;
    made.value.map(|_| id.clone()).with_context(|| {
        let name = &account.name;
        format!(
            "the token {id} was made, but the site does not show its value here either; copy it there and run: tollkeeper tokens keep --account {name} --token {id} --key-stdin"
        )
    })
}
