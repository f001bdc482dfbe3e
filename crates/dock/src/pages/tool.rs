//! `/tools/{tool}`: key, node and model for a tool, with what it would change; applied and verified.

use askama::Template;
use axum::extract::{Path, RawQuery, State};
use axum::response::Response;
use companion::tools::{Tool, tool};
use companion::verify::Answer;
use http::HeaderMap;

use crate::app::App;
use crate::configure::{Applied, Options, Preview, apply, preview};
use crate::form::Form;
use crate::page::{Message, Page, Problem, not_found};

#[derive(Template)]
#[template(path = "tool.html")]
struct Configure<'a> {
    page: &'a Page,
    tool: &'static dyn Tool,
    options: Options,
    preview: Option<Preview>,
    /// What the person is asked for, where the site does not show the key's value.
    needs_value: bool,
    done: Option<Option<Answer>>,
}

impl Configure<'_> {
    /// What the person has to do for it to count.
    fn afterwards(&self) -> String {
        let message = match self.tool.name() {
            "claude-code" => Message("dock-after-at-once"),
            "gemini-cli" => Message("dock-after-gemini"),
            _ => Message("dock-after-restart"),
        };
        self.page.t1(message.0, "name", self.tool.title())
    }
}

pub(crate) async fn page(
    State(app): State<App>,
    Path(name): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    let form = Form::of(query.unwrap_or_default().as_bytes());
    answer(&app, &headers, &name, &form).await
}

pub(crate) async fn submit(
    State(app): State<App>,
    Path(name): Path<String>,
    headers: HeaderMap,
    form: Form,
) -> Response {
    answer(&app, &headers, &name, &form).await
}

async fn answer(app: &App, headers: &HeaderMap, name: &str, form: &Form) -> Response {
    let page = Page::new(app, headers, "/");
    let Some(tool) = tool(name) else { return not_found(&page) };
    let (options, mut problem) = Options::of(app, tool, form).await;
    let (mut needs_value, mut done) = (false, None);
    if form.text("step") == "apply" && problem.is_none() {
        match apply(app, tool, &options, form.text("agreed")).await {
            Ok(Applied::Done(answer)) => done = Some(answer),
            Ok(Applied::LookAgain) => {
                problem = Some(Problem::new(page.t("dock-look-again")));
            }
            Ok(Applied::NeedsValue(why)) => {
                needs_value = true;
                problem = Some(why);
            }
            Err(why) => problem = Some(why),
        }
    }
    let preview = if done.is_some() {
        None
    } else {
        preview(app, tool, &options).await.unwrap_or_else(|why| {
            problem = problem.take().or(Some(why));
            None
        })
    };
    let title = page.t1("dock-tool-title", "name", tool.title());
    let content = Configure { page: &page, tool, options, preview, needs_value, done };
    page.show(&title, &content, problem)
}
