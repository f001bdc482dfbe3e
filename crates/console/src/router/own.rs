//! READ FIRST: what everybody has of their own (calls, alerts, the wallet, the settings), a line each.

use axum::Router;
use axum::routing::{get, post};

use crate::app::App;
use crate::links;
use crate::pages::settings::{
    alert_end, destinations, management_keys, notify, profile, rules, security, sessions, totp,
    watched,
};
use crate::pages::{alerts, log, models, playground, refusal, wallet};

pub(super) fn routes() -> Router<App> {
    let settings = |part: &str| format!("{}/{part}", links::SETTINGS);
    let one = |list: &str, part: &str| settings(&format!("{list}/{{id}}/{part}"));
    Router::new()
        .route(links::USAGE, get(log::list::page))
        .route(links::USAGE_TOKEN, get(log::choose::page))
        .route("/console/usage/{id}", get(log::show::page))
        .route("/console/usage/{id}/refund", get(log::refund::page).post(log::refund::submit))
        .route(links::MODELS, get(models::page))
        .route(links::PLAYGROUND, get(playground::page))
        .route("/console/refusal/{code}", get(refusal::page))
        .route(links::WALLET, get(wallet::page))
        .route(links::REDEEM, post(wallet::redeem))
        .route(links::ALERTS, get(alerts::page))
        .route("/console/alerts/count", get(alerts::count))
        .route("/console/alerts/acknowledge", post(alerts::acknowledge_all))
        .route("/console/alerts/{id}/acknowledge", post(alerts::acknowledge))
        .route(links::SETTINGS, get(profile::page).post(profile::submit))
        .route(links::SECURITY, get(security::page).post(security::password))
        .route(&settings("security/totp"), post(totp::begin))
        .route(&settings("security/totp/confirm"), post(totp::confirm))
        .route(&settings("security/totp/off"), post(totp::end))
        .route(&settings("security/recovery"), post(totp::new_codes))
        .route(links::SESSIONS, get(sessions::page))
        .route(&settings("sessions/end-others"), post(sessions::end_others))
        .route(&one("sessions", "end"), post(sessions::end))
        .route(links::MANAGEMENT_KEYS, get(management_keys::page))
        .route(&settings("keys/new"), get(management_keys::form).post(management_keys::create))
        .route(&one("keys", "revoke"), get(management_keys::ask).post(management_keys::revoke))
        .route(links::ALERT_SETTINGS, get(notify::page))
        .route(&settings("alerts/rules/new"), get(rules::form).post(rules::create))
        .route(&settings("alerts/rules/keys"), get(watched::offer))
        .route(&one("alerts/rules", "edit"), get(rules::edit_form).post(rules::edit))
        .route(&one("alerts/rules", "switch"), post(rules::switch))
        .route(&one("alerts/rules", "delete"), get(alert_end::ask_rule).post(alert_end::rule))
        .route(
            &settings("alerts/destinations/new"),
            get(destinations::form).post(destinations::create),
        )
        .route(
            &one("alerts/destinations", "edit"),
            get(destinations::edit_form).post(destinations::edit),
        )
        .route(&one("alerts/destinations", "switch"), post(destinations::switch))
        .route(
            &one("alerts/destinations", "delete"),
            get(alert_end::ask_destination).post(alert_end::destination),
        )
        .route(&one("alerts/destinations", "test"), post(destinations::test))
        .route(&one("alerts/destinations", "deliveries"), get(destinations::deliveries))
}
