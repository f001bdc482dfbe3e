//! What must happen once or in order however many try: owners, second factors, codes, guesses.

use domain::id::{RedemptionCodeId, TransactionId};
use domain::money::Nanos;
use domain::user::{Role, Tier};
use store::attempt::Patience;
use store::redemption_code::{Redeemed, RedemptionCode};
use store::tier::TierTerms;
use store::user::{NewUser, UserChange};
use store::{Database, StoreError};

use crate::fixture::{NOW, digest, new_user, on_each_database, random, user};

/// Runs the same at once so many times; the successes.
async fn at_once<F>(times: u8, work: impl Fn(u8) -> F) -> usize
where
    F: Future<Output = Result<(), StoreError>> + Send + 'static,
{
    let mut running = tokio::task::JoinSet::new();
    (0..times).for_each(|n| drop(running.spawn(work(n))));
    let mut successes = 0;
    while let Some(done) = running.join_next().await {
        successes += usize::from(done.unwrap().is_ok());
    }
    successes
}

#[tokio::test]
async fn two_owners_cannot_shut_each_other_out() {
    on_each_database(async |database| {
        let mut owners = Vec::new();
        for n in 1..=4 {
            let owner = NewUser { role: Role::Owner, ..new_user(n) };
            let mut transaction = database.begin().await.unwrap();
            owners.push(transaction.insert_user(&owner).await.unwrap());
            transaction.commit().await.unwrap();
        }
        let successes = at_once(4, |n| {
            let (database, owner) = (database.clone(), owners[usize::from(n)].clone());
            async move {
                let disabled = (n % 2 == 0).then_some(true);
                let role = (n % 2 == 1).then_some(Role::Member);
                let change = UserChange { disabled, role, ..UserChange::default() };
                let mut transaction = database.begin().await?;
                transaction.update_user(owner.id, owner.version, &change).await?;
                transaction.commit().await
            }
        })
        .await;
        assert_eq!(successes, 3);
    })
    .await;
}

