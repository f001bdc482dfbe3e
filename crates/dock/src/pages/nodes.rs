//! `/nodes`: the addresses of each provider: built in, added, measured, taken away.

use askama::Template;
use axum::extract::{RawQuery, State};
use axum::response::Response;
use companion::nodes::{self, Latency, Node};
use companion::sites::SiteKind;
use http::HeaderMap;

use super::clear::failed;
use crate::app::App;
use crate::configure::measured;
use crate::form::Form;
use crate::page::{Beside, Page, Problem, redirect};
use crate::refusal::unanswered;

const HERE: &str = "/nodes";

#[derive(Template)]
#[template(path = "nodes.html")]
struct Nodes<'a> {
    page: &'a Page,
    providers: Vec<(String, Vec<Row>)>,
    form: Form,
    wrong: Beside,
}

impl Nodes<'_> {
    /// Why a node did not answer.
    fn why(&self, latency: &Latency) -> String {
        let Some(error) = latency.error.as_deref() else { return "—".to_owned() };
        let refusal = unanswered(error);
        self.page.t1(refusal.message.0, "what", refusal.what)
    }

    /// As the providers write themselves.
    fn title<'a>(&self, provider: &'a str) -> &'a str {
        match SiteKind::of_preset(provider) {
            Some(SiteKind::AnyRouter) => "AnyRouter",
            Some(SiteKind::AgentRouter) => "AgentRouter",
            _ => provider,
        }
    }
}

struct Row {
    node: Node,
    latency: Option<Latency>,
    is_best: bool,
}

#[derive(Template)]
#[template(path = "remove_node.html")]
struct Remove<'a> {
    page: &'a Page,
    provider: String,
    node: Node,
}

pub(crate) async fn page(State(app): State<App>, headers: HeaderMap) -> Response {
    show(&app, &headers, Form::default(), &[], None)
}

pub(crate) async fn add(State(app): State<App>, headers: HeaderMap, form: Form) -> Response {
    let (provider, name) = (form.text("provider"), form.text("name"));
    match nodes::add(app.home(), provider, name, form.text("url")) {
        Ok(node) => {
            let page = Page::new(&app, &headers, HERE);
            app.note(page.t1("dock-node-added", "name", node.name.as_str()));
            redirect(HERE)
        }
        Err(error) => show(&app, &headers, form, &[], Some(error.into())),
    }
}

pub(crate) async fn test(State(app): State<App>, headers: HeaderMap, form: Form) -> Response {
    let nodes = match nodes::list(app.home(), form.text("provider")) {
        Ok(nodes) => nodes,
        Err(error) => return show(&app, &headers, form, &[], Some(error.into())),
    };
    let measured = measured(&app, nodes).await;
    let provider = form.text("provider").to_owned();
    show(&app, &headers, Form::default(), &[(provider, measured)], None)
}

pub(crate) async fn ask_remove(
    State(app): State<App>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    let page = Page::new(&app, &headers, HERE);
    let query = Form::of(query.unwrap_or_default().as_bytes());
    let provider = query.text("provider").to_owned();
    match nodes::removable(app.home(), &provider, query.text("name")) {
        Ok(node) => {
            let title = page.t1("dock-node-remove-title", "name", node.name.as_str());
            page.show(&title, &Remove { page: &page, provider, node }, None)
        }
        Err(error) => failed(&page, error.into()),
    }
}

pub(crate) async fn remove(State(app): State<App>, headers: HeaderMap, form: Form) -> Response {
    let page = Page::new(&app, &headers, HERE);
    match nodes::remove(app.home(), form.text("provider"), form.text("name")) {
        Ok(_) => app.note(page.t1("dock-node-removed", "name", form.text("name"))),
        Err(error) => return failed(&page, error.into()),
    }
    redirect(HERE)
}

fn show(
    app: &App,
    headers: &HeaderMap,
    form: Form,
    measured: &[(String, Vec<Latency>)],
    mut problem: Option<Problem>,
) -> Response {
    let page = Page::new(app, headers, HERE);
    match listed(app, measured) {
        Ok(providers) => {
            let wrong = page.beside(&mut problem);
            let content = Nodes { page: &page, providers, form, wrong };
            page.show(&page.t("dock-nodes"), &content, problem)
        }
        Err(problem) => failed(&page, problem),
    }
}

fn listed(
    app: &App,
    measured: &[(String, Vec<Latency>)],
) -> Result<Vec<(String, Vec<Row>)>, Problem> {
    let mut names: Vec<String> =
        app.accounts().list()?.iter().map(|account| account.provider()).collect();
    names.extend([SiteKind::AnyRouter, SiteKind::AgentRouter].map(|it| it.name().to_owned()));
    let mut known = std::collections::BTreeSet::new();
    names.retain(|name| known.insert(name.clone()));
    let mut providers = Vec::new();
    for name in names {
        let results = measured.iter().find(|(provider, _)| *provider == name);
        let results = results.map(|(_, results)| results.as_slice()).unwrap_or_default();
        let best = nodes::best(results).map(|best| best.node.name.clone());
        let rows = nodes::list(app.home(), &name)?.into_iter().map(|node| Row {
            latency: results.iter().find(|it| it.node.name == node.name).cloned(),
            is_best: best.as_ref() == Some(&node.name),
            node,
        });
        let rows = rows.collect();
        providers.push((name, rows));
    }
    Ok(providers)
}
