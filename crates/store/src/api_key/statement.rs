//! The statements of the lists of keys: one text per scope and order, so that each can walk an
//! index; and in the order of making one per status too, so that a rare status is found by an
//! index of its own. Each looks at so many keys and says which of them are to be listed.
//!
//! `$1` the scope's subject, `$2` text, `$3` group, `$4` tag, `$5` model, `$6` now, `$7` and `$8` the
//! place that they come behind (figure and id), `$9` how many, `$10` text within tags, `$11` status,
//! `$12` owner, `$13` the start of the month.

use domain::status::KeyStatus;

use super::list::KeySort;
use crate::dialect::Dialect;

/// An order in which one statement walks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Statement {
    /// Keys in this order.
    Sorted(KeySort),
    /// Keys that were used, by their last use.
    Used,
    UsedDescending,
    /// Keys that never were, by id.
    NeverUsed,
    NeverUsedDescending,
    /// Keys that something was charged to, by the amount.
    Charged,
    ChargedDescending,
    /// Keys without any charge, by id.
    NeverCharged,
    NeverChargedDescending,
    /// Keys that something was charged to in the month, by the amount.
    ChargedInMonth,
    ChargedInMonthDescending,
    /// Keys without any charge in the month, by id.
    NotChargedInMonth,
    NotChargedInMonthDescending,
}

impl From<KeySort> for Statement {
    fn from(sort: KeySort) -> Self {
        Self::Sorted(sort)
    }
}

/// Among which keys one statement walks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scope {
    /// All; the owner is a filter.
    Everybody,
    /// One owner's, by an index.
    Owner,
    /// Those with the numbers of a JSON list.
    These(Dialect),
}

macro_rules! list {
    ($figure:literal, $from:literal, $scope:literal, $indexed:literal, $status:expr, $order:literal) => {
        concat!(
            "SELECT id, ",
            $figure,
            " AS sort_at, CAST(CASE WHEN deleted_at IS NULL AND ($12 = '' OR owner_id = $12) \
             AND ($2 = '' OR LOWER(name) LIKE LOWER($2) ESCAPE '\\' OR LOWER(masked) LIKE LOWER($2) ESCAPE '\\' \
             OR ($10 <> '' AND LOWER(tags) LIKE LOWER($10) ESCAPE '\\')) \
             AND ($3 = '' OR groups LIKE $3 ESCAPE '\\') \
             AND ($4 = '' OR tags LIKE $4 ESCAPE '\\') \
             AND ($5 = '' OR allowed_models LIKE $5 ESCAPE '\\') \
             AND CAST($6 AS BIGINT) >= 0 AND CAST($7 AS BIGINT) IS NOT NULL AND CAST($8 AS TEXT) IS NOT NULL \
             AND CAST($11 AS TEXT) IS NOT NULL AND CAST($13 AS BIGINT) IS NOT NULL AND ",
            $status,
            " THEN 1 ELSE 0 END AS BIGINT) AS found FROM ",
            $from,
            " WHERE ",
            $scope,
            " AND ",
            $indexed,
            " AND ",
            $order,
            " LIMIT $9"
        )
    };
}

// The status is derived here as it is everywhere: from the key's own columns and its counter of its
// whole life.
macro_rules! used_up {
    () => {
        "COALESCE((SELECT settled + held FROM counters WHERE subject = api_keys.id \
         AND period = 'total' AND starts_at = 0), 0)"
    };
}

macro_rules! was_used {
    () => {
        "EXISTS (SELECT 1 FROM counters WHERE subject = api_keys.id AND period = 'total' AND starts_at = 0 \
         AND last_used_at > 0)"
    };
}

macro_rules! was_charged {
    () => {
        "EXISTS (SELECT 1 FROM counters WHERE subject = api_keys.id AND period = 'total' AND starts_at = 0 \
         AND settled > 0)"
    };
}

macro_rules! was_charged_in_month {
    () => {
        "EXISTS (SELECT 1 FROM counters WHERE subject = api_keys.id AND period = 'month' AND starts_at = $13 \
         AND settled > 0)"
    };
}

macro_rules! live {
    () => {
        "revoked_at IS NULL AND disabled = 0 AND (expires_at IS NULL OR expires_at > $6)"
    };
}

macro_rules! any_status {
    () => {
        concat!(
            "($11 = '' OR $11 = CASE WHEN revoked_at IS NOT NULL THEN 'revoked' WHEN disabled <> 0 THEN 'disabled' \
             WHEN expires_at <= $6 THEN 'expired' WHEN quota <= ",
            used_up!(),
            " THEN 'exhausted' WHEN ",
            was_used!(),
            " THEN 'active' ELSE 'not_used' END)"
        )
    };
}

