//! What a key did since a moment, and what of it was never seen before: addresses, programs,
//! models and hours of the day.

use domain::id::{KeyId, UserId};
use domain::money::Nanos;
use domain::time::UnixMillis;
use jiff::tz::TimeZone;
use serde::Serialize;
use store::StoreError;
use store::activity::{Activity, ActivityQuery, HourActivity, Trait};
use utoipa::ToSchema;

use crate::answer::{Moment, Usd};
use crate::state::App;

/// So far back is looked for what is usual: 90 days.
const HISTORY: i64 = 90 * 24 * 3_600_000;
/// From when on calls are looked at, if nobody says: 24 hours before.
const DEFAULT_SPAN: i64 = 24 * 3_600_000;

/// A key's calls since a moment.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LeakReport {
    /// Calls that were admitted at this time or later.
    since: Moment,
    /// How many.
    calls: i64,
    /// What they were charged.
    cost: Usd,
    /// The first of them; null: there are none.
    first_call_at: Option<Moment>,
    /// The last of them.
    last_call_at: Option<Moment>,
    /// Calls that have not ended yet.
    under_way: i64,
    /// How many calls of the 90 days before were compared with.
    compared_with: i64,
    /// What was never seen in those.
    unusual: Vec<Unusual>,
    /// By the caller's address: at most 100, the most calls first.
    addresses: Vec<Group>,
    /// By the caller's program: at most 100, the most calls first.
    user_agents: Vec<Group>,
    /// By the model: at most 100, the most calls first.
    models: Vec<Group>,
    /// By the local hour of the day.
    hours: Vec<HourGroup>,
}

/// The calls that have one value in common.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = LeakGroup)]
pub(crate) struct Group {
    /// The value; empty where it is no longer kept.
    value: String,
    /// How many calls.
    calls: i64,
    /// What they were charged.
    cost: Usd,
    /// The first of them.
    first_call_at: Moment,
    /// The last of them.
    last_call_at: Moment,
    /// Never seen before.
    new: bool,
}

/// The calls of one hour of the day.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = LeakHour)]
pub(crate) struct HourGroup {
    /// 0 to 23, in the deployment's time zone.
    hour: i8,
    /// How many calls.
    calls: i64,
    /// What they were charged.
    cost: Usd,
    /// Never seen before.
    new: bool,
}

/// Something that was never seen before.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = LeakUnusual)]
pub(crate) struct Unusual {
    /// `address`, `user_agent`, `model` or `hour`.
    #[schema(value_type = String)]
    kind: &'static str,
    /// Which one.
    value: String,
    /// How many calls.
    calls: i64,
    /// What they were charged.
    cost: Usd,
}

/// From when on calls are looked at.
pub(super) fn since(wanted: Option<UnixMillis>, now: UnixMillis) -> UnixMillis {
    wanted.unwrap_or_else(|| now.plus(-DEFAULT_SPAN))
}

impl LeakReport {
    /// What a key did since then, by all calls that are settled now.
    pub(super) async fn of(
        app: &App,
        key: KeyId,
        owner: Option<UserId>,
        since: UnixMillis,
    ) -> Result<Self, StoreError> {
        let (database, ledger) = (&app.gateway.database, &app.gateway.ledger);
        ledger.flush().await;
        let query = ActivityQuery { key, owner, since, history: since.plus(-HISTORY) };
        let addresses = database.activity(Trait::Address, &query).await?;
        let agents = database.activity(Trait::UserAgent, &query).await?;
        let models = database.activity(Trait::Model, &query).await?;
        let by_hour = database.activity_by_hour(&query).await?;
        let windows = ledger.windows(ledger.now());
        let under_way = ledger
            .loaded_key(key)
            .map_or(0, |book| book.snapshot(&windows).total.requests.reserved());
        let hours = hours(&by_hour, ledger.zone());
        let mut unusual = Vec::new();
        let kinds = [("address", &addresses), ("user_agent", &agents), ("model", &models)];
        for (kind, groups) in kinds {
            let new = groups.iter().filter(|group| !group.seen_before && !group.value.is_empty());
            unusual.extend(new.map(|group| Unusual {
                kind,
                value: group.value.clone(),
                calls: group.calls,
                cost: Usd(group.charged),
            }));
        }
        unusual.extend(hours.iter().filter(|hour| hour.new).map(|hour| Unusual {
            kind: "hour",
            value: format!("{:02}:00", hour.hour),
            calls: hour.calls,
            cost: hour.cost,
        }));
        let sum = |figure: fn(&HourActivity) -> i64| {
            by_hour.iter().fold(0_i64, |sum, hour| sum.saturating_add(figure(hour)))
        };
        let last = by_hour.iter().rev().find(|hour| hour.calls > 0);
        Ok(Self {
            since: Moment(since),
            calls: sum(|hour| hour.calls),
            cost: Usd(Nanos::new(sum(|hour| hour.charged.get()))),
            first_call_at: by_hour.iter().find_map(|hour| hour.first_at).map(Moment),
            last_call_at: last.map(|hour| Moment(hour.last_at)),
            under_way,
            compared_with: sum(|hour| hour.calls_before),
            unusual,
            addresses: addresses.into_iter().map(Group::from).collect(),
            user_agents: agents.into_iter().map(Group::from).collect(),
            models: models.into_iter().map(Group::from).collect(),
            hours,
        })
    }
}

/// The hours of the day in which there were calls, in order.
fn hours(by_hour: &[HourActivity], zone: &TimeZone) -> Vec<HourGroup> {
    let mut day = [(0_i64, 0_i64, 0_i64); 24];
    for hour in by_hour {
        let local = hour.at.to_timestamp().to_zoned(zone.clone()).hour();
        let slot = usize::try_from(local).ok().and_then(|local| day.get_mut(local));
        let Some((calls, charged, before)) = slot else { continue };
        *calls = calls.saturating_add(hour.calls);
        *charged = charged.saturating_add(hour.charged.get());
        *before = before.saturating_add(hour.calls_before);
    }
    let groups = (0_i8..).zip(day).filter(|(_, (calls, _, _))| *calls > 0);
    groups
        .map(|(hour, (calls, charged, before))| HourGroup {
            hour,
            calls,
            cost: Usd(Nanos::new(charged)),
            new: before == 0,
        })
        .collect()
}

impl From<Activity> for Group {
    fn from(activity: Activity) -> Self {
        Self {
            value: activity.value,
            calls: activity.calls,
            cost: Usd(activity.charged),
            first_call_at: Moment(activity.first_at),
            last_call_at: Moment(activity.last_at),
            new: !activity.seen_before,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_hour_is_new_if_no_day_before_had_calls_in_it() {
        let day = 24 * 3_600_000;
        let hour = |at: i64, calls, calls_before| HourActivity {
            at: UnixMillis::new(at),
            calls,
            charged: Nanos::new(calls),
            calls_before,
            first_at: None,
            last_at: UnixMillis::new(at),
        };
        let three = 3 * 3_600_000;
        let hours = hours(
            &[hour(three, 0, 2), hour(day + three, 4, 0), hour(day, 1, 0), hour(2 * day, 1, 0)],
            &TimeZone::UTC,
        );
        let seen: Vec<_> = hours.iter().map(|hour| (hour.hour, hour.calls, hour.new)).collect();
        assert_eq!(seen, [(0, 2, true), (3, 4, false)]);
    }
}
