//! Management keys: found by value, listed and revoked by owner.

use domain::id::{ManagementKeyId, UserId};
use domain::scope::Scope;
use domain::user::Role;
use store::StoreError;
use store::management_key::ManagementKey;

use crate::fixture::{NOW, digest, on_each_database, random, user};

fn management_key(owner: UserId, n: u8) -> ManagementKey {
    ManagementKey {
        id: ManagementKeyId::new(NOW.plus(i64::from(n)), random(n)),
        owner,
        name: format!("deploy {n}"),
        digest: digest(u32::from(n)),
        masked: "mk-9fQ2…Xa4c".to_owned(),
        scopes: vec![Scope::KeysRead, Scope::KeysWrite],
        expires_at: Some(NOW.plus(1)),
        revoked_at: None,
        created_at: NOW,
    }
}

#[tokio::test]
async fn a_management_key_is_found_by_its_value() {
    on_each_database(async |database| {
        let owner = user(&database, 1).await.id;
        let key = management_key(owner, 1);
        let mut transaction = database.begin().await.unwrap();
        transaction.insert_management_key(&key).await.unwrap();
        transaction.commit().await.unwrap();

        let found = database.management_key_by_digest(key.digest).await.unwrap();
        assert_eq!((found.key, found.role, found.owner_disabled), (key, Role::Member, false));
        let unknown = database.management_key_by_digest(digest(2)).await;
        assert!(matches!(unknown, Err(StoreError::NotFound)));
    })
    .await;
}

#[tokio::test]
async fn management_keys_are_listed_and_revoked_by_their_owner() {
    on_each_database(async |database| {
        let (one, two) = (user(&database, 1).await.id, user(&database, 2).await.id);
        let keys: Vec<ManagementKey> =
            [(one, 1), (one, 2), (two, 3)].map(|(owner, n)| management_key(owner, n)).into();
        let mut transaction = database.begin().await.unwrap();
        for key in &keys {
            transaction.insert_management_key(key).await.unwrap();
        }
        let foreign = transaction.revoke_management_key(keys[2].id, Some(one), NOW).await;
        assert!(matches!(foreign, Err(StoreError::NotFound)));
        transaction.revoke_management_key(keys[1].id, Some(one), NOW).await.unwrap();
        let again = transaction.revoke_management_key(keys[1].id, None, NOW).await;
        assert!(matches!(again, Err(StoreError::NotFound)));
        transaction.commit().await.unwrap();

        assert_eq!(database.management_keys(Some(one), None, 9).await.unwrap(), [keys[0].clone()]);
        assert_eq!(database.management_keys(None, None, 9).await.unwrap().len(), 2);
        assert_eq!(
            database.management_keys(None, Some(keys[2].id), 9).await.unwrap(),
            [keys[0].clone()]
        );
        let revoked = database.management_key_by_digest(keys[1].digest).await.unwrap();
        assert_eq!(revoked.key.revoked_at, Some(NOW));
    })
    .await;
}
