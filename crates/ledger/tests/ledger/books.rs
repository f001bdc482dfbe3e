//! A ledger on a database in a temporary directory, with one user and one key.

use domain::bill::{BillingMethod, Multiplier};
use domain::dialect::Dialect;
use domain::id::{CallId, ChannelId, KeyId, TransactionId, UserId};
use domain::key::KeyHasher;
use domain::money::Nanos;
use domain::permission::Permissions;
use domain::policy::{KeyPolicy, RateLimits, WhenShort, WindowLimit};
use domain::time::UnixMillis;
use domain::usage::{Usage, UsageSource};
use domain::user::{Credit, Role, Tier};
use ledger::book::{Caps, KeyBook};
use ledger::call::{OpenCall, Reservation};
use ledger::journal::Intent;
use ledger::verify::{Report, verify};
use ledger::{Ledger, Options, lock_directory};
use std::sync::Arc;
use store::Database;
use store::api_key::NewApiKey;
use store::batch::{FinishedCall, Outcome};
use store::user::NewUser;
use tempfile::TempDir;

/// What every call of these tests sets aside, and what it uses: 1,000 tokens at 1 USD a million.
pub(crate) const BOUND: Nanos = Nanos::new(5_000_000);
pub(crate) const COST: Nanos = Nanos::new(1_000_000);

pub(crate) struct Books {
    pub(crate) directory: TempDir,
    pub(crate) ledger: Arc<Ledger>,
    pub(crate) database: Database,
    pub(crate) user: UserId,
    pub(crate) key: KeyId,
    pub(crate) price_version: i64,
}

pub(crate) fn policy() -> KeyPolicy {
    KeyPolicy {
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
        when_short: WhenShort::Refuse,
        allowed_models: Box::default(),
        ip_allowlist: Box::default(),
        groups: Box::default(),
    }
}

impl Books {
    /// A user with this much, and a key without limits of its own.
    pub(crate) async fn with_balance(balance: Nanos) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let database = Database::open_embedded(directory.path()).await.unwrap();
        let now = UnixMillis::new(1_700_000_000_000);
        let (user, key) = (UserId::new(now, [1; 10]), KeyId::new(now, [2; 10]));
        let mut transaction = database.begin().await.unwrap();
        let new_user = NewUser {
            id: user,
            name: "User".to_owned(),
            email: None,
            role: Role::Member,
            tier: Tier::Standard,
            groups: vec!["default".to_owned()],
            credit: Credit::Balance,
            password_hash: None,
            created_at: now,
        };
        transaction.insert_user(&new_user).await.unwrap();
        transaction
            .credit_user(user, balance, TransactionId::new(now, [3; 10]), "test", now)
            .await
            .unwrap();
        let new_key = NewApiKey {
            id: key,
            owner: user,
            name: "key".to_owned(),
            masked: "sk-…".to_owned(),
            digest: KeyHasher::new(&[0; 32]).digest("sk-"),
            policy: policy(),
            soft_limit: None,
            tags: Vec::new(),
            metadata: serde_json::Map::new(),
            created_at: now,
        };
        transaction.insert_api_key(&new_key, None).await.unwrap();
        let price = serde_json::from_str(r#"{"input":1,"output":1}"#).unwrap();
        let price_version = transaction.set_price("model", &price, now).await.unwrap().version;
        transaction.commit().await.unwrap();
        let ledger = open(&directory, &database, |options| options).await;
        Self { directory, ledger, database, user, key, price_version }
    }

    /// Ends without a word, as a killed process does, and starts again.
    pub(crate) async fn crash(self, change: impl FnOnce(Options) -> Options) -> Self {
        let Self { directory, ledger, database, user, key, price_version } = self;
        // Background work holds the ledger for moments; once it is gone, so is the lock.
        let weak = Arc::downgrade(&ledger);
        drop(ledger);
        while weak.strong_count() > 0 {
            tokio::task::yield_now().await;
        }
        let ledger = open(&directory, &database, change).await;
        Self { directory, ledger, database, user, key, price_version }
    }

    pub(crate) async fn book(&self) -> Arc<KeyBook> {
        self.ledger.key_book(self.key, self.user).await.unwrap()
    }

    pub(crate) async fn reserve(&self) -> Reservation {
        let book = self.book().await;
        self.ledger
            .reserve(&book, Caps::from(&policy()), BOUND, self.ledger.now(), |_| None)
            .unwrap()
    }

    pub(crate) async fn open_call(&self) -> OpenCall {
        let reservation = self.reserve().await;
        let intent = self.intent(&reservation);
        reservation.forward(intent).await.unwrap()
    }

    pub(crate) async fn settled_call(&self) -> Box<FinishedCall> {
        let call = self.open_call().await;
        let finished = used(&call);
        call.settle(finished).await.unwrap()
    }

    pub(crate) async fn free(&self) -> Nanos {
        self.book().await.user().free().unwrap()
    }

    /// The report of a verification that must find nothing.
    pub(crate) async fn verified(&self) -> Report {
        let report = verify(&self.database).await.unwrap();
        assert_eq!(report.differences, Vec::<String>::new());
        report
    }

    fn intent(&self, reservation: &Reservation) -> Intent {
        let now = self.ledger.now();
        let (hour, day, month) = reservation.windows();
        Intent {
            id: CallId::new(now, rand::random()),
            key: self.key,
            user: self.user,
            bound: reservation.bound(),
            model: "model".into(),
            channel: ChannelId::new(now, [4; 10]),
            group: "default".into(),
            dialect: Dialect::Chat,
            billing_method: BillingMethod::UsageBased,
            price_version: self.price_version,
            multiplier: Multiplier::ONE,
            started_at: now,
            hour,
            day,
            month,
            client_ip: "192.0.2.1".into(),
            user_agent: "test".into(),
        }
    }
}

/// The end of a call that used what every call here uses.
pub(crate) fn used(call: &OpenCall) -> FinishedCall {
    let usage = Usage { input: 400, output: 600, ..Usage::default() };
    let finished = call.intent().finished(Outcome::Completed);
    FinishedCall {
        counted: true,
        usage,
        cost: COST,
        source: UsageSource::UpstreamFinal,
        status: 200,
        ..finished
    }
}

async fn open(
    directory: &TempDir,
    database: &Database,
    change: impl FnOnce(Options) -> Options,
) -> Arc<Ledger> {
    let options = change(Options {
        boot: "first boot".to_owned(),
        ..Options::new(directory.path().to_owned())
    });
    let lock = lock_directory(directory.path()).unwrap();
    Ledger::open(database.clone(), options, lock).await.unwrap()
}
