//! `POST /console/group/tiers`: what the tiers allow.

use axum::response::Response;
use serde_json::Value;

use crate::form::{Form, object};
use crate::language::Message;
use crate::links::operator as links;
use crate::notice::Notice;
use crate::operator::Operator;
use crate::trouble::Trouble;

pub(crate) async fn submit(Operator(user): Operator, mut form: Form) -> Result<Response, Trouble> {
    let tier = |name: &'static str| {
        (name, object([("key_limit", form.json_number(&format!("{name}.key_limit")))]))
    };
    let body = object([tier("standard"), tier("professional"), tier("enterprise")]);
    match user.api().put::<_, Value>("/api/v1/tiers", &body).await {
        Ok(_) => {
            let notice = Notice::new(Message("group-notice-tiers"), "");
            Ok(user.frame(links::GROUPS).go(links::GROUPS, notice))
        }
        Err(trouble) => {
            form.refused(trouble, user.visit.words)?;
            super::list::show(user, Some(form)).await
        }
    }
}
