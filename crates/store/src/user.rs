//! People and services that own keys and a balance.
//!
//! E-mail addresses are kept in lower case, so that one address is one user however it is typed.
//! A password's hash leaves this crate only through [`Database::password_hash`].

mod access;
mod freeze;
mod lock;
mod search;
mod top_up;

use domain::id::UserId;
use domain::money::Nanos;
use domain::secret::Secret;
use domain::time::UnixMillis;
use domain::user::{Credit, Role, Tier};
use sqlx::Row;
use sqlx::any::AnyRow;

use crate::database::{Database, Transaction};
use crate::error::StoreError;

pub(crate) use search::containing;

/// A user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// The user.
    pub id: UserId,
    /// The id in interfaces that take numbers only.
    pub number: i64,
    /// What people call them.
    pub name: String,
    /// Where they log in with, in lower case.
    pub email: Option<String>,
    /// What they may do.
    pub role: Role,
    /// How many keys they can have.
    pub tier: Tier,
    /// The groups that their keys can route through, in order.
    pub groups: Vec<String>,
    /// Whether a balance bounds their calls.
    pub credit: Credit,
    /// Everything that was ever topped up; what is spent is in the counters.
    pub credited: Nanos,
    /// Shut out, keys included.
    pub disabled: bool,
    /// Whether they can log in with a password.
    pub has_password: bool,
    /// When their balance was frozen: none of their keys makes a call until it is thawed.
    pub frozen_at: Option<UnixMillis>,
    /// When they were made.
    pub created_at: UnixMillis,
    /// Rises with each edit; a top-up is none.
    pub version: i64,
}

/// A user to be made.
pub struct NewUser {
    /// The user.
    pub id: UserId,
    /// What people call them.
    pub name: String,
    /// Where they log in with.
    pub email: Option<String>,
    /// What they may do.
    pub role: Role,
    /// How many keys they can have.
    pub tier: Tier,
    /// The groups that their keys can route through, in order.
    pub groups: Vec<String>,
    /// Whether a balance bounds their calls.
    pub credit: Credit,
    /// The argon2id hash of their password, if they have one yet.
    pub password_hash: Option<Secret>,
    /// When they are made.
    pub created_at: UnixMillis,
}

/// An edit of a user: what is none stays as it is.
#[derive(Default)]
pub struct UserChange {
    /// What people call them.
    pub name: Option<String>,
    /// Where they log in with; `Some(None)` takes it away.
    pub email: Option<Option<String>>,
    /// What they may do.
    pub role: Option<Role>,
    /// How many keys they can have.
    pub tier: Option<Tier>,
    /// The groups that their keys can route through.
    pub groups: Option<Vec<String>>,
    /// Whether a balance bounds their calls.
    pub credit: Option<Credit>,
    /// Shut out or let in again.
    pub disabled: Option<bool>,
    /// The argon2id hash of a new password; `Some(None)` takes the password away.
    pub password_hash: Option<Option<Secret>>,
}

/// Which users to list, newest first.
#[derive(Debug, Clone, Default)]
pub struct UserQuery {
    /// Part of the name or the e-mail address; empty: all.
    pub text: String,
    /// The last user of the page before.
    pub after: Option<UserId>,
    /// The most users to give.
    pub limit: u32,
}

macro_rules! columns {
    () => {
        "id, number, name, email, role, tier, groups, credit, credited, disabled, frozen_at, \
         CASE WHEN password_hash IS NULL THEN 0 ELSE 1 END AS has_password, created_at, version"
    };
}
use columns;

impl Database {
    /// A user.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when there is none of this id.
    pub async fn user(&self, id: UserId) -> Result<User, StoreError> {
        let row = sqlx::query(concat!("SELECT ", columns!(), " FROM users WHERE id = $1"))
            .bind(id.to_string())
            .fetch_one(self.readers())
            .await?;
        from_row(&row)
    }

    /// The user with an e-mail address, if any.
    ///
    /// # Errors
    /// When the database is unavailable.
    pub async fn user_by_email(&self, email: &str) -> Result<Option<User>, StoreError> {
        let row = sqlx::query(concat!("SELECT ", columns!(), " FROM users WHERE email = $1"))
            .bind(email.to_lowercase())
            .fetch_optional(self.readers())
            .await?;
        row.as_ref().map(from_row).transpose()
    }

