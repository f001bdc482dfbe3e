//! Redemption codes: an amount that whoever has the code adds to their balance, once.

use domain::id::{RedemptionCodeId, TransactionId, UserId};
use domain::key::KeyDigest;
use domain::money::Nanos;
use domain::time::UnixMillis;
use sqlx::Row;
use sqlx::any::AnyRow;

use crate::database::{Database, Transaction};
use crate::error::StoreError;

/// A code; its value is nowhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RedemptionCode {
    /// The code.
    pub id: RedemptionCodeId,
    /// The keyed hash of the value.
    pub digest: KeyDigest,
    /// The value as lists show it.
    pub masked: String,
    /// What it is worth.
    pub amount: Nanos,
    /// For people.
    pub note: String,
    /// When it ends by itself.
    pub expires_at: Option<UnixMillis>,
    /// Who made it.
    pub created_by: UserId,
    /// When it was made.
    pub created_at: UnixMillis,
    /// When it was taken back.
    pub revoked_at: Option<UnixMillis>,
    /// Who redeemed it, when, and the ledger's transaction.
    pub redeemed: Option<Redeemed>,
}

/// How a code was redeemed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Redeemed {
    /// By whom.
    pub by: UserId,
    /// When.
    pub at: UnixMillis,
    /// The ledger's transaction.
    pub transaction: TransactionId,
}

macro_rules! columns {
    () => {
        "id, digest, masked, amount, note, expires_at, created_by, created_at, revoked_at, \
         redeemed_by, redeemed_at, transaction_id"
    };
}

impl Database {
    /// A page of codes, newest first.
    ///
    /// # Errors
    /// When the database is unavailable.
    pub async fn redemption_codes(
        &self,
        after: Option<RedemptionCodeId>,
        limit: u32,
    ) -> Result<Vec<RedemptionCode>, StoreError> {
        let rows = sqlx::query(concat!(
            "SELECT ",
            columns!(),
            " FROM redemption_codes WHERE ($1 = '' OR id < $1) ORDER BY id DESC LIMIT $2"
        ))
        .bind(after.map(|id| id.to_string()).unwrap_or_default())
        .bind(i64::from(limit))
        .fetch_all(self.readers())
        .await?;
        rows.iter().map(from_row).collect()
    }

    /// The code of a value, whether it can still be redeemed or not.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when no code has this value.
    pub async fn redemption_code_by_digest(
        &self,
        digest: KeyDigest,
    ) -> Result<RedemptionCode, StoreError> {
        let row =
            sqlx::query(concat!("SELECT ", columns!(), " FROM redemption_codes WHERE digest = $1"))
                .bind(digest.to_hex())
                .fetch_one(self.readers())
                .await?;
        from_row(&row)
    }
}

impl Transaction {
    /// Makes a code.
    ///
    /// # Errors
    /// When the database is unavailable.
    pub async fn insert_redemption_code(
        &mut self,
        code: &RedemptionCode,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO redemption_codes (id, digest, masked, amount, note, expires_at, created_by, created_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        )
        .bind(code.id.to_string())
        .bind(code.digest.to_hex())
        .bind(&code.masked)
        .bind(code.amount.get())
        .bind(&code.note)
        .bind(code.expires_at.map(UnixMillis::get))
        .bind(code.created_by.to_string())
        .bind(code.created_at.get())
        .execute(self.connection())
        .await?;
        self.about(code.id);
        Ok(())
    }

    /// Takes a code back that nobody has redeemed.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when there is none such, or it was redeemed or revoked before.
    pub async fn revoke_redemption_code(
        &mut self,
        id: RedemptionCodeId,
        now: UnixMillis,
    ) -> Result<RedemptionCode, StoreError> {
        let row = sqlx::query(concat!(
            "UPDATE redemption_codes SET revoked_at = $1 \
             WHERE id = $2 AND revoked_at IS NULL AND redeemed_by IS NULL RETURNING ",
            columns!()
        ))
        .bind(now.get())
        .bind(id.to_string())
        .fetch_one(self.connection())
        .await?;
        from_row(&row)
    }

    /// Uses a code up and gives what it is worth. Of several who try at once, one succeeds.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when it cannot be redeemed (any more).
    pub async fn redeem_code(
        &mut self,
        digest: KeyDigest,
        redeemed: Redeemed,
    ) -> Result<RedemptionCode, StoreError> {
        let row = sqlx::query(concat!(
            "UPDATE redemption_codes SET redeemed_by = $1, redeemed_at = $2, transaction_id = $3 \
             WHERE digest = $4 AND redeemed_by IS NULL AND revoked_at IS NULL \
             AND (expires_at IS NULL OR expires_at > $2) RETURNING ",
            columns!()
        ))
        .bind(redeemed.by.to_string())
        .bind(redeemed.at.get())
        .bind(redeemed.transaction.to_string())
        .bind(digest.to_hex())
        .fetch_one(self.connection())
        .await?;
        let code = from_row(&row)?;
        self.about(code.id);
        Ok(code)
    }
}

fn from_row(row: &AnyRow) -> Result<RedemptionCode, StoreError> {
    let text = |column: &str| row.try_get::<String, _>(column);
    let time =
        |column: &str| row.try_get::<Option<i64>, _>(column).map(|time| time.map(UnixMillis::new));
    let damaged = |column, error: domain::id::InvalidId| StoreError::damaged(column, error);
    let by: Option<String> = row.try_get("redeemed_by")?;
    let transaction: Option<String> = row.try_get("transaction_id")?;
    let redeemed = match (by, time("redeemed_at")?, transaction) {
        (Some(by), Some(at), Some(transaction)) => Some(Redeemed {
            by: by.parse().map_err(|e| damaged("redemption_codes.redeemed_by", e))?,
            at,
            transaction: transaction
                .parse()
                .map_err(|e| damaged("redemption_codes.transaction_id", e))?,
        }),
        _ => None,
    };
    Ok(RedemptionCode {
        id: text("id")?.parse().map_err(|e| damaged("redemption_codes.id", e))?,
        digest: KeyDigest::from_hex(&text("digest")?).ok_or_else(|| {
            StoreError::damaged("redemption_codes.digest", "expected 64 hexadecimal digits")
        })?,
        masked: text("masked")?,
        amount: Nanos::new(row.try_get("amount")?),
        note: text("note")?,
        expires_at: time("expires_at")?,
        created_by: text("created_by")?
            .parse()
            .map_err(|e| damaged("redemption_codes.created_by", e))?,
        created_at: UnixMillis::new(row.try_get("created_at")?),
        revoked_at: time("revoked_at")?,
        redeemed,
    })
}
