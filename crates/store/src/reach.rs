//! Saying why a shared database cannot be reached: its host and the cause, never its password.

use sqlx::any::AnyConnectOptions;
use sqlx::{AnyConnection, ConnectOptions, Connection};
use std::time::Duration;
use tokio::time::timeout;

use crate::error::StoreError;

/// How long one attempt may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// What a failure to open connections means. A pool tries again and again, and then knows only that
/// time is up: one more attempt says why.
pub(crate) async fn explain(options: &AnyConnectOptions, failed: sqlx::Error) -> StoreError {
    let failed = match failed {
        sqlx::Error::PoolTimedOut => match timeout(PATIENCE, options.connect()).await {
            Ok(Ok(connection)) => {
                let connection: AnyConnection = connection;
                // It came back in between; the start is tried again by whoever started it.
                drop(connection.close().await);
                failed
            }
            Ok(Err(error)) => error,
            Err(_) => {
                let cause = "it does not answer".to_owned();
                return StoreError::Unreachable { place: place(options), cause };
            }
        },
        other => other,
    };
    let cause = match &failed {
        sqlx::Error::Io(error) => error.to_string(),
        sqlx::Error::Database(error) => error.message().to_owned(),
        other => other.to_string(),
    };
    StoreError::Unreachable { place: place(options), cause }
}

/// Host and port of an address.
fn place(options: &AnyConnectOptions) -> String {
    let url = &options.database_url;
    // A password with a bare slash ends the host early, and a part of it would be shown.
    if url.username().is_empty() && url.as_str().contains('@') {
        return "an address that cannot be told (write / in a password as %2F)".to_owned();
    }
    let socket = url.query_pairs().find(|(name, _)| name == "host").map(|(_, host)| host);
    match (socket, url.host_str()) {
        (Some(socket), _) => socket.into_owned(),
        (None, Some(host)) => format!("{host}:{}", url.port().unwrap_or(5432)),
        (None, None) => "localhost:5432".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::str::FromStr;

    #[test]
    fn nothing_but_host_and_port_is_shown() {
        for (url, shown) in [
            ("postgres://me:secret@db.example:6543/books", "db.example:6543"),
            ("postgres://me:se%2Fcret@db.example/books", "db.example:5432"),
            ("postgres://db.example/books?password=secret", "db.example:5432"),
            ("postgres://me:secret@/books?host=/run/postgresql", "/run/postgresql"),
            ("postgres://me:secret@[::1]:6543/books", "[::1]:6543"),
        ] {
            let Ok(options) = AnyConnectOptions::from_str(url) else { continue };
            assert_eq!(place(&options), shown, "{url}");
            assert!(!place(&options).contains("secret"));
        }
        let odd = AnyConnectOptions::from_str("postgres://me:12/34@db.example/books").unwrap();
        assert!(!place(&odd).contains("12"), "{}", place(&odd));
    }

    #[tokio::test]
    async fn what_the_attempt_came_to_is_said() {
        sqlx::any::install_default_drivers();
        // Nobody listens there: the port was free a moment ago.
        let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let url = format!("postgres://me:secret@{free}/books");
        let options = AnyConnectOptions::from_str(&url).unwrap();
        let said = explain(&options, sqlx::Error::PoolTimedOut).await.to_string();
        assert!(said.contains(&free.to_string()) && said.contains("refused"), "{said}");
        assert!(!said.contains("secret"), "{said}");
    }
}
