//! `/accounts`: the person's accounts; adding one by sign-in or by link, and forgetting one.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use companion::accounts::{Account, NewAccount};
use companion::link;
use companion::sites::SignInKind;
use domain::secret::Secret;
use http::HeaderMap;

use super::clear::failed;
use crate::app::App;
use crate::form::Form;
use crate::page::{Beside, Page, Problem, escaped, redirect};

const HERE: &str = "/accounts";

#[derive(Template)]
#[template(path = "accounts.html")]
struct Accounts<'a> {
    page: &'a Page,
    accounts: Vec<Account>,
    form: Form,
    wrong: Beside,
}

#[derive(Template)]
#[template(path = "remove_account.html")]
struct Remove<'a> {
    page: &'a Page,
    account: Account,
}

pub(crate) async fn page(State(app): State<App>, headers: HeaderMap) -> Response {
    show(&app, &headers, Form::default(), None)
}

pub(crate) async fn add(State(app): State<App>, headers: HeaderMap, form: Form) -> Response {
    let sign_in = match form.text("sign_in") {
        "cookie" => SignInKind::Cookie,
        "key" => SignInKind::Key,
        _ => SignInKind::AccessToken,
    };
    let site = match form.text("site") {
        "" | "url" => form.text("url"),
        preset => preset,
    };
    let user_id = match form.given("user_id").map(|it| it.parse::<u64>()) {
        Some(Err(_)) => {
            let page = Page::new(&app, &headers, HERE);
            let problem = Problem::new(page.t("dock-user-id-wrong")).about("user_id");
            return show(&app, &headers, form, Some(problem));
        }
        Some(Ok(id)) => Some(id),
        None => None,
    };
    let new = NewAccount {
        name: form.text("name").to_owned(),
        site: site.to_owned(),
        sign_in,
        user_id,
        secret: Secret::new(form.text("secret").to_owned()),
    };
    match added(&app, &headers, new).await {
        Ok(response) => response,
        Err(problem) => show(&app, &headers, form, Some(problem)),
    }
}

pub(crate) async fn import(State(app): State<App>, headers: HeaderMap, form: Form) -> Response {
    let link = link::parse(form.text("link"));
    let form = Form::with("link-name", form.text("name"));
    let link = match link {
        Ok(link) => link,
        Err(error) => return show(&app, &headers, form, Some(error.into())),
    };
    let new = NewAccount {
        name: form.given("link-name").or(link.name).unwrap_or_default(),
        site: link.url.to_string(),
        sign_in: SignInKind::Key,
        user_id: None,
        secret: link.key,
    };
    let problem = match added(&app, &headers, new).await {
        Ok(response) => return response,
        Err(problem) => problem,
    };
    // All but the name is the link's.
    let problem = match problem.field() {
        Some("name") => problem.about("link-name"),
        Some(_) => problem.about("link"),
        None => problem,
    };
    show(&app, &headers, form, Some(problem))
}

async fn added(app: &App, headers: &HeaderMap, new: NewAccount) -> Result<Response, Problem> {
    let account = app.accounts().add(new, false, app.now()).await?;
    let page = Page::new(app, headers, HERE);
    app.note(page.t1("dock-account-added", "name", account.name.as_str()));
    Ok(redirect(&format!("/accounts/{}", escaped(&account.name))))
}

fn show(app: &App, headers: &HeaderMap, form: Form, mut problem: Option<Problem>) -> Response {
    let page = Page::new(app, headers, HERE);
    match app.accounts().list() {
        Ok(accounts) => {
            let wrong = page.beside(&mut problem);
            let content = Accounts { page: &page, accounts, form, wrong };
            page.show(&page.t("dock-accounts"), &content, problem)
        }
        Err(error) => failed(&page, error.into()),
    }
}

pub(crate) async fn ask_remove(
    State(app): State<App>,
    Path(name): Path<String>,
    headers: HeaderMap,
) -> Response {
    let page = Page::new(&app, &headers, HERE);
    match app.accounts().get(&name) {
        Ok(account) => {
            let title = page.t1("dock-account-remove-title", "name", name);
            page.show(&title, &Remove { page: &page, account }, None)
        }
        Err(error) => failed(&page, error.into()),
    }
}

pub(crate) async fn remove(
    State(app): State<App>,
    Path(name): Path<String>,
    headers: HeaderMap,
) -> Response {
    let page = Page::new(&app, &headers, HERE);
    match app.accounts().remove(&name) {
        Ok(account) => app.note(page.t1("dock-account-removed", "name", account.name.as_str())),
        Err(error) => return failed(&page, error.into()),
    }
    redirect(HERE)
}

impl Accounts<'_> {
    /// Whether this way is chosen; the access token is where nothing is.
    fn signs_in(&self, way: &str) -> bool {
        match self.form.text("sign_in") {
            "cookie" => way == "cookie",
            "key" => way == "key",
            _ => way == "token",
        }
    }
}
