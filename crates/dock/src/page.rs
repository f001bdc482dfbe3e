//! The frame around every page, the gate, and what goes wrong.

use askama::Template;
use axum::extract::State;
use axum::response::{Html as HtmlAnswer, IntoResponse, Response};
use companion::sites::SignInKind;
use console::look::{At, Html, Look};
use domain::money::Nanos;
use domain::time::UnixMillis;
use http::header::{CONTENT_TYPE, HeaderValue, LOCATION};
use http::{HeaderMap, StatusCode};
use std::ops::Deref;
use std::path::Path;

use crate::app::App;
use crate::refusal::{self, Refusal};

/// Why something was not done, in a sentence for the person.
#[derive(Debug, Clone)]
pub(crate) struct Problem {
    text: String,
    /// The same in the language of the page.
    refusal: Option<Refusal>,
    /// The input that it is about.
    field: Option<&'static str>,
    /// Whether it is told beside that input.
    beside: bool,
    /// Whether what was tried is taken back.
    taken_back: bool,
}

impl Problem {
    pub(crate) fn new(text: impl Into<String>) -> Self {
        Self { text: text.into(), refusal: None, field: None, beside: false, taken_back: false }
    }

    pub(crate) fn of(error: &(dyn std::error::Error + 'static)) -> Self {
        Self {
            refusal: refusal::of(error),
            field: refusal::field(error),
            ..Self::new(error.to_string())
        }
    }

    /// Says that everything is as it was before, too.
    pub(crate) fn taken_back(self) -> Self {
        Self { taken_back: true, ..self }
    }

    /// It is about this input.
    pub(crate) fn about(self, field: &'static str) -> Self {
        Self { field: Some(field), ..self }
    }

    /// The input that it is about.
    pub(crate) const fn field(&self) -> Option<&'static str> {
        self.field
    }

    fn said(&self, look: &Look) -> String {
        let text = match &self.refusal {
            Some(Refusal { message, what }) => look.t1(message.0, "what", what.as_str()),
            None => sentence(&self.text),
        };
        match self.taken_back {
            true => look.t1("dock-taken-back", "what", text),
            false => text,
        }
    }
}

impl<E: std::error::Error + 'static> From<E> for Problem {
    fn from(error: E) -> Self {
        Self::of(&error)
    }
}

/// A sentence as it begins in a text; what is no word stays as it is.
fn sentence(text: &str) -> String {
    let word = text.split(' ').next().unwrap_or_default();
    match text.split_at_checked(1) {
        Some((first, rest)) if word.bytes().all(|it| it.is_ascii_lowercase()) => {
            first.to_ascii_uppercase() + rest
        }
        _ => text.to_owned(),
    }
}

/// The id of a message that code chooses.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Message(pub(crate) &'static str);

const ENTRIES: [(&str, Message, &str); 4] = [
    ("/", Message("dock-tools"), "terminal"),
    ("/accounts", Message("dock-accounts"), "users"),
    ("/nodes", Message("dock-nodes"), "network"),
    ("/backups", Message("dock-backups"), "history"),
];

/// A visit. Templates have it as `page`; it is also the [`Look`].
pub(crate) struct Page {
    look: Look,
    app: App,
    /// The entry of the navigation.
    here: &'static str,
}

impl Deref for Page {
    type Target = Look;

    fn deref(&self) -> &Look {
        &self.look
    }
}

