//! `/console/code`: the list, paged by the API.

use askama::Template;
use axum::extract::Query;
use axum::response::Response;
use domain::money::Nanos;
use domain::time::UnixMillis;
use serde::Deserialize;

use crate::api::{List, with_query};
use crate::format::moment;
use crate::frame::Frame;
use crate::language::{Message, Words};
use crate::links::operator as links;
use crate::operator::Operator;
use crate::trouble::Trouble;
use crate::ui;

/// A code.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Code {
    pub(crate) id: String,
    pub(crate) masked: String,
    pub(crate) status: String,
    pub(crate) amount: Nanos,
    pub(crate) note: String,
    #[serde(default, deserialize_with = "moment::maybe")]
    pub(crate) expires_at: Option<UnixMillis>,
    #[serde(deserialize_with = "moment::one")]
    pub(crate) created_at: UnixMillis,
    #[serde(default)]
    pub(crate) redeemed_by: Option<String>,
    #[serde(default, deserialize_with = "moment::maybe")]
    pub(crate) redeemed_at: Option<UnixMillis>,
    /// The value; only in the answer that made it.
    #[serde(default)]
    pub(crate) code: Option<String>,
}

/// Which page.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Asked {
    cursor: String,
}

#[derive(Template)]
#[template(path = "pages/code/list.html")]
struct ListPage {
    page: Frame,
    codes: List<Code>,
    asked: Asked,
}

impl Code {
    /// The badge of its status.
    pub(crate) fn badge(&self, words: Words) -> ui::Html {
        let (tone, message) = match self.status.as_str() {
            "open" => ("new", Message("code-status-open")),
            "redeemed" => ("good", Message("code-status-redeemed")),
            "expired" => ("warn", Message("status-expired")),
            _ => ("off", Message("status-revoked")),
        };
        ui::badge(tone, words.say(message))
    }

    /// The question before it is revoked.
    pub(crate) fn revoke_link(&self) -> String {
        links::part(links::CODES, &self.id, "revoke")
    }

    /// The page of who redeemed it.
    pub(crate) fn redeemer_link(&self) -> String {
        links::part(links::USERS, self.redeemed_by.as_deref().unwrap_or_default(), "")
    }
}

pub(crate) async fn page(
    Operator(user): Operator,
    Query(asked): Query<Asked>,
) -> Result<Response, Trouble> {
    let pairs = [("limit", "50"), ("cursor", asked.cursor.as_str())];
    let codes = user.api().get(&with_query("/api/v1/redemption-codes", &pairs)).await?;
    let list = ListPage { page: user.frame(links::CODES), codes, asked };
    list.page.show(&list)
}
