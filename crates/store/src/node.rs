//! The machines that keep these books, and how far each has shipped its journal.

use domain::id::NodeId;
use domain::time::UnixMillis;
use sqlx::Row;

use crate::database::{Database, Transaction};
use crate::error::StoreError;
use crate::native::Rows;
use crate::value::Value;

/// A node as the database knows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Node {
    /// The data directory's identity.
    pub id: NodeId,
    /// Counts the node's starts; a settled batch of an earlier start is refused.
    pub epoch: i64,
    /// The last journal record that is in the database.
    pub shipped: i64,
}

impl Database {
    /// A node, if it has ever started on this database.
    ///
    /// # Errors
    /// When the database is unavailable.
    pub async fn node(&self, id: NodeId) -> Result<Option<Node>, StoreError> {
        let row = sqlx::query("SELECT epoch, shipped FROM nodes WHERE id = $1")
            .bind(id.to_string())
            .fetch_optional(self.readers())
            .await?;
        row.map(|row| {
            Ok(Node { id, epoch: row.try_get("epoch")?, shipped: row.try_get("shipped")? })
        })
        .transpose()
    }
}

impl Database {
    /// Every node that ever started on this database, with whether it keeps books at present.
    ///
    /// # Errors
    /// When the database is unavailable.
    pub async fn nodes(&self) -> Result<Vec<(Node, bool)>, StoreError> {
        let rows = sqlx::query("SELECT id, epoch, shipped, active FROM nodes ORDER BY id")
            .fetch_all(self.readers())
            .await?;
        rows.iter()
            .map(|row| {
                let id: String = row.try_get("id")?;
                let id = id.parse().map_err(|e| StoreError::damaged("nodes.id", e))?;
                let node =
                    Node { id, epoch: row.try_get("epoch")?, shipped: row.try_get("shipped")? };
                Ok((node, row.try_get::<i64, _>("active")? == 1))
            })
            .collect()
    }
}

impl Transaction {
    /// Registers a node's start: a new epoch, the watermark kept.
    ///
    /// # Errors
    /// [`StoreError::OtherNode`] while another node keeps the books: one node leases all of every
    /// limit, so two of them could spend it twice.
    pub async fn start_node(&mut self, id: NodeId, now: UnixMillis) -> Result<Node, StoreError> {
        // Takes a lock that a second start waits for.
        sqlx::query("UPDATE deployment SET value = value").execute(self.connection()).await?;
        let other = sqlx::query("SELECT id FROM nodes WHERE active = 1 AND id <> $1")
            .bind(id.to_string())
            .fetch_optional(self.connection())
            .await?;
        if let Some(row) = other {
            return Err(StoreError::OtherNode(row.try_get("id")?));
        }
        let row = sqlx::query(
            "INSERT INTO nodes (id, epoch, shipped, active, started_at) VALUES ($1, 1, 0, 1, $2) \
             ON CONFLICT (id) DO UPDATE SET epoch = nodes.epoch + 1, active = 1, started_at = excluded.started_at \
             RETURNING epoch, shipped",
        )
        .bind(id.to_string())
        .bind(now.get())
        .fetch_one(self.connection())
        .await?;
        Ok(Node { id, epoch: row.try_get("epoch")?, shipped: row.try_get("shipped")? })
    }

    /// Notes that a node keeps the books no longer: it ended in order, or is gone for good.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when there is no such node.
    pub async fn end_node(&mut self, id: NodeId) -> Result<(), StoreError> {
        let done = sqlx::query("UPDATE nodes SET active = 0 WHERE id = $1")
            .bind(id.to_string())
            .execute(self.connection())
            .await?;
        if done.rows_affected() == 1 { Ok(()) } else { Err(StoreError::NotFound) }
    }

    /// Moves a node's watermark on, if it still stands where the caller believes.
    ///
    /// # Errors
    /// [`StoreError::Stale`] when the watermark or the epoch is another: someone else ships for
    /// this node, or this batch is in the database already.
    pub async fn advance_watermark(&mut self, node: Node, shipped: i64) -> Result<(), StoreError> {
        let query = node.watermark_row(shipped).into_iter();
        let query = query.fold(sqlx::query(ADVANCE), |query, value| value.bind(query));
        let done = query.execute(self.connection()).await?;
        if done.rows_affected() == 1 { Ok(()) } else { Err(StoreError::Stale) }
    }
}

/// What [`Transaction::advance_watermark`] does, on the native connection.
pub(crate) fn advance(
    connection: &rusqlite::Connection,
    node: Node,
    shipped: i64,
) -> Result<(), StoreError> {
    let moved = Rows::new(connection, ADVANCE)?.run(node.watermark_row(shipped))?;
    if moved { Ok(()) } else { Err(StoreError::Stale) }
}

const ADVANCE: &str = "UPDATE nodes SET shipped = $1 WHERE id = $2 AND epoch = $3 AND shipped = $4";

impl Node {
    /// The parameters of [`ADVANCE`].
    fn watermark_row(&self, shipped: i64) -> [Value<'static>; 4] {
        [shipped.into(), self.id.into(), self.epoch.into(), self.shipped.into()]
    }
}
