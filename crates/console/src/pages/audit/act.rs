//! `POST /console/audit/findings/{id}/fix` and `/dismiss`: a click each.

use axum::extract::Path;
use axum::response::Response;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::api::Anything;
use crate::form::{Form, object};
use crate::language::Message;
use crate::links;
use crate::notice::Notice;
use crate::trouble::Trouble;
use crate::visit::SignedIn;

const DAY: i64 = 86_400_000;

#[derive(Deserialize)]
struct Fixed {
    key: Named,
}

#[derive(Deserialize)]
struct Named {
    name: String,
}

pub(crate) async fn fix(
    user: SignedIn,
    Path(id): Path<String>,
    form: Form,
) -> Result<Response, Trouble> {
    let mut body = vec![("fix", form.json("fix"))];
    if !form.text("period").is_empty() {
        body.push(("period", form.json("period")));
    }
    let path = format!("/api/v1/findings/{id}/fix");
    let fixed = user.api().post::<_, Fixed>(&path, &object(body)).await?.body;
    let notice = Notice::new(Message("audit-notice-fixed"), fixed.key.name);
    Ok(user.frame(links::AUDIT).go(links::safe_next(form.text("back")), notice))
}

pub(crate) async fn dismiss(
    user: SignedIn,
    Path(id): Path<String>,
    form: Form,
) -> Result<Response, Trouble> {
    let now = user.visit.now;
    let (until, done) = match form.text("until") {
        "month" => (json!(now.plus(30 * DAY).to_string()), Message("audit-notice-dismissed")),
        // A time that is over lists it again.
        "now" => (json!(now.plus(-1000).to_string()), Message("audit-notice-listed-again")),
        _ => (Value::Null, Message("audit-notice-dismissed")),
    };
    let path = format!("/api/v1/findings/{id}/dismiss");
    user.api().post::<_, Anything>(&path, &object([("until", until)])).await?;
    let notice = Notice::new(done, form.text("name"));
    Ok(user.frame(links::AUDIT).go(links::safe_next(form.text("back")), notice))
}
