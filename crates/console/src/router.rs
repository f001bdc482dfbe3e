//! READ FIRST: every page and action of the console, a line each.

mod operator;
mod own;

use axum::Router;
use axum::extract::Request;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use http::{Method, StatusCode, Uri};
use tower::ServiceExt;

use crate::app::{App, Arrived};
use crate::held::Held;
use crate::pages::{audit, link, log_in, log_out, overview, preferences, token};
use crate::settings::Settings;
use crate::trouble::{self, Trouble};
use crate::{assets, links, security};

/// The pages, which reach everything through this API.
pub fn router(api: Router, settings: Settings) -> Router {
    let app = App { api, settings, held: Held::default() };
    let pages = Router::new()
        .route("/", get(|| async { Redirect::to(links::HOME) }))
        .route(links::HOME, get(overview::page))
        .route(links::LOG_IN, get(log_in::page).post(log_in::submit))
        .route(links::LOG_OUT, post(log_out::submit))
        .route(links::SET_UP, get(link::set_up).post(link::submit_set_up))
        .route(links::INVITATION, get(link::invitation).post(link::submit_invitation))
        .route(links::RESET, get(link::reset).post(link::submit_reset))
        .route(links::PREFERENCES, post(preferences::submit))
        .route(links::TOKENS, get(token::list::page))
        .route("/console/token/count", get(token::list::count))
        .route(links::NEW_TOKEN, get(token::create::page).post(token::create::submit))
        .route(links::NEW_TOKENS, get(token::bulk::page).post(token::bulk::submit))
        .route(links::TEMPLATES, get(token::templates::page))
        .route(links::EDIT_TEMPLATE, get(token::templates::form).post(token::templates::submit))
        .route(links::DELETE_TEMPLATE, get(token::templates::ask).post(token::templates::delete))
        .route(links::TOKEN_ACTIONS, post(token::several::submit))
        .route("/console/token/{id}", get(token::show::page))
        .route("/console/token/{id}/edit", get(token::edit::page).post(token::edit::submit))
        .route("/console/token/{id}/enable", post(token::switch::enable))
        .route("/console/token/{id}/disable", post(token::switch::disable))
        .route("/console/token/{id}/revoke", get(token::end::ask_revoke).post(token::end::revoke))
        .route("/console/token/{id}/delete", get(token::end::ask_delete).post(token::end::delete))
        .route("/console/token/{id}/rotate", get(token::rotate::page).post(token::rotate::submit))
        .route(
            "/console/token/{id}/rotate/end",
            get(token::rotate::ask_end).post(token::rotate::end),
        )
        .route("/console/token/{id}/reveal", get(token::reveal::page).post(token::reveal::submit))
        .route("/console/token/{id}/leaked", get(token::leaked::page).post(token::leaked::submit))
        .route("/console/token/{id}/refund", get(token::refund::page).post(token::refund::submit))
        .route(links::AUDIT, get(audit::findings::page))
        .route("/console/audit/count", get(audit::findings::count))
        .route("/console/audit/findings/{id}/fix", post(audit::act::fix))
        .route("/console/audit/findings/{id}/dismiss", post(audit::act::dismiss))
        .route(links::AUDIT_LOG, get(audit::log::page))
        .route(links::AUDIT_VERIFY, get(audit::verify::page));
    let pages = pages.merge(own::routes()).merge(operator::routes());
    #[cfg(debug_assertions)]
    let pages = pages.route("/console/_gallery", get(crate::pages::gallery::page));
    let pages = pages
        .fallback(|| async { Trouble::NoSuchPage })
        .method_not_allowed_fallback(up)
        .layer(from_fn_with_state(app.clone(), security::same_site))
        .layer(from_fn_with_state(app.clone(), trouble::render))
        .layer(from_fn(security::headers))
        .with_state(app);
    // What the server knew about the request is kept before routing adds to it: the API routes anew.
    let inner = pages;
    let arrive = move |mut request: Request| {
        let arrived = Arrived(request.extensions().clone());
        request.extensions_mut().insert(arrived);
        let pages = inner.clone();
        async move { pages.oneshot(request).await }
    };
    Router::new()
        .route("/assets/{name}", get(assets::serve))
        .fallback_service(tower::service_fn(arrive))
}

/// An address that only takes forms, opened as a page: after a log-in that came between, or typed. The
/// page above it is what the form stands on.
async fn up(method: Method, uri: Uri) -> Response {
    let above = uri.path().rsplit_once('/').map_or(links::HOME, |(above, _)| above);
    match method {
        Method::GET | Method::HEAD => Redirect::to(above).into_response(),
        _ => StatusCode::METHOD_NOT_ALLOWED.into_response(),
    }
}