macro_rules! of_status {
    ($status:expr, $scope:literal, $order:literal) => {
        match $status {
            None => list!("0", "api_keys", $scope, "1 = 1", any_status!(), $order),
            Some(KeyStatus::Revoked) => {
                list!("0", "api_keys", $scope, "revoked_at IS NOT NULL", "1 = 1", $order)
            }
            Some(KeyStatus::Disabled) => {
                list!("0", "api_keys", $scope, "disabled <> 0", "revoked_at IS NULL", $order)
            }
            Some(KeyStatus::Expired) => list!(
                "0",
                "api_keys",
                $scope,
                "expires_at IS NOT NULL AND expires_at <= $6",
                "disabled = 0 AND revoked_at IS NULL",
                $order
            ),
            Some(KeyStatus::Exhausted) => list!(
                "0",
                "api_keys",
                $scope,
                "quota IS NOT NULL",
                concat!(live!(), " AND quota <= ", used_up!()),
                $order
            ),
            Some(KeyStatus::Active) => list!(
                "0",
                "api_keys",
                $scope,
                "1 = 1",
                concat!(
                    live!(),
                    " AND (quota IS NULL OR quota > ",
                    used_up!(),
                    ") AND ",
                    was_used!()
                ),
                $order
            ),
            Some(KeyStatus::NotUsed) => list!(
                "0",
                "api_keys",
                $scope,
                "1 = 1",
                concat!(
                    live!(),
                    " AND (quota IS NULL OR quota > ",
                    used_up!(),
                    ") AND NOT ",
                    was_used!()
                ),
                $order
            ),
        }
    };
}

