//! Users: read as written, edited once, paged, topped up.

use domain::id::TransactionId;
use domain::money::Nanos;
use domain::secret::Secret;
use domain::user::{Credit, Role, Tier};
use store::StoreError;
use store::ledger_entry::Account;
use store::user::{UserChange, UserQuery};

use crate::fixture::{NOW, new_user, on_each_database, random, user};

#[tokio::test]
async fn a_user_is_read_as_written() {
    on_each_database(async |database| {
        let mut new = new_user(1);
        new.email = Some("Ada@Example.org".to_owned());
        new.password_hash = Some(Secret::new("$argon2id$x".to_owned()));
        let mut transaction = database.begin().await.unwrap();
        let made = transaction.insert_user(&new).await.unwrap();
        transaction.commit().await.unwrap();

        assert_eq!(database.user(new.id).await.unwrap(), made);
        assert_eq!(database.user_by_email("ADA@example.ORG").await.unwrap(), Some(made.clone()));
        assert_eq!(database.user_by_number(1).await.unwrap(), Some(made.clone()));
        assert_eq!(database.user_by_email("nobody@example.org").await.unwrap(), None);
        assert_eq!(made.email.as_deref(), Some("ada@example.org"));
        assert_eq!((made.number, made.version, made.credited), (1, 1, Nanos::ZERO));
        assert!(made.has_password && !made.disabled);
        assert_eq!(database.password_hash(new.id).await.unwrap().unwrap().expose(), "$argon2id$x");
    })
    .await;
}

#[tokio::test]
async fn an_address_belongs_to_one_user() {
    on_each_database(async |database| {
        user(&database, 1).await;
        let mut second = new_user(2);
        second.email = Some("USER1@example.org".to_owned());
        let mut transaction = database.begin().await.unwrap();
        let refused = transaction.insert_user(&second).await;
        assert!(matches!(refused, Err(StoreError::Conflict(what)) if what == "this email"));
    })
    .await;
}

#[tokio::test]
async fn an_edit_changes_what_it_names_once() {
    on_each_database(async |database| {
        let before = user(&database, 1).await;
        let change = UserChange {
            email: Some(None),
            tier: Some(Tier::Enterprise),
            credit: Some(Credit::Unlimited),
            disabled: Some(true),
            password_hash: Some(Some(Secret::new("hash".to_owned()))),
            ..UserChange::default()
        };
        let mut transaction = database.begin().await.unwrap();
        let after = transaction.update_user(before.id, before.version, &change).await.unwrap();
        let again = transaction.update_user(before.id, before.version, &change).await;
        let nobody = transaction.update_user(new_user(9).id, 1, &change).await;
        transaction.commit().await.unwrap();

        assert!(matches!(again, Err(StoreError::Stale)));
        assert!(matches!(nobody, Err(StoreError::NotFound)));
        assert_eq!(
            (after.name.as_str(), after.email.as_deref(), after.version),
            ("User 1", None, 2)
        );
        assert_eq!(
            (after.tier, after.credit, after.role),
            (Tier::Enterprise, Credit::Unlimited, Role::Member)
        );
        assert!(after.disabled && after.has_password);
        assert_eq!(database.user(before.id).await.unwrap(), after);
    })
    .await;
}

#[tokio::test]
async fn users_are_searched_and_paged() {
    on_each_database(async |database| {
        for n in 1..=5 {
            user(&database, n).await;
        }
        let mut odd = new_user(6);
        odd.name = "100% Grace_H".to_owned();
        let mut transaction = database.begin().await.unwrap();
        transaction.insert_user(&odd).await.unwrap();
        transaction.commit().await.unwrap();

        let numbers = async |text: &str, after, limit| -> Vec<i64> {
            let query = UserQuery { text: text.to_owned(), after, limit };
            database.users(&query).await.unwrap().iter().map(|user| user.number).collect()
        };
        assert_eq!(numbers("", None, 3).await, [6, 5, 4]);
        assert_eq!(numbers("", Some(new_user(4).id), 3).await, [3, 2, 1]);
        assert_eq!(numbers("USER3@", None, 9).await, [3]);
        assert_eq!(numbers("grace_h", None, 9).await, [6]);
        assert_eq!(numbers("%", None, 9).await, [6]);
        assert_eq!(numbers("user_", None, 9).await, [0; 0]);
        assert_eq!(database.count_users(Role::Member).await.unwrap(), 6);
        assert_eq!(database.count_users(Role::Owner).await.unwrap(), 0);
    })
    .await;
}

#[tokio::test]
async fn a_top_up_is_credited_and_booked() {
    on_each_database(async |database| {
        let id = user(&database, 1).await.id;
        let amount = Nanos::from_usd(25);
        let mut transaction = database.begin().await.unwrap();
        let first = TransactionId::new(NOW, random(1));
        let after = transaction.credit_user(id, amount, first, "cash", NOW).await.unwrap();
        transaction.commit().await.unwrap();

        assert_eq!((after.credited, after.version), (amount, 1));
        assert_eq!(database.account_balance(&Account::User(id)).await.unwrap(), amount);
        let cash = Account::Operator("cash".to_owned());
        assert_eq!(database.account_balance(&cash).await.unwrap(), Nanos::from_usd(-25));
    })
    .await;
}

#[tokio::test]
async fn a_top_up_that_the_books_cannot_hold_changes_nothing() {
    on_each_database(async |database| {
        let id = user(&database, 1).await.id;
        let mut transaction = database.begin().await.unwrap();
        let mut n = 0;
        let mut credit = async |user, amount| {
            n += 1;
            transaction.credit_user(user, amount, TransactionId::new(NOW, random(n)), "", NOW).await
        };
        assert!(matches!(credit(id, Nanos::new(-1)).await, Err(StoreError::AmountRefused(_))));
        assert!(matches!(credit(id, Nanos::ZERO).await, Err(StoreError::AmountRefused(_))));
        assert!(matches!(credit(new_user(9).id, Nanos::new(1)).await, Err(StoreError::NotFound)));
        assert!(credit(id, Nanos::MAX).await.is_ok());
        assert!(matches!(credit(id, Nanos::new(1)).await, Err(StoreError::AmountRefused(_))));
        transaction.commit().await.unwrap();
        assert_eq!(database.user(id).await.unwrap().credited, Nanos::MAX);
    })
    .await;
}

#[tokio::test]
async fn users_made_at_once_have_different_numbers() {
    on_each_database(async |database| {
        let tasks: Vec<_> = (1..=12)
            .map(|n| {
                let database = database.clone();
                tokio::spawn(async move { user(&database, n).await.number })
            })
            .collect();
        let mut numbers = Vec::new();
        for task in tasks {
            numbers.push(task.await.unwrap());
        }
        numbers.sort_unstable();
        assert_eq!(numbers, (1..=12).collect::<Vec<i64>>());
    })
    .await;
}
