//! `/backups`: what the tools' files held before each change; one is shown, and written back.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use companion::companion::look;
use companion::snapshot::Backup;
use companion::tools::tool;
use domain::time::UnixMillis;
use http::HeaderMap;

use super::clear::{Ask, carry_out, failed};
use crate::app::App;
use crate::configure::of_plan;
use crate::form::Form;
use crate::page::{Page, Problem, redirect};

const HERE: &str = "/backups";

#[derive(Template)]
#[template(path = "backups.html")]
struct Backups<'a> {
    page: &'a Page,
    rows: Vec<Backup>,
}

pub(crate) async fn page(State(app): State<App>, headers: HeaderMap) -> Response {
    let page = Page::new(&app, &headers, HERE);
    match look(&app.settings().places) {
        Ok(state) => {
            let rows = state.backups.into_iter().rev().collect();
            page.show(&page.t("dock-backups"), &Backups { page: &page, rows }, None)
        }
        Err(error) => failed(&page, error.into()),
    }
}

pub(crate) async fn show(
    State(app): State<App>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Response {
    let page = Page::new(&app, &headers, HERE);
    let action = format!("/backups/{id}");
    let plan = async {
        let backup = named(&app, &id)?;
        app.with_companion(move |_, companion| Ok(companion.plan_restore(&backup)?)).await
    };
    match plan.await {
        Ok(plan) => {
            let preview = of_plan(&plan, Vec::new());
            let button = page.t("dock-restore").into_owned();
            let ask = Ask { page: &page, lead: None, preview, action, button, back: HERE };
            page.show(&page.t("dock-restore-title"), &ask, None)
        }
        Err(problem) => failed(&page, problem),
    }
}

pub(crate) async fn restore(
    State(app): State<App>,
    Path(id): Path<String>,
    headers: HeaderMap,
    form: Form,
) -> Response {
    let page = Page::new(&app, &headers, HERE);
    let done = async {
        let backup = named(&app, &id)?;
        carry_out(&app, form, move |companion| companion.plan_restore(&backup)).await
    };
    match done.await {
        Ok(true) => app.note(page.t("dock-restored").into_owned()),
        Ok(false) => return failed(&page, Problem::new(page.t("dock-look-again"))),
        Err(problem) => return failed(&page, problem),
    }
    redirect(HERE)
}

fn named(app: &App, id: &str) -> Result<Backup, Problem> {
    let state = look(&app.settings().places)?;
    let found = state.backups.into_iter().find(|it| it.id() == id);
    found.ok_or_else(|| Problem::new(format!("there is no backup `{id}`")))
}

impl Backups<'_> {
    fn title<'a>(&self, backup: &'a Backup) -> &'a str {
        tool(&backup.tool).map_or(&backup.tool, |tool| tool.title())
    }

    fn at(&self, backup: &Backup) -> UnixMillis {
        UnixMillis::new(backup.at)
    }
}
