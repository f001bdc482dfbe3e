//! Who visits: their language and theme, whether they ask for a page or a part of one, and, for
//! [`SignedIn`], who they are.

use axum::extract::FromRequestParts;
use domain::time::UnixMillis;
use http::header::{ACCEPT_LANGUAGE, COOKIE};
use http::request::Parts;
use http::{HeaderMap, HeaderName};
use std::convert::Infallible;

use crate::api::Api;
use crate::app::App;
use crate::frame::Frame;
use crate::language::{Language, Words};
use crate::me::Me;
use crate::notice::Notice;
use crate::settings::DemoLogIn;
use crate::trouble::Trouble;

/// The cookie of a browser's language.
pub(crate) const LANGUAGE: &str = "tollkeeper_language";
/// The cookie of a browser's theme.
pub(crate) const THEME: &str = "tollkeeper_theme";

/// Anybody with a browser.
#[derive(Clone)]
pub(crate) struct Visit {
    /// The API in their name.
    pub(crate) api: Api,
    /// Their language.
    pub(crate) words: Words,
    /// Their theme.
    pub(crate) theme: Theme,
    /// Whether htmx asks for a part of a page.
    pub(crate) partial: bool,
    /// What they asked for, with its query.
    pub(crate) path: String,
    /// Where clients reach this deployment.
    pub(crate) base_url: String,
    /// The time.
    pub(crate) now: UnixMillis,
    /// What the page before has to tell.
    pub(crate) notice: Option<Notice>,
    /// The program's version.
    pub(crate) version: String,
    /// Whether values of tokens can be shown again.
    pub(crate) keeps_values: bool,
    /// How to log in to a demo.
    pub(crate) demo: Option<DemoLogIn>,
}

/// Somebody who is logged in.
pub(crate) struct SignedIn {
    /// Their visit.
    pub(crate) visit: Visit,
    /// Who they are.
    pub(crate) me: Me,
}

/// A colour scheme.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Theme {
    /// As the browser has it.
    #[default]
    Auto,
    /// Light.
    Light,
    /// Dark.
    Dark,
}

impl Theme {
    /// By its name; anything else is the browser's.
    pub(crate) fn named(name: &str) -> Self {
        match name {
            "light" => Self::Light,
            "dark" => Self::Dark,
            _ => Self::Auto,
        }
    }

    /// Its name, which is also the class of `<html>`.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }
}

impl Visit {
    fn of(app: &App, parts: &Parts) -> Self {
        let headers = &parts.headers;
        let header = |name: HeaderName| {
            headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
        };
        let language = cookie(headers, LANGUAGE)
            .and_then(|name| Language::named(&name))
            .unwrap_or_else(|| Language::accepted(header(ACCEPT_LANGUAGE)));
        let theme = cookie(headers, THEME).map_or(Theme::Auto, |name| Theme::named(&name));
        Self {
            api: Api::of(app, parts),
            words: Words::of(language),
            theme,
            partial: headers.contains_key("hx-request"),
            path: parts.uri.path_and_query().map_or_else(String::new, ToString::to_string),
            base_url: base_url(app, parts),
            now: (app.settings.clock)(),
            notice: cookie(headers, crate::notice::COOKIE).and_then(|text| Notice::read(&text)),
            version: app.settings.version.clone(),
            keeps_values: app.settings.keeps_values,
            demo: app.settings.demo.clone(),
        }
    }
}

impl SignedIn {
    /// The frame around one of their pages.
    pub(crate) fn frame(&self, here: &'static str) -> Frame {
        Frame::new(self.visit.clone(), self.me.clone(), here)
    }

    /// The API in their name.
    pub(crate) const fn api(&self) -> &Api {
        &self.visit.api
    }
}

impl FromRequestParts<App> for Visit {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Infallible> {
        Ok(Self::of(app, parts))
    }
}

impl FromRequestParts<App> for SignedIn {
    type Rejection = Trouble;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Trouble> {
        let mut visit = Visit::of(app, parts);
        let me: Me = match visit.api.get("/api/v1/me?keys=false").await {
            Ok(me) => me,
            Err(Trouble::Refused(problem)) if matches!(problem.status, 401 | 404) => {
                return Err(Trouble::SignedOut);
            }
            Err(trouble) => return Err(trouble),
        };
        if let Some(language) = me.language.as_deref().and_then(Language::named) {
            visit.words = Words::of(language);
        }
        if let Some(theme) = me.theme.as_deref() {
            visit.theme = Theme::named(theme);
        }
        Ok(Self { visit, me })
    }
}

/// The value of a cookie.
pub(crate) fn cookie(headers: &HeaderMap, name: &str) -> Option<String> {
    let lines = headers.get_all(COOKIE).iter().filter_map(|line| line.to_str().ok());
    let mut pairs = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.split_once('='));
    pairs.find(|(known, _)| known.trim() == name).map(|(_, value)| value.trim().to_owned())
}

/// The public address, else the one that the browser itself asked for.
fn base_url(app: &App, parts: &Parts) -> String {
    if let Some(url) = &app.settings.public_url {
        return url.trim_end_matches('/').to_owned();
    }
    let text = |name: &str| parts.headers.get(name).and_then(|value| value.to_str().ok());
    let host = parts.uri.authority().map(http::uri::Authority::as_str).or_else(|| text("host"));
    let scheme = text("x-forwarded-proto").filter(|it| *it == "https").unwrap_or("http");
    format!("{scheme}://{}", host.unwrap_or("localhost:8080"))
}