#[tokio::test]
async fn members_can_be_blocked_where_nobody_is_an_owner() {
    on_each_database(async |database| {
        let member = user(&database, 1).await;
        let change = UserChange { disabled: Some(true), ..UserChange::default() };
        let mut transaction = database.begin().await.unwrap();
        transaction.update_user(member.id, member.version, &change).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn a_second_factor_counts_once() {
    on_each_database(async |database| {
        let id = user(&database, 1).await.id;
        let mut transaction = database.begin().await.unwrap();
        transaction.set_pending_totp(id, Some("sealed")).await.unwrap();
        let other = transaction.confirm_totp(id, "another", 5).await;
        assert!(matches!(other, Err(StoreError::Stale)));
        transaction.confirm_totp(id, "sealed", 5).await.unwrap();
        transaction.set_recovery_codes(id, &[digest(1), digest(2)]).await.unwrap();
        transaction.commit().await.unwrap();
        let step = |step: i64| {
            let database = database.clone();
            move |_| {
                let database = database.clone();
                async move {
                    let mut transaction = database.begin().await?;
                    transaction.take_totp_step(id, step).await?;
                    transaction.commit().await
                }
            }
        };
        assert_eq!(at_once(8, step(5)).await, 0);
        assert_eq!(at_once(8, step(6)).await, 1);
        let recovered = at_once(8, |_| {
            let database = database.clone();
            async move {
                let mut transaction = database.begin().await?;
                transaction.take_recovery_code(id, digest(1), NOW).await?;
                transaction.commit().await
            }
        });
        assert_eq!(recovered.await, 1);
        assert_eq!(database.count_recovery_codes(id).await.unwrap(), 1);
        let mut transaction = database.begin().await.unwrap();
        transaction.remove_totp(id).await.unwrap();
        transaction.commit().await.unwrap();
        assert!(database.user_profile(id).await.unwrap().totp_secret.is_none());
        assert_eq!(database.count_recovery_codes(id).await.unwrap(), 0);
    })
    .await;
}

fn redemption_code(by: domain::id::UserId, n: u8) -> RedemptionCode {
    RedemptionCode {
        id: RedemptionCodeId::new(NOW, random(n)),
        digest: digest(u32::from(n)),
        masked: "ABCD…WXYZ".to_owned(),
        amount: Nanos::from_usd(5),
        note: "gift".to_owned(),
        expires_at: None,
        created_by: by,
        created_at: NOW,
        revoked_at: None,
        redeemed: None,
    }
}

async fn redeem(
    database: &Database,
    by: domain::id::UserId,
    code: u8,
    n: u8,
) -> Result<(), StoreError> {
    let mut transaction = database.begin().await?;
    let id = TransactionId::new(NOW, random(n));
    let redeemed = Redeemed { by, at: NOW, transaction: id };
    let code = transaction.redeem_code(digest(u32::from(code)), redeemed).await?;
    transaction.credit_redeemed(by, &code, id, NOW).await?;
    transaction.commit().await
}

#[tokio::test]
async fn a_code_is_redeemed_once() {
    on_each_database(async |database| {
        let id = user(&database, 1).await.id;
        let mut transaction = database.begin().await.unwrap();
        for n in 1..=3 {
            let ended = (n == 3).then_some(NOW);
            let code = RedemptionCode { expires_at: ended, ..redemption_code(id, n) };
            transaction.insert_redemption_code(&code).await.unwrap();
        }
        let revoked = redemption_code(id, 2).id;
        transaction.revoke_redemption_code(revoked, NOW).await.unwrap();
        transaction.commit().await.unwrap();
        let successes = at_once(12, |n| {
            let database = database.clone();
            async move { redeem(&database, id, 1, n).await }
        });
        assert_eq!(successes.await, 1);
        assert_eq!(database.user(id).await.unwrap().credited, Nanos::from_usd(5));
        for ended in [2, 3, 4] {
            let refused = redeem(&database, id, ended, 100).await;
            assert!(matches!(refused, Err(StoreError::NotFound)));
        }
        let entries = database
            .ledger_entries(&store::ledger_entry::Account::User(id), None, 10)
            .await
            .unwrap();
        let entry = entries.first().unwrap();
        assert_eq!(
            (entries.len(), entry.kind.as_str(), entry.note.as_str()),
            (1, "redemption", "gift")
        );
        assert_eq!(entry.reference, redemption_code(id, 1).id.to_string());
        let mut transaction = database.begin().await.unwrap();
        let late = transaction.revoke_redemption_code(redemption_code(id, 1).id, NOW).await;
        assert!(matches!(late, Err(StoreError::NotFound)));
    })
    .await;
}

#[tokio::test]
async fn guesses_at_once_do_not_slip_through() {
    on_each_database(async |database| {
        let patience = Patience { free: 3, longest: 60_000 };
        let let_in = at_once(20, |_| {
            let database = database.clone();
            async move {
                match database.count_attempt("a", patience, NOW).await? {
                    None => Ok(()),
                    Some(_) => Err(StoreError::NotFound),
                }
            }
        });
        // The third failure makes the next one wait.
        assert_eq!(let_in.await, 3);
        let wait = database.count_attempt("a", patience, NOW).await.unwrap();
        assert_eq!(wait, Some(NOW.plus(1_000)));
        assert_eq!(database.count_attempt("b", patience, NOW).await.unwrap(), None);
        // After the wait one more may try, and the next wait is longer.
        assert_eq!(database.count_attempt("a", patience, NOW.plus(1_000)).await.unwrap(), None);
        let wait = database.count_attempt("a", patience, NOW.plus(1_000)).await.unwrap();
        assert_eq!(wait, Some(NOW.plus(3_000)));
        let mut transaction = database.begin().await.unwrap();
        transaction.clear_attempts("a", NOW).await.unwrap();
        transaction.commit().await.unwrap();
        assert_eq!(database.count_attempt("a", patience, NOW).await.unwrap(), None);
    })
    .await;
}

#[tokio::test]
async fn tiers_can_be_set() {
    on_each_database(async |database| {
        let limits = async || {
            let tiers = database.tiers().await.unwrap();
            tiers.iter().map(|terms| terms.key_limit).collect::<Vec<_>>()
        };
        assert_eq!(limits().await, [Some(10), Some(50), None]);
        let mut transaction = database.begin().await.unwrap();
        for (tier, key_limit) in [(Tier::Standard, None), (Tier::Enterprise, Some(7))] {
            transaction.set_tier(TierTerms { tier, key_limit }).await.unwrap();
            assert_eq!(transaction.tier_limit(tier).await.unwrap(), key_limit);
        }
        transaction.commit().await.unwrap();
        assert_eq!(limits().await, [None, Some(50), Some(7)]);
        assert_eq!(database.tier_limit(Tier::Enterprise).await.unwrap(), Some(7));
    })
    .await;
}

#[tokio::test]
async fn a_login_means_an_address_or_a_name_of_one() {
    on_each_database(async |database| {
        let (one, two) = (user(&database, 1).await, user(&database, 2).await);
        let found =
            async |text: &str| database.user_by_login(text).await.unwrap().map(|user| user.id);
        assert_eq!(found("USER1@example.org").await, Some(one.id));
        assert_eq!(found("User 2").await, Some(two.id));
        let mut transaction = database.begin().await.unwrap();
        let twin = NewUser { name: "User 2".to_owned(), ..new_user(3) };
        transaction.insert_user(&twin).await.unwrap();
        transaction.commit().await.unwrap();
        assert_eq!((found("User 2").await, found("").await), (None, None));
    })
    .await;
}

#[tokio::test]
async fn names_of_several_come_at_once() {
    on_each_database(async |database| {
        let (one, two) = (user(&database, 1).await, user(&database, 2).await);
        let nobody = new_user(9).id;
        let names = database.user_names([two.id, one.id, nobody].into()).await.unwrap();
        let expected = [(one.id, one.name), (two.id, two.name)];
        assert_eq!(names, expected.into_iter().collect());
        assert!(database.user_names([].into()).await.unwrap().is_empty());
    })
    .await;
}
