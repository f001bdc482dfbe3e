//! READ FIRST: every endpoint of the management API, a line each.

use axum::Router;
use axum::extract::Request;
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::Response;
use http::header::{CACHE_CONTROL, HeaderName, HeaderValue};
use http::{Method, StatusCode, Uri};
use std::collections::BTreeMap;
use tracing::Instrument;

use crate::endpoint::Endpoint;
use crate::problem::Problem;
use crate::state::{App, ManagementState};
use crate::{
    alert_destinations, alert_rules, alerts, audit, calls, channels, document, doubts, findings,
    groups, holder, import, keys, leaks, management_keys, me, prices, redemption_codes, reference,
    sessions, setup, system, tiers, usage, users,
};

/// The header that every answer carries.
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Every endpoint.
pub(crate) fn endpoints() -> Vec<Endpoint> {
    vec![
        keys::create::endpoint(),
        keys::list::endpoint(),
        keys::get::endpoint(),
        keys::edit::endpoint(),
        keys::delete::endpoint(),
        keys::switch::enable(),
        keys::switch::disable(),
        keys::switch::revoke(),
        keys::rotate::endpoint(),
        keys::end_grace::endpoint(),
        keys::reveal::endpoint(),
        keys::bulk::endpoint(),
        keys::actions::endpoint(),
        keys::export::endpoint(),
        keys::templates::list::endpoint(),
        keys::templates::get::endpoint(),
        keys::templates::set::endpoint(),
        keys::templates::delete::endpoint(),
        keys::refund::endpoint(),
        leaks::leaked::endpoint(),
        leaks::compromised::endpoint(),
        leaks::read::endpoint(),
        usage::get::endpoint(),
        usage::csv::endpoint(),
        usage::billing::subscription("/v1/dashboard/billing/subscription"),
        usage::billing::subscription("/dashboard/billing/subscription"),
        usage::billing::usage("/v1/dashboard/billing/usage"),
        usage::billing::usage("/dashboard/billing/usage"),
        holder::endpoint(),
        users::create::endpoint(),
        users::list::endpoint(),
        users::get::endpoint(),
        users::edit::endpoint(),
        users::top_up::endpoint(),
        users::ledger::endpoint(),
        users::freeze::freeze(),
        users::freeze::thaw(),
        users::ledger_csv::endpoint(),
        management_keys::create::endpoint(),
        management_keys::list::endpoint(),
        management_keys::revoke::endpoint(),
        users::reset::endpoint(),
        tiers::list::endpoint(),
        tiers::set::endpoint(),
        redemption_codes::create::endpoint(),
        redemption_codes::list::endpoint(),
        redemption_codes::revoke::endpoint(),
        setup::endpoint(),
        sessions::create::endpoint(),
        sessions::list::endpoint(),
        sessions::end::current(),
        sessions::end::endpoint(),
        sessions::prove::endpoint(),
        me::get::endpoint(),
        me::edit::endpoint(),
        me::password::endpoint(),
        me::totp::enrol(),
        me::totp::confirm(),
        me::totp::disable(),
        me::recovery_codes::endpoint(),
        me::redeem::endpoint(),
        me::models::endpoint(),
        audit::list::endpoint(),
        audit::verify::endpoint(),
        groups::list::endpoint(),
        groups::set::endpoint(),
        groups::delete::endpoint(),
        channels::create::endpoint(),
        channels::list::endpoint(),
        channels::get::endpoint(),
        channels::edit::endpoint(),
        channels::delete::endpoint(),
        channels::test::endpoint(),
        channels::presets::endpoint(),
        prices::list::endpoint(),
        prices::get::endpoint(),
        prices::set::endpoint(),
        prices::delete::endpoint(),
        prices::starter::endpoint(),
        prices::import::endpoint(),
        import::new_api::endpoint(),
        calls::list::endpoint(),
        calls::get::endpoint(),
        calls::refund::endpoint(),
        findings::list::endpoint(),
        findings::fix::endpoint(),
        findings::dismiss::endpoint(),
        calls::csv::endpoint(),
        alerts::list::endpoint(),
        alerts::acknowledge::endpoint(),
        alert_rules::create::endpoint(),
        alert_rules::list::endpoint(),
        alert_rules::edit::endpoint(),
        alert_rules::delete::endpoint(),
        alert_destinations::create::endpoint(),
        alert_destinations::list::endpoint(),
        alert_destinations::edit::endpoint(),
        alert_destinations::delete::endpoint(),
        alert_destinations::test::endpoint(),
        alert_destinations::deliveries::endpoint(),
        doubts::list::endpoint(),
        doubts::settle::endpoint(),
        doubts::release::endpoint(),
        system::nodes::endpoint(),
        system::verify::endpoint(),
        system::backup::endpoint(),
        document::endpoint(),
        reference::page(),
        reference::style(),
        reference::script(),
    ]
}

/// The management API as a router. What it does not know is answered with problem JSON, 404.
///
/// Who asks from where comes from the extension [`gateway::receive::Peer`], which the server sets.
pub fn router(state: ManagementState) -> Router {
    let mut paths = BTreeMap::new();
    for endpoint in endpoints() {
        let known = paths.remove(endpoint.path);
        let merged = match known {
            Some(route) => endpoint.route.merge(route),
            None => endpoint.route,
        };
        paths.insert(endpoint.path, merged);
    }
    let app = App::new(state);
    let mut router = Router::new();
    for (path, route) in paths {
        router = router.route(path, route.fallback(method_not_allowed));
    }
    router
        .fallback(no_such_route)
        .layer(from_fn_with_state(app.clone(), audit::record))
        .layer(from_fn(stamp))
        .with_state(app)
}

async fn no_such_route(uri: Uri) -> Problem {
    let detail = format!("There is no route {}. GET /openapi.json lists them all.", uri.path());
    Problem::new(StatusCode::NOT_FOUND, "route_not_found", detail)
}

async fn method_not_allowed(method: Method, uri: Uri) -> Problem {
    let detail =
        format!("{} does not take {method}. The header Allow lists what it takes.", uri.path());
    Problem::new(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", detail)
}

/// Gives every answer its id, and keeps it out of caches.
async fn stamp(request: Request, next: Next) -> Response {
    let id = format!("req_{}", hex::encode(rand::random::<[u8; 16]>()));
    let span = tracing::info_span!("management", request_id = %id, method = %request.method(), path = request.uri().path());
    let mut response = next.run(request).instrument(span).await;
    let headers = response.headers_mut();
    if let Ok(id) = HeaderValue::from_str(&id) {
        headers.entry(REQUEST_ID).or_insert(id);
    }
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