macro_rules! in_scope {
    ($sort:expr, $status:expr, $scope:literal) => {
        match $sort {
            Statement::Sorted(KeySort::NewestFirst) => {
                of_status!($status, $scope, "id < $8 ORDER BY id DESC")
            }
            Statement::Sorted(KeySort::OldestFirst) => {
                of_status!($status, $scope, "id > $8 ORDER BY id")
            }
            Statement::Sorted(KeySort::ByName) => list!(
                "0",
                "api_keys",
                $scope,
                "1 = 1",
                any_status!(),
                "($8 = '' OR (name, id) > ((SELECT name FROM api_keys WHERE id = $8), $8)) ORDER BY name, id"
            ),
            Statement::Sorted(KeySort::ByNameDescending) => list!(
                "0",
                "api_keys",
                $scope,
                "1 = 1",
                any_status!(),
                "($8 = '' OR (name, id) < ((SELECT name FROM api_keys WHERE id = $8), $8)) ORDER BY name DESC, id DESC"
            ),
            Statement::Sorted(KeySort::ByExpiry) => list!(
                "COALESCE(expires_at, 9223372036854775807)",
                "api_keys",
                $scope,
                "1 = 1",
                any_status!(),
                "(COALESCE(expires_at, 9223372036854775807), id) > ($7, $8) \
                 ORDER BY COALESCE(expires_at, 9223372036854775807), id"
            ),
            Statement::Sorted(KeySort::ByExpiryDescending) => list!(
                "COALESCE(expires_at, 9223372036854775807)",
                "api_keys",
                $scope,
                "1 = 1",
                any_status!(),
                "(COALESCE(expires_at, 9223372036854775807), id) < ($7, $8) \
                 ORDER BY COALESCE(expires_at, 9223372036854775807) DESC, id DESC"
            ),
            Statement::Sorted(KeySort::ByLastUse) => list!(
                "COALESCE(last_used_at, 0)",
                "api_keys LEFT JOIN counters ON subject = id AND period = 'total' AND starts_at = 0",
                $scope,
                "1 = 1",
                any_status!(),
                "(COALESCE(last_used_at, 0), id) > ($7, $8) ORDER BY COALESCE(last_used_at, 0), id"
            ),
            Statement::Sorted(KeySort::ByLastUseDescending) => list!(
                "COALESCE(last_used_at, 0)",
                "api_keys LEFT JOIN counters ON subject = id AND period = 'total' AND starts_at = 0",
                $scope,
                "1 = 1",
                any_status!(),
                "(COALESCE(last_used_at, 0), id) < ($7, $8) ORDER BY COALESCE(last_used_at, 0) DESC, id DESC"
            ),
            Statement::Sorted(KeySort::ByUsed) => list!(
                "COALESCE(settled, 0)",
                "api_keys LEFT JOIN counters ON subject = id AND period = 'total' AND starts_at = 0",
                $scope,
                "1 = 1",
                any_status!(),
                "(COALESCE(settled, 0), id) > ($7, $8) ORDER BY COALESCE(settled, 0), id"
            ),
            Statement::Sorted(KeySort::ByUsedDescending) => list!(
                "COALESCE(settled, 0)",
                "api_keys LEFT JOIN counters ON subject = id AND period = 'total' AND starts_at = 0",
                $scope,
                "1 = 1",
                any_status!(),
                "(COALESCE(settled, 0), id) < ($7, $8) ORDER BY COALESCE(settled, 0) DESC, id DESC"
            ),
            Statement::Sorted(KeySort::ByMonth) => list!(
                "COALESCE(settled, 0)",
                "api_keys LEFT JOIN counters ON subject = id AND period = 'month' AND starts_at = $13",
                $scope,
                "1 = 1",
                any_status!(),
                "(COALESCE(settled, 0), id) > ($7, $8) ORDER BY COALESCE(settled, 0), id"
            ),
            Statement::Sorted(KeySort::ByMonthDescending) => list!(
                "COALESCE(settled, 0)",
                "api_keys LEFT JOIN counters ON subject = id AND period = 'month' AND starts_at = $13",
                $scope,
                "1 = 1",
                any_status!(),
                "(COALESCE(settled, 0), id) < ($7, $8) ORDER BY COALESCE(settled, 0) DESC, id DESC"
            ),
            Statement::Used => list!(
                "last_used_at",
                "counters JOIN api_keys ON id = subject",
                $scope,
                "1 = 1",
                any_status!(),
                "period = 'total' AND starts_at = 0 AND last_used_at > 0 AND (last_used_at, subject) > ($7, $8) \
                 ORDER BY last_used_at, subject"
            ),
            Statement::UsedDescending => list!(
                "last_used_at",
                "counters JOIN api_keys ON id = subject",
                $scope,
                "1 = 1",
                any_status!(),
                "period = 'total' AND starts_at = 0 AND last_used_at > 0 AND (last_used_at, subject) < ($7, $8) \
                 ORDER BY last_used_at DESC, subject DESC"
            ),
            Statement::Charged => list!(
                "settled",
                "counters JOIN api_keys ON id = subject",
                $scope,
                "1 = 1",
                any_status!(),
                "period = 'total' AND starts_at = 0 AND settled > 0 AND (settled, subject) > ($7, $8) \
                 ORDER BY settled, subject"
            ),
            Statement::ChargedDescending => list!(
                "settled",
                "counters JOIN api_keys ON id = subject",
                $scope,
                "1 = 1",
                any_status!(),
                "period = 'total' AND starts_at = 0 AND settled > 0 AND (settled, subject) < ($7, $8) \
                 ORDER BY settled DESC, subject DESC"
            ),
            Statement::NeverUsed => list!(
                "0",
                "api_keys",
                $scope,
                "1 = 1",
                concat!(any_status!(), " AND NOT ", was_used!()),
                "id > $8 ORDER BY id"
            ),
            Statement::NeverUsedDescending => list!(
                "0",
                "api_keys",
                $scope,
                "1 = 1",
                concat!(any_status!(), " AND NOT ", was_used!()),
                "id < $8 ORDER BY id DESC"
            ),
            Statement::NeverCharged => list!(
                "0",
                "api_keys",
                $scope,
                "1 = 1",
                concat!(any_status!(), " AND NOT ", was_charged!()),
                "id > $8 ORDER BY id"
            ),
            Statement::NeverChargedDescending => list!(
                "0",
                "api_keys",
                $scope,
                "1 = 1",
                concat!(any_status!(), " AND NOT ", was_charged!()),
                "id < $8 ORDER BY id DESC"
            ),
            Statement::ChargedInMonth => list!(
                "settled",
                "counters JOIN api_keys ON id = subject",
                $scope,
                "1 = 1",
                any_status!(),
                "period = 'month' AND SUBSTR(subject, 1, 4) = 'key_' AND starts_at = $13 AND settled > 0 \
                 AND (settled, subject) > ($7, $8) ORDER BY settled, subject"
            ),
            Statement::ChargedInMonthDescending => list!(
                "settled",
                "counters JOIN api_keys ON id = subject",
                $scope,
                "1 = 1",
                any_status!(),
                "period = 'month' AND SUBSTR(subject, 1, 4) = 'key_' AND starts_at = $13 AND settled > 0 \
                 AND (settled, subject) < ($7, $8) ORDER BY settled DESC, subject DESC"
            ),
            Statement::NotChargedInMonth => list!(
                "0",
                "api_keys",
                $scope,
                "1 = 1",
                concat!(any_status!(), " AND NOT ", was_charged_in_month!()),
                "id > $8 ORDER BY id"
            ),
            Statement::NotChargedInMonthDescending => list!(
                "0",
                "api_keys",
                $scope,
                "1 = 1",
                concat!(any_status!(), " AND NOT ", was_charged_in_month!()),
                "id < $8 ORDER BY id DESC"
            ),
        }
    };
}

/// The statement for an order. A walk by figure is among everybody's keys: by an index all of one
/// owner's would be sorted.
pub(super) const fn statement(
    sort: Statement,
    status: Option<KeyStatus>,
    scope: Scope,
) -> &'static str {
    match scope {
        Scope::Everybody => in_scope!(sort, status, "CAST($1 AS TEXT) IS NOT NULL"),
        Scope::Owner => in_scope!(sort, status, "owner_id = $1"),
        Scope::These(Dialect::Sqlite) => {
            in_scope!(sort, status, "number IN (SELECT value FROM json_each($1))")
        }
        Scope::These(Dialect::Postgres) => in_scope!(
            sort,
            status,
            "number IN (SELECT CAST(value AS BIGINT) FROM json_array_elements_text(CAST($1 AS json)) AS j(value))"
        ),
    }
}
