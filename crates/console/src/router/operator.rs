//! READ FIRST: every page and action that only owners and admins have, a line each.

use axum::Router;
use axum::routing::{get, post};

use crate::app::App;
use crate::links::operator as links;
use crate::pages::{channel, code, group, price, system, user};

pub(super) fn routes() -> Router<App> {
    // The form may hold a whole database, which the handler bounds itself.
    let import = get(system::import::page).post(system::import::submit);
    Router::new()
        .route(links::CHANNELS, get(channel::list::page))
        .route(links::NEW_CHANNEL, get(channel::create::page).post(channel::create::submit))
        .route("/console/channel/{id}", get(channel::show::page))
        .route("/console/channel/{id}/edit", get(channel::edit::page).post(channel::edit::submit))
        .route("/console/channel/{id}/enable", post(channel::switch::enable))
        .route("/console/channel/{id}/disable", post(channel::switch::disable))
        .route("/console/channel/{id}/test", post(channel::test::submit))
        .route("/console/channel/{id}/delete", get(channel::end::ask).post(channel::end::submit))
        .route(links::PRICES, get(price::list::page))
        .route(links::EDIT_PRICE, get(price::edit::page).post(price::edit::submit))
        .route(links::DELETE_PRICE, get(price::end::ask).post(price::end::submit))
        .route(links::IMPORT_PRICES, get(price::import::page).post(price::import::submit))
        .route(links::USERS, get(user::list::page))
        .route(links::NEW_USER, get(user::create::page).post(user::create::submit))
        .route("/console/user/{id}", get(user::show::page))
        .route("/console/user/{id}/edit", get(user::edit::page).post(user::edit::submit))
        .route("/console/user/{id}/topup", get(user::top_up::page).post(user::top_up::submit))
        .route("/console/user/{id}/freeze", get(user::freeze::ask).post(user::freeze::submit))
        .route("/console/user/{id}/thaw", post(user::freeze::thaw))
        .route("/console/user/{id}/reset", get(user::reset::ask).post(user::reset::submit))
        .route(links::GROUPS, get(group::list::page))
        .route(links::EDIT_GROUP, get(group::edit::page).post(group::edit::submit))
        .route(links::DELETE_GROUP, get(group::end::ask).post(group::end::submit))
        .route(links::TIERS, post(group::tiers::submit))
        .route(links::CODES, get(code::list::page))
        .route(links::NEW_CODES, get(code::create::page).post(code::create::submit))
        .route("/console/code/{id}/revoke", get(code::end::ask).post(code::end::submit))
        .route(links::SYSTEM, get(system::show::page))
        .route(links::BACKUP, get(system::backup::page).post(system::backup::submit))
        .route(links::IMPORT_SITE, import)
        .route(
            "/console/system/doubt/{id}/settle",
            get(system::doubt::ask_settle).post(system::doubt::settle),
        )
        .route(
            "/console/system/doubt/{id}/release",
            get(system::doubt::ask_release).post(system::doubt::release),
        )
}
