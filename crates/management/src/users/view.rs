//! A user as answers show them.

use domain::id::UserId;
use domain::money::Nanos;
use domain::user::{Credit, Role, Tier};
use serde::Serialize;
use store::StoreError;
use store::counter::Subject;
use store::user::User;
use utoipa::ToSchema;

use crate::answer::{Moment, Usd};
use crate::state::App;

/// A user.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = User)]
pub(crate) struct UserView {
    /// `usr_…`
    #[schema(value_type = String)]
    pub(crate) id: UserId,
    /// What people call them.
    pub(crate) name: String,
    /// Where they log in with, in lower case.
    pub(crate) email: Option<String>,
    /// `owner`, `admin` or `member`.
    #[schema(value_type = String)]
    pub(crate) role: Role,
    /// `standard`, `professional` or `enterprise`.
    #[schema(value_type = String)]
    pub(crate) tier: Tier,
    /// How many keys the tier allows; null: no limit.
    pub(crate) key_allowance: Option<i64>,
    /// The groups that their keys may route through, in order.
    pub(crate) groups: Vec<String>,
    /// `balance`: their calls are bounded by what was topped up; `unlimited`: they are only counted.
    #[schema(value_type = String)]
    pub(crate) credit: Credit,
    /// What was topped up less what was spent.
    pub(crate) balance: Usd,
    /// What is free for further calls; null: unlimited.
    pub(crate) available: Option<Usd>,
    /// Everything that was ever topped up or refunded.
    pub(crate) credited: Usd,
    /// Everything that was ever spent.
    pub(crate) spent: Usd,
    /// What is held for calls in doubt.
    pub(crate) held: Usd,
    /// What is set aside for calls under way.
    pub(crate) reserved: Usd,
    /// Shut out, keys included.
    pub(crate) disabled: bool,
    /// When their balance was frozen: none of their keys makes a call; null: it is not.
    pub(crate) frozen_at: Option<Moment>,
    /// Whether they can log in with a password.
    pub(crate) has_password: bool,
    /// When they were made.
    pub(crate) created_at: Moment,
    /// The version, for `If-Match`.
    pub(crate) etag: String,
}

/// What a user's calls cost so far.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Spending {
    spent: Nanos,
    held: Nanos,
    reserved: Nanos,
}

impl Spending {
    /// The loaded book's figures, else the database's.
    pub(crate) async fn of(app: &App, id: UserId) -> Result<Self, StoreError> {
        if let Some(book) = app.gateway.ledger.loaded_user(id) {
            let balance = book.balance();
            return Ok(Self {
                spent: Nanos::new(balance.settled()),
                held: Nanos::new(balance.held()),
                reserved: Nanos::new(balance.reserved()),
            });
        }
        let windows = app.gateway.ledger.windows(app.gateway.ledger.now());
        let counters = app.gateway.database.counters(Subject::User(id), &windows).await?;
        Ok(Self { spent: counters.total.settled, held: counters.total.held, reserved: Nanos::ZERO })
    }

    /// What is left of everything that was topped up.
    pub(crate) fn balance(&self, credited: Nanos) -> Nanos {
        less(credited, self.spent)
    }

    /// What is free for further calls.
    pub(crate) fn available(&self, credited: Nanos) -> Nanos {
        less(less(self.balance(credited), self.held), self.reserved).max(Nanos::ZERO)
    }
}

impl UserView {
    /// A user with their figures now.
    pub(crate) async fn of(app: &App, user: User) -> Result<Self, StoreError> {
        let spending = Spending::of(app, user.id).await?;
        let allowance = app.gateway.database.tier_limit(user.tier).await?;
        Ok(Self::with(user, spending, allowance))
    }

    /// A user with these figures, whose tier allows so many keys.
    pub(crate) fn with(user: User, spending: Spending, key_allowance: Option<i64>) -> Self {
        Self {
            id: user.id,
            name: user.name,
            email: user.email,
            role: user.role,
            tier: user.tier,
            key_allowance,
            groups: user.groups,
            credit: user.credit,
            balance: Usd(spending.balance(user.credited)),
            available: (user.credit == Credit::Balance)
                .then(|| Usd(spending.available(user.credited))),
            credited: Usd(user.credited),
            spent: Usd(spending.spent),
            held: Usd(spending.held),
            reserved: Usd(spending.reserved),
            disabled: user.disabled,
            frozen_at: user.frozen_at.map(Moment),
            has_password: user.has_password,
            created_at: Moment(user.created_at),
            etag: user.version.to_string(),
        }
    }
}

/// The difference; amounts in the books are far from the ends of their range.
fn less(from: Nanos, amount: Nanos) -> Nanos {
    Nanos::new(from.get().saturating_sub(amount.get()))
}
