//! `/accounts/{name}`: its keys with what is left, how old the list is, its balance over time; the
//! check-in, a new key, and the value of a key that the site does not show.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use companion::accounts::tokens::Freshness;
use companion::accounts::{Account, AccountError};
use companion::cache::Cached;
use companion::history::{self, Seen};
use companion::sites::Token;
use companion::tools::TOOLS;
use console::look::Html;
use domain::money::Nanos;
use domain::secret::Secret;
use domain::time::UnixMillis;
use http::HeaderMap;

use super::clear::failed;
use crate::app::App;
use crate::form::Form;
use crate::page::{Page, Problem, escaped, redirect};

const HERE: &str = "/accounts";
/// Days that the charts show.
const DAYS: usize = 30;

#[derive(Template)]
#[template(path = "account.html")]
struct Keys<'a> {
    page: &'a Page,
    account: Account,
    found: Option<Cached>,
    chart: Option<Html>,
    spent: Option<Html>,
    check_ins: Vec<Seen>,
    used: Option<Nanos>,
}

pub(crate) async fn page(
    State(app): State<App>,
    Path(name): Path<String>,
    headers: HeaderMap,
) -> Response {
    show(&app, &headers, &name, None).await
}

pub(crate) async fn refresh(
    State(app): State<App>,
    Path(name): Path<String>,
    headers: HeaderMap,
) -> Response {
    let done = async {
        let account = app.accounts().get(&name)?;
        app.accounts().tokens(&account, Freshness::Now, app.now()).await?;
        Ok::<_, Problem>(Page::new(&app, &headers, HERE).t("dock-refreshed").into_owned())
    };
    ended(&app, &headers, &name, done.await).await
}

pub(crate) async fn check_in(
    State(app): State<App>,
    Path(name): Path<String>,
    headers: HeaderMap,
) -> Response {
    let page = Page::new(&app, &headers, HERE);
    let done = async {
        let site = app.accounts().site(&app.accounts().get(&name)?)?;
        let check_in = site.check_in().await?;
        // The check-in counts even if the site fails right after it.
        let balance = site.balance().await.ok();
        history::checked_in(app.home(), &name, check_in.clone(), balance, app.now())?;
        let awarded = check_in.awarded.map(|it| page.usd(it)).unwrap_or_default();
        Ok::<_, Problem>(format!("{} {awarded} {}", page.t("dock-checked-in"), check_in.message))
    };
    ended(&app, &headers, &name, done.await).await
}

pub(crate) async fn make(
    State(app): State<App>,
    Path(name): Path<String>,
    headers: HeaderMap,
    form: Form,
) -> Response {
    let page = Page::new(&app, &headers, HERE);
    let done = async {
        let account = app.accounts().get(&name)?;
        let called = form.given("name").unwrap_or_else(|| "tollkeeper".to_owned());
        app.accounts().make(&account, &called, app.now()).await
    };
    match done.await {
        Ok(made) if made.value.is_some() => {
            app.note(page.t1("dock-made", "name", made.token.name.as_str()));
            onward(&form, &name, &made.token.id)
        }
        Ok(made) => {
            let text = page.t1("dock-made-hidden", "name", made.token.name.as_str());
            show(&app, &headers, &name, Some(Problem::new(text))).await
        }
        Err(error) => show(&app, &headers, &name, Some(error.into())).await,
    }
}

pub(crate) async fn keep(
    State(app): State<App>,
    Path(name): Path<String>,
    headers: HeaderMap,
    form: Form,
) -> Response {
    let done = async {
        let account = app.accounts().get(&name)?;
        let token = app.accounts().token(&account, form.text("token"), app.now()).await?;
        app.accounts().keep(&account, &token, &Secret::new(form.text("value").to_owned()))?;
        Ok::<_, AccountError>(token)
    };
    match done.await {
        Ok(token) => {
            let page = Page::new(&app, &headers, HERE);
            app.note(page.t1("dock-kept", "name", token.name.as_str()));
            onward(&form, &name, &token.id)
        }
        Err(error) => show(&app, &headers, &name, Some(error.into())).await,
    }
}

/// Back to the tool that the value is for, else to the account.
fn onward(form: &Form, account: &str, token: &str) -> Response {
    let (account, token) = (escaped(account), escaped(token));
    match companion::tools::tool(form.text("tool")) {
        Some(tool) => redirect(&format!("/tools/{}?account={account}&token={token}", tool.name())),
        None => redirect(&format!("/accounts/{account}")),
    }
}

async fn ended(
    app: &App,
    headers: &HeaderMap,
    name: &str,
    done: Result<String, Problem>,
) -> Response {
    match done {
        Ok(text) => {
            app.note(text);
            redirect(&format!("/accounts/{}", escaped(name)))
        }
        Err(problem) => show(app, headers, name, Some(problem)).await,
    }
}

async fn show(
    app: &App,
    headers: &HeaderMap,
    name: &str,
    mut problem: Option<Problem>,
) -> Response {
    let page = Page::new(app, headers, HERE);
    let account = match app.accounts().get(name) {
        Ok(account) => account,
        Err(error) => return failed(&page, error.into()),
    };
    // What went wrong before is not asked for again.
    let freshness = if problem.is_some() { Freshness::Offline } else { Freshness::WhenOld };
    let mut found = app.accounts().tokens(&account, freshness, app.now()).await;
    if let Err(error) = &found
        && problem.is_none()
    {
        problem = Some(Problem::of(error));
        found = app.accounts().tokens(&account, Freshness::Offline, app.now()).await;
    }
    let found = found.ok();
    let mut seen = history::read(app.home(), name).unwrap_or_default();
    let days = history::by_day(&seen);
    let days = days.get(days.len().saturating_sub(DAYS)..).unwrap_or_default();
    let left = days.iter().filter_map(|(at, balance)| Some((*at, balance.remaining?)));
    let chart = charted(&page, "dock-balance-history", left);
    let spent = charted(&page, "dock-spent", history::spent(days).into_iter());
    seen.retain(|it| it.check_in.is_some());
    seen.reverse();
    seen.truncate(5);
    let used = found.as_ref().and_then(|found| found.balance.used);
    let content = Keys { page: &page, account, found, chart, spent, check_ins: seen, used };
    page.show(name, &content, problem)
}

/// A column for each day; none for one day alone.
fn charted(
    page: &Page,
    name: &str,
    days: impl Iterator<Item = (UnixMillis, Nanos)>,
) -> Option<Html> {
    let days: Vec<(String, Nanos)> = days.map(|(at, amount)| (page.day(at), amount)).collect();
    (days.len() > 1).then(|| page.chart(&page.t(name), &days))
}

impl Keys<'_> {
    fn models(&self, token: &Token) -> String {
        match token.models.as_deref() {
            None => self.page.t("dock-models-all").into_owned(),
            Some(few) if few.len() <= 3 => few.join(", "),
            Some(many) => self.page.t1("dock-models-count", "count", many.len()),
        }
    }
}
