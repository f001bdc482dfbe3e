//! `/tools/{tool}/clear` and `/undo`: they show what comes back, and ask.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use companion::companion::Companion;
use companion::plan::{Plan, PlanError};
use companion::tools::{Tool, tool};
use http::HeaderMap;

use crate::app::App;
use crate::configure::{Preview, of_plan};
use crate::form::Form;
use crate::page::{Page, Problem, not_found, redirect};

/// A change that is shown before it is made.
#[derive(Template)]
#[template(path = "ask.html")]
pub(super) struct Ask<'a> {
    pub(super) page: &'a Page,
    /// What is about to happen.
    pub(super) lead: Option<String>,
    pub(super) preview: Preview,
    pub(super) action: String,
    pub(super) button: String,
    pub(super) back: &'static str,
}

pub(crate) async fn ask_clear(
    State(app): State<App>,
    Path(name): Path<String>,
    headers: HeaderMap,
) -> Response {
    let page = Page::new(&app, &headers, "/");
    let Some(tool) = tool(&name) else { return not_found(&page) };
    ask(&app, &page, &Asked::clear(&page, tool), move |it| it.plan_clear(tool)).await
}

pub(crate) async fn clear(
    State(app): State<App>,
    Path(name): Path<String>,
    headers: HeaderMap,
    form: Form,
) -> Response {
    let page = Page::new(&app, &headers, "/");
    let Some(tool) = tool(&name) else { return not_found(&page) };
    match carry_out(&app, form, move |it| it.plan_clear(tool)).await {
        Ok(true) => app.note(page.t1("dock-cleared", "name", tool.title())),
        Ok(false) => {
            return ask(&app, &page, &Asked::clear(&page, tool), move |it| it.plan_clear(tool))
                .await;
        }
        Err(problem) => return failed(&page, problem),
    }
    redirect("/")
}

pub(crate) async fn ask_undo(State(app): State<App>, headers: HeaderMap) -> Response {
    let page = Page::new(&app, &headers, "/");
    ask(&app, &page, &Asked::undo(&page), |it| it.plan_undo()).await
}

pub(crate) async fn undo(State(app): State<App>, headers: HeaderMap, form: Form) -> Response {
    let page = Page::new(&app, &headers, "/");
    match carry_out(&app, form, |it| it.plan_undo()).await {
        Ok(true) => app.note(page.t("dock-undone").into_owned()),
        Ok(false) => return ask(&app, &page, &Asked::undo(&page), |it| it.plan_undo()).await,
        Err(problem) => return failed(&page, problem),
    }
    redirect("/")
}

/// What a person is asked about a change.
struct Asked {
    title: String,
    lead: Option<String>,
    action: String,
    button: String,
}

impl Asked {
    fn clear(page: &Page, tool: &dyn Tool) -> Self {
        Self {
            title: page.t1("dock-clear-title", "name", tool.title()),
            lead: Some(page.t1("dock-clear-lead", "name", tool.title())),
            action: format!("/tools/{}/clear", tool.name()),
            button: page.t("dock-clear").into_owned(),
        }
    }

    fn undo(page: &Page) -> Self {
        Self {
            title: page.t("dock-undo-title").into_owned(),
            lead: None,
            action: "/undo".to_owned(),
            button: page.t("dock-confirm").into_owned(),
        }
    }
}

async fn ask(
    app: &App,
    page: &Page,
    asked: &Asked,
    make: impl FnOnce(&Companion<'_>) -> Result<Plan, PlanError> + Send + 'static,
) -> Response {
    let plan = app.with_companion(move |_, companion| Ok(make(companion)?)).await;
    match plan {
        Ok(plan) => {
            let preview = of_plan(&plan, Vec::new());
            let (lead, action) = (asked.lead.clone(), asked.action.clone());
            let button = asked.button.clone();
            let content = Ask { page, lead, preview, action, button, back: "/" };
            page.show(&asked.title, &content, None)
        }
        Err(problem) => failed(page, problem),
    }
}

/// Does it, if it still is what the person saw.
pub(super) async fn carry_out(
    app: &App,
    form: Form,
    make: impl FnOnce(&Companion<'_>) -> Result<Plan, PlanError> + Send + 'static,
) -> Result<bool, Problem> {
    app.with_companion(move |app, companion| {
        let plan = make(companion)?;
        let same = of_plan(&plan, Vec::new()).agreed == form.text("agreed");
        if same {
            companion.apply(&plan, None, app.now().get())?;
        }
        Ok(same)
    })
    .await
}

#[derive(Template)]
#[template(source = "<p><a class=\"btn\" href=\"/\">{{ title }}</a></p>", ext = "html")]
struct Back<'a> {
    title: &'a str,
}

/// Nothing can be shown but why.
pub(super) fn failed(page: &Page, problem: Problem) -> Response {
    let title = page.t("dock-tools");
    page.show(&title, &Back { title: &title }, Some(problem))
}