/// What is wrong with one input of a form.
pub(crate) struct Beside(Option<(&'static str, String)>);

impl Beside {
    /// What is wrong with this input.
    pub(crate) fn at(&self, input: &str) -> Option<&str> {
        self.0.as_ref().filter(|(field, _)| *field == input).map(|(_, told)| told.as_str())
    }
}

/// What a page says beside its content.
#[derive(Template)]
#[template(path = "frame.html")]
struct Frame<'a> {
    page: &'a Page,
    title: &'a str,
    notice: Option<String>,
    problem: Option<String>,
    content: Html,
}

#[derive(Template)]
#[template(path = "gate.html")]
struct Gate {
    look: Look,
    refused: bool,
}

impl Page {
    pub(crate) fn new(app: &App, headers: &HeaderMap, here: &'static str) -> Self {
        Self { look: Look::of(headers), app: app.clone(), here }
    }

    pub(crate) fn now(&self) -> UnixMillis {
        self.app.now()
    }

    pub(crate) fn version(&self) -> &'static str {
        self.app.settings().version
    }

    /// A message that code chose.
    pub(crate) fn say(&self, message: &Message) -> String {
        self.look.t(message.0).into_owned()
    }

    pub(crate) fn ago(&self, at: impl At) -> Html {
        self.look.moment(at, self.now())
    }

    /// An amount that may not be known.
    pub(crate) fn amount(&self, amount: &Option<Nanos>) -> String {
        amount.map_or_else(|| "—".to_owned(), |amount| self.usd(amount))
    }

    /// The page, and what went wrong on the way to it.
    pub(crate) fn show(
        &self,
        title: &str,
        content: &impl Template,
        problem: Option<Problem>,
    ) -> Response {
        let status =
            if problem.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
        let rendered = Look::part(content).and_then(|content| {
            let notice = self.app.take_note();
            let above = problem.as_ref().filter(|problem| !problem.beside);
            let problem = above.map(|problem| problem.said(&self.look));
            self.look.document(title, &Frame { page: self, title, notice, problem, content })
        });
        match rendered {
            Ok(html) => (status, HtmlAnswer(html)).into_response(),
            Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        }
    }

    /// Takes what is wrong with one of a form's inputs out of the top of the page, to be told beside
    /// that input.
    pub(crate) fn beside(&self, problem: &mut Option<Problem>) -> Beside {
        let told = problem.as_mut().and_then(|problem| {
            problem.beside = problem.field.is_some();
            Some((problem.field?, problem.said(&self.look)))
        });
        Beside(told)
    }

    /// A file's path, the person's home written as they write it.
    pub(crate) fn path(&self, path: &Path) -> String {
        match self.app.settings().places.below_home(path) {
            Some(below) => Path::new("~").join(below).display().to_string(),
            None => path.display().to_string(),
        }
    }

    /// What a person calls a sign-in.
    pub(crate) fn sign_in(&self, kind: &SignInKind) -> String {
        self.say(&match kind {
            SignInKind::AccessToken => Message("dock-sign-in-token"),
            SignInKind::Cookie => Message("dock-sign-in-cookie"),
            SignInKind::Key => Message("dock-sign-in-key"),
            SignInKind::ManagementKey => Message("dock-sign-in-management"),
        })
    }

    /// The entry above a page that has none of its own.
    fn above(&self, title: &str) -> Option<(&'static str, String)> {
        let (link, name, _) = ENTRIES.iter().find(|(link, ..)| *link == self.here)?;
        Some((*link, self.say(name))).filter(|(_, name)| name != title)
    }

    fn entries(&self) -> &'static [(&'static str, Message, &'static str)] {
        &ENTRIES
    }
}

/// What a person with no session sees; its script hands in the code of the address.
pub(crate) fn gate(headers: &HeaderMap, status: StatusCode) -> Response {
    let look = Look::of(headers);
    let gate = Gate { look, refused: status == StatusCode::FORBIDDEN };
    match look.document(&look.t("dock-gate-title"), &gate) {
        Ok(html) => (status, HtmlAnswer(html)).into_response(),
        Err(_) => status.into_response(),
    }
}

/// The way to another page.
pub(crate) fn redirect(to: &str) -> Response {
    let to = HeaderValue::try_from(to).unwrap_or(HeaderValue::from_static("/"));
    (StatusCode::SEE_OTHER, [(LOCATION, to)]).into_response()
}

pub(crate) async fn no_such_page(State(app): State<App>, headers: HeaderMap) -> Response {
    not_found(&Page::new(&app, &headers, ""))
}

/// There is nothing of this name.
pub(crate) fn not_found(page: &Page) -> Response {
    let title = page.t("dock-not-found");
    let mut response = page.show(&title, &Nothing { page }, None);
    *response.status_mut() = StatusCode::NOT_FOUND;
    response
}

#[derive(Template)]
#[template(
    source = "<p><a class=\"btn\" href=\"/\">{{ page.t(\"dock-all-tools\") }}</a></p>",
    ext = "html"
)]
struct Nothing<'a> {
    page: &'a Page,
}

pub(crate) async fn script() -> Response {
    file("text/javascript; charset=utf-8", include_str!("../assets/dock.js"))
}

pub(crate) async fn style() -> Response {
    file("text/css; charset=utf-8", include_str!("../assets/dock.css"))
}

fn file(kind: &'static str, text: &'static str) -> Response {
    ([(CONTENT_TYPE, HeaderValue::from_static(kind))], text).into_response()
}

/// A name as a part of a path or a query.
pub(crate) fn escaped(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>().replace('+', "%20")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_begin_with_a_capital() {
        for (text, shown) in [
            ("the site is gone", "The site is gone"),
            ("http://a answered 404", "http://a answered 404"),
            ("`x` is no name", "`x` is no name"),
            ("没有", "没有"),
            ("", ""),
        ] {
            assert_eq!(sentence(text), shown);
        }
    }
}
