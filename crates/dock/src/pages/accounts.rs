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
use crate::page::{Page, Problem, escaped, redirect};

const HERE: &str = "/accounts";

#[derive(Template)]
#[template(path = "accounts.html")]
struct Accounts<'a> {
    page: &'a Page,
    accounts: Vec<Account>,
    form: Form,
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
            let problem = Problem::new(page.t("dock-user-id-wrong"));
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
    keep(&app, &headers, form, new).await
}

pub(crate) async fn import(State(app): State<App>, headers: HeaderMap, form: Form) -> Response {
    let link = match link::parse(form.text("link")) {
        Ok(link) => link,
        Err(error) => return show(&app, &headers, form, Some(error.into())),
    };
    let new = NewAccount {
        name: form.given("name").or(link.name).unwrap_or_default(),
        site: link.url.to_string(),
        sign_in: SignInKind::Key,
        user_id: None,
        secret: link.key,
    };
    keep(&app, &headers, form, new).await
}

async fn keep(app: &App, headers: &HeaderMap, form: Form, new: NewAccount) -> Response {
    match app.accounts().add(new, false, app.now()).await {
        Ok(account) => {
            let page = Page::new(app, headers, HERE);
            app.note(page.t1("dock-account-added", "name", account.name.as_str()));
            redirect(&format!("/accounts/{}", escaped(&account.name)))
        }
        Err(error) => show(app, headers, form, Some(error.into())),
    }
}

fn show(app: &App, headers: &HeaderMap, form: Form, problem: Option<Problem>) -> Response {
    let page = Page::new(app, headers, HERE);
    match app.accounts().list() {
        Ok(accounts) => {
            let content = Accounts { page: &page, accounts, form };
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
