//! The ledger: pages and balances.

use domain::id::TransactionId;
use domain::money::Nanos;
use store::ledger_entry::Account;

use crate::fixture::{NOW, on_each_database, random, user};

#[tokio::test]
async fn lines_are_paged_and_sum_to_zero() {
    on_each_database(async |database| {
        let id = user(&database, 1).await.id;
        let account = Account::User(id);
        let mut transaction = database.begin().await.unwrap();
        for n in 1..=5 {
            let top_up = TransactionId::new(NOW.plus(i64::from(n)), random(n));
            let amount = Nanos::from_usd(i64::from(n));
            transaction.credit_user(id, amount, top_up, &format!("no. {n}"), NOW).await.unwrap();
        }
        transaction.commit().await.unwrap();

        let page = database.ledger_entries(&account, None, 2).await.unwrap();
        let notes: Vec<&str> = page.iter().map(|entry| entry.note.as_str()).collect();
        assert_eq!(notes, ["no. 5", "no. 4"]);
        let last = page.last().map(|entry| (entry.transaction, entry.line));
        let rest = database.ledger_entries(&account, last, 9).await.unwrap();
        assert_eq!(
            rest.iter().map(|entry| entry.amount.get() / Nanos::PER_USD).collect::<Vec<_>>(),
            [3, 2, 1]
        );
        assert_eq!((rest[0].kind.as_str(), &rest[0].account), ("topup", &account));

        let lines = database.ledger_transaction(page[0].transaction).await.unwrap();
        assert_eq!(lines.len(), 2);
        assert_eq!(lines.iter().map(|entry| entry.amount.get()).sum::<i64>(), 0);
        assert_eq!(database.account_balance(&account).await.unwrap(), Nanos::from_usd(15));
        let nobody = Account::Operator("revenue".to_owned());
        assert_eq!(database.account_balance(&nobody).await.unwrap(), Nanos::ZERO);
    })
    .await;
}
