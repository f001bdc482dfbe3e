//! `POST /console/logout`

use axum::response::{IntoResponse, Redirect, Response};
use http::header::SET_COOKIE;

use crate::api::Anything;
use crate::links;
use crate::trouble::Trouble;
use crate::visit::Visit;

pub(crate) async fn submit(visit: Visit) -> Result<Response, Trouble> {
    let reply = match visit.api.delete::<Anything>("/api/v1/sessions/current").await {
        Ok(reply) => reply,
        // A session that has ended is what was asked for.
        Err(Trouble::Refused(problem)) if matches!(problem.status, 401 | 404) => {
            return Ok(Redirect::to(links::LOG_IN).into_response());
        }
        Err(trouble) => return Err(trouble),
    };
    let mut response = Redirect::to(links::LOG_IN).into_response();
    for cookie in reply.cookies {
        response.headers_mut().append(SET_COOKIE, cookie);
    }
    Ok(response)
}