    /// The user with a number, if any.
    ///
    /// # Errors
    /// When the database is unavailable.
    pub async fn user_by_number(&self, number: i64) -> Result<Option<User>, StoreError> {
        let row = sqlx::query(concat!("SELECT ", columns!(), " FROM users WHERE number = $1"))
            .bind(number)
            .fetch_optional(self.readers())
            .await?;
        row.as_ref().map(from_row).transpose()
    }

    /// A page of users, newest first.
    ///
    /// # Errors
    /// When the database is unavailable.
    pub async fn users(&self, query: &UserQuery) -> Result<Vec<User>, StoreError> {
        let rows = sqlx::query(concat!(
            "SELECT ",
            columns!(),
            " FROM users WHERE id < $1 AND ($2 = '' OR LOWER(name) LIKE LOWER($2) ESCAPE '\\' \
             OR COALESCE(email, '') LIKE LOWER($2) ESCAPE '\\') ORDER BY id DESC LIMIT $3"
        ))
        // Above every id, because a hexadecimal digit is never a `g`.
        .bind(query.after.map_or_else(|| "usr_g".to_owned(), |id| id.to_string()))
        .bind(containing(&query.text))
        .bind(i64::from(query.limit))
        .fetch_all(self.readers())
        .await?;
        rows.iter().map(from_row).collect()
    }

    /// How many users have a role.
    ///
    /// # Errors
    /// When the database is unavailable.
    pub async fn count_users(&self, role: Role) -> Result<i64, StoreError> {
        let row = sqlx::query("SELECT COUNT(*) AS count FROM users WHERE role = $1")
            .bind(role.name())
            .fetch_one(self.readers())
            .await?;
        Ok(row.try_get("count")?)
    }

    /// The hash of a user's password, if they have one.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when there is no such user.
    pub async fn password_hash(&self, id: UserId) -> Result<Option<Secret>, StoreError> {
        let row = sqlx::query("SELECT password_hash FROM users WHERE id = $1")
            .bind(id.to_string())
            .fetch_one(self.readers())
            .await?;
        Ok(row.try_get::<Option<String>, _>("password_hash")?.map(Secret::new))
    }
}

impl Transaction {
    /// Makes a user and gives them the next number.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when the e-mail address is taken.
    pub async fn insert_user(&mut self, user: &NewUser) -> Result<User, StoreError> {
        let groups = serde_json::to_string(&user.groups)
            .map_err(|e| StoreError::damaged("users.groups", e))?;
        loop {
            // Another transaction may take the same number: then this waits for it and tries again.
            let row = sqlx::query(concat!(
                "INSERT INTO users (id, number, name, email, role, tier, groups, credit, credited, disabled, \
                 password_hash, created_at, version) \
                 VALUES ($1, (SELECT COALESCE(MAX(number), 0) + 1 FROM users), $2, $3, $4, $5, $6, $7, 0, 0, $8, $9, 1) \
                 ON CONFLICT (number) DO NOTHING RETURNING ",
                columns!()
            ))
            .bind(user.id.to_string())
            .bind(&user.name)
            .bind(user.email.as_ref().map(|email| email.to_lowercase()))
            .bind(user.role.name())
            .bind(user.tier.name())
            .bind(&groups)
            .bind(user.credit.name())
            .bind(user.password_hash.as_ref().map(|hash| hash.expose().to_owned()))
            .bind(user.created_at.get())
            .fetch_optional(self.connection())
            .await?;
            if let Some(row) = row {
                self.about(user.id);
                return from_row(&row);
            }
        }
    }

