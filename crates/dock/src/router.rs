//! READ FIRST: every page and action, a line each.

use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::routing::{get, post};
use std::io;
use std::time::Duration;
use tokio::net::TcpListener;

use crate::app::{App, Settings};
use crate::door::{self, Door};
use crate::page;
use crate::pages::{account, accounts, backups, clear, nodes, preferences, tool, tools};

fn router(app: &App) -> Router {
    Router::new()
        .route("/", get(tools::page))
        .route("/session", post(door::exchange))
        .route("/preferences", post(preferences::submit))
        .route("/tools/{tool}", get(tool::page).post(tool::submit))
        .route("/tools/{tool}/clear", get(clear::ask_clear).post(clear::clear))
        .route("/undo", get(clear::ask_undo).post(clear::undo))
        .route("/accounts", get(accounts::page).post(accounts::add))
        .route("/link", post(accounts::import))
        .route("/accounts/{name}", get(account::page))
        .route("/accounts/{name}/refresh", post(account::refresh))
        .route("/accounts/{name}/check-in", post(account::check_in))
        .route("/accounts/{name}/make", post(account::make))
        .route("/accounts/{name}/keep", post(account::keep))
        .route("/accounts/{name}/remove", get(accounts::ask_remove).post(accounts::remove))
        .route("/nodes", get(nodes::page).post(nodes::add))
        .route("/nodes/test", post(nodes::test))
        .route("/nodes/remove", get(nodes::ask_remove).post(nodes::remove))
        .route("/backups", get(backups::page))
        .route("/backups/{id}", get(backups::show).post(backups::restore))
        .fallback(page::no_such_page)
        .layer(from_fn_with_state(app.clone(), door::signed_in))
        .merge(console::look::assets())
        .route("/dock.js", get(page::script))
        .route("/dock.css", get(page::style))
        .layer(from_fn_with_state(app.clone(), door::ours))
        .with_state(app.clone())
}

/// Serves the page until `stop` comes, or nobody asked for anything for so long.
///
/// # Errors
/// When the listener fails.
pub async fn serve(
    listener: TcpListener,
    door: Door,
    settings: Settings,
    idle: Option<Duration>,
    stop: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    let app = App::new(settings, door);
    let router = router(&app);
    let idle = async move {
        let Some(idle) = idle else { return std::future::pending().await };
        loop {
            let rested = app.door().rested();
            if rested >= idle {
                return;
            }
            tokio::time::sleep(idle.saturating_sub(rested)).await;
        }
    };
    let ended = async move {
        tokio::select! { () = stop => {}, () = idle => {} }
    };
    tokio::select! {
        served = axum::serve(listener, router).into_future() => served,
        // Browsers keep connections open for minutes: they are not waited for.
        () = ended => Ok(()),
    }
}
