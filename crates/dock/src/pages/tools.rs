//! `/`: which tool uses which node and key, and what can be done about it.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use companion::base_url::BaseUrl;
use companion::companion::{Standing, look, standing};
use companion::paths::Places;
use companion::state::ToolState;
use companion::surroundings::Surroundings;
use companion::tools::{self, TOOLS, Tool, Warning};
use console::look::{Html, badge};
use domain::time::UnixMillis;
use http::HeaderMap;
use std::path::PathBuf;

use crate::app::App;
use crate::page::{Message, Page, Problem};

#[derive(Template)]
#[template(path = "tools.html")]
struct Tools<'a> {
    page: &'a Page,
    rows: Vec<Row>,
    /// The tool whose last change can be taken back.
    undo: Option<String>,
    no_account: bool,
}

struct Row {
    name: &'static str,
    title: &'static str,
    badge: Html,
    state: Option<ToolState>,
    warnings: Vec<Warning>,
    /// The tool's files.
    paths: Vec<PathBuf>,
}

pub(crate) async fn page(State(app): State<App>, headers: HeaderMap) -> Response {
    let page = Page::new(&app, &headers, "/");
    let empty = |problem| {
        let none = Tools { page: &page, rows: Vec::new(), undo: None, no_account: false };
        page.show(&page.t("dock-tools"), &none, Some(problem))
    };
    let (places, around) = (&app.settings().places, &app.settings().surroundings);
    let state = match look(places) {
        Ok(state) => state,
        Err(error) => return empty(Problem::from(error)),
    };
    let rows = TOOLS.map(|tool| {
        let of = state.tools.get(tool.name());
        let (message, tone) = match of.map(|of| standing(tool, of, places)) {
            None => (Message("dock-standing-none"), "off"),
            Some(Standing::AsWritten) => (Message("dock-standing-as-written"), "good"),
            Some(Standing::ChangedBeside) => (Message("dock-standing-beside"), "good"),
            Some(Standing::Overwritten) => (Message("dock-standing-overwritten"), "warn"),
            Some(Standing::Unreadable) => (Message("dock-standing-unreadable"), "bad"),
        };
        Row {
            name: tool.name(),
            title: tool.title(),
            badge: badge(tone, &page.say(&message)),
            state: of.cloned(),
            paths: tool.files(places).into_iter().map(|file| file.path).collect(),
            warnings: of.map(|of| warnings(tool, of, around, places)).unwrap_or_default(),
        }
    });
    let no_account = match app.accounts().list() {
        Ok(accounts) => accounts.is_empty(),
        Err(error) => return empty(Problem::from(error)),
    };
    let undo = state.history.last().map(|last| {
        tools::tool(&last.tool).map_or_else(|| last.tool.clone(), |tool| tool.title().to_owned())
    });
    let tools = Tools { page: &page, rows: rows.into(), undo, no_account };
    page.show(&page.t("dock-tools"), &tools, None)
}

fn warnings(
    tool: &dyn Tool,
    state: &ToolState,
    around: &Surroundings,
    places: &Places,
) -> Vec<Warning> {
    match BaseUrl::new(&state.base_url) {
        Ok(base_url) => tools::warnings(tool, &base_url, around, places),
        Err(_) => tool.overrides(around, places),
    }
}

impl Row {
    fn since(&self) -> Option<UnixMillis> {
        self.state.as_ref().map(|state| UnixMillis::new(state.at))
    }
}
