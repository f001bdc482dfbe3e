//! Groups: set, listed, deleted.

use domain::bill::Multiplier;
use store::StoreError;
use store::group::DEFAULT_GROUP;

use crate::fixture::{NOW, on_each_database};

#[tokio::test]
async fn groups_are_set_listed_and_deleted() {
    on_each_database(async |database| {
        let half = Multiplier::from_parts_per_million(500_000).unwrap();
        let mut transaction = database.begin().await.unwrap();
        transaction.ensure_default_group(NOW).await.unwrap();
        let first = transaction.set_group("vip", Multiplier::ONE, NOW).await.unwrap();
        let second = transaction.set_group("vip", half, NOW.plus(1)).await.unwrap();
        transaction.commit().await.unwrap();

        assert_eq!((first.version, second.version), (1, 2));
        assert_eq!((second.multiplier, second.created_at), (half, NOW));
        let names: Vec<String> =
            database.groups().await.unwrap().into_iter().map(|group| group.name).collect();
        assert_eq!(names, ["default", "vip"]);

        let mut transaction = database.begin().await.unwrap();
        let taken = transaction.insert_group("vip", Multiplier::ONE, NOW).await;
        assert!(matches!(taken, Err(StoreError::Conflict(_))));
        drop(transaction);
        assert_eq!(database.group("vip").await.unwrap().multiplier, half);

        let mut transaction = database.begin().await.unwrap();
        transaction.insert_group("new", half, NOW).await.unwrap();
        transaction.delete_group("new").await.unwrap();
        transaction.delete_group("vip").await.unwrap();
        assert!(matches!(transaction.delete_group("vip").await, Err(StoreError::NotFound)));
        transaction.commit().await.unwrap();
        assert!(matches!(database.group("vip").await, Err(StoreError::NotFound)));
    })
    .await;
}

#[tokio::test]
async fn the_default_group_keeps_its_factor() {
    on_each_database(async |database| {
        let half = Multiplier::from_parts_per_million(500_000).unwrap();
        let mut transaction = database.begin().await.unwrap();
        transaction.ensure_default_group(NOW).await.unwrap();
        transaction.set_group(DEFAULT_GROUP, half, NOW).await.unwrap();
        transaction.ensure_default_group(NOW).await.unwrap();
        transaction.commit().await.unwrap();
        assert_eq!(database.group(DEFAULT_GROUP).await.unwrap().multiplier, half);
    })
    .await;
}
