//! `/console/audit/verify`: recomputes the log's chain and says what it found.

use askama::Template;
use axum::response::Response;
use serde::Deserialize;

use crate::frame::Frame;
use crate::language::Message;
use crate::trouble::Trouble;
use crate::visit::SignedIn;
use crate::{links, ui};

#[derive(Deserialize)]
struct Report {
    sound: bool,
    rows: i64,
    hash: String,
    #[serde(default)]
    differences: Vec<String>,
}

#[derive(Template)]
#[template(path = "pages/audit/verified.html")]
struct Verified<'a> {
    page: &'a Frame,
    report: Report,
}

pub(crate) async fn page(user: SignedIn) -> Result<Response, Trouble> {
    let report = user.api().get("/api/v1/audit/verify").await?;
    let page = user.frame(links::AUDIT).under(links::AUDIT, Message("nav-audit"));
    let title = page.t("audit-verify");
    let content = Frame::part(&Verified { page: &page, report })?;
    page.dialog(title, content)
}
