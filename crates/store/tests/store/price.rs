//! Prices: versions and what is in force.

use domain::price::{PerMillion, Price};
use store::StoreError;

use crate::fixture::{NOW, on_each_database};

fn price(input: i64) -> Price {
    let (input, output) = (PerMillion::new(input), PerMillion::new(input * 5));
    Price { input: Some(input), output: Some(output), max_output: Some(64_000), ..Price::default() }
}

#[tokio::test]
async fn each_change_is_a_version() {
    on_each_database(async |database| {
        let mut transaction = database.begin().await.unwrap();
        let first = transaction.set_price("a", &price(1), NOW).await.unwrap();
        let other = transaction.set_price("b", &price(2), NOW).await.unwrap();
        let second = transaction.set_price("a", &price(3_000_000_001), NOW).await.unwrap();
        transaction.commit().await.unwrap();

        assert_eq!((first.version, other.version, second.version), (1, 2, 3));
        assert_eq!(second.price, Some(price(3_000_000_001)));
        assert_eq!(database.current_prices().await.unwrap(), [second.clone(), other]);
        assert_eq!(database.current_price("a").await.unwrap(), second);
        assert_eq!(
            database.price_history("a", None, 9).await.unwrap(),
            [second.clone(), first.clone()]
        );
        assert_eq!(
            database.price_history("a", Some(3), 9).await.unwrap(),
            std::slice::from_ref(&first)
        );
        assert_eq!(database.price_versions(&[3, 77, 1, 3]).await.unwrap(), [first, second]);
    })
    .await;
}

#[tokio::test]
async fn a_removed_price_is_no_price() {
    on_each_database(async |database| {
        let mut transaction = database.begin().await.unwrap();
        transaction.set_price("a", &price(1), NOW).await.unwrap();
        let removed = transaction.remove_price("a", NOW).await.unwrap();
        let again = transaction.remove_price("a", NOW).await;
        let unknown = transaction.remove_price("b", NOW).await;
        transaction.commit().await.unwrap();

        assert_eq!((removed.version, removed.price), (2, None));
        assert!(matches!((again, unknown), (Err(StoreError::NotFound), Err(StoreError::NotFound))));
        assert_eq!(database.current_prices().await.unwrap(), []);
        assert!(matches!(database.current_price("a").await, Err(StoreError::NotFound)));
        assert_eq!(database.price_versions(&(1..40).collect::<Vec<_>>()).await.unwrap().len(), 2);
    })
    .await;
}
