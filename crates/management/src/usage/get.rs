//! `GET /v1/usage`

use axum::response::{IntoResponse, Response};
use domain::id::{KeyId, UserId};
use domain::permission::Permission;
use domain::policy::KeyPolicy;
use domain::time::UnixMillis;
use domain::user::Credit;
use gateway::authenticate::permit;
use store::StoreError;
use store::usage::{UsageOf, UsageQuery, UsageSum};

use super::limits::LimitsView;
use super::reader::{Reader, refused};
use super::view::{ModelUsage, Slice, UsageView, Used};
use crate::access::{Access, UsageRead};
use crate::answer::{Answer, Moment};
use crate::endpoint::Endpoint;
use crate::keys::view::Figures;
use crate::problem::Problem;
use crate::request::{Invalid, Parameters, Query, ReadQuery};
use crate::state::App;
use crate::users::view::Spending;
use crate::wrong::Wrong;

/// By key, so many are listed.
const MOST_KEYS: usize = 1_000;

/// Which usage to read.
pub(crate) struct ReadUsage {
    key_id: Option<KeyId>,
    user_id: Option<UserId>,
    since: Option<UnixMillis>,
    until: Option<UnixMillis>,
    by: Option<By>,
}

impl ReadUsage {
    /// How to group it.
    pub(super) const fn by(&self) -> Option<By> {
        self.by
    }
}

/// How to group it.
#[derive(Clone, Copy)]
pub(super) enum By {
    Day,
    Hour,
    Model,
    Key,
}

impl ReadQuery for ReadUsage {
    const PARAMETERS: &'static [(&'static str, &'static str)] = &[
        ("key_id", "With a management key: only this key's."),
        ("user_id", "With a management key: only this user's."),
        ("since", "From this RFC 3339 time on, in whole hours; for `by_model` and `data`."),
        ("until", "Before this RFC 3339 time, in whole hours; for `by_model` and `data`."),
        (
            "by",
            "Groups `data`: `day`, `hour`, `model` or `key`; of more than 1,000 keys, those that cost most.",
        ),
    ];

    fn read(parameters: &mut Parameters) -> Option<Self> {
        Some(Self {
            key_id: parameters.parse("key_id"),
            user_id: parameters.parse("user_id"),
            since: parameters.take("since", crate::request::query::time),
            until: parameters.take("until", crate::request::query::time),
            by: parameters.take("by", by),
        })
    }
}

pub(crate) fn endpoint() -> Endpoint {
    Endpoint::get("/v1/usage", handle)
        .about("Usage", "Read usage", "Exact at once for calls that this node served. Without a filter, everything that the management key reaches.")
        .answers::<UsageView>(200, "What was used.")
        .fails(404, "There is no such key or user, or it is another's.")
}

async fn handle(reader: Reader, Query(wanted): Query<ReadUsage>) -> Result<Response, Problem> {
    match reader {
        Reader::Holder(holder) => {
            if let Err(refusal) = permit(&holder.key, Permission::UsageRead) {
                return Ok(refused(&refusal));
            }
            not_for_holders(&wanted)?;
            let scope = UsageOf::Key(holder.key.id);
            let view = summed(&holder.app, scope, None, &wanted).await?;
            let view = with_limits(&holder.app, holder.key.id, &holder.key.policy, view).await?;
            Ok(Answer::ok(view).into_response())
        }
        Reader::Manager(access) => Ok(Answer::ok(managed(&access, &wanted).await?).into_response()),
    }
}

/// Refuses filters that a key may not set: its usage is its own.
pub(super) fn not_for_holders(wanted: &ReadUsage) -> Result<(), Problem> {
    let name = match (wanted.key_id, wanted.user_id) {
        (Some(_), _) => "key_id",
        (None, Some(_)) => "user_id",
        (None, None) => return Ok(()),
    };
    let message = Wrong::UsageOfOthers;
    Err(Problem::field(name, message))
}

/// Whose usage a management key asks for, if it reaches that.
pub(super) async fn reach(
    access: &Access<UsageRead>,
    wanted: &ReadUsage,
) -> Result<UsageOf, Problem> {
    let own = access.owner();
    if let Some(id) = wanted.key_id {
        // A deleted key's usage can still be read.
        let key = access.database().api_key_for_lookup(id).await?;
        let hidden = own.is_some_and(|own| own != key.owner)
            || wanted.user_id.is_some_and(|user| user != key.owner);
        return if hidden { Err(Problem::not_found()) } else { Ok(UsageOf::Key(id)) };
    }
    match wanted.user_id.or(own) {
        Some(id) if own.is_some_and(|own| own != id) => Err(Problem::not_found()),
        Some(id) => Ok(UsageOf::User(access.database().user(id).await?.id)),
        None => Ok(UsageOf::Everybody),
    }
}

