//! Sessions: they go on until they end, and blocking their user ends them.

use domain::id::SessionId;
use domain::secret::Secret;
use domain::time::UnixMillis;
use store::session::Session;
use store::user::UserChange;
use store::{Database, StoreError};

use crate::fixture::{NOW, digest, on_each_database, random, user};

async fn session(database: &Database, owner: &store::user::User, n: u8) -> Session {
    let session = Session {
        id: SessionId::new(NOW.plus(i64::from(n)), random(n)),
        user: owner.id,
        client_ip: "192.0.2.1".to_owned(),
        user_agent: "test".to_owned(),
        created_at: NOW,
        last_seen_at: NOW,
        proved_at: NOW,
        expires_at: NOW.plus(1_000),
    };
    let mut transaction = database.begin().await.unwrap();
    transaction.insert_session(&session, digest(u32::from(n))).await.unwrap();
    transaction.commit().await.unwrap();
    session
}

async fn goes_on(database: &Database, n: u8, now: UnixMillis) -> bool {
    let found = database.session_by_digest(digest(u32::from(n)), now, NOW.plus(-500)).await;
    assert!(matches!(found, Ok(_) | Err(StoreError::NotFound)));
    found.is_ok()
}

#[tokio::test]
async fn a_session_ends_by_itself() {
    on_each_database(async |database| {
        let owner = user(&database, 1).await;
        session(&database, &owner, 1).await;
        assert!(goes_on(&database, 1, NOW.plus(999)).await);
        assert!(!goes_on(&database, 1, NOW.plus(1_000)).await);
        let idle = database.session_by_digest(digest(1), NOW.plus(1), NOW).await;
        assert!(matches!(idle, Err(StoreError::NotFound)));
        assert!(!goes_on(&database, 2, NOW).await);
    })
    .await;
}

#[tokio::test]
async fn only_one_s_own_sessions_can_be_ended() {
    on_each_database(async |database| {
        let (owner, other) = (user(&database, 1).await, user(&database, 2).await);
        let (one, _) = (session(&database, &owner, 1).await, session(&database, &owner, 2).await);
        let mut transaction = database.begin().await.unwrap();
        let refused = transaction.end_session(one.id, other.id, NOW).await;
        assert!(matches!(refused, Err(StoreError::NotFound)));
        transaction.end_session(one.id, owner.id, NOW).await.unwrap();
        transaction.commit().await.unwrap();
        assert!(!goes_on(&database, 1, NOW).await && goes_on(&database, 2, NOW).await);
        let listed = database.sessions(owner.id, NOW, NOW.plus(-1)).await.unwrap();
        assert_eq!(listed.len(), 1);
    })
    .await;
}

#[tokio::test]
async fn blocking_and_a_new_password_end_sessions() {
    on_each_database(async |database| {
        let owner = user(&database, 1).await;
        for (n, change) in [
            (1, UserChange { disabled: Some(true), ..UserChange::default() }),
            (
                2,
                UserChange {
                    password_hash: Some(Some(Secret::new("x".to_owned()))),
                    ..UserChange::default()
                },
            ),
        ] {
            session(&database, &owner, n).await;
            let version = database.user(owner.id).await.unwrap().version;
            let mut transaction = database.begin().await.unwrap();
            transaction.update_user(owner.id, version, &change).await.unwrap();
            transaction.commit().await.unwrap();
            assert!(!goes_on(&database, n, NOW).await);
        }
    })
    .await;
}
