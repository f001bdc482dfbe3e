//! `/console/system/backup`: the deployment as one file to download, for its owner and after their
//! password.

use axum::response::{IntoResponse, Redirect, Response};
use serde_json::json;

use super::show::{self, Asked};
use crate::form::{Form, object};
use crate::language::Message;
use crate::links::operator as links;
use crate::operator::Operator;
use crate::pages::settings::account::Account;
use crate::pages::settings::security::prove;
use crate::trouble::Trouble;

/// The card that the form is on.
pub(crate) async fn page(_: Operator) -> Redirect {
    Redirect::to(&format!("{}#backup", links::SYSTEM))
}

pub(crate) async fn submit(Operator(user): Operator, mut form: Form) -> Result<Response, Trouble> {
    let words = user.visit.words;
    if form.exact("passphrase") != form.exact("again") {
        form.fail("again", words.say(Message("system-backup-differ")));
        return show::render(user, &Asked::default(), form).await;
    }
    if !prove(&user, &mut form).await? {
        // Without a one-time code, only the password can be wrong.
        if !Account::of(&user).await?.totp
            && let Some(problem) = form.problem.take()
        {
            form.fail("password", problem);
        }
        return show::render(user, &Asked::default(), form).await;
    }
    let body = object([("passphrase", json!(form.exact("passphrase")))]);
    match user.api().download("/api/v1/backup", &body).await {
        Ok(file) => Ok(file.into_response()),
        Err(trouble) => {
            form.refused(trouble, words)?;
            show::render(user, &Asked::default(), form).await
        }
    }
}
