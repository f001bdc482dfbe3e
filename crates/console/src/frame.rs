//! What stands around every page of somebody who is logged in: navigation, balance, menus.

use askama::Template;
use axum::response::{Html, IntoResponse, Response};
use domain::time::UnixMillis;
use http::header::{HeaderValue, LOCATION, SET_COOKIE};
use http::{HeaderName, StatusCode};
use std::ops::Deref;

use crate::language::{Language, Message, Words};
use crate::links;
use crate::links::operator;
use crate::me::Me;
use crate::notice::Notice;
use crate::trouble::Trouble;
use crate::ui;
use crate::visit::{Theme, Visit};

/// A page of the navigation.
pub(crate) struct Entry {
    /// Where it leads.
    pub(crate) link: &'static str,
    /// What it is called.
    pub(crate) title: Message,
    /// Its icon.
    pub(crate) icon: &'static str,
    /// Only for owners and admins.
    operator: bool,
}

/// Every page of the navigation, in its order. A page that is added has a line here.
const ENTRIES: &[Entry] = &[
    Entry::all(links::HOME, Message("nav-overview"), "layout-dashboard"),
    Entry::all(links::TOKENS, Message("nav-tokens"), "key-round"),
    Entry::all(links::USAGE, Message("nav-usage"), "scroll-text"),
    Entry::all(links::MODELS, Message("nav-models"), "boxes"),
    Entry::all(links::PLAYGROUND, Message("nav-playground"), "flask-conical"),
    Entry::all(links::AUDIT, Message("nav-audit"), "shield-check"),
    Entry::all(links::WALLET, Message("nav-wallet"), "wallet"),
    Entry::all(links::SETTINGS, Message("nav-settings"), "settings"),
    Entry::operator(operator::USERS, Message("user-nav"), "users"),
    Entry::operator(operator::CHANNELS, Message("channel-nav"), "network"),
    Entry::operator(operator::GROUPS, Message("group-nav"), "layers"),
    Entry::operator(operator::PRICES, Message("price-nav"), "coins"),
    Entry::operator(operator::CODES, Message("code-nav"), "ticket"),
    Entry::operator(operator::SYSTEM, Message("system-nav"), "server"),
];

impl Entry {
    const fn all(link: &'static str, title: Message, icon: &'static str) -> Self {
        Self { link, title, icon, operator: false }
    }

    /// A page for owners and admins.
    const fn operator(link: &'static str, title: Message, icon: &'static str) -> Self {
        Self { link, title, icon, operator: true }
    }
}

/// A step of the way to a page.
pub(crate) struct Crumb {
    /// Where it leads.
    pub(crate) link: &'static str,
    /// What it is called.
    pub(crate) title: String,
}

/// The frame. Templates have it as `page`; it is also the visitor's [`Words`].
pub(crate) struct Frame {
    /// The visit.
    pub(crate) visit: Visit,
    /// Who is logged in.
    pub(crate) me: Me,
    /// The link of the navigation's entry that the page belongs to.
    pub(crate) here: &'static str,
    /// The pages above this one.
    pub(crate) crumbs: Vec<Crumb>,
}

impl Deref for Frame {
    type Target = Words;

    fn deref(&self) -> &Words {
        &self.visit.words
    }
}

impl Frame {
    pub(crate) const fn new(visit: Visit, me: Me, here: &'static str) -> Self {
        Self { visit, me, here, crumbs: Vec::new() }
    }

    /// With a page above this one.
    pub(crate) fn under(mut self, link: &'static str, title: Message) -> Self {
        let title = self.say(title).into_owned();
        self.crumbs.push(Crumb { link, title });
        self
    }

    /// The words.
    pub(crate) const fn words(&self) -> Words {
        self.visit.words
    }

    /// The time.
    pub(crate) const fn now(&self) -> UnixMillis {
        self.visit.now
    }

    /// The theme.
    pub(crate) const fn theme(&self) -> Theme {
        self.visit.theme
    }

    /// The languages to choose from.
    pub(crate) const fn languages(&self) -> [Language; 2] {
        Language::ALL
    }

    /// The entries of the navigation: everybody's, or the operators'.
    pub(crate) fn entries(&self, operator: bool) -> Vec<&'static Entry> {
        let allowed = !operator || self.me.is_operator();
        ENTRIES.iter().filter(|entry| allowed && entry.operator == operator).collect()
    }

    /// Whether values of tokens can be shown again.
    pub(crate) const fn keeps_values(&self) -> bool {
        self.visit.keeps_values
    }

    /// What the page before has to tell.
    pub(crate) fn notice(&self) -> Option<String> {
        self.visit.notice.as_ref()?.text(self.words())
    }

    /// A time as people say it, with the exact one on hover.
    pub(crate) fn moment(&self, at: impl ui::At) -> ui::Html {
        ui::moment(self.words(), at, self.now())
    }

    /// A whole page, or a part of one.
    pub(crate) fn show(&self, template: &impl Template) -> Result<Response, Trouble> {
        self.show_with(StatusCode::OK, template)
    }

    /// The same with another status.
    pub(crate) fn show_with(
        &self,
        status: StatusCode,
        template: &impl Template,
    ) -> Result<Response, Trouble> {
        let html = template.render().map_err(Trouble::unreadable)?;
        let mut response = (status, Html(html)).into_response();
        if self.visit.notice.is_some() && !self.visit.partial {
            response.headers_mut().append(SET_COOKIE, Notice::shown());
        }
        Ok(response)
    }

    /// A part (see [`Frame::part`]) as a dialog over the page, or, where it is opened as one or without
    /// a script, as a page of its own with this title.
    pub(crate) fn dialog(
        self,
        title: impl Into<String>,
        content: ui::Html,
    ) -> Result<Response, Trouble> {
        if self.visit.partial {
            let html = Dialog { page: &self, content }.render().map_err(Trouble::unreadable)?;
            return Ok(Html(html).into_response());
        }
        let page = DialogPage { title: title.into(), content, page: self };
        page.page.show(&page)
    }

    /// A template as a part of something else.
    pub(crate) fn part(template: &impl Template) -> Result<ui::Html, Trouble> {
        Ok(ui::Html(template.render().map_err(Trouble::unreadable)?))
    }

    /// The way to another page after something was done, which that page then says.
    pub(crate) fn go(&self, to: &str, notice: Notice) -> Response {
        let to = HeaderValue::try_from(to).unwrap_or(HeaderValue::from_static(links::HOME));
        let mut response = if self.visit.partial {
            (StatusCode::OK, [(HeaderName::from_static("hx-redirect"), to)]).into_response()
        } else {
            (StatusCode::SEE_OTHER, [(LOCATION, to)]).into_response()
        };
        if let Some(cookie) = notice.cookie() {
            response.headers_mut().append(SET_COOKIE, cookie);
        }
        response
    }
}

#[derive(Template)]
#[template(path = "dialog.html")]
struct Dialog<'a> {
    page: &'a Frame,
    content: ui::Html,
}

#[derive(Template)]
#[template(path = "dialog_page.html")]
struct DialogPage {
    page: Frame,
    title: String,
    content: ui::Html,
}