async fn managed(access: &Access<UsageRead>, wanted: &ReadUsage) -> Result<UsageView, Problem> {
    let (app, own) = (&access.app, access.owner());
    let of = reach(access, wanted).await?;
    let view = summed(app, of, own, wanted).await?;
    match of {
        UsageOf::Key(id) => {
            let key = access.database().api_key_for_lookup(id).await?;
            Ok(with_limits(app, id, &key.policy, view).await?)
        }
        UsageOf::User(id) => {
            let user = access.database().user(id).await?;
            let available = Spending::of(app, id).await?.available(user.credited);
            Ok(view.remaining((user.credit == Credit::Balance).then_some(available)))
        }
        UsageOf::Everybody => Ok(view),
    }
}

/// What `since` and `until` leave.
pub(super) fn range(of: UsageOf, owner: Option<UserId>, wanted: &ReadUsage) -> UsageQuery {
    UsageQuery {
        of,
        owner,
        since: wanted.since.unwrap_or_default(),
        until: wanted.until.unwrap_or(UnixMillis::new(i64::MAX)),
    }
}

async fn summed(
    app: &App,
    of: UsageOf,
    owner: Option<UserId>,
    wanted: &ReadUsage,
) -> Result<UsageView, StoreError> {
    let (database, ledger) = (&app.gateway.database, &app.gateway.ledger);
    ledger.flush().await;
    let windows = ledger.windows(ledger.now());
    let ever =
        UsageQuery { of, owner, since: UnixMillis::default(), until: UnixMillis::new(i64::MAX) };
    let today = database.usage_total(&UsageQuery { since: windows.day, ..ever }).await?;
    let month = database.usage_total(&UsageQuery { since: windows.month, ..ever }).await?;
    let total = database.usage_total(&ever).await?;
    let mut view = UsageView::of(&today, &month, &total);
    let range = range(of, owner, wanted);
    let models = database.usage_by_model(&range).await?;
    view.by_model = models
        .into_iter()
        .map(|(model, sum)| ModelUsage { model, used: Used::from(&sum) })
        .collect();
    if let Some(by) = wanted.by {
        view.by = Some(by.name());
        let mut data = slices(app, by, &range).await?;
        view.more = matches!(by, By::Key).then_some(data.len() > MOST_KEYS);
        if matches!(by, By::Key) {
            data.truncate(MOST_KEYS);
        }
        view.data = Some(data);
    }
    Ok(view)
}

async fn slices(app: &App, by: By, range: &UsageQuery) -> Result<Vec<Slice>, StoreError> {
    let database = &app.gateway.database;
    let slice =
        |sum: &UsageSum| Slice { starts_at: None, model: None, key_id: None, used: sum.into() };
    let at = |(start, sum): (UnixMillis, UsageSum)| Slice {
        starts_at: Some(Moment(start)),
        ..slice(&sum)
    };
    Ok(match by {
        By::Day => database.usage_by_day(range).await?.into_iter().map(at).collect(),
        By::Hour => database.usage_by_hour(range).await?.into_iter().map(at).collect(),
        By::Model => {
            let rows = database.usage_by_model(range).await?;
            rows.into_iter()
                .map(|(model, sum)| Slice { model: Some(model), ..slice(&sum) })
                .collect()
        }
        By::Key => {
            let one_more = u32::try_from(MOST_KEYS).unwrap_or(u32::MAX).saturating_add(1);
            let rows = database.usage_of_dearest_keys(range, one_more).await?;
            rows.into_iter().map(|(key, sum)| Slice { key_id: Some(key), ..slice(&sum) }).collect()
        }
    })
}

async fn with_limits(
    app: &App,
    id: KeyId,
    policy: &KeyPolicy,
    view: UsageView,
) -> Result<UsageView, StoreError> {
    let figures = Figures::of(app, id).await?;
    let windows = app.gateway.ledger.windows(app.gateway.ledger.now());
    let limits = Some(LimitsView::of(policy, &figures, &windows));
    Ok(UsageView { limits, ..view }.remaining(figures.remaining(policy.quota)))
}

impl By {
    const fn name(self) -> &'static str {
        match self {
            Self::Day => "day",
            Self::Hour => "hour",
            Self::Model => "model",
            Self::Key => "key",
        }
    }
}

fn by(name: &str) -> Result<By, Invalid> {
    let all = [By::Day, By::Hour, By::Model, By::Key];
    let found = all.into_iter().find(|by| by.name() == name);
    found.ok_or_else(|| Invalid::new(Wrong::one_of(["day, hour, model, key"])))
}
