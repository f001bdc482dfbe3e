//! `POST /console/channel/{id}/test`: asks the upstream for a few tokens, and says what came of it
//! beside the button, or on the channel's page where no script runs.

use askama::Template;
use axum::extract::Path;
use axum::response::Response;
use serde::Deserialize;
use serde_json::json;

use super::entry::{Channel, trouble};
use crate::form::Form;
use crate::language::Message;
use crate::links::operator as links;
use crate::operator::Operator;
use crate::trouble::Trouble;
use crate::{frame::Frame, ui};

/// What a test came to.
#[derive(Debug, Deserialize)]
pub(crate) struct Tested {
    #[serde(default)]
    pub(crate) model: String,
    #[serde(default)]
    pub(crate) secrets: Vec<TestedSecret>,
    /// Why it could not be tested at all.
    #[serde(skip)]
    pub(crate) refusal: Option<String>,
}

/// What came of one secret.
#[derive(Debug, Deserialize)]
pub(crate) struct TestedSecret {
    pub(crate) masked: String,
    pub(crate) ok: bool,
    pub(crate) status: Option<u16>,
    pub(crate) latency_ms: u32,
    pub(crate) code: Option<String>,
    pub(crate) error: Option<String>,
}

#[derive(Template)]
#[template(path = "pages/channel/tested.html")]
struct TestedPart {
    page: Frame,
    tested: Tested,
}

impl TestedSecret {
    /// What is the matter.
    pub(crate) fn trouble(&self) -> Message {
        match self.code.as_deref().unwrap_or_default() {
            "answer_broke_off" => Message("channel-error-broke-off"),
            "error_in_answer" => Message("channel-error-in-answer"),
            "failed" if self.status.is_none() => Message("channel-error-no-connection"),
            code => trouble(code),
        }
    }

    /// What the provider, or the way to it, said about it: the gateway's own words are those of
    /// [`Self::trouble`].
    pub(crate) fn original(&self) -> Option<&str> {
        let own = ["answer_broke_off", "error_in_answer", "no_api", "timed_out"];
        let is_own = self.code.as_deref().is_some_and(|code| own.contains(&code));
        self.error.as_deref().filter(|_| !is_own)
    }
}

pub(crate) async fn submit(
    Operator(user): Operator,
    Path(id): Path<String>,
    form: Form,
) -> Result<Response, Trouble> {
    let path = format!("{}/test", Channel::path(&id));
    let body = json!({ "model": form.json("model") });
    let tested = match user.api().post::<_, Tested>(&path, &body).await {
        Ok(reply) => reply.body,
        Err(Trouble::Refused(problem)) if matches!(problem.status, 409 | 422) => {
            let detail = problem.errors.first().map(|error| error.sentence(user.visit.words));
            let refusal = detail.unwrap_or_else(|| problem.sentence(user.visit.words));
            Tested { model: String::new(), secrets: Vec::new(), refusal: Some(refusal) }
        }
        Err(trouble) => return Err(trouble),
    };
    if !user.visit.partial {
        return super::show::show(user, &id, Some(tested)).await;
    }
    let part = TestedPart { page: user.frame(links::CHANNELS), tested };
    part.page.show(&part)
}
