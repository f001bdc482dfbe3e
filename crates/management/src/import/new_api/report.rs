//! An import as its answer tells it.

use domain::id::{KeyId, UserId};
use domain::user::{Role, Tier};
use serde::Serialize;
use utoipa::ToSchema;

use super::Asked;
use super::channels::PlannedChannel;
use super::groups::PlannedGroup;
use super::keys::{PlannedKey, from};
use super::people::PlannedUser;
use super::plan::Plan;
use super::remarks::{Existing, Kind, Remark};
use crate::answer::{Moment, Usd};
use crate::groups::Factor;
use crate::prices::import::ImportReport;

/// What an import made, or would make.
#[derive(Serialize, ToSchema)]
pub(crate) struct SiteImport {
    /// Whether nothing was done.
    dry_run: bool,
    /// `new-api` or `one-api`.
    #[schema(value_type = String)]
    site: &'static str,
    /// How many of each, whatever `rows` says.
    counts: SiteImportCounts,
    /// Groups that are made, or get the site's factor.
    groups: Vec<ImportedGroup>,
    /// Users who are made, without a password.
    users: Vec<ImportedUser>,
    /// Keys that are made with the value that they had.
    keys: Vec<ImportedKey>,
    /// Channels that are made.
    channels: Vec<ImportedChannel>,
    /// Prices, from the site's ratios.
    prices: ImportReport,
    /// Models of the new channels that have no price: calls of them are refused until they have.
    unpriced_models: Vec<String>,
    /// What is here already, and stays as it is.
    existing: Vec<Existing>,
    /// What is not made, and why.
    left_out: Vec<Remark>,
    /// What is made, but not quite as it was.
    notes: Vec<Remark>,
}

/// How many of each kind.
#[derive(Serialize, ToSchema)]
struct SiteImportCounts {
    groups: SiteImportCount,
    users: SiteImportCount,
    keys: SiteImportCount,
    channels: SiteImportCount,
    prices: SiteImportCount,
    /// Notes.
    notes: usize,
    /// Models without a price.
    unpriced_models: usize,
}

/// How many of one kind.
#[derive(Serialize, ToSchema)]
struct SiteImportCount {
    /// Made, or to be made.
    made: usize,
    /// Here already.
    existing: usize,
    /// Not to be made.
    left_out: usize,
}

/// A group.
#[derive(Serialize, ToSchema)]
struct ImportedGroup {
    name: String,
    multiplier: Factor,
}

/// A user.
#[derive(Serialize, ToSchema)]
struct ImportedUser {
    /// `usr_…`: the same at every import.
    #[schema(value_type = String)]
    id: UserId,
    name: String,
    email: Option<String>,
    /// `owner`, `admin` or `member`.
    #[schema(value_type = String)]
    role: Role,
    /// `standard`, `professional` or `enterprise`: what their number of keys needs.
    #[schema(value_type = String)]
    tier: Tier,
    groups: Vec<String>,
    /// What is booked as a top-up.
    balance: Usd,
    disabled: bool,
}

/// A key.
#[derive(Serialize, ToSchema)]
struct ImportedKey {
    /// `key_…`; null in a dry run.
    #[schema(value_type = Option<String>)]
    id: Option<KeyId>,
    name: String,
    /// Whose it is.
    owner: String,
    masked: String,
    /// What is left of its quota; null: unlimited.
    quota: Option<Usd>,
    expires_at: Option<Moment>,
    disabled: bool,
    /// Its own groups; empty: its owner's.
    groups: Vec<String>,
    /// The models that it may call; empty: all.
    allowed_models: Vec<String>,
    /// The addresses that it may be used from; empty: all.
    ip_allowlist: Vec<String>,
}

/// A channel.
#[derive(Serialize, ToSchema)]
struct ImportedChannel {
    name: String,
    #[schema(value_type = String)]
    provider: &'static str,
    base_url: String,
    /// How many secrets it has.
    secrets: usize,
    /// How many models it serves.
    models: usize,
    groups: Vec<String>,
    priority: i64,
    weight: u32,
    disabled: bool,
}

impl SiteImport {
    pub(super) fn of(plan: Plan, asked: &Asked) -> Self {
        let (remarks, most) = (plan.remarks, asked.rows);
        let count = |kind, made| SiteImportCount {
            made,
            existing: remarks.count_existing(kind),
            left_out: remarks.count_left_out(kind),
        };
        let mut prices = plan.prices;
        let counts = SiteImportCounts {
            groups: count(Kind::Group, plan.groups.len()),
            users: count(Kind::User, plan.users.len()),
            keys: count(Kind::Key, plan.keys.len()),
            channels: count(Kind::Channel, plan.channels.len()),
            prices: SiteImportCount {
                made: prices.changes().count(),
                existing: prices.unchanged.len()
                    + prices.differs.iter().filter(|it| !it.replaced).count(),
                left_out: prices.skipped.len(),
            },
            notes: remarks.notes.len(),
            unpriced_models: plan.unpriced.len(),
        };
        prices.set.truncate(most);
        prices.differs.truncate(most);
        prices.unchanged.truncate(most);
        prices.skipped.truncate(most);
        Self {
            dry_run: asked.dry_run,
            site: from(plan.kind),
            counts,
            groups: plan.groups.into_iter().take(most).map(Into::into).collect(),
            users: plan.users.into_iter().take(most).map(Into::into).collect(),
            keys: plan.keys.into_iter().take(most).map(|key| ImportedKey::of(key, asked)).collect(),
            channels: plan.channels.into_iter().take(most).map(Into::into).collect(),
            prices,
            unpriced_models: plan.unpriced.into_iter().take(most).collect(),
            existing: remarks.existing.into_iter().take(most).collect(),
            left_out: remarks.left_out.into_iter().take(most).collect(),
            notes: remarks.notes.into_iter().take(most).collect(),
        }
    }
}

impl From<PlannedGroup> for ImportedGroup {
    fn from(group: PlannedGroup) -> Self {
        Self { name: group.name, multiplier: Factor(group.multiplier) }
    }
}

impl From<PlannedUser> for ImportedUser {
    fn from(user: PlannedUser) -> Self {
        Self {
            id: user.id,
            name: user.name,
            email: user.email,
            role: user.role,
            tier: user.tier,
            groups: user.groups,
            balance: Usd(user.balance),
            disabled: user.disabled,
        }
    }
}

impl ImportedKey {
    fn of(planned: PlannedKey, asked: &Asked) -> Self {
        let PlannedKey { key, owner, .. } = planned;
        let policy = key.policy;
        Self {
            id: (!asked.dry_run).then_some(key.id),
            name: key.name,
            owner,
            masked: key.masked,
            quota: policy.quota.map(Usd),
            expires_at: policy.expires_at.map(Moment),
            disabled: policy.disabled,
            groups: policy.groups.iter().map(ToString::to_string).collect(),
            allowed_models: policy.allowed_models.iter().map(|it| it.as_str().to_owned()).collect(),
            ip_allowlist: policy.ip_allowlist.iter().map(ToString::to_string).collect(),
        }
    }
}

impl From<PlannedChannel> for ImportedChannel {
    fn from(channel: PlannedChannel) -> Self {
        Self {
            name: channel.name,
            provider: channel.provider,
            base_url: channel.base_url,
            secrets: channel.secrets.len(),
            models: channel.models.len(),
            groups: channel.groups,
            priority: channel.priority,
            weight: channel.weight,
            disabled: channel.disabled,
        }
    }
}
