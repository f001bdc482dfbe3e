//! One-time links: once, in time, for a user.

use store::StoreError;
use store::user_link::{LinkDigest, LinkPurpose, UserLink};

use crate::fixture::{NOW, new_user, on_each_database, user};

#[tokio::test]
async fn a_link_works_once() {
    on_each_database(async |database| {
        let user = user(&database, 1).await.id;
        let link = UserLink { user, purpose: LinkPurpose::Invite, expires_at: NOW.plus(1_000) };
        let digest = LinkDigest::new([1; 32]);
        let mut transaction = database.begin().await.unwrap();
        transaction.insert_user_link(digest, &link).await.unwrap();
        transaction.commit().await.unwrap();

        assert_eq!(database.user_link(digest, NOW).await.unwrap(), link);
        let mut transaction = database.begin().await.unwrap();
        assert_eq!(transaction.take_user_link(digest, NOW).await.unwrap(), link);
        let again = transaction.take_user_link(digest, NOW).await;
        assert!(matches!(again, Err(StoreError::NotFound)));
        transaction.commit().await.unwrap();
        assert!(matches!(database.user_link(digest, NOW).await, Err(StoreError::NotFound)));
    })
    .await;
}

#[tokio::test]
async fn a_link_ends() {
    on_each_database(async |database| {
        let user = user(&database, 1).await.id;
        let mut transaction = database.begin().await.unwrap();
        for n in 1..=2 {
            let link = UserLink { user, purpose: LinkPurpose::Reset, expires_at: NOW.plus(1_000) };
            transaction.insert_user_link(LinkDigest::new([n; 32]), &link).await.unwrap();
        }
        let late = transaction.take_user_link(LinkDigest::new([1; 32]), NOW.plus(1_000)).await;
        assert!(matches!(late, Err(StoreError::NotFound)));
        transaction.withdraw_user_links(user, NOW).await.unwrap();
        let withdrawn = transaction.take_user_link(LinkDigest::new([2; 32]), NOW).await;
        assert!(matches!(withdrawn, Err(StoreError::NotFound)));
    })
    .await;
}

#[tokio::test]
async fn a_link_needs_a_user() {
    on_each_database(async |database| {
        let link = UserLink { user: new_user(9).id, purpose: LinkPurpose::Setup, expires_at: NOW };
        let mut transaction = database.begin().await.unwrap();
        let refused = transaction.insert_user_link(LinkDigest::new([1; 32]), &link).await;
        assert!(matches!(refused, Err(StoreError::NotFound)));
    })
    .await;
}