    /// Edits a user that still has the version that was read.
    ///
    /// # Errors
    /// [`StoreError::Stale`] when it has another, [`StoreError::NotFound`] when there is no such
    /// user, [`StoreError::Conflict`] when the e-mail address is taken, [`StoreError::LastOwner`] when
    /// nobody would be left who can undo it.
    ///
    /// Sessions of a user who is shut out or gets another password end.
    pub async fn update_user(
        &mut self,
        id: UserId,
        version: i64,
        change: &UserChange,
    ) -> Result<User, StoreError> {
        let demotes = change.role.is_some_and(|role| role != Role::Owner);
        let may_end_an_owner = demotes || change.disabled == Some(true);
        let was_owner = may_end_an_owner && self.lock_if_owner(id).await?;
        let groups = change.groups.as_ref().map(serde_json::to_string).transpose();
        let groups = groups.map_err(|e| StoreError::damaged("users.groups", e))?;
        let email =
            change.email.as_ref().map(|email| email.as_ref().map(|text| text.to_lowercase()));
        let hash = change
            .password_hash
            .as_ref()
            .map(|hash| hash.as_ref().map(|text| text.expose().to_owned()));
        let row = sqlx::query(concat!(
            "UPDATE users SET name = COALESCE(CAST($1 AS TEXT), name), \
             email = CASE WHEN $2 = 1 THEN CAST($3 AS TEXT) ELSE email END, \
             role = COALESCE(CAST($4 AS TEXT), role), tier = COALESCE(CAST($5 AS TEXT), tier), \
             groups = COALESCE(CAST($6 AS TEXT), groups), credit = COALESCE(CAST($7 AS TEXT), credit), \
             disabled = COALESCE(CAST($8 AS BIGINT), disabled), \
             password_hash = CASE WHEN $9 = 1 THEN CAST($10 AS TEXT) ELSE password_hash END, \
             version = version + 1 WHERE id = $11 AND version = $12 RETURNING ",
            columns!()
        ))
        .bind(change.name.as_ref())
        .bind(i64::from(email.is_some()))
        .bind(email.flatten())
        .bind(change.role.map(Role::name))
        .bind(change.tier.map(Tier::name))
        .bind(groups)
        .bind(change.credit.map(Credit::name))
        .bind(change.disabled.map(i64::from))
        .bind(i64::from(hash.is_some()))
        .bind(hash.flatten())
        .bind(id.to_string())
        .bind(version)
        .fetch_optional(self.connection())
        .await?;
        let Some(row) = row else { return Err(self.missing_user(id).await?) };
        if was_owner && self.count_active_owners().await? == 0 {
            return Err(StoreError::LastOwner);
        }
        if change.disabled == Some(true) || change.password_hash.is_some() {
            // An edit knows no clock: they end with their last use.
            sqlx::query("UPDATE sessions SET ended_at = last_seen_at WHERE user_id = $1 AND ended_at IS NULL")
                .bind(id.to_string())
                .execute(self.connection())
                .await?;
        }
        from_row(&row)
    }

    /// Whether an edit that met no row met another version, or no user at all.
    async fn missing_user(&mut self, id: UserId) -> Result<StoreError, StoreError> {
        let found = sqlx::query("SELECT id FROM users WHERE id = $1")
            .bind(id.to_string())
            .fetch_optional(self.connection())
            .await?;
        Ok(if found.is_some() { StoreError::Stale } else { StoreError::NotFound })
    }
}

pub(crate) fn from_row(row: &AnyRow) -> Result<User, StoreError> {
    let text = |column: &str| row.try_get::<String, _>(column);
    let unknown = |column| StoreError::damaged(column, "unknown name");
    Ok(User {
        id: text("id")?.parse().map_err(|e| StoreError::damaged("users.id", e))?,
        number: row.try_get("number")?,
        name: text("name")?,
        email: row.try_get("email")?,
        role: Role::from_name(&text("role")?).ok_or_else(|| unknown("users.role"))?,
        tier: Tier::from_name(&text("tier")?).ok_or_else(|| unknown("users.tier"))?,
        groups: serde_json::from_str(&text("groups")?)
            .map_err(|e| StoreError::damaged("users.groups", e))?,
        credit: Credit::from_name(&text("credit")?).ok_or_else(|| unknown("users.credit"))?,
        credited: Nanos::new(row.try_get("credited")?),
        disabled: row.try_get::<i64, _>("disabled")? != 0,
        frozen_at: row.try_get::<Option<i64>, _>("frozen_at")?.map(UnixMillis::new),
        has_password: row.try_get::<i64, _>("has_password")? != 0,
        created_at: UnixMillis::new(row.try_get("created_at")?),
        version: row.try_get("version")?,
    })
}
