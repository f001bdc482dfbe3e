//! A fresh database of each kind for each test, and rows to begin with.

use domain::bill::BillingMethod;
use domain::id::{KeyId, UserId};
use domain::key::KeyDigest;
use domain::permission::Permissions;
use domain::policy::{KeyPolicy, RateLimits, WhenShort, WindowLimit};
use domain::time::UnixMillis;
use domain::user::{Credit, Role, Tier};
use sqlx::{Connection, PgConnection};
use store::Database;
use store::api_key::NewApiKey;
use store::user::{NewUser, User};

/// The time of every test.
pub(crate) const NOW: UnixMillis = UnixMillis::new(1_790_000_000_000);

/// Runs a test on an empty SQLite database, then on an empty PostgreSQL database.
pub(crate) async fn on_each_database(test: impl AsyncFn(Database)) {
    let directory = tempfile::tempdir().unwrap();
    let database = Database::open_embedded(directory.path()).await.unwrap();
    eprintln!("on SQLite");
    test(database.clone()).await;
    database.close().await;

    on_empty_postgres(async |url| {
        let database = Database::open(&url).await.unwrap();
        eprintln!("on PostgreSQL");
        test(database.clone()).await;
        database.close().await;
    })
    .await;
}

/// Runs a test with the URL of an empty PostgreSQL database.
pub(crate) async fn on_empty_postgres(test: impl AsyncFn(String)) {
    let Ok(server) = std::env::var("TOLLKEEPER_TEST_POSTGRES") else {
        panic!(
            "set TOLLKEEPER_TEST_POSTGRES, or run `cargo xtask test`, which starts PostgreSQL itself"
        );
    };
    let name = format!("t_{}", uuid::Uuid::now_v7().as_simple());
    statement(&server, format!("CREATE DATABASE {name}")).await;
    let (base, _) = server.rsplit_once('/').unwrap();
    test(format!("{base}/{name}")).await;
    statement(&server, format!("DROP DATABASE {name} WITH (FORCE)")).await;
}

pub(crate) async fn statement(server: &str, text: String) {
    let mut connection = PgConnection::connect(server).await.unwrap();
    sqlx::raw_sql(sqlx::AssertSqlSafe(text)).execute(&mut connection).await.unwrap();
    connection.close().await.unwrap();
}

/// An id's random part that differs with `n`.
pub(crate) fn random(n: u8) -> [u8; 10] {
    [n; 10]
}

/// A member's row with the id `n`, to be changed and inserted.
pub(crate) fn new_user(n: u8) -> NewUser {
    NewUser {
        id: UserId::new(NOW.plus(i64::from(n)), random(n)),
        name: format!("User {n}"),
        email: Some(format!("user{n}@example.org")),
        role: Role::Member,
        tier: Tier::Standard,
        groups: vec!["default".to_owned()],
        credit: Credit::Balance,
        password_hash: None,
        created_at: NOW,
    }
}

/// A member in the database.
pub(crate) async fn user(database: &Database, n: u8) -> User {
    let mut transaction = database.begin().await.unwrap();
    let user = transaction.insert_user(&new_user(n)).await.unwrap();
    transaction.commit().await.unwrap();
    user
}

/// A digest that differs with `n`.
pub(crate) fn digest(n: u32) -> KeyDigest {
    KeyDigest::from_hex(&format!("{n:064x}")).unwrap()
}

/// A key without any limit, the `n`th of its owner, to be changed and inserted.
pub(crate) fn new_key(owner: UserId, n: u8) -> NewApiKey {
    NewApiKey {
        id: KeyId::new(NOW.plus(i64::from(n)), random(n)),
        owner,
        name: format!("key {n}"),
        masked: "sk-9fQ2…Xa4c".to_owned(),
        digest: digest(u32::from(n)),
        policy: KeyPolicy {
            disabled: false,
            revoked: false,
            expires_at: None,
            permissions: Permissions::FULL,
            billing_method: BillingMethod::UsageBased,
            quota: None,
            daily: WindowLimit::default(),
            monthly: WindowLimit::default(),
            rates: RateLimits::default(),
            max_tokens_per_request: None,
            when_short: WhenShort::Lower,
            allowed_models: Box::new([]),
            ip_allowlist: Box::new([]),
            groups: Box::new([]),
        },
        soft_limit: None,
        tags: Vec::new(),
        metadata: serde_json::Map::new(),
        created_at: NOW,
    }
}

/// A key in the database.
pub(crate) async fn key(database: &Database, key: &NewApiKey) -> store::api_key::ApiKey {
    let mut transaction = database.begin().await.unwrap();
    let key = transaction.insert_api_key(key, None).await.unwrap();
    transaction.commit().await.unwrap();
    key
}
