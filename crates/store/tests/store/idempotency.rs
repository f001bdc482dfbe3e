//! Stored answers: the first one stays.

use store::idempotency::StoredAnswer;

use crate::fixture::{NOW, new_user, on_each_database};

#[tokio::test]
async fn the_first_answer_stays() {
    on_each_database(async |database| {
        let (owner, other) = (new_user(1).id, new_user(2).id);
        let answer = |status| StoredAnswer {
            request_hash: "h".to_owned(),
            status,
            response: r#"{"key":null}"#.to_owned(),
            created_at: NOW,
        };
        let mut transaction = database.begin().await.unwrap();
        assert_eq!(transaction.store_answer(owner, "k", &answer(201)).await.unwrap(), None);
        assert_eq!(
            transaction.store_answer(owner, "k", &answer(500)).await.unwrap(),
            Some(answer(201))
        );
        assert_eq!(transaction.store_answer(other, "k", &answer(202)).await.unwrap(), None);
        transaction.commit().await.unwrap();
        assert_eq!(database.stored_answer(owner, "k").await.unwrap(), Some(answer(201)));
        assert_eq!(database.stored_answer(owner, "j").await.unwrap(), None);

        let mut transaction = database.begin().await.unwrap();
        transaction.forget_answers(NOW).await.unwrap();
        transaction.commit().await.unwrap();
        assert!(database.stored_answer(owner, "k").await.unwrap().is_some());
        let mut transaction = database.begin().await.unwrap();
        transaction.forget_answers(NOW.plus(1)).await.unwrap();
        transaction.commit().await.unwrap();
        assert_eq!(database.stored_answer(owner, "k").await.unwrap(), None);
    })
    .await;
}
